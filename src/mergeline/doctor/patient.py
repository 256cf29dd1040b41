"""What the doctor looks at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.findings import Finding
    from mergeline.git import GitRepository
    from mergeline.settings import Settings


@dataclass(frozen=True, slots=True)
class Patient:
    """What the doctor looks at.

    Attributes:
        settings: of the repository and the environment.
        clone: opens the clone; raises UsageError if there is none.
        findings: what `mergeline validate` finds: of specs and policies, with waivers applied.
    """

    settings: Settings
    clone: Callable[[], GitRepository]
    findings: Callable[[], list[Finding]]
