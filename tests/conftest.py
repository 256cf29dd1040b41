"""What tests of several folders need."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from mergeline.process import run

pytest_plugins = ["parts"]

if TYPE_CHECKING:
    from collections.abc import Iterator

    from core_environment import Core
    from loop.world import World

ROOT = Path(__file__).parents[1]
# As Hypothesis would choose it for itself, but that no example has to be quick; and ten times as
# many examples, of other draws each time, for what runs by the week.
settings.register_profile("usual", settings.default, deadline=None)
settings.register_profile(
    "weekly", max_examples=1000, deadline=None, derandomize=False, print_blob=True
)
settings.load_profile("usual")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take long, so that no worker is left alone with one at the end."""
    long = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in long)


@pytest.fixture(scope="session")
def opa() -> str:
    """The path of the real opa; without it a test is skipped, but fails in CI."""
    return _tool("opa")


@pytest.fixture(scope="session")
def act() -> str:
    """The path of the real act; without it a test is skipped, but fails in CI."""
    return _tool("act")


@pytest.fixture(scope="session")
def actionlint() -> str:
    """The path of the real actionlint; without it a test is skipped, but fails in CI."""
    return _tool("actionlint")


def _tool(name: str) -> str:
    done = run([str(ROOT / "scripts/get-tool"), name], timeout=900)
    if done.status == 0:
        return done.stdout.strip()
    reason = f"scripts/get-tool {name} found none: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def core(tmp_path_factory: pytest.TempPathFactory) -> Core:
    """An environment with the wheel of this checkout and the libraries of the core."""
    from core_environment import make_core

    return make_core(tmp_path_factory.mktemp("core"))


@pytest.fixture
def world(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[World]:
    """A forge and a clone with the reference model, never released."""
    from loop.world import open_world

    with open_world(tmp_path, monkeypatch, capsys) as made:
        yield made
