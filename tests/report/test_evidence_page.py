"""The page of evidence is what its table says, and the table has every field of a record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, get_args, get_origin

import msgspec

from mergeline.registry.fields import FIELDS
from mergeline.report.evidence_page import PAGE, page_text
from mergeline.specs.types import Release

ROOT = Path(__file__).parents[2]
# What says which kind of file it is, and what names a metric: it is in the name of its places.
_NO_FACTS = {"apiVersion", "kind", "metrics[].name", "metrics[].slice"}


def test_the_page_is_what_would_be_written_now():
    written = (ROOT / PAGE).read_text(encoding="utf-8")
    assert written == page_text(), "write it anew: python -m mergeline.report.evidence_page"


def test_every_field_of_a_record_has_its_row_and_no_other_has_one():
    paths = set(_paths(Release))
    rows = {field.name for field in FIELDS if field.recorded}
    assert paths - rows == _NO_FACTS
    assert rows - paths == set()


def _paths(kind: type, prefix: str = "", depth: int = 2):
    """The dotted paths of a struct's fields, down to the second floor."""
    for field in msgspec.structs.fields(kind):
        hint, path = _bare(field.type), f"{prefix}{field.encode_name}"
        listed = get_origin(hint) is tuple
        inner = _bare(get_args(hint)[0]) if listed else hint
        if depth > 1 and isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _paths(inner, f"{path}{'[]' if listed else ''}.", depth - 1)
        else:
            yield path


def _bare(hint):
    return _bare(get_args(hint)[0]) if get_origin(hint) is Annotated else hint
