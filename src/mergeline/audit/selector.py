"""What lineage is asked of: MODEL@VERSION, dataset:NAME[@DIGEST], feature:NAME[@VERSION]."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from mergeline.errors import UsageError

_RELEASE = re.compile(r"([^@:\s]+)@([^@:\s]+)")
_SOURCE = re.compile(r"(dataset|feature):([^@:\s]+)(?:@(\S+))?")


@dataclass(frozen=True, slots=True)
class Source:
    """A dataset or a feature; `version` is the beginning of a digest, or a version; None: any."""

    kind: Literal["dataset", "feature"]
    name: str
    version: str | None

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" + (f"@{self.version}" if self.version else "")


def parse_release(text: str) -> tuple[str, str]:
    """Return the model and the version that a word names.

    Raises:
        UsageError: it names none.
    """
    found = _RELEASE.fullmatch(text)
    if found is None:
        raise UsageError(f'"{text}" names no release', hint="write MODEL@VERSION: churn@1.4.0")
    return found[1], found[2]


def parse_source(text: str) -> Source:
    """Return the dataset or feature that a word names.

    Raises:
        UsageError: it names none.
    """
    found = _SOURCE.fullmatch(text)
    if found is None:
        raise UsageError(
            f'"{text}" names no dataset or feature',
            hint="write dataset:NAME, dataset:NAME@sha256:…, feature:NAME or feature:NAME@VERSION",
        )
    kind: Literal["dataset", "feature"] = "dataset" if found[1] == "dataset" else "feature"
    return Source(kind, found[2], found[3])
