"""The content-addressed store of data that came from elsewhere.

    sha256/AB/ABCD…       the bytes, named by their SHA-256
    datasets/KEY.json     a Receipt: which bytes a source gave, and which dataset they are

The bytes are verified each time they are asked for; lost or damaged ones are thrown away, and
fetched again. Nothing is written in its place: bytes and receipts are renamed when they are whole.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.digest import digest_file
from mergeline.pipeline.fetch_log import FetchRecord
from mergeline.pipeline.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.specs.types.data import Dataset

_DAY = 86_400.0


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of bytes in the store.

    Attributes:
        content: their digest.
        dataset: the digest of the dataset that was read from them; None: not read yet.
        name: the dataset's name.
        uri: where they came from.
        pii: the columns that hold personal data.
        retention: how long they may be kept, as data.yaml says it.
        fetched: when they came.
        expires: when they must be gone; None: never.
        fetch: who fetched them; None: an earlier version did, and did not say.
    """

    content: str
    dataset: str | None
    name: str
    uri: str
    pii: tuple[str, ...]
    retention: str | None
    fetched: datetime
    expires: datetime | None
    fetch: FetchRecord | None = None

    @property
    def origin(self) -> Origin:
        """What is made of the bytes has the same time."""
        return Origin(dataset=self.name, fetched=self.fetched, expires=self.expires)


@dataclass(frozen=True, slots=True)
class DataStore:
    """A store below one folder."""

    root: Path

    def find(self, content: str) -> Path | None:
        """Return the file with these bytes; None: it is not there, or holds others by now."""
        path = self._path(content)
        with contextlib.suppress(OSError):
            if digest_file(path) == content:
                return path
            path.unlink()
        return None

    @contextlib.contextmanager
    def work(self) -> Iterator[Path]:
        """Give an empty folder to fetch into; it is gone afterwards."""
        parent = self.root / "work"
        parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=parent) as folder:
            yield Path(folder)

    def keep(self, file: Path) -> tuple[str, Path]:
        """Move a finished file into the store; the digest of its bytes, and where it is."""
        content = digest_file(file)
        path = self._path(content)
        path.parent.mkdir(parents=True, exist_ok=True)
        file.chmod(0o600)
        # Equal bytes may be there already; one replaces the other as a whole.
        file.replace(path)
        return content, path

    def receipt(self, key: str) -> Receipt | None:
        """Return what is known under a key; None: nothing that can be read."""
        try:
            return msgspec.json.decode(self._receipt(key).read_bytes(), type=Receipt)
        except (OSError, msgspec.DecodeError):
            return None

    def remember(self, key: str, receipt: Receipt) -> None:
        """Write a receipt under a key."""
        path = self._receipt(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with self.work() as folder:
            (folder / path.name).write_bytes(msgspec.json.encode(receipt) + b"\n")
            (folder / path.name).replace(path)

    def forget(self, key: str) -> None:
        """Delete the receipt under a key; its bytes stay while another one tells of them."""
        self._receipt(key).unlink(missing_ok=True)

    def expire(self, now: datetime, dataset: Dataset | None, *, public: bool) -> None:
        """Delete what may not be kept any longer, and bytes that no receipt tells of.

        Bytes without a receipt have a day: a run may be about to write it, or to finish them.

        Args:
            now: the time.
            dataset: a dataset as data.yaml describes it now.
            public: may the store hold public data only? Then that dataset goes if it is private.
        """
        wanted: set[Path] = set()
        for path in (self.root / "datasets").glob("*.json"):
            receipt = self.receipt(path.stem)
            if receipt is None or receipt.origin.must_go(now, dataset, public=public):
                path.unlink(missing_ok=True)
                if receipt is not None:
                    _age(self._path(receipt.content))
            else:
                wanted.add(self._path(receipt.content))
        for path in (self.root / "sha256").glob("*/*"):
            if path not in wanted and _is_old(path):
                path.unlink(missing_ok=True)
        for folder in (self.root / "work").glob("*"):
            if _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _path(self, content: str) -> Path:
        name = content.removeprefix("sha256:")
        return self.root / "sha256" / name[:2] / name

    def _receipt(self, key: str) -> Path:
        return self.root / "datasets" / f"{key.removeprefix('sha256:')}.json"


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > _DAY
    except FileNotFoundError:
        return False


def _age(path: Path) -> None:
    """Let bytes count as old: their last receipt is gone."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(path, (0, 0))
