"""Does a document conform to its kind? The typed spec, or findings at their places.

The types convert (fast) and decide; only what they refuse is gone through with the JSON
Schema, which is made from the same types, to name every mistake and not just the first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.specs.suggestion import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.kinds import Kind
    from mergeline.specs.types import Spec

__all__ = ["conform", "did_you_mean"]


def conform(document: Document, kind: Kind) -> tuple[Spec | None, list[Finding]]:
    """Return the typed spec and no findings, or None and the findings that say why not."""
    header = list(_header(document, kind))
    if header:
        return None, [*header, *_misspelt(document, kind)]
    try:
        return msgspec.convert(document.value, kind.type, strict=True), []
    except msgspec.ValidationError as error:
        from mergeline.specs.explanation import explain

        findings = list(explain(document, kind))
        return None, findings or [document.finding("invalid-spec", str(error))]


def _misspelt(document: Document, kind: Kind) -> Iterator[Finding]:
    """Yield the unknown keys of a spec that lacks one of its header: one may be meant for it."""
    if isinstance(document.value, dict) and not {"kind", "apiVersion"} <= document.value.keys():
        from mergeline.specs.explanation import explain

        yield from (each for each in explain(document, kind) if each.rule == "unknown-key")


def _header(document: Document, kind: Kind) -> Iterator[Finding]:
    value = document.value
    if not isinstance(value, dict):
        yield document.finding(
            "wrong-type",
            "a spec must be a mapping of keys to values",
            hint="start with apiVersion and kind",
        )
        return
    if value.get("kind") != kind.name:
        found = value.get("kind")
        message = f'kind "{found}" does not fit this file' if found else "the key kind is missing"
        yield document.finding("unknown-kind", message, ("kind",), hint=f"write kind: {kind.name}")
    if value.get("apiVersion") != "mergeline.dev/v1":
        yield document.finding(
            "unknown-api-version",
            "the apiVersion is missing or not known",
            ("apiVersion",),
            hint="write apiVersion: mergeline.dev/v1",
        )
