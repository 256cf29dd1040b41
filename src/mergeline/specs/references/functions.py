"""data.yaml and features.yaml refer to files of the model folder, and to functions in them."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.specs.conformance import did_you_mean
from mergeline.specs.types.data import DvcSource, FileSource, PythonSource, SqlSource
from mergeline.specs.types.features import PythonTransform
from mergeline.written import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject

DATA = "data.yaml"
FEATURES = "features.yaml"
# What an annotation lets through; another one says nothing here.
_TYPES: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "str": (str,),
    "bool": (bool,),
}


def check(subject: Subject) -> Iterator[Finding]:
    """Yield the files and functions that are not there, and parameters that do not fit them."""
    source = subject.dataset.source
    at: Pointer = ("datasets", 0, "source")
    if isinstance(source, FileSource):
        yield from _file(subject, source.path, DATA, (*at, "path"))
    elif isinstance(source, DvcSource):
        yield from _file(subject, source.pointer, DATA, (*at, "pointer"))
    elif isinstance(source, SqlSource):
        yield from _file(subject, source.query, DATA, (*at, "query"))
    elif isinstance(source, PythonSource):
        yield from _call(subject, source.function, source.parameters, DATA, at, given=0)
    for index, feature in enumerate(subject.model.features.features):
        transform = feature.transform
        if isinstance(transform, PythonTransform):
            at = ("features", index, "transform")
            # The first argument is the frame of the inputs.
            yield from _call(
                subject, transform.function, transform.parameters, FEATURES, at, given=1
            )


def _file(subject: Subject, path: str, file: str, pointer: Pointer) -> Iterator[Finding]:
    if path not in subject.model.files:
        # The specs are in the folder too, but no one reads data or code from them.
        others = [name for name in subject.model.files if name not in subject.model.documents]
        yield subject.finding(
            "file-not-found",
            f'the model folder has no file "{path}"',
            file,
            pointer,
            hint=did_you_mean(path, others),
        )


def _call(
    subject: Subject,
    function: str,
    parameters: Mapping[str, object],
    file: str,
    at: Pointer,
    *,
    given: int,
) -> Iterator[Finding]:
    path, _, name = function.partition(":")
    pointer: Pointer = (*at, "function")
    missing = list(_file(subject, path, file, pointer))
    if missing:
        yield from missing
        return
    content = subject.model.files[path]
    if len(content) > MAX_BYTES:
        message = f"{path} has more than {MAX_BYTES:,} bytes, the most for code that is read"
        yield subject.finding("file-too-large", message, file, pointer)
        return
    try:
        known = functions_in(content)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        message = f"{path} is not valid Python: {_problem(error)}"
        yield subject.finding("python-syntax", message, file, pointer)
        return
    if name in known:
        yield from _parameters(subject, known[name], given, parameters, file, at)
    elif name not in _others(content):
        message = f'{path} has no function "{name}"'
        hint = did_you_mean(name, list(known))
        yield subject.finding("function-not-found", message, file, pointer, hint=hint)


def _parameters(
    subject: Subject,
    function: ast.FunctionDef,
    given: int,
    parameters: Mapping[str, object],
    file: str,
    at: Pointer,
) -> Iterator[Finding]:
    taken = [*function.args.args[given:], *function.args.kwonlyargs]
    names = [argument.arg for argument in taken]
    for name in parameters:
        if name not in names and not function.args.kwarg:
            yield subject.finding(
                "unknown-parameter",
                f'{function.name} takes no parameter "{name}"',
                file,
                (*at, "parameters", name),
                hint=did_you_mean(name, names) or "remove it",
                key=True,
            )
    for name in _required(function, given):
        if name not in parameters:
            yield subject.finding(
                "missing-parameter",
                f'{function.name} needs the parameter "{name}"',
                file,
                (*at, "parameters"),
                hint=f"add {name}: … to parameters",
            )
    for argument in taken:
        yield from _typed(subject, argument, parameters, file, at)


def _required(function: ast.FunctionDef, given: int) -> list[str]:
    positional = function.args.args
    without_default = positional[given : len(positional) - len(function.args.defaults)]
    keyword = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    return [
        *(argument.arg for argument in without_default),
        *(argument.arg for argument, default in keyword if default is None),
    ]


def _typed(
    subject: Subject,
    argument: ast.arg,
    parameters: Mapping[str, object],
    file: str,
    at: Pointer,
) -> Iterator[Finding]:
    annotation = argument.annotation
    wanted = annotation.id if isinstance(annotation, ast.Name) else ""
    if wanted not in _TYPES or argument.arg not in parameters:
        return
    value = parameters[argument.arg]
    fits = isinstance(value, _TYPES[wanted]) and isinstance(value, bool) == (wanted == "bool")
    if not fits:
        from mergeline.specs.explanation import type_name

        yield subject.finding(
            "wrong-type",
            f"parameters.{argument.arg} must be of the type {wanted}, not {type_name(value)}",
            file,
            (*at, "parameters", argument.arg),
            hint="the function says so",
        )


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> ast.Module:
    return ast.parse(content)


def functions_in(content: bytes) -> dict[str, ast.FunctionDef]:
    """Return the functions that a Python file defines at its top, by name.

    Raises:
        SyntaxError: it is no Python; or ValueError, RecursionError, MemoryError likewise.
    """
    nodes = _parsed(content).body
    return {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}


def _others(content: bytes) -> set[str]:
    """Return the other names at the top of a Python file, which may be functions as well."""
    names: set[str] = set()
    for node in _parsed(content).body:
        if isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _problem(error: Exception) -> str:
    if isinstance(error, SyntaxError):
        return f"{error.msg} (line {error.lineno})"
    return str(error) or type(error).__name__
