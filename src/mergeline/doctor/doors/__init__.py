"""What lets someone round the pull request on GitHub, and the setting that closes it."""

from mergeline.doctor.doors.door import Sight, State
from mergeline.doctor.doors.house import House
from mergeline.doctor.doors.table import DOORS, look_at

__all__ = ["DOORS", "House", "Sight", "State", "look_at"]
