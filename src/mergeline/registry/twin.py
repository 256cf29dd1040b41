"""The twin in MLflow of a release record, by the table of fields: written, read and compared."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from mergeline.digest import canonical_json
from mergeline.registry.facts import DatasetFacts, RunFacts
from mergeline.registry.fields import FIELDS, test_sets
from mergeline.registry.names import REBUILT, run_link
from mergeline.registry.places import Fact, Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mergeline.registry.facts import Entry, RegisteredVersion
    from mergeline.registry.fields import Field
    from mergeline.specs.types import Release


def wanted(release: Release) -> dict[Fact, tuple[Field, str | None]]:
    """Return every place in MLflow with its field, and what the record says is there."""
    return {
        fact: (field, value)
        for field in FIELDS
        for spot in field.spots
        for fact, value in spot.facts(release)
    }


def release_tags(release: Release) -> dict[str, str]:
    """Return the tags that a version carries for a release."""
    return {
        fact.key: value
        for fact, (_, value) in wanted(release).items()
        if fact.place is Place.VERSION_TAG and value is not None
    }


def differing(release: Release, tags: Mapping[str, str]) -> list[str]:
    """Return the names of the tags that are missing or say something else than the record."""
    return sorted(
        fact.key
        for fact, (_, value) in wanted(release).items()
        if fact.place is Place.VERSION_TAG and tags.get(fact.key) != value
    )


def rebuilt_tag(release: Release) -> dict[str, str]:
    """Return the tag by which a version says that it was rebuilt: of which run, and from where."""
    told = {"run_id": release.training.run_id, "uri": release.artifact.uri}
    return {REBUILT: canonical_json(told).decode()}


def run_facts(release: Release, package: Path, artifacts: tuple[Path, ...]) -> RunFacts:
    """Return a run that says what a record says of the one that it names.

    Args:
        release: the record.
        package: the packaged model, its digest that of the record.
        artifacts: what there still is of the run's evidence.
    """
    facts = [(fact, value) for fact, (_, value) in wanted(release).items() if value is not None]
    data = [DatasetFacts(one.name, one.digest, one.uri, one.rows) for one in release.datasets]
    [test] = [
        DatasetFacts(name, digest, data[0].uri, None) for name, digest in test_sets(release).items()
    ]
    return RunFacts(
        model=release.name,
        version=release.version,
        params={fact.key: value for fact, value in facts if fact.place is Place.MODEL_PARAM},
        metrics={
            fact.key: float(value) for fact, value in facts if fact.place is Place.MODEL_METRIC
        },
        tags={fact.key: value for fact, value in facts if fact.place is Place.MODEL_TAG}
        | rebuilt_tag(release),
        datasets=(*data, test),
        model_dir=package,
        artifacts=artifacts,
    )


def is_rebuilt(entry: Entry) -> bool:
    """Does a version say that it was made anew after the registry was lost?"""
    return Fact(Place.VERSION_TAG, REBUILT) in entry.facts


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in MLflow that does not hold what the record says; None: nothing."""

    field: Field
    fact: Fact
    recorded: str | None
    found: str | None


def compare(release: Release, entry: Entry) -> list[Difference]:
    """Return where a version's evidence is not what its record says, in the table's order.

    A version that was rebuilt has another run; it says so in a tag that names the recorded one.
    """
    tag = Fact(Place.VERSION_TAG, REBUILT)
    rebuilt = entry.facts.get(tag) == rebuilt_tag(release)[REBUILT]
    pairs = ((fact, *said, entry.facts.get(fact)) for fact, said in wanted(release).items())
    return [
        Difference(field, fact, value, found)
        for fact, field, value, found in pairs
        if found != value and not (rebuilt and field.where_it_ran and found is not None)
    ]


def unsaid(release: Release) -> list[Field]:
    """Return the fields that a record must have, and leaves empty."""
    return [
        field
        for field in FIELDS
        if field.required
        and field.name != "training.hyperparameters"
        and any(value in (None, "", {}, ()) for value in _values(release, field.name.split(".")))
    ]


def _values(node: object, path: list[str]) -> Iterator[object]:
    """Return what a dotted path leads to; `[]` leads to each item."""
    if not path:
        yield node
        return
    child = getattr(node, path[0].removesuffix("[]"))
    for item in child if path[0].endswith("[]") else (child,):
        yield from _values(item, path[1:])


def as_registered(release: Release, version: RegisteredVersion) -> Release:
    """Return a record as the version has it that was registered for an equal run before.

    Content is equal, or the digest would not be; where and how long it ran is that of the run
    which was registered.
    """
    tags, replace = version.tags, msgspec.structs.replace
    if version.run_id is None or version.model_uri is None:
        return release
    seconds = tags.get("mergeline.seconds")
    machine = {name: tags.get(f"mergeline.{name}") for name in ("os", "cpu", "gpu", "driver")}
    return replace(
        release,
        training=replace(
            release.training,
            run_id=version.run_id,
            seconds=None if seconds is None else json.loads(seconds),
        ),
        environment=replace(release.environment, **machine, threads=tags.get("mergeline.threads")),
        artifact=replace(release.artifact, uri=version.model_uri),
        links=replace(release.links, run=run_link(version.run_id)),
    )
