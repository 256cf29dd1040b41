"""A query and its answer: the only importer of SQLAlchemy."""

from __future__ import annotations

import re
import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.libraries import missing_library
from mergeline.pipeline.sources.statement import refusal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sqlalchemy import URL, Connection, CursorResult

# How many rows are held at a time.
ROWS = 65_536
# Servers, which read their own files only; a database inside this process reads all of ours.
_SERVERS = frozenset(
    (
        *("bigquery", "databricks", "mariadb", "mssql", "mysql", "oracle", "postgresql"),
        *("redshift", "snowflake", "trino"),
    )
)
_SQLITE = frozenset({"sqlite", "sqlite+pysqlite"})
_READING = frozenset(
    (
        *(sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION),
        *(sqlite3.SQLITE_RECURSIVE, sqlite3.SQLITE_TRANSACTION),
    )
)
# What SQLite calls an error of operation without its being the query's.
_NOT_THE_QUERY = re.compile(r"locked|unable to open|disk|malformed|not a database")


class QueryError(ValueError):
    """The query is refused, here or by the database; the message says why.

    Attributes:
        hint: how to fix it, where that is known.
    """

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Answer:
    """What a query gave.

    Attributes:
        names: of the columns.
        parts: the rows, at most ROWS of them at a time.
    """

    names: Sequence[str]
    parts: Iterator[Sequence[Sequence[Any]]]


@contextmanager
def ask(address: str, name: str, statement: str, parameters: Mapping[str, Any]) -> Iterator[Answer]:
    """Put a query to a database, in a transaction that may only read and is rolled back.

    Args:
        address: SQLAlchemy's URL of the database; it may hold a password, so it is never shown.
        name: what the address is called in messages.
        statement: the query, with `:name` for a parameter.
        parameters: their values.

    Raises:
        QueryError: it may do more than read, or the database refuses it; also while the parts are
            read.
        ToolError: the driver is missing, or the database does not answer.
    """
    from sqlalchemy import text

    dialect = address.partition("://")[0].partition("+")[0]
    if refused := refusal(statement, dialect):
        raise QueryError(*refused)
    with connected(address, name) as connection:
        options = {"stream_results": True, "max_row_buffer": ROWS}
        result = connection.execution_options(**options).execute(text(statement), dict(parameters))
        yield Answer(_names(result), result.partitions(ROWS))


@contextmanager
def connected(address: str, name: str) -> Iterator[Connection]:
    """Connect to a database, in a transaction that may only read and is rolled back.

    Args:
        address: SQLAlchemy's URL of the database; it may hold a password, so it is never shown.
        name: what the address is called in messages.

    Raises:
        QueryError: the database refuses what it is asked.
        ToolError: the driver is missing, or the database does not answer.
    """
    from sqlalchemy import exc

    connection = _connect(address, name)
    try:
        _read_only(connection)
        yield connection
    except exc.OperationalError as error:
        if connection.dialect.name == "sqlite" and not _NOT_THE_QUERY.search(str(error.orig)):
            raise QueryError(_said(error)) from None
        raise _no_answer(name, error) from None
    except exc.InterfaceError as error:
        raise _no_answer(name, error) from None
    except exc.SQLAlchemyError as error:
        raise QueryError(_said(error)) from None
    finally:
        connection.close()


def _connect(address: str, name: str) -> Connection:
    from sqlalchemy import create_engine, exc, make_url
    from sqlalchemy.pool import NullPool

    try:
        url = make_url(address)
        if url.get_backend_name() not in _SERVERS and url.drivername not in _SQLITE:
            raise ToolError(
                f"{name} holds a database of {url.drivername}, which could read any file here",
                hint="use a database server or SQLite, or load the data in a python source",
            )
        _is_there(url, name)
        return create_engine(url, poolclass=NullPool).connect()
    except (ImportError, exc.NoSuchModuleError) as error:
        raise _no_driver(address.partition("://")[0], name, error) from None
    except exc.ArgumentError:
        hint = "write dialect://user:password@host/database"
        raise ToolError(f"{name} holds no URL of a database", hint=hint) from None
    except exc.SQLAlchemyError as error:
        raise _no_answer(name, error) from None


def _no_driver(dialect: str, name: str, error: Exception) -> ToolError:
    if dialect in {"postgresql", "postgresql+psycopg"} and isinstance(error, ImportError):
        missing = missing_library(error, f"the database of {name}", "sql")
        if missing:
            return missing
    hint = f"install SQLAlchemy's driver for {dialect}"
    return ToolError(f"the database of {name} has no driver here: {_said(error)}", hint=hint)


def _is_there(url: URL, name: str) -> None:
    """SQLite would make an empty database of a file that is not there."""
    file = url.database
    if url.get_backend_name() == "sqlite" and not (file and Path(file).is_file()):
        raise ToolError(f"{name} does not answer: there is no such file")


def _read_only(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # One state of the database, however long the answer takes.
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    elif connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA query_only = ON")
        driver: Any = connection.connection.driver_connection
        driver.set_authorizer(_of_a_select)


def _of_a_select(action: int, _table: str | None, name: str | None, *_: str | None) -> int:
    """Let SQLite read its own tables: it could attach, make or load other files."""
    if action == sqlite3.SQLITE_FUNCTION and name == "load_extension":
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK if action in _READING else sqlite3.SQLITE_DENY


def _names(result: CursorResult[Any]) -> list[str]:
    if not result.returns_rows:
        raise QueryError("it gives no rows")
    names = list(result.keys())
    if len(set(names)) < len(names):
        raise QueryError("two columns have the same name")
    return names


def _no_answer(name: str, error: Exception) -> ToolError:
    hint = "is the database up, and are its address and password right?"
    return ToolError(f"the database of {name} does not answer: {_said(error)}", hint=hint)


def _said(error: Exception) -> str:
    """Return the driver's own first line: SQLAlchemy's has statement and parameters behind it."""
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
