"""The pins of a lockfile, its hashes apart."""

from __future__ import annotations

import re

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)\s*(;[^\\]*)?")


def pins(text: str) -> list[str]:
    """Return the requirements of a hashed requirements file as `name==version[ ; marker]`."""
    found = []
    for line in text.splitlines():
        match = _PIN.match(line)
        if match:
            name, version, marker = match.groups()
            found.append(f"{name}=={version}" + (f" {marker.strip()}" if marker else ""))
    return found
