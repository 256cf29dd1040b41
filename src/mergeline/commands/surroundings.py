"""The key of a verdict: all that it depends on outside of the model's own folder."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import mergeline
from mergeline.digest import digest_json
from mergeline.specs.repository import TEMPLATES
from mergeline.specs.tree import LinkedTree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.specs.tree import Tree

_POLICIES = "policies"
_CODE = (".py", ".json", ".yaml")


def surroundings(tree: Tree, policies: Tree) -> str | None:
    """Return the digest of engine, installed packages, pipeline templates and policies.

    None if the policies look at the clock: what they said is no longer true a moment later.
    They are taken to be evaluated by the embedded engine, which refuses every other builtin
    that does not depend on its arguments alone.

    Args:
        tree: holds the templates.
        policies: holds the policies.

    Raises:
        OSError: a file cannot be read.
        ToolError: a folder cannot be read.
    """
    rules = {path: policies.read(path) for path in _policy_files(policies)}
    if any(_looks_at_the_clock(content) for content in rules.values()):
        return None
    return digest_json(
        {
            "engine": _code(),
            "python": [sys.version, _installed(), os.getuid() if hasattr(os, "getuid") else 0],
            "templates": {repr(path): _digest(tree.read(path)) for path in _templates(tree)},
            "links": _links(tree, TEMPLATES),
            "policies": {repr(path): _digest(content) for path, content in rules.items()},
        }
    ).removeprefix("sha256:")


def _policy_files(tree: Tree) -> list[str]:
    endings = (".rego", ".yaml", ".yml", ".json")
    files = [path for path in tree.files(_POLICIES) if path.endswith(endings)]
    return [path for path in files if not path.endswith("_test.rego")]


def _looks_at_the_clock(policy: bytes) -> bool:
    return b"now_ns" in policy or re.search(rb"\btime\s*\[", policy) is not None


def _templates(tree: Tree) -> list[str]:
    return [path for path in tree.files(TEMPLATES) if path.endswith(".yaml")]


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _links(tree: Tree, under: str) -> list[str]:
    return [repr(path) for path in tree.links(under)] if isinstance(tree, LinkedTree) else []


def _code() -> str:
    """Return the digest of Mergeline itself: a checkout changes without its version."""
    top = str(Path(mergeline.__file__).parent)
    known = hashlib.sha256()
    for path in _files(top):
        known.update(path.removeprefix(top).encode() + b"\0")
        known.update(hashlib.sha256(Path(path).read_bytes()).digest())
    return known.hexdigest()


def _files(top: str) -> Iterable[str]:
    for folder, folders, names in os.walk(top):
        folders[:] = sorted(set(folders) - {"__pycache__"})
        yield from (f"{folder}/{name}" for name in sorted(names) if name.endswith(_CODE))


def _installed() -> list[list[str]]:
    """Return what can be imported, by name: `*.dist-info` says the version."""
    places = []
    for place in sys.path:
        try:
            names = sorted(path.name for path in Path(place or ".").iterdir())
        except OSError:
            names = []
        places.append([place, *(name for name in names if not name.startswith("."))])
    return places
