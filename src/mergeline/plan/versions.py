"""Does the version rise as far as the changes ask?

The order is that of Semantic Versioning 2.0.0, section 11. Another meaning of the answers or
other columns ask for a new major version (a new minor one while the version is 0.y.z, where
section 4 promises nothing), other data, features, code or estimator for a minor one, and
another tuning or other surroundings for a patch; `mergeline.plan.effects` is the table.
Whether too small a rise is refused, policy says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.effects import Part

_PARTS: tuple[Part, ...] = ("major", "minor", "patch")


@dataclass(frozen=True, slots=True)
class Version:
    """The version of a model in base and head.

    Attributes:
        before: in the base; None: there is none, or it cannot be read.
        after: in the head; None likewise.
        required: the part that must rise at least; None: the version may stay.
    """

    before: str | None
    after: str | None
    required: Part | None = None

    @property
    def rises(self) -> bool:
        """Is the version higher than it was?"""
        if self.before is None or self.after is None:
            return False
        return precedence(self.after) > precedence(self.before)

    @property
    def fits(self) -> bool:
        """Is the version at least the one that the changes ask for?"""
        least = self.least
        if least is None or self.after is None:
            return True
        return _core(self.after) >= _core(least) and self.rises

    @property
    def least(self) -> str | None:
        """The least version that the changes ask for; None: the version may stay."""
        if self.before is None or self.required is None:
            return None
        major, minor, patch = _core(self.before)
        part = "minor" if major == 0 and self.required == "major" else self.required
        announced: Part = "patch" if patch else "minor" if minor else "major"
        if "-" in self.before.partition("+")[0] and _PARTS.index(announced) <= _PARTS.index(part):
            # A pre-release is on its way to its own core: 1.0.0-rc.1 to 1.0.0.
            return f"{major}.{minor}.{patch}"
        return {
            "major": f"{major + 1}.0.0",
            "minor": f"{major}.{minor + 1}.0",
            "patch": f"{major}.{minor}.{patch + 1}",
        }[part]


def required_part(changes: Iterable[SemanticChange]) -> Part | None:
    """Return the highest part that any of the changes asks for."""
    asked = {change.part for change in changes}
    return next((part for part in _PARTS if part in asked), None)


def precedence(
    version: str,
) -> tuple[tuple[int, int, int], bool, tuple[tuple[bool, int, str], ...]]:
    """Return a key that orders versions as Semantic Versioning does.

    Args:
        version: a version that conforms.
    """
    _, _, pre = version.partition("+")[0].partition("-")
    words = pre.split(".") if pre else []
    # Numbers come before words, and a release after all of its pre-releases.
    marks = tuple((False, int(word), "") if word.isdecimal() else (True, 0, word) for word in words)
    return _core(version), not pre, marks


def _core(version: str) -> tuple[int, int, int]:
    major, minor, patch = version.partition("+")[0].partition("-")[0].split(".")
    return int(major), int(minor), int(patch)
