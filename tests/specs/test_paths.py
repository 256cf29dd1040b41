"""No field of any kind takes a path that leaves the place where it starts."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from mergeline.specs.kinds import ALL_KINDS
from mergeline.specs.schemas import schema_text

if TYPE_CHECKING:
    from collections.abc import Iterator

INNOCENT = ["a/b.csv", "b.py:f", "https://example.org/a/b.csv", "s3://a/b.csv", "a.dvc", "a",
            "lakefs://rows/main/a/b.csv"]  # fmt: skip
OUT = ["../x", "..", "a/../../x", "a/..", "/etc/passwd", "~/x", "a//b", "./a", "a/./b", "a\\..\\b",
       "C:\\x", "%2e%2e/x", "a\n", "a\x00", "\u202ea", ".git/config", "a/.env", "../x.py:f",
       "/x.py:f", "a/../b.py:f", "s3://../x", "s3://a/../x", "file:///a/..",
       "lakefs://rows/main/../x", "lakefs://rows/main/a/.."]  # fmt: skip
KINDS = {kind.name: kind for kind in ALL_KINDS}
# Of an SPDX expression, which may hold dots.
IDENTIFIERS = {"license"}
# What people say in their own words: columns, descriptions, reasons, versions of tools and such.
# None of it is opened as a file.
OWN_WORDS = {
    "Data": {"columns.name", "columns.description", "datasets.description", "target",
             "split.time_column", "forecast.series_column", "forecast.known_ahead",
             "datasets.event_timestamp", "datasets.join_keys"},
    "Features": {"features.inputs", "features.description"},
}  # fmt: skip


def strings(kind: str) -> Iterator[tuple[str, dict]]:
    """Yield the fields that hold text, by their last two names, with their schemas."""
    whole = json.loads(schema_text(KINDS[kind]))
    waiting: list[tuple[tuple[str, ...], dict, int]] = [((), whole, 0)]
    while waiting:
        place, schema, depth = waiting.pop()
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            if depth < 20:
                waiting.append((place, whole["$defs"][name], depth + 1))
        for key in ("anyOf", "oneOf", "allOf"):
            waiting += [(place, each, depth + 1) for each in schema.get(key, [])]
        for name, inner in schema.get("properties", {}).items():
            waiting.append(((*place, name), inner, depth + 1))
        if isinstance(schema.get("items"), dict):
            waiting.append((place, schema["items"], depth + 1))
        if schema.get("type") == "string" and "enum" not in schema and "const" not in schema:
            yield ".".join(place[-2:]), schema


def is_words(schema: dict) -> bool:
    return schema.get("pattern") in (None, r"\S")


def takes(schema: dict, text: str) -> bool:
    return re.search(schema["pattern"], text) is not None


@pytest.mark.parametrize("kind", KINDS)
def test_what_may_be_a_path_leads_nowhere_else(kind: str):
    seen = [(name, schema) for name, schema in strings(kind) if not is_words(schema)]
    paths = [
        (name, schema)
        for name, schema in seen
        if name not in IDENTIFIERS and any(takes(schema, text) for text in INNOCENT)
    ]
    taken = [(name, text) for name, schema in paths for text in OUT if takes(schema, text)]
    assert taken == []


def test_the_fields_that_name_files_are_among_them():
    paths = {
        name
        for kind in ("Data", "Features", "Training")
        for name, schema in strings(kind)
        if not is_words(schema) and any(takes(schema, text) for text in INNOCENT)
    }
    wanted = {"source.path", "source.function", "source.pointer", "source.query", "source.uri",
              "transform.function", "environment.lockfile", "pipeline"}  # fmt: skip
    assert wanted <= paths


@pytest.mark.parametrize("kind", OWN_WORDS)
def test_what_has_no_form_is_words_alone(kind: str):
    free = {name for name, schema in strings(kind) if is_words(schema)}
    assert free == OWN_WORDS[kind]
