"""The repository as GitHub tells of it: each thing is asked once, when a door needs it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mergeline.doctor.doors.layers import Layer, of_protection, of_rules
from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, timedelta

    from mergeline.forge import Forge
    from mergeline.forge import guard_types as types
    from mergeline.workflows.uses import Uses

# The variable that names our App.
APP = "MERGELINE_APP_ID"


# No slots: what is asked is kept in the instance.
@dataclass(frozen=True)
class House:
    """What the doors are looked for in.

    Attributes:
        forge: who is asked; what it does not tell raises ToolError.
        uses: what the generated workflows take.
        codeowners: the text of the generated CODEOWNERS.
        stale: is the file of the clone another one?
        secret_max_age: how old a secret may be by the policies; None: they set no limit.
        now: the time, which the age of secrets is told by.
    """

    forge: Forge
    uses: Uses
    codeowners: str
    stale: bool
    secret_max_age: timedelta | None
    now: datetime
    _secrets: dict[str | None, list[types.Secret]] = field(default_factory=dict)

    @cached_property
    def repository(self) -> types.Repository:
        """The repository."""
        return self.forge.repository()

    @cached_property
    def rulesets(self) -> list[Layer]:
        """The rulesets in force for the default branch."""
        rules: dict[int, list[types.Rule]] = defaultdict(list)
        for rule in self.forge.branch_rules(self.repository.default_branch):
            if rule.ruleset_id is not None:
                rules[rule.ruleset_id].append(rule)
        return [of_rules(self.forge.ruleset(number), found) for number, found in rules.items()]

    @cached_property
    def protection(self) -> Layer | None:
        """The classic protection of the default branch."""
        found = self.forge.branch_protection(self.repository.default_branch)
        return None if found is None else of_protection(found)

    @cached_property
    def sleeping(self) -> list[str]:
        """The rulesets for branches that hold nobody, with why."""
        return [
            f'ruleset "{ruleset.name}" is only {_ASLEEP[ruleset.enforcement]}'
            for ruleset in self.forge.rulesets()
            if ruleset.target == "branch" and ruleset.enforcement in _ASLEEP
        ]

    def asking(self, rule: Callable[[Layer], bool]) -> list[Layer]:
        """Return the layers that ask for something.

        Raises:
            ToolError: no ruleset does, and the classic protection is not told.
        """
        found = [layer for layer in self.rulesets if rule(layer)]
        if any(layer.bypass == () for layer in found):
            return found
        try:
            classic = self.protection
        except ToolError:
            if found:
                return found
            raise
        return [*found, *([classic] if classic and rule(classic) else [])]

    @cached_property
    def actions_app(self) -> int:
        """The id of the App by which workflows report their checks."""
        return self.forge.app_id("github-actions")

    @cached_property
    def environments(self) -> dict[str, types.Environment]:
        """The environments by name, in small letters as GitHub compares them."""
        return {found.name.lower(): found for found in self.forge.environments()}

    @cached_property
    def actions(self) -> types.ActionsPermissions:
        """Which actions may run."""
        return self.forge.actions_permissions()

    @cached_property
    def workflow_permissions(self) -> types.WorkflowPermissions:
        """What a run's own token may do."""
        return self.forge.workflow_permissions()

    @cached_property
    def variables(self) -> dict[str, str]:
        """The repository's variables."""
        return self.forge.variables()

    def secrets(self, environment: str | None) -> list[types.Secret]:
        """Return the secrets of an environment; None: the repository's."""
        if environment not in self._secrets:
            self._secrets[environment] = self.forge.secrets(environment)
        return self._secrets[environment]

    @cached_property
    def organization_secrets(self) -> list[types.Secret]:
        """The organisation's secrets that the repository gets."""
        return self.forge.organization_secrets()

    @cached_property
    def installations(self) -> list[types.Installation]:
        """The Apps on the organisation that are awake."""
        return [app for app in self.forge.installations() if app.suspended_at is None]

    @property
    def our_app(self) -> types.Installation | None:
        """The App that the workflows become."""
        wanted = self.variables.get(APP, "").strip()
        return next((app for app in self.installations if str(app.app_id) == wanted), None)


_ASLEEP = {"evaluate": "evaluated, not enforced", "disabled": "there, and disabled"}
