"""From two states of a repository to the plan."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from mergeline.errors import UsageError
from mergeline.plan.actions import consequences
from mergeline.plan.affected import affected_models
from mergeline.plan.approvals import approvals_of, load_tunables
from mergeline.plan.changes import compare
from mergeline.plan.meaning import meaning
from mergeline.plan.outlook import Outlook
from mergeline.plan.plan import ModelPlan, Plan
from mergeline.plan.sides import Overlay, Side, load_side
from mergeline.plan.versions import Version, required_part
from mergeline.specs.repository import MODELS
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mergeline.git import GitRepository
    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.plan import Status
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree


def make_plan(
    repository: GitRepository,
    base: str,
    head: str | None = None,
    only: Collection[str] = (),
) -> Plan:
    """Compare a head with the commit at which it left the base.

    What the base has gained since then is not undone by a merge, so it is no change here; the
    organisation's numbers are those of the base as it is now.

    Args:
        repository: the clone.
        base: the ref that the change is to be merged into.
        head: the ref of the change; None: the work tree.
        only: the models to look at; none: all.

    Raises:
        UsageError: a ref names no commit, a model is in neither side, or the base's
            `policies/data.yaml` cannot be read.
    """
    target = repository.resolve(base)
    commit = repository.resolve(head or "HEAD")
    start = repository.merge_base(target, commit) or target
    uncommitted = set(repository.changes()) if head is None else set()
    changed = set(repository.changed_paths(start, commit)) | uncommitted
    before, after = repository.tree(start), repository.tree(commit)
    work = WorkingTree(repository.root)
    if only:
        _refuse_unknown(only, before, work if head is None else after)
    # The work tree lists its folders faster than Git does.
    names = affected_models(changed, work if head is None else after) if changed else set()
    names = names & set(only) if only else names
    overlaid = Overlay(after, work, uncommitted) if uncommitted else after
    models = plan_models(names, before, overlaid, load_tunables(repository.tree(target)))
    return Plan(start, None if uncommitted else commit, models)


def plan_models(
    names: Collection[str], before: Tree, after: Tree, tunables: Mapping[str, Any]
) -> tuple[ModelPlan, ...]:
    """Return the plans of those of the models whose meaning changed, or that do not conform.

    Args:
        names: the models to compare.
        before: the files of the base.
        after: the files of the head.
        tunables: the organisation's numbers, from the base.
    """
    if not names:
        return ()
    sides = load_side(before, names), load_side(after, names)
    plans = (_plan_model(name, *sides, tunables) for name in sorted(names))
    return tuple(plan for plan in plans if plan is not None)


def _plan_model(
    name: str, before: Side, after: Side, tunables: Mapping[str, Any]
) -> ModelPlan | None:
    old, new = before.models.get(name), after.models.get(name)
    findings = after.findings(name)
    if findings:
        status: Status = "modified" if before.has(name) else "added"
        version = Version(_version(old), _version(new))
        return ModelPlan(name, status, version, *_who(new), findings=findings)
    if new is None:
        return _removed(name, old) if before.has(name) else None
    changes = compare(meaning(before, name), meaning(after, name))
    return _changed(new, old, changes, before, tunables) if changes else None


def _changed(
    new: ModelFolder,
    old: ModelFolder | None,
    changes: tuple[SemanticChange, ...],
    before: Side,
    tunables: Mapping[str, Any],
) -> ModelPlan:
    version = Version(_version(old), new.model.version, required_part(changes))
    result = consequences(Outlook(old, new, changes, version))
    known = before.has(new.name)
    if known and old is None:
        result.notes.append("the base's files do not conform: everything counts as new")
    return ModelPlan(
        name=new.name,
        status="modified" if known else "added",
        version=version,
        risk=new.model.risk,
        owner=new.model.owner,
        changes=changes,
        actions=tuple(result.actions),
        approvals=approvals_of(result.actions, tunables, new.model.risk, new.model.owner),
        notes=tuple(result.notes),
    )


def _removed(name: str, old: ModelFolder | None) -> ModelPlan:
    held = sorted(old.environments) if old else []
    notes = ["the model is removed: nothing is trained; what the registry has stays there"]
    notes += [f"{environment} still has a release of it" for environment in held]
    return ModelPlan(name, "removed", Version(_version(old), None), *_who(old), notes=tuple(notes))


def _version(folder: ModelFolder | None) -> str | None:
    return folder.model.version if folder else None


def _who(folder: ModelFolder | None) -> tuple[str | None, str | None]:
    return (folder.model.risk, folder.model.owner) if folder else (None, None)


def _refuse_unknown(names: Collection[str], *trees: Tree) -> None:
    for name in names:
        if not any(tree.files(f"{MODELS}/{name}") for tree in trees):
            known = {path.split("/")[1] for tree in trees for path in tree.files(MODELS)}
            near = get_close_matches(name, sorted(known), n=1)
            hint = f'did you mean "{near[0]}"?' if near else f"see the folders in {MODELS}/"
            raise UsageError(f'model "{name}" is neither in the base nor in the head', hint=hint)
