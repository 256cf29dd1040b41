"""Errors that carry an exit code, a hint, and (where a user's file is concerned) a place.

An error is raised when a question could not be answered; what the answer *is* travels as
findings (`mergeline.findings`). The command line is the only place that catches them.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mergeline.findings import Location


class ExitCode(IntEnum):
    """The exit codes of the `mergeline` command."""

    YES = 0
    NO = 1
    USAGE = 2
    TOOL = 3
    BUG = 70
    INTERRUPTED = 130


class MergelineError(Exception):
    """The base of every error that Mergeline raises on purpose.

    Attributes:
        message: what is wrong, in one sentence.
        hint: what the user can do about it, or None.
        location: the place in the user's file, or None.
        exit_code: the exit code that the command ends with.
    """

    exit_code: ExitCode = ExitCode.TOOL

    def __init__(
        self, message: str, *, hint: str | None = None, location: Location | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.location = location


class UsageError(MergelineError):
    """The command line or the configuration cannot be read (exit code 2)."""

    exit_code = ExitCode.USAGE


class RefusedError(MergelineError):
    """The answer is no, and there is nothing more to say than this message (exit code 1)."""

    exit_code = ExitCode.NO


class ToolError(MergelineError):
    """A tool or a service errored, is missing or cannot be reached (exit code 3)."""

    exit_code = ExitCode.TOOL
