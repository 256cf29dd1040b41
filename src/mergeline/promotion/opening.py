"""Opens the pull request of a proposal, and says what became of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mergeline.promotion.outcome import Outcome
from mergeline.promotion.proposal import propose

if TYPE_CHECKING:
    from mergeline.promotion.proposal import Proposal
    from mergeline.promotion.services import Services


def open_proposal(services: Services, proposal: Proposal, does: str, *, reopen: bool) -> Outcome:
    """Open, adopt or update a pull request.

    Args:
        services: what to work with.
        proposal: what to change.
        does: what the pull request does, in words.
        reopen: open it again even if a person closed an equal one?

    Raises:
        ToolError: the forge or the remote does not answer.
    """
    proposed = propose(
        replace(proposal, dispatchers=services.dispatchers),
        services.git,
        services.forge,
        base=services.head,
        base_branch=services.default_branch,
        reopen=reopen,
    )
    found = proposed.pull_request
    return Outcome(
        proposal.model,
        proposal.environment,
        proposed.how,
        f"pull request #{found.number} {does}",
        pull_request=found.url,
    )
