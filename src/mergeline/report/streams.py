"""Standard output and error whose reader may go away without changing what a command does.

A write that fails must not raise in the middle of a command's work: the work is finished, and the
exit code is that of the answer. What cannot be written is dropped, and the first error is kept: a
full disk is reported at the end, a reader that left (`| head`) is not.
"""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import contextmanager
from errno import ECONNRESET, EPIPE
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterator

_READER_LEFT = (EPIPE, ECONNRESET)


class Descriptor(io.FileIO):
    """A file descriptor to which nothing more is written after the first error."""

    error: OSError | None = None

    @property
    def failure(self) -> str | None:
        """Why something could not be written; None: all was, or the reader left."""
        lost = self.error is not None and self.error.errno not in _READER_LEFT
        return str(self.error.strerror) if self.error and lost else None

    def write(self, data: object) -> int:
        """Write what the descriptor takes; after an error, claim to have written all of it."""
        while self.error is None:
            try:
                # None: another process made the descriptor non-blocking, and it is full.
                written = super().write(data)  # type: ignore[arg-type]
                if written is not None:
                    return written
                select.select([], [self], [])
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes  # type: ignore[arg-type]


@contextmanager
def standard_streams() -> Iterator[Descriptor | None]:
    """Replace `sys.stdout` and `sys.stderr` for the length of a command.

    Yields:
        The descriptor of standard output; None: it is closed, or captured in memory.
    """
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    sys.stdout, output = _robust(sys.stdout)
    sys.stderr, _ = _robust(sys.stderr)
    try:
        yield output
    finally:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None:
                stream.flush()
        sys.stdout, sys.stderr = before


def _robust(stream: TextIO) -> tuple[TextIO, Descriptor | None]:
    try:
        number = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return stream, None
    descriptor = Descriptor(number, "w", closefd=False)
    # A character that the encoding lacks is shown by its number.
    text = io.TextIOWrapper(
        io.BufferedWriter(descriptor), stream.encoding, "backslashreplace", line_buffering=True
    )
    return text, descriptor


def _occupy_closed_descriptors() -> None:
    """Open the null device for each closed stream, so that no other file gets its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
