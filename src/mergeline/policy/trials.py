"""The cases that policies are tested with: an input, and what its package must say of it.

They stand in `policies/PACKAGE/*_test.rego`, as the rule `cases` of a package whose name ends in
`_test`: a name to `{"input": …}` and one of

    "finds": {"id": …, "path": …}   a result with that id and path is among the answers
    "says": "…"                     a result of deny has that message
    "passes": true                  deny says nothing
    "silent": true                  neither deny nor warn says anything
    "mends": "…"                    no result has that id, and deny says nothing
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.findings import Location, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mergeline.policy.engine import PolicyEngine
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.module import Module
    from mergeline.policy.results import PolicyResult

_RULE = "cases"
_TEST = "_test"
EXPECTATIONS = ("finds", "says", "passes", "silent", "mends")


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """A case.

    Attributes:
        package: the package that is asked, dotted.
        name: what the case is called.
        document: the input.
        expected: one of the keys above, and its value.
    """

    package: str
    name: str
    document: Any
    expected: tuple[str, Any]

    def holds(self, results: tuple[PolicyResult, ...]) -> bool:
        """Tell whether a package answered what is expected."""
        kind, value = self.expected
        denied = [one for one in results if one.severity is Severity.ERROR]
        if kind == "finds":
            return (value["id"], value["path"]) in [(one.id, one.path) for one in results]
        if kind == "says":
            return value in [one.message for one in denied]
        if kind == "mends":
            return not denied and value not in [one.id for one in results]
        return not (denied if kind == "passes" else results)


def cases_of(library: PolicyLibrary, value_of: Callable[[Module, str], Any]) -> list[PolicyCase]:
    """Return the cases of a library that was loaded with its tests.

    Args:
        library: the policies and their tests.
        value_of: an engine's: gives the value of a rule of a module.

    Raises:
        ToolError: cases cannot be computed, or expect nothing that is known.
    """
    return [case for path in _files(library) for case in _read(library.modules[path], value_of)]


def failing(engine: PolicyEngine, cases: list[PolicyCase]) -> list[tuple[PolicyCase, str]]:
    """Return the cases that do not hold on an engine, and what it answered."""
    wrong = []
    for case in cases:
        try:
            results = engine.evaluate(case.package, case.document)
        except ToolError as error:
            wrong.append((case, error.message))
            continue
        if not case.holds(results):
            said = "; ".join(f"{one.id} at {one.path}: {one.message}" for one in results)
            wrong.append((case, said or "nothing"))
    return wrong


def _files(library: PolicyLibrary) -> list[str]:
    return [
        path
        for path, module in library.modules.items()
        if module.package.endswith(_TEST) and any(rule.name == _RULE for rule in module.rules)
    ]


def _read(module: Module, value_of: Callable[[Module, str], Any]) -> Iterator[PolicyCase]:
    path, value = module.path, value_of(module, _RULE)
    if not isinstance(value, dict) or not value:
        raise ToolError(
            f"{module.package}.{_RULE} holds no cases",
            hint="cases[name] := … with input and what is expected",
            location=Location(path),
        )
    for name, case in sorted(value.items()):
        known = [key for key in EXPECTATIONS if key in case] if isinstance(case, dict) else []
        if len(known) != 1 or "input" not in case:
            raise ToolError(
                f'case "{name}" must have an input and one of {", ".join(EXPECTATIONS)}',
                location=Location(path),
            )
        package = module.package.removesuffix(_TEST)
        yield PolicyCase(package, name, case["input"], (known[0], case[known[0]]))
