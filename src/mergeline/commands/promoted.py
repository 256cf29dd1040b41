"""What the commands that open a pull request for one model begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.commands.services import services_of
from mergeline.commands.session import Session
from mergeline.errors import UsageError
from mergeline.report.text import findings_text, progress
from mergeline.specs.check import check

if TYPE_CHECKING:
    import argparse

    from mergeline.promotion.services import Services
    from mergeline.specs.repository import ModelFolder


def services_and_model(arguments: argparse.Namespace) -> tuple[Services, ModelFolder]:
    """Return what promotion works with, and the model as the default branch has it.

    Raises:
        RefusedError: a commit brought what this machine should have made itself.
        ToolError: the remote or the forge does not answer.
        UsageError: there is no such model, or its specs do not conform.
    """
    session = Session(arguments)
    session.require_own_state()
    services = services_of(session)
    repository, findings = check(services.git.tree(services.head), only={arguments.model})
    model = repository.models.get(arguments.model)
    if model is None:
        progress(findings_text(findings))
        raise UsageError(
            f"the specs of {arguments.model} on {services.default_branch} do not conform",
            hint="mend them in a pull request first",
        )
    return services, model
