"""The generated workflows, run: act executes them on this machine, against the forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loop.world import ADA, open_world

from .acting import Acting, seed_with_workflows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def acting(
    act: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Acting]:
    with open_world(tmp_path, monkeypatch, capsys, seed=seed_with_workflows) as world:
        yield Acting(world, act, tmp_path / "actions")


def test_from_a_pull_request_to_production(acting: Acting) -> None:
    world = acting.world
    world.edit("training.yaml", "C: 1.0", "C: 0.5")
    world.edit("model.yaml", "version: 0.1.0", "version: 1.0.0")
    world.push("stronger", "Regularise more")
    pull_request = world.open("stronger")
    run = acting.pull_request(pull_request.number)
    assert run.jobs["gate"] == "success", run.text
    with world.client(ADA) as forge:
        (comment,) = forge.comments(pull_request.number)
    assert comment.body.startswith("**Ready.**")
