"""What moves between environments: by this change, and by the promotions that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.plan.outlook import Action
from mergeline.plan.versions import precedence

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from mergeline.plan.outlook import Outlook
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Environment


def promotions(version: str | None, environments: Sequence[str], first: str) -> Iterator[Action]:
    """Return the pull requests into environments, each following the one before.

    Args:
        version: the version that is promoted.
        environments: in order.
        first: what the first one follows.
    """
    after = first
    for environment in environments:
        yield Action(
            "promote",
            f"open the {environment} pull request",
            f"follows {after}",
            environment,
            version,
        )
        after = environment


def applications(outlook: Outlook) -> Iterator[Action]:
    """Return what `apply` does to the environments, and the promotion that follows."""
    for name in outlook.moved:
        before = _environments(outlook.before).get(name)
        after = outlook.after.environments.get(name)
        if after is not None:
            yield _application(name, before, after)
    if outlook.moved == ["staging"] and "staging" in outlook.after.environments:
        staged = outlook.after.environments["staging"]
        if _goes_on(outlook, staged):
            yield from promotions(staged.version, ("production",), "staging")


def _goes_on(outlook: Outlook, staged: Environment) -> bool:
    """Tell whether production is to have what staging gets: it differs."""
    live = outlook.after.environments.get("production")
    return live is None or live.digest != staged.digest


def _application(name: str, before: Environment | None, after: Environment) -> Action:
    if before is None:
        moved = "nothing was there"
    elif precedence(after.version) < precedence(before.version):
        moved = f"back from {before.version}"
    else:
        moved = f"{before.version} -> {after.version}"
    title = f"apply {name}: {after.version} ({moved})"
    return Action("apply", title, after.reason, name, after.version)


def _environments(model: ModelFolder | None) -> Mapping[str, Environment]:
    return model.environments if model else {}
