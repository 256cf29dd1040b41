"""What the tests of this folder need."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from audit.past import Past

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def past(tmp_path: Path) -> Past:
    """A repository in which nothing was released yet."""
    return Past(tmp_path / "clone")


@pytest.fixture
def story(past: Past) -> Past:
    """1.0.0, then 1.1.0, then back, in production; what there was at noon of each day."""
    past.wants("1.0.0", "2024-09-10T12:00:00Z", merge=1)
    past.wants("1.1.0", "2024-09-12T12:00:00Z", merge=2, who="Margaret")
    past.wants("1.0.0", "2024-09-14T12:00:00Z", merge=3, reason="too many alarms")
    return past
