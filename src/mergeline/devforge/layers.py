"""The layers of rules over a branch: its classic protection and each ruleset, one by one.

GitHub asks all of them; who may go past one is still held by the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.devforge.config import ForgeConfig, User
    from mergeline.devforge.guards import Bypass, MergeMethod, Rules

_RANK = {"read": 0, "write": 1, "admin": 2}
Way = Literal["merge", "push"]


@dataclass(frozen=True, slots=True)
class Layer:
    """Rules with the ways past them.

    Attributes:
        admins_pass: administrators are not held, as with classic protection by default.
        teams: the members of each team, by slug.
    """

    rules: Rules
    methods: tuple[MergeMethod, ...]
    teams: Mapping[str, tuple[str, ...]]
    admins_pass: bool = False
    bypass: tuple[Bypass, ...] = ()

    def lets_pass(self, user: User | None, way: Way) -> bool:
        """Whether somebody is not held by it; nobody known always is."""
        if user is None:
            return False
        if self.admins_pass and user.role == "admin":
            return True
        return any(
            self._names(actor, user) and (actor.mode == "always" or way == "merge")
            for actor in self.bypass
        )

    def _names(self, actor: Bypass, user: User) -> bool:
        if actor.type == "RepositoryRole":
            return _RANK[user.role] >= _RANK[actor.name]
        if actor.type == "Team":
            return user.login in self.teams.get(actor.name, ())
        if actor.type == "Integration":
            return user.type == "Bot" and user.login == f"{actor.name}[bot]"
        return user.type == "User" and user.login == actor.name


def layers_over(config: ForgeConfig, branch: str) -> list[Layer]:
    """Every layer in force for a branch, the classic protection first."""
    found = []
    protection = config.protection
    if branch == config.default_branch and protection.is_on:
        found.append(
            Layer(
                protection,
                config.merge_methods,
                config.teams,
                admins_pass=not protection.enforce_admins,
            )
        )
    for ruleset in config.rulesets:
        if config.holds(ruleset, branch):
            methods = ruleset.allowed_merge_methods
            found.append(Layer(ruleset.rules, methods, config.teams, bypass=ruleset.bypass))
    return found
