from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.plan.workbench import Clone, model_files, shared_files

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    """A repository whose main holds the model churn."""
    made = Clone(tmp_path / "repository")
    made.commit({**shared_files(), **model_files()}, "first")
    return made
