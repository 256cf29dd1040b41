"""Standard output and error whose reader may go away without changing what a command does.

A write that fails must not raise in the middle of a command's work: the work is finished, and the
exit code is that of the answer. What cannot be written is dropped, and the first error is kept: a
full disk is reported at the end, a reader that left (`| head`) is not.
"""

from __future__ import annotations

import io
import os
import select
import signal
import sys
from contextlib import contextmanager
from errno import ECONNRESET, EIO, EPIPE
from typing import TYPE_CHECKING, Any, TextIO, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

_READER_LEFT = (EPIPE, ECONNRESET)
# What a terminal answers that hung up.
_TERMINAL_LEFT = (*_READER_LEFT, EIO)


class Descriptor(io.FileIO):
    """A file descriptor to which nothing more is written after the first error."""

    error: OSError | None = None

    def __init__(self, number: int) -> None:
        super().__init__(number, "w", closefd=False)
        self._harmless = _TERMINAL_LEFT if self.isatty() else _READER_LEFT

    @property
    def failure(self) -> str | None:
        """Why something could not be written; None: all was, or the reader left."""
        if self.error is None or self.error.errno in self._harmless:
            return None
        return str(self.error.strerror)

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

    A terminal that hangs up is a reader that left, so that is no signal to end either.

    Yields:
        The descriptor of standard output; None: it is captured in memory.
    """
    _occupy_closed_descriptors()
    before = sys.stdout, sys.stderr
    hung_up = _ignore_hang_up()
    sys.stdout, output = _robust(sys.stdout, 1)
    sys.stderr, _ = _robust(sys.stderr, 2)
    try:
        yield output
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        sys.stdout, sys.stderr = before
        if hung_up is not None:
            signal.signal(signal.SIGHUP, hung_up)


def _robust(stream: TextIO | None, number: int) -> tuple[TextIO, Descriptor | None]:
    try:
        # Python has no stream where the descriptor was closed; by now it is the null device.
        number = stream.fileno() if stream is not None else number
    except (AttributeError, OSError, ValueError):
        return cast("TextIO", stream), None
    descriptor = Descriptor(number)
    # A character that the encoding lacks is shown by its number.
    encoding = stream.encoding if stream is not None else "utf-8"
    buffer = io.BufferedWriter(descriptor)
    return io.TextIOWrapper(buffer, encoding, "backslashreplace", line_buffering=True), descriptor


def _ignore_hang_up() -> Any:
    """Return what was done at SIGHUP before; None: another thread than the main one runs this."""
    try:
        return signal.signal(signal.SIGHUP, signal.SIG_IGN)
    except ValueError:
        return None


def _occupy_closed_descriptors() -> None:
    """Open the null device for each closed stream, so that no other file gets its number."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
