"""Every door, in the order in which they are looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.doctor.doors import actions, branch, people, secrets
from mergeline.doctor.doors.door import Sight, State
from mergeline.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.doctor.doors.house import House

DOORS = (*branch.DOORS, *people.DOORS, *secrets.DOORS, *actions.DOORS)


def look_at(house: House) -> Iterator[Sight]:
    """Yield how each door is; one that GitHub does not tell of is unknown, and says why.

    Raises:
        ToolError: the repository itself cannot be read.
    """
    _ = house.repository
    for door in DOORS:
        try:
            yield Sight(door, *door.look(house))
        except ToolError as error:
            yield Sight(door, State.UNKNOWN, error.message)
