"""One training for many tests: worlds in which something has happened are kept, and copied."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from loop import world as world_module
from loop.world import GRACE, MARGARET, copy_world, open_world
from made_once import made_once
from mergeline.devforge import Protection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path
    from typing import Protocol

    from loop.world import World

    class Keep(Protocol):
        """Returns where a world is kept; it began as a copy of another, or was never released."""

        def __call__(
            self,
            name: str,
            happen: Callable[[World], None],
            *made_of: str,
            start: Path | None = ...,
        ) -> Path: ...


# What the documentation asks for, but for checks: nobody runs them here.
RECOMMENDED = Protection(
    required_approving_review_count=1,
    dismiss_stale_reviews=True,
    require_code_owner_reviews=True,
    require_last_push_approval=True,
    enforce_admins=True,
)


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Keep:
    """Let something happen in a world once, and keep it."""

    def kept(
        name: str, happen: Callable[[World], None], *made_of: str, start: Path | None = None
    ) -> Path:
        def make(folder: Path) -> None:
            opened = (
                copy_world(start, folder, monkeypatch, capsys)
                if start
                else open_world(folder, monkeypatch, capsys)
            )
            with opened as world:
                happen(world)

        return made_once(name, make, world_module.__file__, __file__, *made_of)

    return kept


@pytest.fixture
def left_in_staging(keep: Keep) -> Path:
    """Where the world is kept in which 1.0.0 is in staging and proposed above."""
    return keep("staging", _to_staging)


def _to_staging(world: World) -> None:
    world.release("1.0.0")
    world.apply()
    world.promote("staging")
    assert world.apply() == [("staging", "moved"), ("production", "opened")]


@pytest.fixture
def left_in_production(keep: Keep, left_in_staging: Path) -> Path:
    """Where the world is kept in which 1.0.0 is in production."""
    return keep("production", _to_production, start=left_in_staging)


def _to_production(world: World) -> None:
    world.promote("production", GRACE, MARGARET)
    assert world.apply()[-1] == ("production", "moved")


@pytest.fixture
def left_with_two(keep: Keep, left_in_production: Path) -> Path:
    """Where the world is kept in which 1.1.0 came to production after 1.0.0."""
    return keep("two", _second, start=left_in_production)


def _second(world: World) -> None:
    world.at_production("1.1.0", training=("C: 1.0", "C: 0.5"))


@pytest.fixture
def go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., AbstractContextManager[World]]:
    """Give a copy of a world that was kept, under a protection."""

    @contextmanager
    def gone_on(kept: Path, protection: Protection | None = None) -> Iterator[World]:
        with copy_world(kept, tmp_path / "world", monkeypatch, capsys, protection) as world:
            yield world

    return gone_on


@pytest.fixture
def staged_with(
    left_in_staging: Path, go_on: Callable[..., AbstractContextManager[World]]
) -> Callable[[Protection | None], AbstractContextManager[World]]:
    """Give a world, under a protection, in which 1.0.0 is in staging and proposed above."""
    return lambda protection: go_on(left_in_staging, protection)


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


@pytest.fixture
def in_production(
    left_in_production: Path, go_on: Callable[..., AbstractContextManager[World]]
) -> Iterator[World]:
    """1.0.0 is in production, and nothing is open."""
    with go_on(left_in_production) as world:
        yield world


@pytest.fixture
def two_versions(
    left_with_two: Path, go_on: Callable[..., AbstractContextManager[World]]
) -> Iterator[World]:
    """1.1.0 came to production after 1.0.0."""
    with go_on(left_with_two) as world:
        yield world
