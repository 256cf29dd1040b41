"""training.yaml refers to a template, a lockfile and Python versions; files to functions."""

from __future__ import annotations

import ast
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.specs.conformance import did_you_mean
from mergeline.specs.types.data import FileSource, PythonSource
from mergeline.specs.types.features import PythonTransform
from mergeline.specs.yaml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject

FILE = "training.yaml"
# What almost everyone writes; for the rest `packaging`, which takes time to load, is asked.
_COMMON_SPECIFIERS = re.compile(
    r"(>=|<=|>|<|!=|==|~=)[0-9]+\.[0-9]+(, ?(>=|<=|>|<|!=|==|~=)[0-9]+\.[0-9]+)*\Z"
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the template, the lockfile, Python, and files in the folder."""
    yield from _template(subject)
    training = subject.model.training
    lockfile = training.environment.lockfile
    if not subject.has_file(lockfile):
        yield subject.finding(
            "file-not-found",
            f'the repository has no file "{lockfile}"',
            FILE,
            ("environment", "lockfile"),
            hint=did_you_mean(lockfile, _neighbours(subject, lockfile)),
        )
    if not is_specifier(training.environment.python):
        yield subject.finding(
            "bad-python-specifier",
            f'"{training.environment.python}" is no version specifier of PEP 440',
            FILE,
            ("environment", "python"),
            hint='write for example ">=3.11,<3.14" or "==3.12.*"',
        )
    yield from _source(subject)
    for index, feature in enumerate(subject.model.features.features):
        if isinstance(feature.transform, PythonTransform):
            pointer: Pointer = ("features", index, "transform", "function")
            yield from _function(subject, feature.transform.function, "features.yaml", pointer)


def _template(subject: Subject) -> Iterator[Finding]:
    name = subject.model.training.pipeline
    template = subject.repository.templates.get(name)
    if template is None:
        yield subject.finding(
            "unknown-template",
            f'there is no pipeline template "{name}"',
            FILE,
            ("pipeline",),
            hint=did_you_mean(name, sorted(subject.repository.templates))
            or f"add pipelines/{name}.yaml",
        )
    elif template.task != subject.model.model.task:
        fitting = [
            each.name
            for each in subject.repository.templates.values()
            if each.task == subject.model.model.task
        ]
        yield subject.finding(
            "task-mismatch",
            f'the pipeline "{name}" is for {template.task}, the model for '
            f"{subject.model.model.task}",
            FILE,
            ("pipeline",),
            hint=f"fitting: {', '.join(sorted(fitting))}" if fitting else None,
        )


def _source(subject: Subject) -> Iterator[Finding]:
    source = subject.dataset.source
    pointer: Pointer = ("datasets", 0, "source")
    if isinstance(source, PythonSource):
        yield from _function(subject, source.function, "data.yaml", (*pointer, "function"))
    elif isinstance(source, FileSource):
        yield from _file(subject, source.path, "data.yaml", (*pointer, "path"))


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


def _function(subject: Subject, function: str, file: str, pointer: Pointer) -> Iterator[Finding]:
    path, _, name = function.partition(":")
    if path not in subject.model.files:
        yield from _file(subject, path, file, pointer)
        return
    if len(subject.model.files[path]) > MAX_BYTES:
        yield subject.finding(
            "file-too-large",
            f"{path} has {len(subject.model.files[path]):,} bytes; code that is read has at most "
            f"{MAX_BYTES:,}",
            file,
            pointer,
        )
        return
    try:
        known = _functions(subject.model.files[path])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield subject.finding(
            "python-syntax", f"{path} is not valid Python: {_problem(error)}", file, pointer
        )
        return
    if name not in {*known, *_others(subject.model.files[path])}:
        yield subject.finding(
            "function-not-found",
            f'{path} has no function "{name}"',
            file,
            pointer,
            hint=did_you_mean(name, known),
        )


@lru_cache(maxsize=64)
def _parsed(content: bytes) -> ast.Module:
    return ast.parse(content)


def _functions(content: bytes) -> list[str]:
    """Return the functions that a Python file defines at its top."""
    return [node.name for node in _parsed(content).body if isinstance(node, ast.FunctionDef)]


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


@lru_cache(maxsize=64)
def is_specifier(text: str) -> bool:
    """Tell whether a text is a version specifier of PEP 440."""
    if _COMMON_SPECIFIERS.match(text):
        return True
    from packaging.specifiers import InvalidSpecifier, SpecifierSet

    try:
        SpecifierSet(text)
    except InvalidSpecifier:
        return False
    return True


def _neighbours(subject: Subject, path: str) -> list[str]:
    folder = path.rpartition("/")[0]
    return [file for file in subject.tree.files(folder) if file.endswith(".txt")] if folder else []
