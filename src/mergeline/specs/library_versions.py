"""Is what is known of a library true of the version that a model locks?

An installed library is read as it is. Of one that is not installed, the catalogue knows one minor
version: what a model may write for another one is not known, and is not guessed.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from mergeline.libraries import is_installed
from mergeline.specs.catalogue import (
    PACKAGES,
    SKLEARN,
    expectations_catalogue,
    sklearn_catalogue,
)
from mergeline.specs.lockfile import MAX_LOCK_BYTES
from mergeline.specs.tree import read_at_most

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree

_FILE = "training.yaml"
_PIN = re.compile(
    rb"^(scikit[-_.]learn|great[-_.]expectations) *={2,3} *([0-9]+\.[0-9]+)",
    re.MULTILINE | re.IGNORECASE,
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
    return model.documents[_FILE].finding(
        "library-version-not-known",
        f"{lockfile} locks {library} {other[0]}, which is not installed; "
        f"only {known} can be checked without it",
        ("environment", "lockfile"),
        hint=f'pip install "{library}=={other[0]}.*"',
    )


def _known(library: str) -> str:
    """Return major and minor version of a catalogue: patches change no parameters."""
    catalogue = sklearn_catalogue() if library == SKLEARN else expectations_catalogue()
    return ".".join(catalogue.version.split(".")[:2])


@lru_cache(maxsize=64)
def _locked(content: bytes, library: str) -> frozenset[str]:
    return frozenset(
        version.decode()
        for name, version in _PIN.findall(content)
        if re.sub("[-_.]", "-", name.decode().lower()) == library
    )
