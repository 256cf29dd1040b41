"""From two states of a repository to the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.plan.affected import affected_models
from mergeline.plan.approvals import load_tunables
from mergeline.plan.knowledge import NOTHING
from mergeline.plan.one import Comparison
from mergeline.plan.plan import Plan
from mergeline.plan.reach import Reach
from mergeline.plan.rules import policy_files
from mergeline.plan.selection import ALL, Traits, require_matches
from mergeline.plan.sides import Overlay, load_owners, load_side
from mergeline.specs.repository import MODELS, model_names
from mergeline.specs.tree import WorkingTree
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mergeline.git import GitRepository
    from mergeline.plan.knowledge import Knowledge
    from mergeline.plan.plan import ModelPlan
    from mergeline.plan.rules import PolicyChange
    from mergeline.plan.selection import Selection
    from mergeline.specs.document import Document
    from mergeline.specs.tree import Tree


def make_plan(
    repository: GitRepository,
    base: str,
    head: str | None = None,
    *,
    select: Selection = ALL,
    knows: Knowledge = NOTHING,
) -> Plan:
    """Compare a head with the commit at which it left the base.

    What the base has gained since then is not undone by a merge, so it is no change here; the
    organisation's numbers are those of the base as it is now.

    Args:
        repository: the clone.
        base: the ref that the change is to be merged into.
        head: the ref of the change; None: the work tree.
        select: the models to plan for.
        knows: what is known besides Git.

    Raises:
        UsageError: a ref names no commit, no model can ever fit the selection, or the base's
            `policies/data.yaml` cannot be read.
    """
    target = repository.resolve(base)
    commit = repository.resolve(head or "HEAD")
    start = repository.merge_base(target, commit) or target
    uncommitted = set(repository.changes()) if head is None else set()
    changed = set(repository.changed_paths(start, commit)) | uncommitted
    before, committed, work = repository.tree(start), repository.tree(commit), None
    if head is None:
        work = WorkingTree(repository.root)
    after: Tree = Overlay(committed, work, uncommitted) if work and uncommitted else committed
    # The work tree lists its folders faster than Git does.
    trees = Trees(before, after, work or committed)
    _require_matches(select, trees)
    tunables = load_tunables(repository.tree(target))
    models, policies = plan_models(trees, changed, tunables, select, knows)
    return Plan(start, None if uncommitted else commit, models, policies)


@dataclass(frozen=True, slots=True)
class Trees:
    """The files of the base, of the head, and of the head where listing is what matters."""

    before: Tree
    after: Tree
    listed: Tree


def plan_models(
    trees: Trees,
    changed: Collection[str],
    tunables: Mapping[str, Any],
    select: Selection = ALL,
    knows: Knowledge = NOTHING,
) -> tuple[tuple[ModelPlan, ...], PolicyChange | None]:
    """Return the plans of the models that changed or are reached, and how the policies changed.

    Args:
        trees: the files.
        changed: the paths that differ between base and head.
        tunables: the organisation's numbers, from the base.
        select: the models to plan for.
        knows: what is known besides Git.
    """
    reach = Reach(affected_models(changed, trees.listed) if changed else {})
    names, files = set(reach.reasons), policy_files(changed)
    if not (names or files):
        return (), None
    before, after = load_side(trees.before, names), load_side(trees.after, names)
    reach.share(before, after, trees.listed)
    if files:
        reach.judge(files, trees.before, trees.after, knows, select.may_fit)
    chosen = sorted(name for name in reach.reasons if select.may_fit(name))
    around = load_owners(trees.after, set(chosen) - names)
    comparison = Comparison(before, after, around, tunables, knows)
    plans = [comparison.plan(name, reach) for name in chosen]
    fitting = (plan for plan in plans if plan is not None and select.fits(_traits(plan)))
    return tuple(fitting), reach.policies


def _traits(plan: ModelPlan) -> Traits:
    state = "new" if plan.status == "added" else plan.status
    return Traits(plan.name, state, plan.risk, plan.owner)


def _require_matches(select: Selection, trees: Trees) -> None:
    """Look for the names and owners in the head first; the base is listed slowly.

    Raises:
        UsageError: no model has such a name, or such an owner.
    """
    sides = (trees.listed, trees.before)
    require_matches(
        select,
        lambda: (name for tree in sides for name in model_names(tree)),
        lambda: (owner for tree in sides for owner in _owners(tree)),
    )


def _owners(tree: Tree) -> Iterator[str]:
    for path in tree.files(MODELS):
        if path.count("/") == 2 and path.endswith("/model.yaml"):
            document, _ = parse(path, tree.read(path))
            owner = document.value.get("owner") if document and _is_mapping(document) else None
            if isinstance(owner, str):
                yield owner


def _is_mapping(document: Document) -> bool:
    return isinstance(document.value, dict)
