"""Is a query one SELECT that can only read? Told by its text, before a database sees it.

PostgreSQL and SQLite hold a query to reading themselves. The other databases end a transaction, or
leave it, when a statement says so, and some need no semicolon between two statements.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, NamedTuple

from mergeline.written import HIDDEN_HINT, hidden_character

if TYPE_CHECKING:
    from collections.abc import Iterator

# Those in which a transaction may only read, whatever a query says: see query.py.
_HELD = frozenset({"postgresql", "sqlite"})
# Comments end where each database ends them: PostgreSQL nests them, MySQL executes those with a !.
_COMMENT = r"--[^\r\n]*+[\r\n]|/\*(?!!)(?:(?!\*/|/\*).)*+\*/"
_ONE_SELECT = re.compile(
    rf"(?:\s|\(|{_COMMENT})*+(?:SELECT|WITH|VALUES)\b[^;]*+;?\s*+\Z", re.IGNORECASE | re.DOTALL
)
_CHANGE_DATA = (
    "INSERT UPDATE DELETE MERGE REPLACE UPSERT TRUNCATE INTO COPY LOAD UNLOAD EXPORT BULK "
    "WRITETEXT UPDATETEXT"
)
_CHANGE_TABLES = "CREATE ALTER DROP RENAME ADD ATTACH DETACH VACUUM BACKUP RESTORE TRIGGER"
_CHANGE_RIGHTS = "GRANT REVOKE DENY REVERT SETUSER"
_END_TRANSACTION = "COMMIT ROLLBACK BEGIN SAVEPOINT CHECKPOINT"
# A program, a procedure, a command of the server, or a text on another server.
_RUN = (
    "EXEC EXECUTE CALL DO SET DECLARE PRAGMA DBCC KILL SHUTDOWN RECONFIGURE WAITFOR CONVERSATION "
    "OPENQUERY OPENROWSET OPENDATASOURCE REMOTE_QUERY"
)
_GROUPS = (_CHANGE_DATA, _CHANGE_TABLES, _CHANGE_RIGHTS, _END_TRANSACTION, _RUN)
_WORDS = frozenset(word for group in _GROUPS for word in group.split())
# Functions, too: no statement has a parenthesis behind the word.
_FUNCTIONS = frozenset({"REPLACE", "TRUNCATE"})
# Runs a text on another database.
_TRINO = "QUERY"

_HASH_COMMENTS = frozenset({"mysql", "mariadb", "bigquery"})
_BACKTICKS = frozenset({"mysql", "mariadb", "bigquery", "databricks"})
# A backslash before a quote is an escape in some databases, and a backslash in the others.
_CONTENT = r"""(?:[^\\{0}]|{0}{0}|\\(?!['"`]))*+"""
# SQLAlchemy's own: it puts parameters into strings and comments as well.
_PARAMETER = re.compile(r"(?<![:\w\\]):\w+(?!:)")
_NUMBER = r"(?:0[xX][0-9A-Fa-f]+|[0-9][0-9_]*(?:[eE][0-9]*)?(?:BD|bd|[DFLSYdflsy])?)(?!\w)"
_QUOTE_HINT = "put a name that is the same as this word in the quotes of the database"
_DOUBT_HINT = "write it so that every database reads it alike, or make a view of it"


class Refusal(NamedTuple):
    """Why a query is not put to a database.

    Attributes:
        message: what is wrong with it.
        hint: how to fix it; None: the message says it.
    """

    message: str
    hint: str | None = None


def refusal(statement: str, dialect: str) -> Refusal | None:
    """Return why a query may do more than read; None: as far as its text says, it does not.

    Args:
        statement: the query, with `:name` for a parameter.
        dialect: SQLAlchemy's name of the database, without the driver.
    """
    if not _ONE_SELECT.match(statement):
        return Refusal("it is not one SELECT, without another semicolon")
    if dialect in _HELD:
        return None
    if hidden := hidden_character(statement):
        return Refusal(f"line {hidden.line}: {hidden.message}", HIDDEN_HINT)
    tokens = [*_tokens(statement, dialect)]
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        refused = _refused(token, after, dialect)
        if refused is not None:
            line = statement.count("\n", 0, token.start()) + 1
            return refused._replace(message=f"line {line} {refused.message}")
    return None


def _refused(token: re.Match[str], after: re.Match[str] | None, dialect: str) -> Refusal | None:
    kind, text = token.lastgroup, token.group()
    if kind in ("doubtful", "open", "unclear") or (kind == "word" and not text.isidentifier()):
        return Refusal(f"has {text.strip()!r}, which databases read differently", _DOUBT_HINT)
    if kind in ("quoted", "comment") and _PARAMETER.search(text):
        return Refusal("has a parameter inside quotes or a comment", "take it out of them")
    called = after is not None and after.group() == "("
    name = _upper(text.strip('"'))
    if kind == "word" and name in _WORDS and not (called and name in _FUNCTIONS):
        return Refusal(f"has the word {name}, which may change something", _QUOTE_HINT)
    if dialect == "trino" and called and name == _TRINO:
        return Refusal("calls query(), which runs a text elsewhere", "query the tables themselves")
    return None


def _upper(word: str) -> str:
    """Return a word as the most forgiving database compares it with its own words."""
    return unicodedata.normalize("NFKC", word).upper()


def _tokens(statement: str, dialect: str) -> Iterator[re.Match[str]]:
    """Yield what a query is made of, without blanks; comments last, as nothing is behind them."""
    tokens = [*_expression(dialect).finditer(statement)]
    yield from (token for token in tokens if token.lastgroup not in ("blank", "comment"))
    yield from (token for token in tokens if token.lastgroup == "comment")


def _expression(dialect: str) -> re.Pattern[str]:
    # In MySQL, 1--1 is 2. In Databricks, a comment goes on behind a backslash.
    dashes = r"--(?=\s|\Z)" if dialect in ("mysql", "mariadb") else "--"
    starts = [dashes, *(["#"] if dialect in _HASH_COMMENTS else [])]
    starts += ["//"] if dialect == "snowflake" else []
    comments = [rf"(?:{'|'.join(starts)})[^\n]*+(?<!\\)(?<!\\\r)"]
    comments += [r"/\*(?!!|[mM]!)(?:(?!/\*|\*/).)*+\*/"]
    quotes = ["'", '"', *(["`"] if dialect in _BACKTICKS else [])]
    quoted = [f"{quote}{_CONTENT.format(quote)}{quote}" for quote in quotes]
    quoted += [r"\[(?:[^\]]|\]\])*+\]"] if dialect == "mssql" else []
    doubtful = [r"\$\w*\$", r"(?<!\w)[nN]?[qQ]'", "(?<!\\w)[uU]&['\"]"]
    doubtful += ["'''", '"""'] if dialect == "bigquery" else []
    doubtful += ["->>", r"(?i:SYSTEM)\$"] if dialect == "snowflake" else []
    kinds = {
        "blank": [r"\s+"],
        "doubtful": doubtful,
        "comment": comments,
        "open": [*starts, "--", r"/\*!?", r"\*/"],
        "quoted": quoted,
        "number": [_NUMBER],
        "word": [r"(?=[^\W\d])\w+"],
        "other": [r"""[^\w'"`\\]""", r"\\:"],
        # What is left: an open quote, a number that is grown to a word.
        "unclear": [r"\w+", "."],
    }
    text = "|".join(f"(?P<{kind}>{'|'.join(ways)})" for kind, ways in kinds.items())
    return re.compile(text, re.DOTALL)
