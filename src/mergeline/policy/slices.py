"""A library, cut into slices that the embedded engine compiles and asks apart from each other.

At each call of a builtin regopy copies the variables of all that was compiled together, so a
question costs more the more rules stand beside it. `deny contains` and `warn contains` add to a
set, whatever other statements add to it: some of them, with all that they refer to, answer for
themselves, and the answers of all slices together are the answer of the library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.policy.references import references
from mergeline.policy.results import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module, Rule

    Path = tuple[str, ...]

# With fewer, a model is asked more questions; with more, each builtin costs more: a flat middle.
_STATEMENTS = 10
# Builtins that may answer otherwise the next time.
_UNSTEADY = frozenset({"http.send", "opa.runtime", "rand.intn", "time.now_ns", "uuid.rfc4122"})
_CHARACTER = re.compile(r"[^\n]")
_WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Slice:
    """Statements of one rule, and all that they refer to.

    Attributes:
        texts: the modules by path; what does not belong is blank, so that places stay.
        package: the package that is asked.
        rule: the rule that is asked, `deny` or `warn`.
        constant: is the answer the same for every input?
    """

    texts: dict[str, str]
    package: str
    rule: str
    constant: bool = False


class Slices:
    """The slices of a library."""

    def __init__(self, library: PolicyLibrary) -> None:
        self._library = library
        self._statements = _Statements(library)

    def of(self, package: str) -> list[Slice]:
        """Cut what a package answers to `deny` and `warn`."""
        rules = [rule for rule in SEVERITIES if rule in self._library.rules_of(package)]
        return [one for rule in rules for one in self._of_rule(package, rule)]

    def remainder(self) -> dict[str, str]:
        """Return the texts of what no `deny` or `warn` reaches; it is to be sound all the same."""
        everything = self._statements.everything
        asked = [one for one in everything if one.rule.name in SEVERITIES]
        left = set(everything) - self._statements.reached(asked)
        return self._statements.texts(self._statements.reached(left))

    def _of_rule(self, package: str, rule: str) -> Iterator[Slice]:
        statements = self._statements
        judging = statements.at(package, rule)
        constant = [one for one in judging if statements.is_constant(one)]
        varying = [one for one in judging if one not in constant]
        if not all(_adds(one.rule) for one in judging):
            # One value of all statements: they cannot answer apart.
            yield Slice(statements.texts(statements.reached(judging)), package, rule)
            return
        for start in range(0, len(varying), _STATEMENTS):
            some = varying[start : start + _STATEMENTS]
            yield Slice(statements.texts(statements.reached(some)), package, rule)
        if constant:
            texts = statements.texts(statements.reached(constant))
            yield Slice(texts, package, rule, constant=True)


def _adds(rule: Rule) -> bool:
    return len(rule.tokens) > 1 and rule.tokens[1].is_name("contains")


def room(texts: Mapping[str, str]) -> str:
    """Return a module that makes no difference but for its many variables.

    regopy 1.5 refuses what it compiled if a number is written after more texts than there are
    variables, as in a rule that stands alone: it takes the place of the one for that of the other.
    """
    enough = sum(len(_WORD.findall(text)) for text in texts.values())
    steps = "".join(f"\tx{number + 1} := x{number}\n" for number in range(enough))
    return f"package mergeline_room\n\nroom(x0) := x{enough} if {{\n{steps}}}\n"


@dataclass(frozen=True, eq=False, slots=True)
class _Statement:
    module: Module
    rule: Rule

    @property
    def path(self) -> Path:
        return (*self.module.package.split("."), self.rule.name)


class _Statements:
    """The statements of a library, and which of them each refers to."""

    def __init__(self, library: PolicyLibrary) -> None:
        self.everything = [
            _Statement(module, rule) for module in library.modules.values() for rule in module.rules
        ]
        self._by_path: dict[Path, list[_Statement]] = {}
        for one in self.everything:
            self._by_path.setdefault(one.path, []).append(one)
        self._paths = {one: frozenset(_paths(one)) for one in self.everything}
        self._found: dict[Path, list[_Statement]] = {}

    def at(self, package: str, rule: str) -> list[_Statement]:
        """Return the statements of a rule, in order."""
        return self._by_path[(*package.split("."), rule)]

    def reached(self, start: Iterable[_Statement]) -> set[_Statement]:
        """Return some statements and all that they refer to, step by step."""
        seen = set(start)
        left = list(seen)
        while left:
            for path in self._paths[left.pop()]:
                fresh = [one for one in self._meeting(path) if one not in seen]
                seen.update(fresh)
                left += fresh
        return seen

    def is_constant(self, statement: _Statement) -> bool:
        """Tell whether nothing that a statement reaches reads the input, or changes by itself."""
        return not any(
            path[0] != "data" for one in self.reached([statement]) for path in self._paths[one]
        )

    def texts(self, kept: Collection[_Statement]) -> dict[str, str]:
        """Return the modules that hold some statements, all others of them blank."""
        modules = {one.module.path: one.module for one in kept}
        blank: dict[str, list[Rule]] = {path: [] for path in modules}
        for one in self.everything:
            if one.module.path in blank and one not in kept:
                blank[one.module.path].append(one.rule)
        return {path: _without(modules[path].text, rules) for path, rules in blank.items()}

    def _meeting(self, path: Path) -> list[_Statement]:
        """Return the statements at a path from `data`, above it and below it."""
        if path not in self._found:
            below = path[1:] if path[0] == "data" else None
            self._found[path] = [
                one
                for other, statements in self._by_path.items()
                if below is not None and _meet(below, other)
                for one in statements
            ]
        return self._found[path]


def _meet(path: Path, other: Path) -> bool:
    common = min(len(path), len(other))
    return path[:common] == other[:common]


def _paths(statement: _Statement) -> Iterator[Path]:
    """Find what a statement refers to: paths below `data`, `input`, or what changes by itself."""
    module = statement.module
    for index, reference in enumerate(references(statement.rule.tokens)):
        first, *rest = reference.parts
        if index == 0 and reference.token.text == statement.rule.name:
            continue
        if reference.name in _UNSTEADY or first == "input":
            yield (first,)
        elif first == "data":
            yield reference.parts
        elif first in module.imports:
            yield (*module.imports[first], *rest)
        else:
            # A name of the same package, or a variable, which nothing is at.
            yield ("data", *module.package.split("."), *reference.parts)


def _without(text: str, rules: Sequence[Rule]) -> str:
    pieces, done = [], 0
    for rule in rules:
        start, end = rule.tokens[0].start, rule.tokens[-1].end
        pieces += [text[done:start], _CHARACTER.sub(" ", text[start:end])]
        done = end
    return "".join([*pieces, text[done:]])
