"""The content digest of a frame: the same whatever library or file format holds it.

The format, `mergeline-frame/1`, all numbers little-endian:

    "mergeline-frame/1\\n"
    u64 rows, u64 columns
    per column, in the declared order:
        u32 length, name in UTF-8
        u32 length, declared type in ASCII
        rows x u8: 1 where null, else 0
        values, nulls as zero or empty:
            float64: IEEE 754 binary64, -0.0 as 0.0
            int64: two's complement
            bool: u8
            string: u32 length, UTF-8
            datetime64: i64 nanoseconds since 1970-01-01T00:00:00Z

SHA-256 over these bytes, written `sha256:<hex>`. The order of rows and columns counts.
"""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.pipeline.columns import read_column

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.specs.types.data import Column

_CHUNK = 65_536
_LAYOUT = {"float64": "<f8", "int64": "<i8", "bool": "u1", "datetime64": "<i8"}


def digest_frame(frame: pd.DataFrame, columns: Sequence[Column]) -> str:
    """Return the digest of the declared columns of a frame.

    Raises:
        KeyError: a column is not there.
        ColumnTypeError: a column is not of its declared type.
    """
    digest = hashlib.sha256(b"mergeline-frame/1\n")
    digest.update(struct.pack("<QQ", len(frame), len(columns)))
    for column in columns:
        digest.update(_text(column.name))
        digest.update(_text(column.type))
        values, nulls = read_column(frame[column.name], column.type)
        digest.update(nulls.astype("u1").tobytes())
        for chunk in _chunks(values, column.type):
            digest.update(chunk)
    return f"sha256:{digest.hexdigest()}"


def _text(text: str) -> bytes:
    content = text.encode()
    return struct.pack("<I", len(content)) + content


def _texts(values: NDArray[Any]) -> bytes:
    """Return what `_text` makes of each value, one after the other, without a loop over them."""
    import pyarrow as pa
    from pyarrow import compute

    texts = pa.array(values, type=pa.large_binary())
    lengths = compute.binary_length(texts).to_numpy(zero_copy_only=False).astype("<u4")
    starts = np.arange(0, 4 * len(values) + 1, 4, dtype="i8")
    buffers = [None, pa.py_buffer(starts), pa.py_buffer(lengths)]
    heads = pa.Array.from_buffers(pa.large_binary(), len(values), buffers)
    joined = compute.binary_join_element_wise(heads, texts, pa.scalar(b"", pa.large_binary()))
    _, ends, content = joined.buffers()
    made: bytes = content.to_pybytes()
    return made[: np.frombuffer(ends, dtype="i8", count=len(values) + 1)[-1]]


def _chunks(values: NDArray[Any], kind: str) -> Iterator[bytes]:
    for start in range(0, len(values), _CHUNK):
        chunk = values[start : start + _CHUNK]
        if kind == "string":
            yield _texts(chunk)
        else:
            yield np.ascontiguousarray(chunk, dtype=_LAYOUT[kind]).tobytes()
