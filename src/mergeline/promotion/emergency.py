"""An emergency is followed up: an issue stays open, and answers stay red, until somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import Finding, Severity
from mergeline.promotion.deployments import deployed
from mergeline.promotion.documents import environment_path
from mergeline.promotion.issues import issue_of
from mergeline.specs.places import locate
from mergeline.specs.types.environment import Emergency

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.forge import Forge
    from mergeline.forge.types import Issue
    from mergeline.git import GitRepository
    from mergeline.promotion.case import Case
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder

LABEL = "mergeline-emergency"
# As the schema asks.
_SHORTEST = 20


def declare(services: Services, reason: str, waives: tuple[str, ...]) -> Emergency:
    """Return an emergency by who asks, that waives what the organisation lets it.

    Raises:
        RefusedError: it waives nothing, or what may not be waived, or the reason says too little.
        ToolError: the policies cannot be read.
        UsageError: it is not known who asks.
    """
    data = services.judge_of(services.head).library.data
    allowed = data.get("organization", {}).get("emergency", {}).get("may_waive", [])
    strange = [name for name in waives if name not in allowed]
    if strange or not waives:
        what = f"cannot waive {', '.join(strange)}" if strange else "waives nothing"
        raise RefusedError(
            f"the emergency {what}",
            hint=f"name with --waive what stands in the way, of: {', '.join(allowed) or 'nothing'}",
        )
    if len(reason) < _SHORTEST:
        raise RefusedError(
            f"the reason has {len(reason)} characters, {_SHORTEST} are needed",
            hint="say what is broken for whom, so that a reviewer can decide in a minute",
        )
    return Emergency(reason=reason, by=services.person, waives=waives)


def follow_up(forge: Forge, case: Case, commit: str, *, past: bool = False) -> int | None:
    """Open the issue that follows an emergency up, or find it; return its number.

    Of an emergency that is past, a closed issue is as good.

    Raises:
        ToolError: the forge does not answer.
    """
    emergency = case.emergency
    if emergency is None:
        return None
    path = environment_path(case.model.name, case.environment)
    people = case.provenance.pull_request.number if case.provenance else "?"
    body = (
        f"{emergency.by} declared an emergency for **{case.environment}** of "
        f"`{case.model.name}`, which brought **{case.desired.version}** there through pull "
        f"request #{people}.\n\n> {' '.join(emergency.reason.split())}\n\n"
        f"Set aside: {', '.join(f'`{name}`' for name in emergency.waives)}.\n\n"
        "Do afterwards what was set aside (review, soak, fresh evidence), or roll back; then "
        "close this issue. `mergeline status` and `apply` stay red until it is closed.\n"
    )
    marker = _marker(path, commit)
    title = f"{case.model.name}: follow up the emergency in {case.environment}"
    found = issue_of(forge, LABEL, marker, "all" if past else "open")
    made = found or forge.create_issue(title=title, body=f"{body}\n{marker}\n", labels=[LABEL])
    return made.number


@dataclass(frozen=True)
class Emergencies:
    """Those that nobody has followed up, whatever has come after them.

    Attributes:
        git: the clone.
        ref: the default branch.
        forge: asked for issues, only where there was an emergency.
    """

    git: GitRepository
    ref: str
    forge: Callable[[], Forge]

    def open(
        self, model: ModelFolder, environment: str, actual: RegisteredVersion | None
    ) -> tuple[Finding, ...]:
        """Return what is to be said of an environment.

        Args:
            model: the model on the default branch.
            environment: the environment.
            actual: what the registry has there.

        Raises:
            ToolError: the forge does not answer.
        """
        made = deployed(actual, environment)
        path = environment_path(model.name, environment)
        waiting = {
            number for commit in self._declared.get(path, ()) for number in self._of(path, commit)
        }
        if made is not None and made.issue is not None:
            if self.forge().issue(made.issue).state != "closed":
                waiting.add(made.issue)
        elif made is not None and _declares(model, environment):
            return (emergency_finding(model, environment, None),)
        return tuple(emergency_finding(model, environment, number) for number in sorted(waiting))

    @cached_property
    def _declared(self) -> dict[str, list[str]]:
        """Return the commits that declared an emergency (or took one out), by path: in one pass."""
        found: dict[str, list[str]] = {}
        for commit, path in self.git.changes_of(self.ref, "waives", "models/*/environments/*.yaml"):
            found.setdefault(path, []).append(commit)
        return found

    @cached_property
    def _issues(self) -> list[Issue]:
        return self.forge().issues(labels=[LABEL])

    def _of(self, path: str, commit: str) -> list[int]:
        """Return the open issues of an emergency, whoever wrote them: a forged one is closed."""
        marker = _marker(path, commit)
        return [issue.number for issue in self._issues if marker in issue.body]


def _declares(model: ModelFolder, environment: str) -> bool:
    wanted = model.environments.get(environment)
    return wanted is not None and wanted.emergency is not None


def _marker(path: str, commit: str) -> str:
    return f"<!-- mergeline:emergency {path} {commit} -->"


def emergency_finding(model: ModelFolder, environment: str, issue: int | None) -> Finding:
    """Return the finding that an emergency waits for somebody; None: its issue is not known."""
    which = f"issue #{issue} is open" if issue else "the registry names no issue for it"
    return Finding(
        "emergency-open",
        Severity.ERROR,
        f"the emergency in {environment} of {model.name} is not followed up: {which}",
        locate(model, ("environments", environment, "emergency")),
        f"do what was set aside, then close issue #{issue}"
        if issue
        else "somebody has edited the registry's tag: promote a release without an emergency",
    )
