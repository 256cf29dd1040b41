"""A query that databases without read-only transactions get does not hold another statement."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from mergeline.pipeline.sources.query import QueryError, ask
from mergeline.pipeline.sources.statement import refusal

OTHERS = (
    *("bigquery", "databricks", "mariadb", "mssql", "mysql", "oracle", "redshift", "snowflake"),
    "trino",
)
MORE = {
    "statements without semicolons": "SELECT 1 AS a COMMIT DELETE FROM loans COMMIT",
    "a program": "SELECT 1 AS a EXEC xp_cmdshell 'id'",
    "a change behind a table expression": "WITH c AS (SELECT 1) DELETE FROM loans",
    "a file": "SELECT 1 INTO OUTFILE '/tmp/x'",
    "a lower case": "select 1 as a exec xp_cmdshell 'id'",
    "a comment inside": "SELECT 1 AS a/**/EXEC/**/xp_cmdshell 'id'",
    "a number before": "SELECT 1EXEC xp_cmdshell 'id'",
    "a power before": "SELECT 1e0EXEC xp_cmdshell 'id'",
    "a string before": "SELECT 'a'EXEC xp_cmdshell 'id'",
    "a dot before": "SELECT 1.DELETE FROM loans",
    "a wide letter": "SELECT 1 AS a \uff25\uff38\uff25\uff23 xp_cmdshell 'id'",
    "a long s": "SELECT 1 AS a \u017fET x 1",
    "a lock": "SELECT a FROM loans FOR UPDATE",
    "a text for another server": "SELECT * FROM OPENQUERY(other, 'DELETE FROM loans')",
    "a replacement": "WITH c AS (SELECT 1) REPLACE INTO loans SELECT * FROM c",
    "a comment that is executed": "SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */",
    "another that is executed": "SELECT 1 /*M!100100 INTO OUTFILE '/tmp/x' */",
    "an escaped quote": r"SELECT 'a\' , ' INTO OUTFILE \'/tmp/x\'",
    "an escaped quote at the end": "SELECT '\\' EXEC xp_cmdshell --'",
    "a nested comment": "SELECT 1 /* /* */ EXEC xp_cmdshell 'id' -- */ */",
    "an open comment": "SELECT 1 /* EXEC xp_cmdshell",
    "an open string": "SELECT 1 ' EXEC xp_cmdshell",
    "dollars": "SELECT $$ ' $$ EXEC xp_cmdshell -- '",
    "a quote of Oracle's": "SELECT q'[']' EXEC xp_cmdshell --'",
    "a carriage return": "SELECT 1 -- '\r EXEC xp_cmdshell --'",
    "a parameter in a string": "SELECT ':a'",
    "a parameter in a comment": "SELECT 1 /* :a */",
    "a parameter in a line": "SELECT 1 -- :a",
}


@pytest.mark.parametrize("dialect", OTHERS)
@pytest.mark.parametrize("text", MORE.values(), ids=MORE)
def test_a_query_that_does_more(text: str, dialect: str):
    refused = refusal(text, dialect)
    assert refused is not None
    assert refused.message
    assert refused.hint


OF_ONE = {
    "mysql": ["SELECT 1--' \n INTO OUTFILE '/tmp/x' -- '", "SELECT 1 # ' \n INTO @x -- '"],
    "mariadb": ["SELECT 1 # '\\\n INTO OUTFILE '/tmp/x' -- '"],
    "mssql": ["SELECT 1 AS [a'] EXEC xp_cmdshell --']"],
    "bigquery": ["SELECT ''' ' ''' INTO x -- '", 'SELECT """ " """ INTO x -- "'],
    "databricks": ["WITH a AS (SELECT 1) -- x\\\n ' \n DELETE FROM t -- '"],
    "snowflake": [
        "SELECT 1 // ' \n INTO x -- '",
        "SELECT 1 ->> SELECT 2",
        "SELECT SYSTEM$CANCEL_ALL_QUERIES(1)",
    ],
    "trino": [
        "SELECT * FROM TABLE(pg.system.query(query => 'DELETE FROM t RETURNING 1'))",
        "SELECT * FROM TABLE(pg.system.\"query\" /* */ (query => 'DELETE FROM t RETURNING 1'))",
    ],
}


@pytest.mark.parametrize(
    ("dialect", "text"), [(name, text) for name, texts in OF_ONE.items() for text in texts]
)
def test_a_query_that_one_database_reads_otherwise(dialect: str, text: str):
    assert refusal(text, dialect) is not None


HONEST = (
    "SELECT number, amount FROM loans WHERE number >= :first ORDER BY number",
    "-- since 2024, please update\nSELECT a FROM t;\n",
    "/* delete nothing */ WITH c AS (SELECT 1 AS a) SELECT max(a) AS a FROM c -- insert more",
    "SELECT replace(name, '-', '_') AS name, REPLACE (x, 'a', 'b') AS b FROM t",
    "SELECT truncate(x, 2) AS x, 1.5e-3 AS y, 0x1F AS z, 2L AS l, .5 AS h FROM t",
    "SELECT 'please update, it''s late' AS note, \"set\" AS b, \"do \"\"it\"\"\" AS c FROM t",
    "SELECT a::int AS a, updated_at, deleted, offset_into, inserted FROM t",
    "SELECT CASE WHEN a > 1 THEN 'x' ELSE '' END AS k FROM t OFFSET 5 ROWS FETCH NEXT 3 ROWS ONLY",
    "SELECT regexp_like(a, '^\\d+$') AS r, '12:30' AS t, 'C:\\temp' AS p FROM t",
    "SELECT gr\u00f6\u00dfe, \u03b1 FROM t WHERE a IN (1, 2) AND b <> 'x' AND c % 2 = 0",
    "VALUES (1)",
    "(SELECT 1) UNION ALL (SELECT 2)",
)  # fmt: skip


