"""training.yaml refers to a template, a lockfile and Python versions."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.pythons import SPECIFIER
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.lockfile import MAX_LOCK_BYTES, floating
from mergeline.specs.tree import read_at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.references.subject import Subject

FILE = "training.yaml"
# What almost everyone writes; for the rest `packaging`, which takes time to load, is asked.
_COMMON_SPECIFIERS = re.compile(
    r"(>=|<=|>|<|!=|==|~=)[0-9]+\.[0-9]+(, ?(>=|<=|>|<|!=|==|~=)[0-9]+\.[0-9]+)*\Z"
)


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the template, the lockfile and Python."""
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
    else:
        yield from _lockfile(subject, lockfile)
    if not is_specifier(training.environment.python):
        yield subject.finding(
            "bad-python-specifier",
            f'"{training.environment.python}" is no version specifier of PEP 440',
            FILE,
            ("environment", "python"),
            hint=f'write for example "{SPECIFIER}" or "==3.12.*"',
        )


def _lockfile(subject: Subject, path: str) -> Iterator[Finding]:
    try:
        content = read_at_most(subject.tree, path, MAX_LOCK_BYTES + 1)
    except OSError as error:
        first, others = f"it cannot be read: {error.strerror or error}", 0
    else:
        found = floating(content)
        if not found:
            return
        line, why = found[0]
        first, others = f"in line {line}, {why}" if line else why, len(found) - 1
    yield subject.finding(
        "lockfile-not-pinned",
        f"{path} is no lockfile: {first}" + (f" (and {others} more)" if others else ""),
        FILE,
        ("environment", "lockfile"),
        hint="let a resolver write it, such as: uv pip compile --generate-hashes",
    )


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
