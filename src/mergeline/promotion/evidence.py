"""Is all there that a release is known by? Its record and its twin in MLflow, place by place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.registry.twin import compare, unsaid

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.registry.facts import Entry
    from mergeline.registry.twin import Difference
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release

# A digest's first digits, and enough of any words to know them by.
_SHOWN = 40
_HINT = "mergeline apply --rebuild-registry restores what the record says"


def evidence_findings(model: ModelFolder, release: Release, entry: Entry) -> list[Finding]:
    """Return what is missing in a record or its registry entry, and what they say otherwise."""
    return [*_missing(model, release), *differences(model, release, compare(release, entry))]


def _missing(model: ModelFolder, release: Release) -> Iterator[Finding]:
    for field in unsaid(release):
        message = f"the record of {release.version} says nothing of {field.name}"
        hint = "release a new version: records are never edited"
        place = place_in_record(model, release, field.name)
        yield Finding("field-missing", Severity.ERROR, message, place, hint)


def differences(model: ModelFolder, release: Release, found: list[Difference]) -> Iterator[Finding]:
    """Say of each difference what it is: required and not there, or something else."""
    for one in found:
        place = place_in_record(model, release, one.field.name)
        where = f"{release.version}: the registry's {one.fact}"
        if one.found is None and one.field.required:
            message = f"{where} is missing; the record says {shown(one.recorded)}"
            yield Finding("field-missing", Severity.ERROR, message, place, _HINT)
        else:
            message = f"{where} says {shown(one.found)}, the record {shown(one.recorded)}"
            yield Finding("field-differs", Severity.ERROR, message, place, _HINT)


def place_in_record(model: ModelFolder, release: Release, field: str) -> Location:
    """Return the place of a field in a record; of the file, where it is not merged yet."""
    below = f"releases/{release.version}.yaml"
    document = model.documents.get(below)
    if document is None:
        return Location(f"{model.path}/{below}")
    return document.locate(tuple(field.partition("[]")[0].split(".")))


def record_finding(
    model: ModelFolder, release: Release, rule: str, message: str, field: str, hint: str
) -> Finding:
    """Return an error at a field of a record."""
    place = place_in_record(model, release, field)
    return Finding(rule, Severity.ERROR, message, place, hint)


def shown(value: str | None) -> str:
    """Return a value in one line, shortened."""
    if value is None:
        return "nothing"
    line = " ".join(value.split())
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
