"""Typed specs to YAML text that reads back as the same spec."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec
import yaml

if TYPE_CHECKING:
    from mergeline.specs.tree import Tree
    from mergeline.specs.types import Spec

# Where the schemas of a repository lie: where `mergeline init` puts them, or in the source of
# the engine itself.
SCHEMAS = "schemas"
_SOURCE = "src/mergeline/specs/schemas"
# What the core schema of YAML 1.2 takes for something else than a string; PyYAML, which
# follows YAML 1.1, leaves some of it unquoted: a commit that looks like 12e34, say.
_NOT_A_STRING = re.compile(
    r"(|~|null|Null|NULL|true|True|TRUE|false|False|FALSE"
    r"|[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
    r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
)


class _Dumper(yaml.SafeDumper):
    """Quotes what would not read back as a string; repeats values instead of aliasing them."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002  the name is PyYAML's
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _NOT_A_STRING.match(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _string)


def spec_text(spec: Spec, *, schema_path: str) -> str:
    """Return the text of a spec file.

    Args:
        spec: the spec.
        schema_path: the way from the file to its JSON Schema, for editors.
    """
    value = msgspec.to_builtins(spec)
    body = yaml.dump(
        value,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=False,
    )
    return f"# yaml-language-server: $schema={schema_path}\n{body}"


def schema_path(kind: str, depth: int, tree: Tree) -> str:
    """Return the relative path of a kind's schema from a file so many folders deep.

    Args:
        kind: the kind of the file.
        depth: how many folders the file is below the repository's root.
        tree: the repository's files, which say where its schemas are.
    """
    name = f"{kind}.schema.json"
    home = _SOURCE if f"{_SOURCE}/{name}" in tree.files(_SOURCE) else SCHEMAS
    return f"{'../' * depth}{home}/{name}"
