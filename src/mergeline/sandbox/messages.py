"""What parent and child say to each other over a stream socket.

A message is its length in eight bytes and that many bytes. The parent sends pickles, which the
child may trust. The child answers with MessagePack, which holds plain values only, and tables in
Arrow's IPC format.
"""

from __future__ import annotations

import struct
import time
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    import pandas as pd

_LENGTH = struct.Struct("!Q")
_PART = 1 << 20
# Between our own processes.
ANY_LENGTH = 1 << 62


class TooLongError(ValueError):
    """A message is longer than it may be."""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """An exception of the child.

    Attributes:
        type: its class.
        message: what it says.
        arguments: what it was made with, if those are plain values.
        hint: what the user can do about it.
        place: file, line and column in a user's file.
        cause: the class of the exception that it was made from; "": of none.
    """

    type: str
    message: str
    arguments: tuple[Any, ...] = ()
    hint: str | None = None
    place: tuple[str, int, int] | None = None
    cause: str = ""


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a call gave.

    Attributes:
        value: texts, numbers, lists and mappings of them.
        tables: tables in Arrow's IPC format, by name.
        failure: why it gave nothing.
        said: not the answer yet: a line about what is going on.
        to: the number of the call that it answers, which nobody can know before the call.
    """

    value: Any = None
    tables: dict[str, bytes] = {}
    failure: Failure | None = None
    said: str | None = None
    to: int = 0


def send(channel: socket.socket, message: bytes) -> None:
    """Send one message.

    Raises:
        OSError: the other side is gone, or does not take it in the channel's time.
    """
    channel.sendall(_LENGTH.pack(len(message)))
    channel.sendall(message)


def receive(channel: socket.socket, at_most: int = ANY_LENGTH, until: float | None = None) -> bytes:
    """Return the next message.

    Args:
        channel: the socket.
        at_most: the bytes that it may have.
        until: when all of it has to be there, on the monotonic clock; None: whenever.

    Raises:
        EOFError: the other side ended.
        TooLongError: the message has more bytes than that.
        TimeoutError: it is not there in time.
        OSError: the channel breaks.
    """
    (length,) = _LENGTH.unpack(_exactly(channel, _LENGTH.size, until))
    if length > at_most:
        raise TooLongError(f"a message of {length:,} bytes, and {at_most:,} are the most")
    return bytes(_exactly(channel, length, until))


def _exactly(channel: socket.socket, length: int, until: float | None) -> bytearray:
    found = bytearray()
    while len(found) < length:
        if until is not None:
            # Whoever sends a byte at a time gets no more time by that.
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            channel.settimeout(left)
        part = channel.recv(min(_PART, length - len(found)))
        if not part:
            raise EOFError
        found += part
    return found


def encoded(value: Any, tables: Mapping[str, pd.DataFrame], to: int = 0) -> bytes:
    """Return an answer as a message.

    Raises:
        TypeError: the value is more than plain values.
        ValueError: a table cannot be written; it names the column.
    """
    found = {name: _ipc(one) for name, one in tables.items()}
    return msgspec.msgpack.encode(Answer(value, found, to=to))


def line(said: str) -> bytes:
    """Return a line about what is going on as a message."""
    return msgspec.msgpack.encode(Answer(said=said))


def failed(failure: Failure, to: int) -> bytes:
    """Return a failure as a message."""
    return msgspec.msgpack.encode(Answer(failure=failure, to=to))


def decoded(message: bytes) -> Answer:
    """Return the answer that a message holds.

    Raises:
        ValueError: it is none.
    """
    return msgspec.msgpack.decode(message, type=Answer)


def table(content: bytes) -> pd.DataFrame:
    """Return a table that came with an answer.

    Raises:
        ValueError: it is none, or damaged.
    """
    import pyarrow as pa

    try:
        found = pa.ipc.open_stream(content).read_all()
        found.validate(full=True)
        frame: pd.DataFrame = found.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise ValueError(str(error)) from None
    return frame


def _ipc(frame: pd.DataFrame) -> bytes:
    import pyarrow as pa

    content = pa.Table.from_pandas(frame, preserve_index=False)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, content.schema) as writer:
        writer.write_table(content)
    found: bytes = sink.getvalue().to_pybytes()
    return found
