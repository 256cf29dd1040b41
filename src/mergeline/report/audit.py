"""Rows of an audit as text and as CSV."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.audit.fetches import Fetch
from mergeline.audit.row import Row
from mergeline.report.text import printable, table_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from mergeline.audit.answer import Answer
    from mergeline.audit.verify import Verified

_UNKNOWN = "?"
# Null says of these that there is none, of all others that it is not known.
_MAY_BE_NONE = {"version", "digest", "reason", "hold", "dispatcher"}
# What a spreadsheet takes for a formula, in words that people chose.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADER = (
    *("MODEL", "ENVIRONMENT", "VERSION", "DIGEST", "CHANGE", "AT", "COMMIT", "PR"),
    *("AUTHOR", "APPROVERS", "DECISION"),
)
_FETCH_HEADER = ("AT", "PERSON", "MODEL", "DATASET", "CONTENT", "FROM", "RUN", "RECORDED IN")
_COLUMNS = tuple(field.name for field in msgspec.structs.fields(Row))


def answer_text(answer: Answer, *, whole: bool) -> str:
    """Return the rows as a table, or each with all of its fields."""
    if not answer.rows:
        return f"nothing in {answer.ref} at {answer.head[:10]}"
    if whole:
        return "\n\n".join(_row_text(row) for row in answer.rows)
    return table_text(_HEADER, [_cells(row) for row in answer.rows])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.model,
        row.environment,
        row.version or "-",
        (row.digest or "-").removeprefix("sha256:")[:12],
        row.change,
        row.at,
        row.commit[:10],
        f"#{row.pull_request}" if row.pull_request else _UNKNOWN,
        row.author,
        _UNKNOWN if row.approvers is None else ", ".join(row.approvers) or "-",
        row.decision,
    )


def _row_text(row: Row) -> str:
    title = f"{row.model} {row.version or 'nothing'} in {row.environment} since {row.at}"
    shown = {name: value for name, value in row.as_json().items() if name not in ("model", "at")}
    lines = [line for name, value in shown.items() for line in _field_text(name, value)]
    return printable("\n".join([title, *lines]))


def _field_text(name: str, value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [f"  {name}:", *(f"    {key}: {item}" for key, item in value.items())]
    nothing = "-" if name in _MAY_BE_NONE else _UNKNOWN
    return [f"  {name}: {_cell(value) or nothing}"]


def answer_csv(answer: Answer) -> str:
    """Return the rows as CSV with a header; maps and lists are written with spaces between."""
    return _csv(_COLUMNS, (row.as_json() for row in answer.rows))


def fetches_text(fetches: Sequence[Fetch]) -> str:
    """Return the fetches as a table; a name that a machine claims is marked as such."""
    if not fetches:
        return "no fetch of these data is recorded"
    return printable(table_text(_FETCH_HEADER, [_fetch_cells(one) for one in fetches]))


def _fetch_cells(one: Fetch) -> tuple[str, ...]:
    proven = one.named_by == "github"
    return (
        one.at,
        one.person if proven else f"{one.person} (claimed)",
        one.model,
        one.dataset,
        one.content.removeprefix("sha256:")[:12],
        one.by,
        one.run,
        ", ".join(one.recorded),
    )


def fetches_csv(fetches: Sequence[Fetch]) -> str:
    """Return the fetches as CSV with a header."""
    columns = [field.name for field in msgspec.structs.fields(Fetch)]
    return _csv(columns, map(msgspec.structs.asdict, fetches))


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(_cell(row[name])) for name in columns])
    return text.getvalue().removesuffix("\n")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return " ".join(f"{name}={item}" for name, item in value.items())
    if isinstance(value, (list, tuple)):
        return " ".join(map(str, value)) or "-"
    return str(value)


def _safe(text: str) -> str:
    """Return a text that neither a terminal nor a spreadsheet takes for a command."""
    text = printable(text)
    return f"'{text}" if text.startswith(_FORMULA) and text != "-" else text


def verified_text(verified: Verified) -> str:
    """Return what the verification of a bundle found."""
    if verified.problems:
        return "\n".join(["NOT WHOLE", *(f"  {printable(one)}" for one in verified.problems)])
    return (
        f"whole: {verified.rows} rows, {verified.objects} objects of Git\n"
        f"head: {verified.head}\n"
        "Compare the head with the default branch on the forge; what comes from the registry "
        "(decision, approvers, applied_at) is as it was told, and cannot be proven here."
    )
