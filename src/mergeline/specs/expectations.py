"""Do the expectations of data.yaml exist, and do they take these arguments?

Importing Great Expectations takes seconds. It brings a JSON Schema of each of its expectations,
which is read instead, or its catalogue where it is not installed. An expectation without a schema
is refused, and so is an argument that is not plain data: Great Expectations may execute it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.specs.expectation_arguments import PLAIN_ARGUMENTS, unsafe_arguments
from mergeline.specs.expectation_effect import emptiness
from mergeline.specs.interfaces import EXPECTATIONS, PACKAGES, expectation_interfaces
from mergeline.specs.library_versions import unknown_version
from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Document, Pointer
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree
    from mergeline.specs.types.data import Expectation

_CORE = "expectations/core"
FILE = "data.yaml"
_LONGEST = 60
_PATTERNS = {"regex", "regex_list"}
# An item is a word, a number, a yes or no, or nothing.
_SCALAR = {"type": ["string", "number", "boolean", "null"]}
_SIMPLE = {"title", "description", "type", "default", "format", "minLength", "items"}
# Great Expectations takes the name of a parameter of a suite for a value; a spec has no suite.
_SUITE_PARAMETER = {"type": "object"}


def check_expectations(repository: Repository, tree: Tree) -> Iterator[Finding]:
    """Yield the expectations and arguments that Great Expectations does not know.

    Args:
        repository: the models.
        tree: the files, with their lockfiles.
    """
    for model in repository.models.values():
        if any(dataset.expectations for dataset in model.data.datasets):
            unknown = unknown_version(model, tree, EXPECTATIONS)
            yield from [unknown] if unknown else _check_all(model)


def _check_all(model: ModelFolder) -> Iterator[Finding]:
    for number, dataset in enumerate(model.data.datasets):
        for index, expectation in enumerate(dataset.expectations):
            at: Pointer = ("datasets", number, "expectations", index)
            yield from _check(model, expectation, at)
            if expectation in dataset.expectations[:index]:
                yield model.documents[FILE].finding(
                    "expectation-without-effect",
                    f"{expectation.type} stands here with the same arguments before",
                    at,
                    hint="remove one of them",
                )


def _check(model: ModelFolder, expectation: Expectation, at: Pointer) -> Iterator[Finding]:
    known = expectation_types()
    document = model.documents[FILE]
    if expectation.type not in known:
        yield document.finding(
            "unknown-expectation",
            f'Great Expectations has no "{expectation.type}"',
            (*at, "type"),
            hint=_near(expectation.type, known),
        )
        return
    unsafe = list(unsafe_expectation(expectation, document, at))
    yield from unsafe
    schema = _schema(expectation.type)
    if schema is None or unsafe:
        return
    for where, what, remedy in emptiness(expectation):
        yield document.finding(
            "expectation-without-effect",
            f"{expectation.type} {what}",
            (*at, "kwargs", *where) if expectation.kwargs else at,
            hint=remedy,
        )
    for where, message, hint, key in _problems(schema, expectation.kwargs):
        yield document.finding(
            "bad-expectation",
            f"{expectation.type}: {message}",
            (*at, "kwargs", *where),
            hint=hint,
            key=key,
        )


def unsafe_expectation(
    expectation: Expectation, document: Document, at: Pointer
) -> Iterator[Finding]:
    """Yield the arguments that Great Expectations might execute, or look up elsewhere."""
    schema = expectation_schema(expectation.type)
    for where, message, hint in unsafe_arguments(expectation, schema):
        yield document.finding(
            "unsafe-expectation", message, (*at, *where), hint=hint, key=len(where) > 1
        )


def _problems(
    schema: dict[str, Any], kwargs: Mapping[str, Any]
) -> Iterator[tuple[Pointer, str, str | None, bool]]:
    properties = schema["properties"]
    for name in schema.get("required", []):
        if name not in kwargs:
            yield (), f'the argument "{name}" is missing', f"add {name}: … to kwargs", False
    for name, value in kwargs.items():
        if name not in properties:
            hint = did_you_mean(name, [each for each in properties if each in PLAIN_ARGUMENTS])
            yield (name,), f'there is no argument "{name}"', hint, True
        elif not _plainly(properties[name], value):
            yield from _misfit(schema, name, value)
        elif name in _PATTERNS:
            yield from _bad_patterns(name, value)


def _bad_patterns(name: str, value: Any) -> Iterator[tuple[Pointer, str, str | None, bool]]:
    for pattern in value if isinstance(value, list) else [value]:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield (name,), f'"{pattern[:_LONGEST]}" is no regular expression: {error}', None, False


def _plainly(schema: dict[str, Any], value: Any) -> bool:
    """Tell at a glance that a value fits; most do, and a validator takes its time."""
    options = schema.get("anyOf", [schema])
    return any(
        not set(option) - _SIMPLE
        and option.get("type") in _names(value)
        and (value or "minLength" not in option)
        and option.get("items", _SCALAR) in ({}, _SCALAR)
        for option in options
    )


def _names(value: Any) -> tuple[str, ...]:
    match value:
        case bool():
            return ("boolean",)
        case int():
            return ("integer", "number")
        case float():
            return ("number",)
        case str():
            return ("string",)
        case list() if all(isinstance(item, (str, int, float)) for item in value):
            return ("array",)
        case _:
            return ()


def _misfit(
    schema: dict[str, Any], name: str, value: Any
) -> Iterator[tuple[Pointer, str, str | None, bool]]:
    from jsonschema import Draft7Validator
    from jsonschema.exceptions import best_match

    if value is None:
        return  # what is left out is null
    part = {**schema["properties"][name], "definitions": schema.get("definitions", {})}
    error = best_match(Draft7Validator(part).iter_errors(value))
    if error is not None:
        hint = schema["properties"][name].get("description")
        shown = json.dumps(value, ensure_ascii=False, default=str)
        yield (name, *error.absolute_path), f"{name} cannot be {shown[:_LONGEST]}", hint, False


def _near(word: str, known: tuple[str, ...]) -> str | None:
    from difflib import get_close_matches

    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f'did you mean "{near[0]}"?' if near else None


@cache
def _core() -> Path | None:
    spec = find_spec(PACKAGES[EXPECTATIONS])
    roots = (spec and spec.submodule_search_locations) or ()
    folders = (Path(root) / _CORE for root in roots)
    return next((folder for folder in folders if folder.is_dir()), None)


@cache
def expectation_types() -> tuple[str, ...]:
    """Return the types of all expectations."""
    core = _core()
    if core is None:
        return tuple(expectation_interfaces().types)
    types = {path.stem for path in core.glob("expect_*.py")} | {"unexpected_rows_expectation"}
    return tuple(sorted(types))


@cache
def expectation_schema(name: str) -> dict[str, Any] | None:
    """Return the JSON Schema of an expectation; None if it has none that can be read."""
    if _core() is None:
        return expectation_interfaces().schemas.get(name)
    file = _files().get(_folded(name))
    try:
        schema = json.loads(file.read_text(encoding="utf-8")) if file else None
    except (OSError, ValueError):
        return None
    if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
        return None
    return schema


@cache
def _schema(name: str) -> dict[str, Any] | None:
    schema = expectation_schema(name)
    if schema is None:
        return None
    return {**schema, "properties": {k: _adapted(v) for k, v in schema["properties"].items()}}


@cache
def _files() -> dict[str, Path]:
    core = _core()
    return {_folded(path.stem): path for path in core.glob("schemas/*.json")} if core else {}


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def _adapted(schema: dict[str, Any]) -> dict[str, Any]:
    """Say in a schema what Great Expectations takes in fact, for values that YAML can write."""
    schema = {key: value for key, value in schema.items() if key != "multipleOf"}
    if "anyOf" in schema:
        options = [_adapted(option) for option in schema["anyOf"] if option != _SUITE_PARAMETER]
        schema["anyOf"] = options
    if "oneOf" in schema:
        # Items of one kind are asked for where the class itself takes any.
        return {"type": "array", "items": _SCALAR}
    if schema.get("type") == "array" and schema.get("items") == {}:
        return {key: value for key, value in schema.items() if key != "uniqueItems"}
    return schema
