"""A release in parts, as the jobs of release-model.yml do it, and what the last one refuses."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from loop import jobs as jobs_module
from loop.jobs import Jobs
from loop.world import BOT, GRACE, MARGARET, MODEL
from pipeline.handed_over import resealed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from loop.conftest import Keep
    from loop.world import World


def _evaluated(world: World) -> None:
    """1.1.0 was merged, trained and evaluated against 1.0.0, and is not registered yet."""
    world.release("1.1.0", training=("C: 1.0", "C: 0.5"))
    jobs = Jobs(world)
    jobs.fetch()
    jobs.train()
    jobs.evaluate()
    (jobs.handover / "digests.json").write_text(json.dumps(jobs.digests))


@pytest.fixture
def evaluated(
    keep: Keep,
    left_in_production: Path,
    go_on: Callable[..., AbstractContextManager[World]],
) -> Iterator[Jobs]:
    left = keep("evaluated", _evaluated, __file__, jobs_module.__file__, start=left_in_production)
    with go_on(left) as world:
        jobs = Jobs(world)
        jobs.digests = json.loads((jobs.handover / "digests.json").read_text())
        yield jobs


def forged(folder: Path, change: Callable[[dict], None]) -> str:
    """Change the result that was handed over, and all digests beside it; the new one."""
    path = folder / "result.json"
    result = json.loads(path.read_text())
    change(result)
    path.write_text(json.dumps(result))
    return resealed(folder)


def refused(jobs: Jobs, *words: str, digest: str | None = None) -> None:
    [row] = jobs.register(expect=1, digest=digest)
    assert row["action"] == "refused"
    for word in words:
        assert word in row["message"]
    entries = jobs.world.mergeline("status", MODEL, "--verify", "--format", "json").json()
    assert [one["version"] for one in entries["versions"]] == ["1.0.0"]


@pytest.mark.slow
def test_what_the_jobs_made_is_released(evaluated: Jobs) -> None:
    world = evaluated.world
    assert (evaluated.handover / "fetched/champion/model.skops").is_file()
    [row, *_] = evaluated.register()
    assert (row["subject"], row["action"]) == ("release", "released")
    assert "1.1.0 is registered" in row["message"]
    proposed = world.proposed("staging")
    assert proposed is not None
    assert proposed.author == BOT.login
    # Run again, it finds what is there.
    [again, *_] = evaluated.register()
    assert again["action"] in ("released", "unchanged", "adopted"), again
    world.promote("staging")
    assert ("staging", "moved") in world.apply()


@pytest.mark.slow
def test_another_digest(evaluated: Jobs) -> None:
    refused(evaluated, "what was handed over has digest", digest=f"sha256:{'0' * 64}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["evaluate/evaluation.json", "package/model/model.skops"])
def test_a_changed_file(evaluated: Jobs, name: str) -> None:
    path = evaluated.handover / "evaluated" / name
    path.write_bytes(path.read_bytes() + b" ")
    refused(evaluated, "what was handed over was changed", name)


@pytest.mark.slow
def test_a_changed_file_with_its_digests(evaluated: Jobs) -> None:
    """All that lies in an artifact can be made to fit; the digest that the job said cannot."""
    folder = evaluated.handover / "evaluated"
    path = folder / "evaluate/evaluation.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert resealed(folder) != evaluated.digests["evaluated"]
    refused(evaluated, "what was handed over has digest")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["version", "commit", "model"])
def test_a_run_of_something_else(evaluated: Jobs, name: str) -> None:
    """A job could say any digest: what is registered is of this version at this commit."""
    digest = forged(evaluated.handover / "evaluated", lambda result: result.update({name: "9.9"}))
    refused(evaluated, f"the run is of {name} 9.9", digest=digest)


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"outcome": "failed"}, {"clean": False}])
def test_a_run_that_did_not_pass(evaluated: Jobs, change: dict) -> None:
    digest = forged(evaluated.handover / "evaluated", lambda result: result.update(change))
    refused(evaluated, "did not pass", digest=digest)


@pytest.mark.slow
def test_a_run_that_was_compared_with_no_champion(evaluated: Jobs) -> None:
    digest = forged(
        evaluated.handover / "evaluated", lambda result: result.update({"champion": None})
    )
    refused(evaluated, "compared with no champion, production has sha256:", digest=digest)


@pytest.mark.slow
def test_a_champion_that_changed_meanwhile(staged: World) -> None:
    _evaluated(staged)
    jobs = Jobs(staged)
    jobs.digests = json.loads((jobs.handover / "digests.json").read_text())
    assert not (jobs.handover / "fetched/champion").exists()
    staged.promote("production", GRACE, MARGARET)
    command = ("apply", MODEL, "--only", "production", "--format", "json")
    [moved] = staged.mergeline(*command, user=BOT).json()
    assert moved["action"] == "moved"
    refused(jobs, "compared with no champion, production has sha256:")


@pytest.mark.slow
def test_what_was_fetched_is_another(evaluated: Jobs) -> None:
    shutil.rmtree(evaluated.handover / "trained")
    path = evaluated.handover / "fetched/fetched.json"
    path.write_text(path.read_text().replace('"1.1.0"', '"1.0.0"'))
    assert "what was fetched has digest" in evaluated.train(expect=1).err


@pytest.mark.slow
def test_a_training_of_another_version(evaluated: Jobs) -> None:
    shutil.rmtree(evaluated.handover / "evaluated")
    digest = forged(
        evaluated.handover / "trained", lambda result: result.update({"version": "1.0.0"})
    )
    assert "has digest" in evaluated.evaluate(expect=1).err
    said = evaluated.evaluate(expect=1, **{"trained-digest": digest}).err
    assert "the training is of version 1.0.0, not 1.1.0" in said


FETCHED = ("--fetched", "x")
TRAINED = ("--trained", "x")
EVALUATED = ("--evaluated", "x")
DIGEST = ("--digest", "sha256:0")


@pytest.mark.parametrize(
    "arguments",
    [
        ("apply", MODEL, "--only", "release", *EVALUATED),
        ("apply", MODEL, "--only", "release", *DIGEST),
        ("apply", MODEL, *EVALUATED, *DIGEST),
        ("apply", "--only", "release", *EVALUATED, *DIGEST),
        ("apply", MODEL, "other", "--only", "release", *EVALUATED, *DIGEST),
        ("apply", MODEL, "--only", "release", "--only", "staging", *EVALUATED, *DIGEST),
        ("release", "fetch", MODEL),
        ("release", "fetch", MODEL, "--to", "new", *FETCHED),
        ("release", "fetch", MODEL, "--to", "new", *DIGEST),
        ("release", "train", MODEL, "--to", "new"),
        ("release", "train", MODEL, "--to", "new", *FETCHED, *TRAINED),
        ("release", "train", MODEL, "--to", "new", *FETCHED, "--trained-digest", "sha256:0"),
        ("release", "evaluate", MODEL, "--to", "new", *FETCHED),
        ("release", "evaluate", MODEL, "--to", "new", *TRAINED),
        ("release", "fetch", MODEL, "--to", "models"),
        ("release", "train", MODEL, "--to", "models", *FETCHED),
        ("release", "fetch", MODEL, "--to", ".gitignore"),
        ("release", "fetch", "gone", "--to", "new"),
        ("release", "register", MODEL, "--to", "new"),
    ],
)
def test_options_that_do_not_go_together(in_production: World, arguments: tuple[str, ...]) -> None:
    world = in_production
    try:
        code = world.run(*arguments).code
    except SystemExit as end:
        code = end.code
    assert code == 2
    assert not (world.clone / "new").exists()
