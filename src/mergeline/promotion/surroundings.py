"""The environment here against the one that a lockfile, or a release record, asks for."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from mergeline.digest import digest_bytes
from mergeline.pipeline.dependencies import installed
from mergeline.pipeline.hardware import machine
from mergeline.pipeline.lockfile import pins

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from mergeline.specs.types import Release
    from mergeline.specs.types.release import ReleasedEnvironment

# What a difference in says nothing against equal results; other processors may, in the last bit.
_MACHINE = ("os", "cpu", "gpu", "driver", "threads")


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not here as it was asked for; None: it is not here, or not asked for."""

    name: str
    wanted: str | None
    here: str | None

    def as_json(self) -> dict[str, str | None]:
        """Return the gap for programs."""
        return {"name": self.name, "wanted": self.wanted, "here": self.here}

    def __str__(self) -> str:
        return f"{self.name} {self.here or 'is not'} here, {self.wanted or 'none'} wanted"


@dataclass(frozen=True, slots=True)
class Checked:
    """This environment against something that describes one.

    Attributes:
        against: what it was compared with.
        gaps: what differs and changes results, or may.
        notes: what differs in the machine, which only the last bit can depend on.
        mend: the command that makes it so.
    """

    against: str
    gaps: tuple[Gap, ...]
    mend: str
    notes: tuple[Gap, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        return {
            "against": self.against,
            "gaps": [gap.as_json() for gap in self.gaps],
            "notes": [gap.as_json() for gap in self.notes],
            "mend": self.mend if self.gaps else None,
        }


def against_lock(path: str, lockfile: str | None, pythons: Collection[str]) -> Checked:
    """Compare with a lockfile of the work tree, and the Pythons that its models may use.

    Args:
        path: of the lockfile.
        lockfile: its text; None: it is not there.
        pythons: PEP 440 specifiers.
    """
    here = platform.python_version()
    off = [one for one in pythons if not SpecifierSet(one).contains(here, prereleases=True)]
    gaps = [Gap("python", one, here) for one in sorted(off)]
    if lockfile is None:
        return Checked(path, (*gaps, Gap(path, "a lockfile", None)), f"git restore {path}")
    return Checked(
        path,
        (*gaps, *gaps_to_lock(lockfile)),
        f"uv pip install --require-hashes --requirement {path}",
    )


def against_record(release: Release, lockfile: bytes | None) -> Checked:
    """Compare with the record of a release.

    Args:
        release: the record.
        lockfile: what its lockfile holds in this work tree; None: it is not there.
    """
    recorded = release.environment
    locked = Gap(
        f"digest of {recorded.lockfile}",
        recorded.lockfile_digest,
        None if lockfile is None else digest_bytes(lockfile),
    )
    commit = release.training.commit
    return Checked(
        f"{release.name} {release.version}",
        (*([] if locked.wanted == locked.here else [locked]), *gaps_to_record(recorded)),
        f"git show {commit[:12]}:{recorded.lockfile} >recorded.txt && "
        "uv pip install --require-hashes --requirement recorded.txt",
        tuple(machine_notes(recorded)),
    )


def gaps_to_lock(lockfile: str) -> list[Gap]:
    """Return the packages that are not installed as a lockfile's text pins them here."""
    there = _named(installed(lockfile))
    found = []
    for requirement in map(Requirement, pins(lockfile)):
        if requirement.marker is not None and not requirement.marker.evaluate():
            continue
        name, pin = str(canonicalize_name(requirement.name)), str(requirement.specifier)
        here = there.get(name)
        if here is None or not requirement.specifier.contains(here, prereleases=True):
            found.append(Gap(name, pin.removeprefix("=="), here))
    return found


def gaps_to_record(recorded: ReleasedEnvironment) -> list[Gap]:
    """Return how Python and the packages here differ from those of a record.

    Of Python the minor version counts: a patch release changes no results.
    """
    wanted = _named(recorded.dependencies)
    here = _named(installed("\n".join(f"{name}==0" for name in wanted)))
    python = Gap("python", recorded.python, platform.python_version())
    found = [] if _minor(python.wanted) == _minor(python.here) else [python]
    gaps = (Gap(name, version, here.get(name)) for name, version in sorted(wanted.items()))
    return [*found, *(gap for gap in gaps if gap.wanted != gap.here)]


def machine_notes(recorded: ReleasedEnvironment) -> list[Gap]:
    """Return how this machine differs from the recorded one."""
    here: Mapping[str, str] = machine()
    found = [Gap("python", recorded.python, here["python"])]
    found += [Gap(name, getattr(recorded, name), here[name]) for name in _MACHINE]
    return [gap for gap in found if gap.wanted is not None and gap.wanted != gap.here]


def _named(packages: Mapping[str, str]) -> dict[str, str]:
    return {str(canonicalize_name(name)): version for name, version in packages.items()}


def _minor(version: str | None) -> list[str]:
    return (version or "").split(".")[:2]
