"""The world of the loop's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loop.world import World, open_world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    """A forge and a clone with the reference model, never released."""
    with open_world(tmp_path, monkeypatch, capsys) as made:
        yield made