@pytest.mark.parametrize("dialect", OTHERS)
@pytest.mark.parametrize("text", HONEST)
def test_an_honest_query(text: str, dialect: str):
    assert refusal(text, dialect) is None


QUOTED = {
    "mysql": ["SELECT `set`, `do``it` FROM t # delete\n", "SELECT a ->> '$.b' AS b FROM t -- c"],
    "mssql": ["SELECT [update], [a]]b], '''' AS q FROM t -- delete"],
    "bigquery": ["SELECT `set`, r'\\d' AS x, a[0] AS y FROM `p.d.t` # delete\n"],
    "databricks": ["SELECT `set`, a[0] AS y, 1.5BD AS z FROM t"],
    "snowflake": ["SELECT src:name::string AS a, $1 AS b FROM t // delete\n"],
    "trino": ["SELECT a[1] AS x, transform(b, v -> v + 1) AS y, query FROM t"],
    # These hold a query to reading themselves.
    "postgresql": ["SELECT begin, load, replace FROM t"],
    "sqlite": ["SELECT load, call FROM t"],
}


@pytest.mark.parametrize(
    ("dialect", "text"), [(name, text) for name, texts in QUOTED.items() for text in texts]
)
def test_words_that_are_quoted(dialect: str, text: str):
    assert refusal(text, dialect) is None


def test_the_refusal_says_line_word_and_what_to_do():
    refused = refusal("SELECT 1 AS a,\n  load\nFROM t", "mysql")
    assert refused.message == "line 2 has the word LOAD, which may change something"
    assert refused.hint == "put a name that is the same as this word in the quotes of the database"


def test_no_database_is_asked():
    with (
        pytest.raises(QueryError, match="the word EXEC") as caught,
        ask("mssql+pymssql://host/loans", "LOANS", "SELECT 1 AS a EXEC xp_cmdshell 'id'", {}),
    ):
        pass
    assert caught.value.hint


def bare(text: str, dialect: str) -> str:
    """Return what a database reads as code: without strings, quoted names and comments."""
    code, at = "", 0
    escapes = dialect in ("mysql", "mariadb", "bigquery", "databricks", "snowflake")
    quotes = {"'": "'", '"': '"'} | ({"[": "]"} if dialect == "mssql" else {})
    quotes |= {"`": "`"} if dialect in ("mysql", "mariadb", "bigquery", "databricks") else {}
    while at < len(text):
        char, two, three = text[at], text[at : at + 2], text[at : at + 3]
        if dialect == "bigquery" and three in ("'''", '"""'):
            end = re.compile(rf"(?:[^\\]|\\.)*?{three}", re.DOTALL).match(text, at + 3)
            at = end.end() if end else len(text)
        elif char in quotes:
            close, at = quotes[char], at + 1
            while at < len(text) and text[at] != close:
                at += 2 if escapes and text[at] == "\\" else 1
            at += 1
        elif (
            (two == "--" and (dialect not in ("mysql", "mariadb") or three[2:].strip() == ""))
            or (char == "#" and dialect in ("mysql", "mariadb", "bigquery"))
            or (two == "//" and dialect == "snowflake")
        ):
            while at < len(text) and text[at] != "\n":
                at += 2 if dialect == "databricks" and text[at] == "\\" else 1
        elif two == "/*" and not (dialect in ("mysql", "mariadb") and text[at + 2 : at + 3] == "!"):
            depth, at = 1, at + 2
            while at < len(text) and depth:
                here = text[at : at + 2]
                nests = dialect in ("mssql", "redshift") and here == "/*"
                depth += 1 if nests else -1 if here == "*/" else 0
                at += 2 if nests or here == "*/" else 1
            code += " "
        else:
            code, at = code + char, at + 1
    return code


NOISE = st.lists(
    st.sampled_from(
        [*"'\"`[]\\#!$-*/(x \n", "--", "-- ", "/*", "*/", "//", "'''", "q'[", "''", " EXEC ", "1"]
    ),
    max_size=14,
).map("".join)


@given(NOISE, NOISE, st.sampled_from(OTHERS))
@example("'", "'", "mysql")
def test_a_word_that_a_database_reads_is_never_accepted(before: str, after: str, dialect: str):
    text = f"SELECT 1 {before} INTO {after}"
    assume(re.search(r"\b(INTO|EXEC)\b", bare(text, dialect)))
    assert refusal(text, dialect) is not None


PIECES = st.sampled_from(
    ["a", "1", "'x'", "'it''s'", '"b"', "/* c */", "-- d\n", "(", ")", ",", "=", ".", "+", "\n"]
)


@given(
    st.lists(PIECES, max_size=8).map(" ".join),
    st.sampled_from(["INSERT", "update", "Delete", "MERGE", "replace", "COMMIT", "exec", "INTO"]),
    st.lists(PIECES.filter(lambda piece: piece != "("), max_size=8).map(" ".join),
    st.sampled_from(OTHERS),
)
def test_a_bare_word_is_refused_anywhere(before: str, word: str, after: str, dialect: str):
    refused = refusal(f"SELECT {before} {word} {after}", dialect)
    assert refused is not None
    assert word.upper() in refused.message


SLOW = (
    "'" * 200_000,
    "/*" * 200_000,
    " " * 900_000 + ";x",
    "(" * 400_000,
    "--\n" * 200_000,
    "$" * 99_999,
)


@pytest.mark.parametrize("text", SLOW, ids=range(len(SLOW)))
def test_no_query_takes_long(text: str):
    began = time.process_time()
    for dialect in ("mysql", "postgresql"):
        refusal(f"SELECT {text}", dialect)
        refusal(text, dialect)
    assert time.process_time() - began < 5
