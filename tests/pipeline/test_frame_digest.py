from __future__ import annotations

import hashlib
import io
import struct

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.pipeline.columns import ColumnTypeError, canonical_frame, read_column
from mergeline.pipeline.frame_digest import digest_frame
from mergeline.specs.types.data import Column

COLUMNS = (
    Column(name="f", type="float64", nullable=True),
    Column(name="i", type="int64"),
    Column(name="b", type="bool"),
    Column(name="s", type="string", nullable=True),
    Column(name="d", type="datetime64"),
)
ROWS = st.lists(
    st.tuples(
        st.none() | st.floats(allow_nan=False),
        st.integers(-(2**63), 2**63 - 1),
        st.booleans(),
        st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
        st.integers(0, 2**40),
    ),
    min_size=1,
    max_size=8,
)


def frame_of(rows):
    f, i, b, s, d = zip(*rows, strict=True)
    return pd.DataFrame(
        {
            "f": np.array([np.nan if value is None else value for value in f], dtype="float64"),
            "i": np.array(i, dtype="int64"),
            "b": np.array(b, dtype=bool),
            "s": pd.Series(list(s), dtype=object),
            "d": pd.to_datetime(pd.Series(d, dtype="int64"), unit="ms"),
        }
    )


@pytest.mark.slow
@given(ROWS)
def test_equal_content_has_equal_digests_whatever_holds_it(rows):
    frame = frame_of(rows)
    digest = digest_frame(frame, COLUMNS)
    other = frame.assign(
        s=frame["s"].astype("string"), b=frame["b"].astype("boolean"), i=frame["i"].astype("Int64")
    )
    other["d"] = other["d"].dt.tz_localize("UTC").dt.tz_convert("Asia/Tokyo")
    assert digest_frame(other[list("dsbif")], COLUMNS) == digest
    buffer = io.BytesIO()
    canonical_frame(frame, COLUMNS).to_parquet(buffer, index=False)
    assert digest_frame(pd.read_parquet(buffer), COLUMNS) == digest


@given(ROWS, st.data())
def test_another_order_or_value_has_another_digest(rows, data):
    digest = digest_frame(frame_of(rows), COLUMNS)
    permuted = data.draw(st.permutations(rows))
    plain = [tuple(0.0 if value == 0 else value for value in row) for row in rows]
    same = [tuple(0.0 if value == 0 else value for value in row) for row in permuted] == plain
    assert (digest_frame(frame_of(permuted), COLUMNS) == digest) is same
    changed = [(*rows[0][:4], rows[0][4] + 1), *rows[1:]]
    assert digest_frame(frame_of(changed), COLUMNS) != digest


def test_the_format_is_the_documented_one():
    frame = pd.DataFrame({"x": [1.5, -0.0, np.nan], "n": pd.Series(["é", None, ""], dtype=object)})
    columns = (Column(name="x", type="float64"), Column(name="n", type="string"))
    content = b"mergeline-frame/1\n" + struct.pack("<QQ", 3, 2)
    content += struct.pack("<I", 1) + b"x" + struct.pack("<I", 7) + b"float64" + b"\0\0\1"
    content += struct.pack("<ddd", 1.5, 0.0, 0.0)
    content += struct.pack("<I", 1) + b"n" + struct.pack("<I", 6) + b"string" + b"\0\1\0"
    content += struct.pack("<I", 2) + "é".encode() + struct.pack("<II", 0, 0)
    assert digest_frame(frame, columns) == f"sha256:{hashlib.sha256(content).hexdigest()}"


def test_a_null_and_an_empty_string_differ():
    column = (Column(name="s", type="string", nullable=True),)
    null = pd.DataFrame({"s": pd.Series([None], dtype=object)})
    empty = pd.DataFrame({"s": pd.Series([""], dtype=object)})
    assert digest_frame(null, column) != digest_frame(empty, column)


def test_many_rows_are_read_in_chunks_to_the_same_end():
    rows = 70_000
    frame = pd.DataFrame({"i": np.arange(rows), "s": [str(number) for number in range(rows)]})
    columns = (Column(name="i", type="int64"), Column(name="s", type="string"))
    assert digest_frame(frame, columns) == digest_frame(frame.copy(), columns)
    assert digest_frame(frame.iloc[:-1], columns) != digest_frame(frame, columns)


def test_strings_are_written_one_after_the_other_over_the_edge_of_a_chunk():
    texts = ["é" * (number % 5) for number in range(70_000)]
    content = b"mergeline-frame/1\n" + struct.pack("<QQI", len(texts), 1, 1) + b"s"
    content += struct.pack("<I", 6) + b"string" + bytes(len(texts))
    content += b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)
    frame = pd.DataFrame({"s": pd.Series(texts, dtype=object)})
    digest = digest_frame(frame, (Column(name="s", type="string"),))
    assert digest == f"sha256:{hashlib.sha256(content).hexdigest()}"


@pytest.mark.parametrize(
    ("values", "kind", "found"),
    [
        ([1, 2], "float64", "int64"),
        ([1.5, 2.0], "int64", "float64"),
        ([1.5, None], "int64", "float64"),
        ([0, 1], "bool", "int64"),
        ([1, "a"], "string", "object of int and str"),
        (["2024-01-01"], "datetime64", "str"),
    ],
)
def test_another_type_is_refused_and_named(values, kind, found):
    with pytest.raises(ColumnTypeError) as caught:
        read_column(pd.Series(values), kind)
    assert str(caught.value) == found


def test_whole_numbers_with_nulls_are_read_as_integers():
    values, nulls = read_column(pd.Series([1.0, None, 3.0]), "int64")
    assert values.tolist() == [1, 0, 3]
    assert nulls.tolist() == [False, True, False]
