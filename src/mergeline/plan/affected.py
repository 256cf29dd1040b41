"""Which models the changed paths reach, and why, told without reading the others."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.specs.kinds import kind_of
from mergeline.specs.repository import MODELS, TEMPLATES
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mergeline.specs.tree import Tree

Reasons = tuple[str, ...]

_FEATURES = "/features.yaml"
# What stands around a scalar in YAML, in its usual ways of writing.
_AROUND = re.compile(rb"[\s\"',:{}\[\]]+")


def affected_models(changed: Iterable[str], head: Tree) -> dict[str, Reasons]:
    """Return the models that any of the paths is part of, template of or lockfile of.

    So do paths that may define a feature which a model shares of another.

    Args:
        changed: the paths that differ between base and head.
        head: the files of the head. A model that names another template or lockfile than in
            the base has changed itself, so the head's word is enough.

    Returns:
        For each model, in order of names, what outside of its folder reaches it, e.g.
        `requirements/runtime.txt changed`; nothing for a model whose folder alone changed.
    """
    paths = set(changed)
    inside = {path.split("/")[1] for path in paths if _is_inside(path)}
    users = _users({path for path in paths if _may_be_shared(path)}, head)
    borrowers = _borrowers({path.split("/")[1] for path in paths if _may_define(path)}, head)
    reasons: dict[str, list[str]] = {name: [] for name in sorted({*inside, *users, *borrowers})}
    for name, found in reasons.items():
        found += [f"{path} changed" for path in sorted(users.get(name, ()))]
        lenders = sorted(borrowers.get(name, ()))
        found += [f"{MODELS}/{one} changed, which it shares features of" for one in lenders]
    return {name: tuple(found) for name, found in reasons.items()}


def _is_inside(path: str) -> bool:
    return path.startswith(f"{MODELS}/") and path.count("/") > 1


def _may_be_shared(path: str) -> bool:
    """A lockfile may stand in any folder, that of a model too; but no spec is one."""
    return not _is_inside(path) or kind_of(path.split("/", 2)[2]) is None


def _may_define(path: str) -> bool:
    """Tell whether a path is features.yaml, or code that features may call."""
    return _is_inside(path) and path.count("/") == 2 and path.endswith((_FEATURES, ".py"))


def _borrowers(lenders: set[str], head: Tree) -> Mapping[str, set[str]]:
    """Return by model those of some models that it shares features of."""
    if not lenders:
        return {}
    names = _Names(name.encode() for name in lenders)
    found = {}
    for path in head.files(MODELS):
        if path.count("/") == 2 and path.endswith(_FEATURES):
            content = head.read(path)
            # As below: most files share nothing.
            if b"shared" in content and names.stand_in(content):
                shared = lenders & _shared(path, content)
                if shared:
                    found[path.split("/")[1]] = shared
    return found


def _shared(path: str, content: bytes) -> set[str]:
    document, _ = parse(path, content)
    features = document.value if document and isinstance(document.value, dict) else {}
    shared = features.get("shared")
    rows = shared if isinstance(shared, list) else []
    return {str(row.get("from")) for row in rows if isinstance(row, dict)}


def _users(shared: set[str], head: Tree) -> Mapping[str, set[str]]:
    """Return by model the shared paths that its training.yaml names outside of its folder."""
    if not shared:
        return {}
    names = _Names(_word(path).encode() for path in shared)
    users = {}
    for path in head.files(MODELS):
        if path.count("/") == 2 and path.endswith("/training.yaml"):
            content = head.read(path)
            # Parsing is dear, searching is cheap: most files name none of the paths.
            named = _named(path, content) if names.stand_in(content) else set()
            folder = path.removesuffix("training.yaml")
            found = {one for one in shared & named if not one.startswith(folder)}
            if found:
                users[path.split("/")[1]] = found
    return users


class _Names:
    """Words to look for in many files, however many words there are."""

    def __init__(self, words: Iterable[bytes]) -> None:
        every = set(words)
        self._odd = {word for word in every if _AROUND.search(word)}
        self._plain = every - self._odd

    def stand_in(self, content: bytes) -> bool:
        """Tell whether any of the words stands in a file."""
        return not self._plain.isdisjoint(_AROUND.split(content)) or any(
            word in content for word in self._odd
        )


def _word(path: str) -> str:
    """Return what a training.yaml that points to a path must contain."""
    folder, _, name = path.rpartition("/")
    return name.removesuffix(".yaml") if folder == TEMPLATES else path


def _named(path: str, content: bytes) -> set[str]:
    document, _ = parse(path, content)
    training = document.value if document and isinstance(document.value, dict) else {}
    environment = training.get("environment")
    lockfile = environment.get("lockfile") if isinstance(environment, dict) else None
    return {f"{TEMPLATES}/{training.get('pipeline')}.yaml", str(lockfile)}
