"""JSON Schemas (draft 2020-12), made from the spec types."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from mergeline.specs.kinds import Kind


@cache
def schema_of(kind: Kind) -> dict[str, Any]:
    """Return the JSON Schema of a kind."""
    schema = msgspec.json.schema(kind.type)
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
