"""data.yaml refers to its own columns: target, split and expectations."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.specs.address import unsafe_address
from mergeline.specs.types.data import LakefsSource, TemporalSplit, UriSource

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types.data import Column

FILE = "data.yaml"
# The keyword arguments in which Great Expectations takes one column, or several.
_ONE_COLUMN = ("column", "column_A", "column_B")
_COLUMNS = ("column_list", "column_set")
# A password before the host, or what signs an address: whoever has it may read.
_CREDENTIALS = re.compile(
    r"://[^/@]*:[^/@]+@|[?&](x-amz-[a-z-]+|x-goog-[a-z-]+|awsaccesskeyid|sig|signature|"
    r"token|access_token|api_key|key|secret|password)=",
    re.IGNORECASE,
)
_ORDERED = ("datetime64", "int64", "float64")


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the references inside data.yaml."""
    data = subject.model.data
    yield from subject.unique("dataset", (each.name for each in data.datasets), FILE, ("datasets",))
    yield from _address(subject)
    yield from _credentials(subject)
    columns: Pointer = ("datasets", 0, "columns")
    yield from subject.unique(
        "column", (column.name for column in subject.dataset.columns), FILE, columns
    )
    for index, column in enumerate(subject.dataset.columns):
        yield from _treatment(subject, column, (*columns, index, "pii_treatment"))
    yield from subject.column(data.target, FILE, ("target",))
    if isinstance(data.split, TemporalSplit):
        yield from _time(subject, data.split.time_column)
    yield from _for_stores(subject)
    for index, expectation in enumerate(subject.dataset.expectations):
        pointer: Pointer = ("datasets", 0, "expectations", index, "kwargs")
        yield from _expectation(subject, expectation.kwargs, pointer)


def _for_stores(subject: Subject) -> Iterator[Finding]:
    """Yield what a feature store could not join by, or order by."""
    dataset, at = subject.dataset, ("datasets", 0)
    for index, name in enumerate(dataset.join_keys):
        yield from subject.column(name, FILE, (*at, "join_keys", index))
    moment = dataset.event_timestamp
    if moment is None:
        return
    pointer: Pointer = (*at, "event_timestamp")
    yield from subject.column(moment, FILE, pointer)
    column = subject.columns.get(moment)
    if column is not None and column.type != "datetime64":
        yield subject.finding(
            "event-timestamp-type",
            f'column "{moment}" has the type {column.type}, which is no moment',
            FILE,
            pointer,
            hint="use a column of type datetime64",
        )


def _address(subject: Subject) -> Iterator[Finding]:
    source = subject.dataset.source
    if not isinstance(source, UriSource | LakefsSource):
        return
    # lakeFS is read by its S3 gateway.
    lakefs = isinstance(source, LakefsSource)
    unsafe = unsafe_address(source.uri.replace("lakefs://", "s3://", 1) if lakefs else source.uri)
    if unsafe is not None:
        message, hint = unsafe
        at: Pointer = ("datasets", 0, "source", "uri")
        yield subject.finding("unsafe-address", message, FILE, at, hint=hint)


def _credentials(subject: Subject) -> Iterator[Finding]:
    source = subject.dataset.source
    if isinstance(source, UriSource | LakefsSource) and _CREDENTIALS.search(source.uri):
        yield subject.finding(
            "credentials-in-uri",
            "the address holds credentials",
            FILE,
            ("datasets", 0, "source", "uri"),
            hint="take them out, make them invalid, and let the environment hold new ones",
        )


def _treatment(subject: Subject, column: Column, pointer: Pointer) -> Iterator[Finding]:
    treatment = column.pii_treatment
    if treatment is not None and not column.pii:
        yield subject.finding(
            "treatment-without-pii",
            f'column "{column.name}" is {treatment}, but holds no personal data',
            FILE,
            pointer,
            hint="write pii: true, or take pii_treatment away",
        )
    if treatment == "hashed" and column.type != "string":
        yield subject.finding(
            "hashed-column-type",
            f'column "{column.name}" has the type {column.type}, which holds no digests',
            FILE,
            pointer,
            hint="write type: string, or pii_treatment: pseudonymised",
        )


def _time(subject: Subject, name: str) -> Iterator[Finding]:
    pointer: Pointer = ("split", "time_column")
    yield from subject.column(name, FILE, pointer)
    column = subject.columns.get(name)
    if column is not None and column.type not in _ORDERED:
        yield subject.finding(
            "time-column-type",
            f'column "{name}" has the type {column.type}, which does not order rows in time',
            FILE,
            pointer,
            hint=f"use a column of type {', '.join(_ORDERED)}",
        )


def _expectation(
    subject: Subject, kwargs: dict[str, object], pointer: Pointer
) -> Iterator[Finding]:
    for key in _ONE_COLUMN:
        name = kwargs.get(key)
        if isinstance(name, str):
            yield from subject.column(name, FILE, (*pointer, key), dropped=True)
    for key in _COLUMNS:
        names = kwargs.get(key)
        for index, name in enumerate(names if isinstance(names, list) else []):
            yield from subject.column(str(name), FILE, (*pointer, key, index), dropped=True)
