"""Which teams the people who approved are in, of those that policy asks for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mergeline.promotion.approvals import Approvals

_NOT_TOLD = (403, 404)


class TeamsNotToldError(ToolError):
    """The forge does not say who is in a team: the token may not ask, or there is none."""


def with_teams(
    approvals: Approvals, teams: Iterable[str], members: Callable[[str], Iterable[str]]
) -> Approvals:
    """Say of each approval that counts for which of the teams it is.

    Args:
        approvals: those of a pull request.
        teams: the teams asked about, by slug.
        members: asks the forge for the logins of a team's members.

    Raises:
        TeamsNotToldError: the forge does not know a team, or does not tell: unknown is no.
        ToolError: the forge does not answer.
    """
    if not approvals.valid:
        return approvals
    people = {team: _members(team, members) for team in teams}
    valid = tuple(
        replace(
            item,
            teams=tuple(team for team, logins in people.items() if item.reviewer.lower() in logins),
        )
        for item in approvals.valid
    )
    return replace(approvals, valid=valid)


def _members(team: str, members: Callable[[str], Iterable[str]]) -> set[str]:
    from mergeline.forge.failures import AnswerError

    try:
        return {login.lower() for login in members(team)}
    except AnswerError as error:
        if error.status not in _NOT_TOLD:
            raise
        raise TeamsNotToldError(
            f"it is not known who is in team {team}, which policy asks an approval of: "
            f"{error.message}",
            hint="is the team there? the token needs the organisation's permission Members: read",
        ) from error
