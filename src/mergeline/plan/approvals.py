"""Which approvals the pull requests that follow will need, as the base's policies say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import UsageError
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mergeline.plan.outlook import Action
    from mergeline.specs.tree import Tree

TUNABLES = "policies/data.yaml"
# There the team that owns the model, whichever it is.
OWNER = "owner"


@dataclass(frozen=True, slots=True)
class Approvals:
    """What a promotion asks of people.

    Attributes:
        environment: where the promotion goes.
        count: how many people must approve; None: the base's policies do not say.
        team: the team that owns the model.
        teams: those of which somebody must be among them; None: the base's policies do not say.
        reason: where the number comes from.
    """

    environment: str
    count: int | None
    team: str
    teams: tuple[str, ...] | None
    reason: str

    def as_json(self) -> dict[str, Any]:
        """Return the approvals as JSON values."""
        return {
            "environment": self.environment,
            "count": self.count,
            "team": self.team,
            "teams": None if self.teams is None else list(self.teams),
            "reason": self.reason,
        }


def load_tunables(base: Tree) -> Mapping[str, Any]:
    """Return `organization` of the base's `policies/data.yaml`; empty if there is none.

    Raises:
        UsageError: the file cannot be read as YAML.
    """
    try:
        content = base.read(TUNABLES)
    except FileNotFoundError:
        return {}
    document, findings = parse(TUNABLES, content)
    if document is None:
        [finding] = findings
        raise UsageError(finding.message, hint=finding.hint, location=finding.location)
    organization = _below(document.value, "organization")
    return organization if isinstance(organization, dict) else {}


def teams_asked(
    tunables: Mapping[str, Any], environment: str, risk: str, owner: str
) -> tuple[str, ...] | None:
    """Return the teams that policies ask an approval of; None: they do not say.

    Args:
        tunables: the organisation's teams, `approvals_from.<environment>.<risk>`.
        environment: that changes.
        risk: of the model.
        owner: the team that owns the model.
    """
    names = _below(_below(_below(tunables, "approvals_from"), environment), risk)
    if not isinstance(names, list):
        return None
    return tuple(dict.fromkeys(owner if name == OWNER else str(name) for name in names))


def approvals_of(
    actions: Iterable[Action], tunables: Mapping[str, Any], risk: str, team: str
) -> tuple[Approvals, ...]:
    """Return the approvals that each promotion among the actions needs, in order.

    Args:
        actions: what follows from a change.
        tunables: the organisation's numbers, `approvals.<environment>.<risk>`, and its teams,
            `approvals_from.<environment>.<risk>`.
        risk: of the model.
        team: the owner of the model.
    """
    moving = (action.environment for action in actions if action.kind in ("promote", "apply"))
    environments = dict.fromkeys(name for name in moving if name)
    return tuple(_approvals(name, tunables, risk, team) for name in environments)


def _approvals(environment: str, tunables: Mapping[str, Any], risk: str, team: str) -> Approvals:
    count = _below(_below(_below(tunables, "approvals"), environment), risk)
    teams = teams_asked(tunables, environment, risk, team)
    key = f"organization.approvals.{environment}.{risk}"
    # True is an int to Python, but no number of people.
    if isinstance(count, int) and not isinstance(count, bool):
        return Approvals(environment, count, team, teams, f"{key} in {TUNABLES} of the base")
    return Approvals(environment, None, team, teams, f"{TUNABLES} of the base has no {key}")


def _below(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None
