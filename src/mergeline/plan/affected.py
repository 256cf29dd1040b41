"""Which models the changed paths reach, told without reading the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.specs.repository import MODELS, TEMPLATES
from mergeline.specs.yaml import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.specs.tree import Tree


def affected_models(changed: Iterable[str], head: Tree) -> set[str]:
    """Return the models that any of the paths is part of, template of or lockfile of.

    Args:
        changed: the paths that differ between base and head.
        head: the files of the head. A model that names another template or lockfile than in
            the base has changed itself, so the head's word is enough.
    """
    paths = set(changed)
    inside = {path for path in paths if path.startswith(f"{MODELS}/")}
    names = {path.split("/")[1] for path in inside if path.count("/") > 1}
    shared = paths - inside
    return names | (_users(shared, head) if shared else set())


def _users(shared: set[str], head: Tree) -> set[str]:
    words = [_word(path).encode() for path in shared]
    users = set()
    for path in head.files(MODELS):
        if path.count("/") == 2 and path.endswith("/training.yaml"):
            content = head.read(path)
            # Parsing is dear, searching is cheap: most files name none of the paths.
            if any(word in content for word in words) and shared & _named(path, content):
                users.add(path.split("/")[1])
    return users


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
