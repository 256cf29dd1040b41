"""The content-addressed cache of step outputs.

An entry is `<root>/.mergeline/cache/<step>/<key>/`, a folder with the outputs and a
`manifest.json`; what was made from data that are not public is below `.mergeline/private/cache`
instead, which no workflow saves. An entry is written in a temporary folder and renamed at the end,
so that a killed run leaves nothing half-written, and of two runs that make the same entry one wins.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_file, digest_json
from mergeline.pipeline.origin import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from mergeline.specs.types.data import Dataset

MANIFEST = "manifest.json"
_WORK = "work"


@dataclass(frozen=True, slots=True)
class Entry:
    """Outputs in the cache.

    Attributes:
        path: the folder.
        outputs: digest by file, volatile ones apart.
        seconds: how long they took to make.
        origin: the data that they were made from.
    """

    path: Path
    outputs: dict[str, str]
    seconds: float
    origin: Origin

    @property
    def digest(self) -> str:
        """The digest of all outputs that equal runs make equal."""
        return digest_json(self.outputs)


class Cache:
    """The cache of one work tree."""

    def __init__(self, root: Path, *, public: bool = True, fresh: bool = False) -> None:
        """Open the cache.

        Args:
            root: its folder.
            public: does it hold what was made from public data, and nothing else?
            fresh: take nothing that was there before, and replace it by what is made now. The
                digests of an entry are in the entry itself: they detect damage, not forgery.
        """
        self._root = root
        self._public = public
        self._fresh = fresh

    def find(self, step: str, key: str) -> Entry | None:
        """Return an entry whose outputs have the digests they should; throw a broken one away."""
        return None if self._fresh else self._read(step, key)

    def _read(self, step: str, key: str) -> Entry | None:
        path = self._path(step, key)
        if not path.is_dir():
            return None
        entry = _verified(path)
        if entry is None:
            self.discard(path)
        return entry

    @contextlib.contextmanager
    def work(self, step: str) -> Iterator[Path]:
        """Give an empty folder to write outputs in; it is gone afterwards."""
        self._sweep()
        parent = self._root / _WORK
        parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-{step}-", dir=parent))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def keep(
        self,
        step: str,
        key: str,
        work: Path,
        origin: Origin,
        *,
        volatile: frozenset[str],
        seconds: float,
    ) -> Entry:
        """Move finished outputs into the cache; if another run was first, take its entry.

        A fresh cache takes none: its own outputs replace those of the other run.

        Raises:
            OSError: they cannot be moved there.
        """
        write_manifest(work, origin, volatile, seconds)
        path = self._path(step, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        work.chmod(0o755 if self._public else 0o700)
        for _ in range(3):
            if self._fresh:
                self.discard(path)
            with contextlib.suppress(OSError):
                work.rename(path)
            entry = None if self._fresh and work.exists() else self._read(step, key)
            if entry is not None:
                return entry
        raise OSError(f"{path} cannot be written")

    def expire(self, now: datetime, dataset: Dataset | None) -> None:
        """Delete entries that may not be kept any longer, and those that do not say until when.

        Args:
            now: the time.
            dataset: a dataset as data.yaml describes it now.
        """
        self._sweep()
        for path in self._root.glob("*/*"):
            if path.parent.name == _WORK:
                continue
            origin = read_origin(path)
            if origin is None or origin.must_go(now, dataset, public=self._public):
                self.discard(path)

    def discard(self, path: Path) -> None:
        """Take an entry out of sight at once, then delete it."""
        parent = self._root / _WORK
        parent.mkdir(parents=True, exist_ok=True)
        grave = Path(tempfile.mkdtemp(prefix=f"{os.getpid()}-discarded-", dir=parent))
        with contextlib.suppress(OSError):
            path.rename(grave / "entry")
        shutil.rmtree(grave, ignore_errors=True)

    def _path(self, step: str, key: str) -> Path:
        return self._root / step / key.removeprefix("sha256:")

    def _sweep(self) -> None:
        """Delete what killed runs left: the names begin with a process that is no more."""
        for folder in (self._root / _WORK).glob("*-*"):
            process = folder.name.partition("-")[0]
            if process.isdecimal() and not _alive(int(process)):
                shutil.rmtree(folder, ignore_errors=True)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _files(folder: Path) -> list[str]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.relative_to(folder).as_posix() for path in paths)


def write_manifest(work: Path, origin: Origin, volatile: frozenset[str], seconds: float) -> None:
    """Seal a folder: what is in it, and what it was made from."""
    digests = {name: digest_file(work / name) for name in _files(work)}
    manifest = {
        "outputs": {name: digest for name, digest in digests.items() if name not in volatile},
        "volatile": {name: digest for name, digest in digests.items() if name in volatile},
        "seconds": round(seconds, 3),
        "origin": msgspec.to_builtins(origin),
    }
    (work / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def read_origin(folder: Path) -> Origin | None:
    """Return what a sealed folder was made from; None: it does not say."""
    try:
        manifest: Any = json.loads((folder / MANIFEST).read_bytes())
        return msgspec.convert(manifest["origin"], Origin)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _verified(path: Path) -> Entry | None:
    try:
        manifest: Any = json.loads((path / MANIFEST).read_bytes())
        outputs, volatile = dict(manifest["outputs"]), dict(manifest["volatile"])
        wanted = outputs | volatile
        if sorted([*wanted, MANIFEST]) != _files(path):
            return None
        if any(digest_file(path / name) != digest for name, digest in wanted.items()):
            return None
        origin = msgspec.convert(manifest["origin"], Origin)
        return Entry(path, outputs, float(manifest["seconds"]), origin)
    except (OSError, ValueError, KeyError, TypeError):
        return None
