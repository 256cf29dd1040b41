"""The policies about models, cut down to the modules that a change of them can matter to.

A verdict is the union of what the rules `deny` and `warn` say, so those that neither changed,
nor read a changed number, nor use a rule that does, say the same before and after. What a rule
uses is told by the names in it, which can only be too many.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING, Any

from mergeline.plan.rules import library_of
from mergeline.policy.library import DATA, FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mergeline.plan.rules import PolicyChange
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module, Rule
    from mergeline.policy.tokens import Token
    from mergeline.specs.tree import Tree

PACKAGE = "mergeline.model"
_ROOT = "organization"
_ANY = re.compile(r"\bdata\s*\[")
_READ = re.compile(rf"\b{_ROOT}\b((?:\.\w+)*)")
# What every module may define, and none takes from another.
_SAYS = frozenset({"deny", "warn"})


class NarrowedPolicies:
    """A tree of which only some policies are seen; everything else is as it is."""

    def __init__(self, tree: Tree, modules: Iterable[str]) -> None:
        self._tree = tree
        self._seen = {*modules, f"{FOLDER}/{DATA}"}

    def files(self, under: str = "") -> list[str]:
        """Return the files below a folder, sorted, without the policies that are not seen."""
        return [path for path in self._tree.files(under) if self._sees(path)]

    def read(self, path: str) -> bytes:
        """Return the content of a file; FileNotFoundError if it is not there."""
        if not self._sees(path):
            raise FileNotFoundError(path)
        return self._tree.read(path)

    def _sees(self, path: str) -> bool:
        return not path.startswith(f"{FOLDER}/") or path in self._seen


def narrowed(change: PolicyChange, before: Tree, after: Tree) -> tuple[Tree, Tree] | None:
    """Return both trees with the modules that a change can matter to; None: to none.

    Args:
        change: what changed.
        before: the files of the base.
        after: the files of the head.

    Raises:
        ToolError: the policies of a side cannot be read.
    """
    old_rules, new_rules = (library_of(tree) for tree in (before, after))
    sides = (old_rules, new_rules)
    concerned = _concerned(change, old_rules, new_rules) | _concerned(change, new_rules, old_rules)
    if not concerned:
        return None
    old, new = (
        NarrowedPolicies(tree, _with_what_they_use(library, concerned))
        for tree, library in zip((before, after), sides, strict=True)
    )
    return old, new


def _concerned(change: PolicyChange, library: PolicyLibrary, other: PolicyLibrary) -> set[str]:
    """Return the modules about models in which a rule says what the change can matter to."""
    modules = _about_models(library)
    left = {
        (path, rule.name, text): set(_names(rule.tokens))
        for path, module in modules.items()
        for rule, text in _rules(module)
    }
    same = {path: _same(modules[path], other.modules.get(path)) for path in modules}
    renamed = {path for path, module in modules.items() if _renames(module)}
    added = {
        (path, name, text)
        for path, name, text in left
        if text not in same[path] or path in renamed or _reads(text, change.values)
    }
    found: set[tuple[str, str, str]] = set()
    while added:
        found |= added
        names = {name for _, name, _ in added} - _SAYS
        added = {one for one, words in left.items() if words & names} - found
    return {path for path, name, _ in found if name in _SAYS}


def _rules(module: Module) -> Iterator[tuple[Rule, str]]:
    for rule in module.rules:
        yield rule, module.text[rule.tokens[0].start : rule.tokens[-1].end]


def _same(module: Module, other: Module | None) -> set[str]:
    """Return the texts of the rules that the other side has too, meaning the same."""
    if other is None or (module.package, module.imports) != (other.package, other.imports):
        return set()
    return {text for _, text in _rules(module)} & {text for _, text in _rules(other)}


def _renames(module: Module) -> bool:
    """Tell whether a module reads numbers under another name than their own."""
    return any(
        _ROOT in path and (alias, path) != (_ROOT, ("data", _ROOT))
        for alias, path in module.imports.items()
    )


def _reads(text: str, values: Iterable[tuple[str, Any, Any]]) -> bool:
    """Tell whether a rule may read any of some numbers: it names it, or what holds it."""
    if _ANY.search(text):
        return True
    named = [tuple(found.split(".")[1:]) for found in _READ.findall(text)]
    for name, *_ in values:
        root, *rest = name.split(".")
        parts = tuple(rest)
        if root != _ROOT or any(one[: len(parts)] == parts[: len(one)] for one in named):
            return True
    return False


def _with_what_they_use(library: PolicyLibrary, concerned: set[str]) -> set[str]:
    modules = _about_models(library)
    found: set[str] = set()
    added = concerned & set(modules)
    if not any(rule.name == "deny" for path in added for rule in modules[path].rules):
        # An engine refuses a package that can never say no. A side without policies has none.
        added |= set(islice((path for path in modules if _denies(modules[path])), 1))
    while added:
        found |= added
        added = {
            path
            for path, module in modules.items()
            if any(_uses(modules[one], module) for one in added)
        } - found
    return found


def _uses(module: Module, other: Module) -> bool:
    at_hand = module.package == other.package or f"data.{other.package}" in module.text
    return at_hand and bool(_words(module) & _defined(other))


def _about_models(library: PolicyLibrary) -> Mapping[str, Module]:
    """Return the modules of package `mergeline.model` and of the packages that they import."""
    found: dict[str, Module] = {}
    packages = [PACKAGE]
    while packages:
        for path in library.files_of(packages.pop()):
            if path not in found:
                module = found[path] = library.modules[path]
                packages += [one for one in library.packages if f"data.{one}" in module.text]
    return found


def _denies(module: Module) -> bool:
    return module.package == PACKAGE and any(rule.name == "deny" for rule in module.rules)


def _defined(module: Module) -> set[str]:
    return {rule.name for rule in module.rules} - _SAYS


def _words(module: Module) -> set[str]:
    return {name for rule in module.rules for name in _names(rule.tokens)}


def _names(tokens: Iterable[Token]) -> Iterator[str]:
    for token in tokens:
        if token.kind == "name":
            yield token.text
        yield from _names(token.inside)
