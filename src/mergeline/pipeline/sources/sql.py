"""The answer of a database to a query, kept as a Parquet file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes, digest_file
from mergeline.errors import ToolError
from mergeline.pipeline.sources.query import QueryError, ask
from mergeline.pipeline.sources.snapshot import ValueTypeError, write_snapshot
from mergeline.pipeline.sources.table import failed
from mergeline.pipeline.step import StepFailedError, fail_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import SqlSource

KEY = "query"


def inputs(context: Context, source: SqlSource) -> Mapping[str, Any]:
    """Return the digest of the query."""
    return {"query": digest_bytes(context.model.files.get(source.query, b""))}


def uri(context: Context, source: SqlSource) -> str:
    """Return the connection's name with the query's path from the repository's root."""
    return f"sql://{source.connection}/{context.model.path}/{source.query}"


def file_name(_source: SqlSource) -> str:
    """Return the name of the snapshot."""
    return "answer.parquet"


def fetch(context: Context, source: SqlSource, file: Path) -> None:
    """Write the answer to a file; it is asked for twice, and must be the same.

    Raises:
        StepFailedError: the database refuses the query, or answers otherwise than declared, or
            otherwise the second time.
        ToolError: the database does not answer.
    """
    again = file.with_name("again")
    rows = _snapshot(context, source, file), _snapshot(context, source, again)
    if digest_file(file) != digest_file(again):
        message = f"{source.query} answered otherwise the second time"
        if rows[0] != rows[1]:
            message += f": {rows[1]} rows, not {rows[0]}"
        hint = "order the rows by a unique key, and leave out now() and random()"
        raise failed(context, "unstable-query", message, KEY, hint)


def _snapshot(context: Context, source: SqlSource, file: Path) -> int:
    from mergeline.pipeline.declared import check_names

    statement = context.model.files[source.query].decode()
    dataset, document = context.model.data.datasets[0], context.model.documents["data.yaml"]
    try:
        address = _address(context, source)
        with ask(address, source.connection, statement, source.parameters) as answer:
            fail_on(check_names(answer.names, dataset, document))
            return write_snapshot(answer, dataset.columns, file)
    except QueryError as error:
        hint = error.hint or "run the query in the database's own shell to see more"
        message = f"{source.query} is refused: {error}"
        raise failed(context, "query-failed", message, KEY, hint) from None
    except ValueTypeError as error:
        place = ("datasets", 0, "columns", error.index, "type")
        hint = "declare the type that it has, or CAST it in the query"
        finding = document.finding("column-type", str(error), place, hint=hint)
        raise StepFailedError([finding]) from None


def _address(context: Context, source: SqlSource) -> str:
    address = context.environ.get(source.connection)
    if not address:
        raise ToolError(
            f"the environment does not hold {source.connection}",
            hint="let it hold SQLAlchemy's URL of the database",
            location=context.model.documents["data.yaml"].locate(
                ("datasets", 0, "source", "connection")
            ),
        )
    return address
