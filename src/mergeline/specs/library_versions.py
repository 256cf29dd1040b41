"""Is what is known of a library true of the version that a model locks?

An installed library is read as it is. Of one that is not installed, the catalogue knows one minor
version: what a model may write for another one is not known, and is not guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.libraries import is_installed
from mergeline.specs.interfaces import (
    PACKAGES,
    SKLEARN,
    expectation_interfaces,
    sklearn_interfaces,
)
from mergeline.specs.lockfile import MAX_LOCK_BYTES, floating, logical_lines
from mergeline.specs.tree import read_at_most

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree

_FILE = "training.yaml"
# A line of a lockfile that names one of them, and major and minor version if it pins one.
_LINE = re.compile(
    r"(scikit[-_.]+learn|great[-_.]+expectations)(?![\w.-])"
    r"(?:\s*\[[^\]]*\])?(?:\s*={2,3}\s*([0-9]+\.[0-9]+)(?!\w*!))?",
    re.IGNORECASE,
)


def unknown_version(model: ModelFolder, tree: Tree, library: str) -> Finding | None:
    """Return the finding that a model locks another version than is known here; None: it does not.

    A lockfile that does not name the library, or cannot be read, says nothing about its version.

    Args:
        model: the model.
        tree: the files, with the lockfile of the model.
        library: `SKLEARN` or `EXPECTATIONS`.
    """
    if is_installed(PACKAGES[library]):
        return None
    lockfile = model.training.environment.lockfile
    try:
        locked = _locked(read_at_most(tree, lockfile, MAX_LOCK_BYTES), library)
    except OSError:
        return None
    known = _known(library)
    other = sorted(version for version in locked if version != known)
    if not other:
        return None
    version = other[0]
    return model.documents[_FILE].finding(
        "library-version-not-known",
        f"{lockfile} locks {library} {version or 'without a version'}, which is not installed; "
        f"only {known} can be checked without it",
        ("environment", "lockfile"),
        hint=f'pip install "{library}=={version}.*"'
        if version
        else f"pin it as {library}==VERSION",
    )


def _known(library: str) -> str:
    """Return major and minor version of a catalogue: patches change no parameters."""
    catalogue = sklearn_interfaces() if library == SKLEARN else expectation_interfaces()
    return ".".join(catalogue.version.split(".")[:2])


@lru_cache(maxsize=64)
def _locked(content: bytes, library: str) -> frozenset[str]:
    """Return the versions that lines of a lockfile give a library; "": a line gives none.

    Lines that pin nothing have a finding of their own.
    """
    passed_over = {each.line for each in floating(content)}
    lines = logical_lines(content.decode("utf-8-sig", "replace"))
    named = (_LINE.match(line) for number, line in lines if number not in passed_over)
    return frozenset(
        each[2] or ""
        for each in named
        if each and re.sub("[-_.]+", "-", each[1].lower()) == library
    )
