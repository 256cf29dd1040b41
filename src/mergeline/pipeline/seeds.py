"""The seeds of every generator that a training may draw from, and its native threads."""

from __future__ import annotations

import contextlib
import os
import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def repeatable(seed: int, threads: int) -> Iterator[None]:
    """Seed `random` and NumPy's global generator, limit native threads, restore both after."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    before, numpy_before = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        with threadpool_limits(limits=threads):
            yield
    finally:
        random.setstate(before)
        np.random.set_state(numpy_before)


def seed_facts(seed: int, threads: int) -> dict[str, Any]:
    """Return what a run records of its seeds."""
    return {
        "random": seed,
        "numpy": seed,
        "random_state": seed,
        "threads": threads,
        "PYTHONHASHSEED": os.environ.get("PYTHONHASHSEED"),
    }
