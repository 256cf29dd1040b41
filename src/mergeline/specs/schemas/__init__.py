"""JSON Schemas (draft 2020-12), made from the spec types.

The files beside this module are what editors read; `python -m mergeline.specs.schemas` writes
them anew after a change of the types, and a test holds them to it.
"""

from __future__ import annotations

import json
from functools import cache
from inspect import cleandoc
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.specs.types.scalars import FORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.specs.kinds import Kind

# Keys that every spec or every member of a union has, which no type declares.
_TAGS = {
    "kind": "What this file is.",
    "type": "Which of the forms this is; the other keys depend on it.",
    "strategy": "Which of the forms this is; the other keys depend on it.",
}


@cache
def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a kind; callers do not change it."""
    schema = msgspec.json.schema(kind.type)
    definitions = schema["$defs"]
    for definition in definitions.values():
        for key, node in definition.get("properties", {}).items():
            _describe(key, node, definitions)
    for node in _nodes(definitions):
        _add_form(node)
        if isinstance(node.get("description"), str):
            # Python 3.13 takes the indentation from docstrings, earlier ones leave it.
            node["description"] = cleandoc(node["description"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://mergeline.dev/v1/{kind.name}.schema.json",
        "title": kind.name,
        "description": f"Mergeline's {kind.path}",
        **schema,
    }


def schema_text(kind: Kind) -> str:
    """Return the JSON Schema of a kind as it is written to a file."""
    return json.dumps(schema_of(kind), indent=2, ensure_ascii=False) + "\n"


def schema_file(kind: Kind) -> str:
    """Return the name of the file that holds the JSON Schema of a kind."""
    return f"{kind.name}.schema.json"


def _describe(key: str, node: dict[str, Any], definitions: dict[str, Any]) -> None:
    """Give a property without a description that of its type, which editors do not follow."""
    if "description" in node:
        return
    options = [option for option in node.get("anyOf", []) if option != {"type": "null"}]
    of_type = options[0] if len(options) == 1 else node
    reference = of_type.get("$ref", "").rpartition("/")[2]
    described = definitions.get(reference, of_type).get("description")
    if described is None and key in _TAGS and "enum" in node:
        described = _TAGS[key]
    if described is not None:
        node["description"] = described


def _add_form(node: dict[str, Any]) -> None:
    """Say the form that a pattern asks for, also where a field says what it is for.

    Of two nested descriptions msgspec keeps the outer one only.
    """
    form = FORMS.get(node.get("pattern", ""))
    said = node.get("description", "")
    if form is not None and form not in said:
        node["description"] = f"{said} {form}".strip()


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from _nodes(item)
    elif isinstance(value, list):
        for item in value:
            yield from _nodes(item)
