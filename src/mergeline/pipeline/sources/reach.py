"""What the credential of a source lets somebody do beyond reading the dataset.

Only what a service tells by itself is used: no table, file or object is read for it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mergeline.pipeline.sources import lakefs
from mergeline.pipeline.sources.download import listed
from mergeline.pipeline.sources.query import QueryError, connected
from mergeline.specs.types.data import LakefsSource, SqlSource, UriSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.repository import ModelFolder

_SHOWN = 3
# Of PostgreSQL: what a role may read and write, whatever gives it the right.
_RELATIONS = """
SELECT n.nspname, c.relname,
  has_any_column_privilege(c.oid, 'SELECT'),
  has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
    OR has_any_column_privilege(c.oid, 'INSERT, UPDATE')
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
  AND has_schema_privilege(n.oid, 'USAGE')
ORDER BY 1, 2
"""
_ROLE = """
SELECT rolsuper, rolcreaterole OR rolcreatedb,
  has_database_privilege(current_database(), 'CREATE'),
  EXISTS (SELECT 1 FROM pg_namespace n
    WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND has_schema_privilege(n.oid, 'CREATE'))
FROM pg_roles WHERE rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """What a credential can do beyond reading the dataset.

    Attributes:
        reads: what more it reads or lists, in words.
        writes: what it can change, in words.
        unknown: what could not be told, in words.
    """

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def reach_of(model: ModelFolder, environ: Mapping[str, str]) -> Reach:
    """Return what the credential in the environment can do beyond reading a model's dataset.

    Raises:
        ToolError: the service does not answer, or a library is missing.
    """
    source = model.data.datasets[0].source
    if isinstance(source, SqlSource):
        statement = model.files.get(source.query, b"").decode(errors="replace")
        return _of_database(environ[source.connection], source.connection, statement)
    if isinstance(source, LakefsSource):
        address = source.uri.replace("lakefs://", "s3://", 1)
        return _of_store(address, lakefs.gateway(environ))
    if isinstance(source, UriSource):
        return _of_address(source.uri)
    return Reach(unknown=("what its own tool reads with is not told",))


def _of_address(uri: str) -> Reach:
    scheme = urlsplit(uri).scheme
    if scheme in ("http", "https"):
        return Reach(reads=("it needs no credential: whoever reaches the address reads it",))
    if scheme == "file":
        return _of_file(Path(urlsplit(uri).path))
    return _of_store(uri, None)


def _of_file(path: Path) -> Reach:
    try:
        open_to_all = path.stat().st_mode & stat.S_IROTH
    except OSError:
        return Reach(unknown=(f"{path} is not there",))
    reads = ("every account of this machine reads the file",) if open_to_all else ()
    writes = ("the file itself",) if os.access(path, os.W_OK) else ()
    return Reach(reads, writes)


def _of_store(address: str, options: Mapping[str, Any] | None) -> Reach:
    parts = urlsplit(address)
    bucket, path = parts.netloc, f"{parts.netloc}{parts.path}"
    there = listed(address, options)
    unknown = ("whether it writes is not told",)
    if there is None:
        return Reach(unknown=unknown)
    others = [one for one in there if not f"{path}/".startswith(f"{one.rstrip('/')}/")]
    if not others:
        return Reach(unknown=unknown)
    return Reach((f"lists {bucket} beyond the dataset: {_shown(others)}",), unknown=unknown)


def _of_database(address: str, name: str, statement: str) -> Reach:
    with connected(address, name) as connection:
        if connection.dialect.name == "sqlite":
            file = Path(str(connection.engine.url.database))
            writes = ("the file itself",) if os.access(file, os.W_OK) else ()
            return Reach(("the whole file: SQLite knows no accounts",), writes)
        if connection.dialect.name != "postgresql":
            what = f"the rights of an account of {connection.dialect.name} are not looked at"
            return Reach(unknown=(what,))
        try:
            relations = [tuple(row) for row in connection.exec_driver_sql(_RELATIONS)]
            role = connection.exec_driver_sql(_ROLE).one()
        except QueryError as error:
            return Reach(unknown=(f"its rights are not told: {error}",))
    named = {word.lower() for word in re.findall(r"\w+", statement)}
    others = [f"{schema}.{table}" for schema, table, reads, _ in relations if reads]
    others = [one for one in others if one.partition(".")[2].lower() not in named]
    changed = [f"{schema}.{table}" for schema, table, _, writes in relations if writes]
    reads = (f"tables that the query does not name: {_shown(others)}",) if others else ()
    return Reach(reads, (*_powers(*role), *((_shown(changed),) if changed else ())))


def _powers(superuser: bool, makes_roles: bool, database: bool, schema: bool) -> tuple[str, ...]:  # noqa: FBT001  a row
    if superuser:
        return ("everything: it is a superuser",)
    powers = {
        "roles or databases": makes_roles,
        "the schemas of the database": database,
        "the tables of a schema": schema,
    }
    return tuple(name for name, there in powers.items() if there)


def _shown(names: list[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
