"""A way round the pull request: what it lets happen, and what closes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.doctor.doors.house import House

# What a token of each kind must be able to read.
METADATA = "Metadata: read"
ADMINISTRATION = "an administrator's token (fine-grained: Administration: read)"
RULESETS = "an administrator's token (fine-grained: Administration: write), as GitHub has it"
ACTIONS = "a token with Actions: read"
SECRETS = "a token with Secrets: read and Environments: read"
VARIABLES = "a token with Variables: read"
OWNERS = "an organisation owner's token (classic: admin:org; fine-grained: Administration: read)"
TEAMS = "a token with the organisation's Members: read (classic: read:org)"
CONTENTS = "a token with Contents: read"


class State(StrEnum):
    """How a door is: all but `ok` is no."""

    OK = "ok"
    OPEN = "open"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Door:
    """A row of the table.

    Attributes:
        id: its name.
        lets: what it lets happen while it is open.
        setting: where on GitHub it is closed.
        command: the command that closes it; `gh` fills in {owner} and {repo}.
        needs: the token that reads it.
        look: says how it is; raises ToolError if that is not told.
    """

    id: str
    lets: str
    setting: str
    command: str
    needs: str
    look: Callable[[House], tuple[State, str]]


@dataclass(frozen=True, slots=True)
class Sight:
    """A door, and how it was found.

    Attributes:
        door: the row.
        state: how it is.
        message: what was found.
    """

    door: Door
    state: State
    message: str

    def as_json(self) -> dict[str, str | None]:
        """Return it for programs; what closes a door is left out where it is closed."""
        door, closed = self.door, self.state is State.OK
        return {
            "id": door.id,
            "state": self.state,
            "message": self.message,
            "lets": None if closed else door.lets,
            "setting": None if closed else door.setting,
            "command": None if closed else door.command,
            "needs": door.needs if self.state is State.UNKNOWN else None,
        }


def closed(message: str) -> tuple[State, str]:
    """Return that nobody gets round here."""
    return State.OK, message


def opened(message: str) -> tuple[State, str]:
    """Return that somebody does."""
    return State.OPEN, message


def unknown(message: str) -> tuple[State, str]:
    """Return that it is not told, which is no."""
    return State.UNKNOWN, message


def judged(problems: list[str], fine: str) -> tuple[State, str]:
    """Return all problems as one opening, or that it is fine."""
    return opened("; ".join(problems)) if problems else closed(fine)
