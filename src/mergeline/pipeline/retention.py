"""What a clone keeps of data: apart if they are not public, and no longer than they may be kept.

data/shared, cache, runs/MODEL/failed    made from public data
private/data, private/cache, private/failed/MODEL    everything else; no workflow saves it
"""

from __future__ import annotations

import contextlib
import shutil
from typing import TYPE_CHECKING

from mergeline.pipeline.cache import Cache, read_origin
from mergeline.pipeline.data_store import DataStore

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from mergeline.specs.types.data import Dataset

PRIVATE = "private"
_SET_ASIDE = {True: "runs/*/failed", False: "failed/*"}


def data_store(state: Path, *, public: bool) -> DataStore:
    """Return the store of data from elsewhere."""
    home = _home(state, public=public) / "data"
    return DataStore(home / "shared" if public else home)


def step_cache(state: Path, *, public: bool, fresh: bool = False) -> Cache:
    """Return the cache of step outputs."""
    home = _home(state, public=public)
    return Cache(home / "cache", public=public, fresh=fresh)


def set_aside(state: Path, model: str, *, public: bool) -> Path:
    """Return the folder for what failed steps of a model wrote."""
    home = _home(state, public=public)
    return home / _SET_ASIDE[public].replace("*", model)


def expire(state: Path, now: datetime, dataset: Dataset | None = None) -> None:
    """Delete what may not be kept any longer, or not where it is. Call it before reading any.

    Args:
        state: the folder of what a clone keeps.
        now: the time.
        dataset: a dataset as data.yaml describes it now: if it has become private, or its
            retention shorter, that holds at once for what was kept before.
    """
    if not state.is_dir():
        return
    for public in (True, False):
        data_store(state, public=public).expire(now, dataset, public=public)
        step_cache(state, public=public).expire(now, dataset)
        for step in _home(state, public=public).glob(f"{_SET_ASIDE[public]}/*"):
            origin = read_origin(step)
            if origin is None or origin.must_go(now, dataset, public=public):
                shutil.rmtree(step, ignore_errors=True)


def _home(state: Path, *, public: bool) -> Path:
    """Return the state folder, or the one in it that only this user may look into."""
    if public:
        return state
    folder = state / PRIVATE
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    # Where earlier versions kept personal data.
    with contextlib.suppress(OSError):
        (state / "data" / "personal").rename(folder / "data")
    return folder
