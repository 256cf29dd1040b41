"""The pins of a lockfile, and the hashes that each is held to."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(;[^\\]*)?")


@dataclass(frozen=True, slots=True)
class Locked:
    """A package of a lockfile.

    Attributes:
        name: as the lockfile writes it, without extras.
        version: the one version.
        marker: where it is needed, as in `; sys_platform == 'linux'`; None: everywhere.
        hashes: the SHA-256 of each file that may be installed, in hexadecimal.
    """

    name: str
    version: str
    marker: str | None
    hashes: tuple[str, ...]


def locked(text: str) -> list[Locked]:
    """Return the packages of a hashed requirements file, in its order."""
    found = []
    for entry in re.split(r"(?m)^(?=\S)", text):
        match = _PIN.match(entry)
        if match:
            name, version, marker = match.groups()
            where = marker.strip() if marker else None
            found.append(Locked(name, version, where, tuple(_HASH.findall(entry))))
    return found


def pins(text: str) -> list[str]:
    """Return the requirements of a hashed requirements file as `name==version[ ; marker]`."""
    return [
        f"{one.name}=={one.version}" + (f" {one.marker}" if one.marker else "")
        for one in locked(text)
    ]
