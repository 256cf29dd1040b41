"""Does a frame have the columns, types and nulls that data.yaml declares?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mergeline.pipeline.columns import ColumnTypeError, read_column
from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.types.data import Column, Dataset

_PLACE = ("datasets", 0, "columns")
# From MD5's 128 bits to SHA-512's. Whether a key was used cannot be seen.
_DIGEST = re.compile(
    r"(?i:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})"
)


def check_columns(frame: pd.DataFrame, dataset: Dataset, document: Document) -> list[Finding]:
    """Return a finding for each column that is missing, undeclared, mistyped or has nulls."""
    findings = check_names([str(name) for name in frame.columns], dataset, document)
    for index, column in enumerate(dataset.columns):
        if column.name in frame.columns:
            findings += _column(frame, column, index, document)
    return findings


def check_names(names: Sequence[str], dataset: Dataset, document: Document) -> list[Finding]:
    """Return a finding for each column of that name that is missing or undeclared."""
    findings = list(_undeclared(names, dataset, document))
    for index, column in enumerate(dataset.columns):
        if column.name not in names:
            message = f'the data has no column "{column.name}"'
            hint, place = suggest(column.name, list(names)), (*_PLACE, index, "name")
            findings.append(document.finding("column-missing", message, place, hint=hint))
    return findings


def _undeclared(names: Sequence[str], dataset: Dataset, document: Document) -> Iterator[Finding]:
    declared = {column.name for column in dataset.columns}
    for name in names:
        if name not in declared:
            message = f'the data has a column "{name}" that is not declared'
            hint = f"add it: - {{name: {name}, type: …}}"
            yield document.finding("column-undeclared", message, _PLACE, hint=hint, key=True)


def _column(
    frame: pd.DataFrame, column: Column, index: int, document: Document
) -> Iterator[Finding]:
    try:
        values, nulls = read_column(frame[column.name], column.type)
    except ColumnTypeError as error:
        message = f'column "{column.name}" is {error}, not {column.type}'
        yield document.finding("column-type", message, (*_PLACE, index, "type"))
        return
    if column.pii_treatment == "hashed":
        plain = sum(_DIGEST.fullmatch(str(value)) is None for value in values[~nulls])
        if plain:
            message = f'column "{column.name}" has {plain} values that are no hexadecimal digests'
            hint = "hash it where the data is made, with a key that stays there"
            place = (*_PLACE, index, "pii_treatment")
            yield document.finding("column-not-hashed", message, place, hint=hint)
    if not column.nullable and nulls.any():
        message = f'column "{column.name}" has {int(nulls.sum())} nulls but is not nullable'
        hint = "mend the data, or write nullable: true"
        place = (*_PLACE, index, "nullable")
        yield document.finding("column-null", message, place, hint=hint)
