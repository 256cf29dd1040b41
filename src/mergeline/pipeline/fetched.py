"""What the jobs of a release that run a model's code are given: nothing else reaches them.

fetched.json     what is released, at which commit, against which champion
champion/        the champion's package, if there is one
data/            the bytes of the data, by digest, if a source gave them
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

import msgspec

from mergeline.digest import digest_bytes
from mergeline.errors import RefusedError, ToolError
from mergeline.pipeline.stage import Rival

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.pipeline.context import Champion
    from mergeline.specs.repository import ModelFolder

_FILE = "fetched.json"


class ChampionFacts(msgspec.Struct, frozen=True):
    """The version in production: its version, its release digest, the digest of its package."""

    version: str
    digest: str
    artifact_digest: str


class Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be released.

    Attributes:
        model: its name.
        version: that the specs name.
        commit: the merge commit that it is trained at.
        champion: the version in production, or None.
    """

    model: str
    version: str
    commit: str
    champion: ChampionFacts | None

    @classmethod
    def of(cls, model: ModelFolder, commit: str, champion: Champion | None) -> Self:
        """Return it for a model, a commit and its champion."""
        facts = None
        if champion is not None:
            facts = ChampionFacts(champion.version, champion.digest, champion.artifact_digest)
        return cls(model=model.name, version=model.model.version, commit=commit, champion=facts)

    def rival(self, folder: Path) -> Rival | None:
        """Return the champion with its package, which lies in the folder."""
        if self.champion is None:
            return None
        return Rival(
            name=self.model,
            version=self.champion.version,
            digest=self.champion.digest,
            artifact_digest=self.champion.artifact_digest,
            folder=str(folder / "champion"),
        )


def write_fetched(folder: Path, fetched: Fetched) -> str:
    """Write it into the folder; its digest."""
    content = msgspec.json.format(msgspec.json.encode(fetched), indent=2) + b"\n"
    (folder / _FILE).write_bytes(content)
    return digest_bytes(content)


def read_fetched(folder: Path, digest: str | None) -> Fetched:
    """Return what was fetched.

    The commit says what is trained, the digests of champion and data what these are; whoever
    registers compares all of them with what was merged.

    Args:
        folder: where it is.
        digest: that it must have; None: any.

    Raises:
        RefusedError: it has another digest.
        ToolError: nothing was.
    """
    try:
        content = (folder / _FILE).read_bytes()
        if digest is not None and digest_bytes(content) != digest:
            raise RefusedError(f"what was fetched has digest {digest_bytes(content)}, not {digest}")
        return msgspec.json.decode(content, type=Fetched)
    except (OSError, msgspec.DecodeError) as error:
        raise ToolError(
            f"{folder} holds nothing that was fetched: {error}",
            hint="mergeline release fetch MODEL --to FOLDER makes it",
        ) from None
