"""What scikit-learn and Great Expectations offer, for where they are not installed.

Both are written from the versions that `requirements/runtime.txt` locks, by
`python -m mergeline.specs.interfaces`. They hold what is read of an installed library, and no
more, so that the same code gives the same answers from either.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
SKLEARN = "scikit-learn"
EXPECTATIONS = "great-expectations"
# The package that each of them is imported as.
PACKAGES = {SKLEARN: "sklearn", EXPECTATIONS: "great_expectations"}


class ModuleEntry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One module of scikit-learn.

    Attributes:
        classes: the code of each class at its top: bases, constructor, parameter constraints.
        functions: the names of its functions.
        others: the other names that it defines.
        imports: the names that it imports, by the module that they come from; one that is
            renamed as `name as other`.
    """

    classes: dict[str, str] = {}
    functions: list[str] = []
    others: list[str] = []
    imports: dict[str, list[str]] = {}

    def imported(self) -> Iterator[tuple[str, tuple[str, str]]]:
        """Yield the imported names, each with its module and its name there."""
        for module, names in self.imports.items():
            for each in names:
                original, _, renamed = each.partition(" as ")
                yield renamed or original, (module, original)


class SklearnCatalogue(msgspec.Struct, frozen=True):
    """scikit-learn.

    Attributes:
        version: the version that it was written from.
        packages: the names of the modules in each package.
        modules: the modules that have Python source, tests left out.
    """

    version: str
    packages: dict[str, list[str]]
    modules: dict[str, ModuleEntry]


class ExpectationsCatalogue(msgspec.Struct, frozen=True):
    """Great Expectations.

    Attributes:
        version: the version that it was written from.
        types: the types of all expectations.
        schemas: the JSON Schemas of those that have one: properties, required, definitions.
    """

    version: str
    types: list[str]
    schemas: dict[str, dict[str, Any]]


@cache
def sklearn_interfaces() -> SklearnCatalogue:
    """Return the catalogue of scikit-learn."""
    return msgspec.json.decode(_read(SKLEARN), type=SklearnCatalogue)


@cache
def expectation_interfaces() -> ExpectationsCatalogue:
    """Return the catalogue of Great Expectations."""
    return msgspec.json.decode(_read(EXPECTATIONS), type=ExpectationsCatalogue)


def _read(name: str) -> bytes:
    return (FOLDER / f"{name}.json").read_bytes()
