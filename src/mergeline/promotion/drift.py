"""Where the registry is not what Git wants: reported, kept in one issue, healed only if asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import Finding, Severity, has_errors
from mergeline.promotion.adoption import adopt
from mergeline.promotion.documents import environment_path
from mergeline.promotion.issues import keep_issue
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.reconcile import reconcile
from mergeline.promotion.status import status_of
from mergeline.specs.check import check
from mergeline.specs.places import locate

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from mergeline.promotion.services import Services
    from mergeline.promotion.status import Pin, Status
    from mergeline.specs.repository import ModelFolder

LABEL = "mergeline-drift"


def drift(
    services: Services,
    names: Collection[str],
    record: Callable[[Outcome], None],
    *,
    issues: bool = False,
    heal: bool = False,
    adopting: bool = False,
) -> None:
    """Compare Git with the registry; nothing is deleted, whatever differs.

    Args:
        services: what to work with.
        names: the models; none: all of the default branch.
        record: is given what differs, and what was done about it, once that is done; nothing of
            what is in order. It must not raise.
        issues: keep one issue for each environment that differs, and close those of healed ones?
        heal: restore what Git wants first, judged as `apply` judges?
        adopting: open the pull request by which Git takes over what the registry has?

    Raises:
        ToolError: the remote, the registry or the forge does not answer: unknown is no.
        UsageError: a model is not known.
    """
    repository, findings = check(services.git.tree(services.head), only=set(names) or None)
    for name in repository.names:
        model = repository.models.get(name)
        own = [item for item in findings if item.location.file.startswith(f"models/{name}/")]
        if model is None or has_errors(own):
            message = "its specs are not valid, so what Git wants is not known"
            record(Outcome(name, "drift", "refused", message, tuple(own)))
            continue
        for row in status_of(model, services.registry.aliases(name)):
            for outcome in _look(services, model, row, issues=issues, heal=heal, adopting=adopting):
                record(outcome)


def _look(
    services: Services,
    model: ModelFolder,
    row: Status,
    *,
    issues: bool,
    heal: bool,
    adopting: bool,
) -> Iterator[Outcome]:
    differs = _differs(row)
    if differs and heal and row.desired is not None:
        yield _healed(services, model, row.environment)
        [row] = [
            one
            for one in status_of(model, services.registry.aliases(model.name))
            if one.environment == row.environment
        ]
        differs = _differs(row)
    if issues:
        yield from _kept(services, model, row, differs)
    if differs:
        finding = Finding(
            "drift",
            Severity.ERROR,
            differs,
            locate(model, ("environments", row.environment)),
            f"restore Git with mergeline apply {model.name}, or take over what is there with "
            f"mergeline drift {model.name} --adopt",
        )
        message = f"{row.environment} of the registry is not what Git wants"
        yield Outcome(model.name, row.environment, "drifted", message, (finding,))
        if adopting:
            yield adopt(services, model, row)


def _healed(services: Services, model: ModelFolder, environment: str) -> Outcome:
    try:
        outcome = reconcile(services, model, environment)
    except RefusedError as error:
        return Outcome(model.name, environment, "refused", error.message, hint=error.hint)
    return outcome or Outcome(model.name, environment, "unchanged", "Git says nothing about it")


def _kept(
    services: Services, model: ModelFolder, row: Status, differs: str | None
) -> Iterator[Outcome]:
    marker = f"<!-- mergeline:drift {environment_path(model.name, row.environment)} -->"
    title = f"{model.name}: {row.environment} is not what Git wants"
    body = _body(model.name, row, differs) if differs else None
    done = keep_issue(services.forge, LABEL, marker, title, body)
    if done is not None:
        how, number = done
        message = f"issue #{number} about what {row.environment} has"
        yield Outcome(model.name, row.environment, how, message)


def _differs(row: Status) -> str | None:
    """Say what is not as it should be, or None."""
    if row.sync != "synced":
        return f"Git wants {_said(row.desired)}, the registry has {_said(row.actual)}"
    if row.health == "degraded":
        return f"the registry entry of {_said(row.actual)} does not say what its record says"
    return None


def _said(pin: Pin | None) -> str:
    if pin is None:
        return "nothing"
    return f"{pin.version or 'no version'} ({(pin.digest or 'no digest')[:19]})"


def _body(name: str, row: Status, differs: str) -> str:
    return (
        f"In **{row.environment}** of `{name}`: {differs}. Somebody changed the registry, or a "
        "merged change was not applied.\n\n"
        "| | version | digest |\n|---|---|---|\n"
        f"{_row('Git', row.desired)}{_row('registry', row.actual)}\n"
        f"- **Restore Git**: `mergeline apply {name}`, or `mergeline drift {name} --heal`.\n"
        f"- **Adopt** what is there by a reviewed pull request: `mergeline drift {name} --adopt`."
        "\n\nThis issue is edited in place, and closed once both agree.\n"
    )


def _row(side: str, pin: Pin | None) -> str:
    version, digest = (pin.version, pin.digest) if pin else (None, None)
    return f"| {side} | {version or '-'} | `{digest or '-'}` |\n"
