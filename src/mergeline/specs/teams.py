"""Do owners exist as teams? The organisation's teams are listed in one place, for all models.

`organization.teams` of `policies/data.yaml` maps each team, by its slug on the forge, to its
members. Without that list nothing is said. The forge takes an owner that it does not know for
nobody, without a word: such a path would need no review of its team.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.repository import MODELS
from mergeline.specs.suggestion import did_you_mean
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mergeline.specs.document import Pointer
    from mergeline.specs.repository import ModelFolder

TEAMS = "policies/data.yaml"
_MOST_LISTED = 12


class Owner(msgspec.Struct, array_like=True, frozen=True):
    """A team that a spec of a model names, where it does so first.

    Attributes:
        team: its slug.
        file: the spec, below the model folder.
        line: of the name.
        column: of the name, in characters.
    """

    team: str
    file: str
    line: int
    column: int


def owners_of(model: ModelFolder) -> list[Owner]:
    """Return the teams that a model names: of itself, of its data, of features, of alerts."""
    named: dict[tuple[str, str], Owner] = {}
    for file, team, pointer in _named(model):
        if (file, team) not in named:
            place = model.documents[file].locate(pointer)
            named[file, team] = Owner(team, file, place.line, place.column)
    return list(named.values())


def known_teams(content: bytes | None) -> list[str] | None:
    """Return the organisation's teams; None if they are not listed.

    Args:
        content: of `policies/data.yaml`; None if there is no such file.
    """
    document, _ = parse(TEAMS, content) if content else (None, [])
    value = document.value if document else None
    organization = value.get("organization") if isinstance(value, dict) else None
    teams = organization.get("teams") if isinstance(organization, dict) else None
    return sorted(map(str, teams)) if isinstance(teams, dict | list) else None


def check_owners(owners: Mapping[str, list[Owner]], teams: Collection[str]) -> list[Finding]:
    """Return the owners that are no teams.

    Args:
        owners: by model.
        teams: all that there are.
    """
    return [
        Finding(
            "owner-not-a-team",
            Severity.WARNING,
            f'"{owner.team}" is no team of the organisation',
            Location(f"{MODELS}/{name}/{owner.file}", owner.line, owner.column),
            _hint(owner.team, teams),
        )
        for name, named in owners.items()
        for owner in named
        if owner.team not in teams
    ]


def _named(model: ModelFolder) -> Iterator[tuple[str, str, Pointer]]:
    yield "model.yaml", model.model.owner, ("owner",)
    for index, team in enumerate(model.data.datasets[0].readers):
        yield "data.yaml", team, ("datasets", 0, "access", "teams", index)
    for index, feature in enumerate(model.features.features):
        yield "features.yaml", feature.owner, ("features", index, "owner")
    for index, alert in enumerate(model.monitoring.alerts):
        yield "monitoring.yaml", alert.team, ("alerts", index, "team")


def _hint(team: str, teams: Collection[str]) -> str:
    add = f"add it to organization.teams in {TEAMS}"
    near = did_you_mean(team, list(teams)) or ""
    if len(teams) > _MOST_LISTED:
        near = near.partition(" known:")[0] if near.startswith("did") else ""
    return f"{near}; or {add}" if near else add
