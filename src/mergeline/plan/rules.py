"""What changed in the policies, the organisation's numbers and the waivers.

The change itself is judged by the base's; from its merge on, the head's judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.digest import canonical_json
from mergeline.plan.approvals import TUNABLES, load_tunables
from mergeline.policy.library import FOLDER, PolicyLibrary
from mergeline.policy.waivers import FOLDER as WAIVERS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mergeline.specs.tree import Tree

_TEST = "_test.rego"


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """What changed in what judges.

    Attributes:
        files: the files, tests apart.
        packages: the Rego packages whose rules are others now.
        values: the numbers that are others now: dotted name, before, after; None: none.
        unjudged: why the models were not judged by both sides; None: they were.
    """

    files: tuple[str, ...]
    packages: tuple[str, ...] = ()
    values: tuple[tuple[str, Any, Any], ...] = ()
    unjudged: str | None = None

    @property
    def waivers(self) -> frozenset[str]:
        """The changed files that are waivers."""
        return frozenset(path for path in self.files if path.startswith(f"{WAIVERS}/"))

    def as_json(self) -> dict[str, Any]:
        """Return the change as JSON values."""
        return {
            "files": list(self.files),
            "packages": list(self.packages),
            "values": [
                {"name": name, "before": before, "after": after}
                for name, before, after in self.values
            ],
            "unjudged": self.unjudged,
        }


def policy_files(changed: Iterable[str]) -> tuple[str, ...]:
    """Return those of the changed paths that judge models, sorted."""
    return tuple(sorted(path for path in changed if _judges(path)))


def policy_change(files: tuple[str, ...], before: Tree, after: Tree) -> PolicyChange:
    """Return what some changed policy files change.

    Args:
        files: see `policy_files`.
        before: the files of the base.
        after: the files of the head.

    Raises:
        ToolError: the policies of a side cannot be read.
        UsageError: policies/data.yaml of a side cannot be read.
    """
    if not any(path.startswith(f"{FOLDER}/") for path in files):
        return PolicyChange(files)
    old, new = library_of(before), library_of(after)
    packages = {
        module.package
        for path in {*old.modules, *new.modules}
        if _text(old, path) != _text(new, path)
        for module in (old.modules.get(path), new.modules.get(path))
        if module is not None
    }
    values = tuple(_differences(dict(old.data), dict(new.data)))
    return PolicyChange(files, tuple(sorted(packages)), values)


def library_of(tree: Tree) -> PolicyLibrary:
    """Return the policies of a tree; one without rules has its numbers all the same.

    Raises:
        ToolError: they cannot be read.
        UsageError: policies/data.yaml cannot be read.
    """
    if any(path.endswith(".rego") and _judges(path) for path in tree.files(FOLDER)):
        return PolicyLibrary.load(tree)
    tunables = load_tunables(tree)
    return PolicyLibrary({}, {"organization": tunables} if tunables else {})


def _text(library: PolicyLibrary, path: str) -> str | None:
    module = library.modules.get(path)
    return module.text if module else None


def _judges(path: str) -> bool:
    if path.startswith(f"{WAIVERS}/"):
        return path.endswith(".yaml")
    rules = path.startswith(f"{FOLDER}/") and path.endswith(".rego")
    return path == TUNABLES or (rules and not path.endswith(_TEST))


def _differences(before: Any, after: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}, key=str):
            below = f"{name}.{key}" if name else str(key)
            yield from _differences(before.get(key), after.get(key), below)
    elif canonical_json(before) != canonical_json(after):
        yield name, before, after
