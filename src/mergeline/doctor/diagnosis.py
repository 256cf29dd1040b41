"""One line of the doctor's: what was looked at, how it is, what mends it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How something is: only what is missing makes the answer no."""

    OK = "ok"
    WARN = "warn"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of the doctor's.

    Attributes:
        subject: what was looked at.
        state: how it is.
        message: what was found.
        mend: the command (or what to do) that mends it; None where nothing is to be mended.
    """

    subject: str
    state: State
    message: str
    mend: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it for programs: subject, state, message, mend."""
        return asdict(self)


def ok(subject: str, message: str) -> Diagnosis:
    """Return a line of which nothing is to be mended."""
    return Diagnosis(subject, State.OK, message)


def warn(subject: str, message: str, mend: str) -> Diagnosis:
    """Return a line of something that some commands do without."""
    return Diagnosis(subject, State.WARN, message, mend)


def missing(subject: str, message: str, mend: str) -> Diagnosis:
    """Return a line of something without which it does not go."""
    return Diagnosis(subject, State.MISSING, message, mend)
