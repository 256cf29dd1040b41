"""features.yaml refers to columns, of which some must not be learned from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.findings import Severity
from mergeline.specs.types.features import OF_THE_PAST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types.features import Feature

FILE = "features.yaml"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the features' names and inputs."""
    yield from subject.unique("feature", subject.features, FILE, ("features",))
    for index, feature in enumerate(subject.model.features.features):
        for number, name in enumerate(feature.inputs):
            yield from _input(subject, name, feature, ("features", index, "inputs", number))


def _input(subject: Subject, name: str, feature: Feature, pointer: Pointer) -> Iterator[Finding]:
    of_the_past = isinstance(feature.transform, OF_THE_PAST)
    yield from subject.column(name, FILE, pointer)
    if name == subject.model.data.target and not of_the_past:
        yield subject.finding(
            "target-as-input",
            f'"{name}" is the target: the model would be told the answer',
            FILE,
            pointer,
            hint="remove it from the inputs",
        )
    column = subject.columns.get(name)
    if column is not None and column.pii and column.pii_treatment is None:
        yield subject.finding(
            "pii-as-input",
            f'column "{name}" holds personal data and is the input of a feature',
            FILE,
            pointer,
            hint="derive what is needed upstream, without the person, or hash it there",
            severity=Severity.WARNING,
        )
