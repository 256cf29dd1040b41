from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from devforge.judging import _as_described, judge
from devforge.workbench import Clock, Workbench, make_config, make_workbench
from mergeline.devforge import DevelopmentForge

__all__ = ["_as_described", "judge"]

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A forge without protection."""
    with DevelopmentForge(tmp_path / "forge", make_config(), clock=Clock()) as forge:
        yield make_workbench(tmp_path, forge)
