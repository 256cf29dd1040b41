"""One training for many tests: a world is brought to staging once, and each test has a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loop.world import copy_world, open_world
from mergeline.devforge import Protection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from loop.world import World

# What the documentation asks for, but for checks: nobody runs them here.
RECOMMENDED = Protection(
    required_approving_review_count=1,
    dismiss_stale_reviews=True,
    require_code_owner_reviews=True,
    require_last_push_approval=True,
    enforce_admins=True,
)


@pytest.fixture(scope="session")
def left_in_staging(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the world is left that is copied."""
    return tmp_path_factory.mktemp("worlds") / "staging"


@pytest.fixture
def staged_with(
    left_in_staging: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Callable[[Protection | None], AbstractContextManager[World]]:
    """Give a world, under a protection, in which 1.0.0 is in staging and proposed above."""
    if not left_in_staging.exists():
        draft = tmp_path / "draft"
        draft.mkdir()
        with open_world(draft, monkeypatch, capsys) as world:
            world.release("1.0.0")
            world.apply()
            world.promote("staging")
            assert world.apply() == [("staging", "moved"), ("production", "opened")]
        with copy_world(draft, left_in_staging, monkeypatch, capsys):
            pass

    def staged(protection: Protection | None) -> AbstractContextManager[World]:
        return copy_world(left_in_staging, tmp_path / "world", monkeypatch, capsys, protection)

    return staged


@pytest.fixture
def staged(
    staged_with: Callable[[Protection | None], AbstractContextManager[World]],
) -> Iterator[World]:
    """1.0.0 is in staging, its pull request into production is open, the forge guards nothing."""
    with staged_with(None) as world:
        yield world


@pytest.fixture
def guarded(
    staged_with: Callable[[Protection | None], AbstractContextManager[World]],
) -> Iterator[World]:
    """The same, on a forge with the recommended protection."""
    with staged_with(RECOMMENDED) as world:
        yield world
