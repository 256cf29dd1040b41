"""What is missing on this machine and in this repository, and what mends it."""

from mergeline.doctor.diagnosis import Diagnosis, State
from mergeline.doctor.examination import examine

__all__ = ["Diagnosis", "State", "examine"]
