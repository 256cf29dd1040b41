from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mergeline.errors import ToolError
from mergeline.pipeline import read_result
from pipeline.workspace import statuses

TESTS = Path(__file__).parents[1]
DONE = ("data", "features", "train", "evaluate", "package")


def only(result):
    [issue] = result.findings
    return issue


def test_a_second_run_takes_every_step_from_the_cache(work):
    result = work.run("toy")
    assert statuses(result) == dict.fromkeys(DONE, "cached") | {"record": "skipped"}
    assert result.outcome == "passed"
    assert result.metrics[0]["name"] == "roc_auc"
    assert set(result.digests) == {
        "dataset",
        "test_set",
        "predictions",
        "model",
        "artifact",
        "evaluation",
        "lockfile",
    }


def test_the_result_is_written_and_can_be_read_again(work):
    result = work.run("toy")
    assert read_result(work.root / ".mergeline/runs/toy") == result
    assert all((work.root / path).exists() for path in result.paths.values())


def test_no_result_to_read_is_an_error_with_the_command_that_makes_one(tmp_path):
    with pytest.raises(ToolError) as caught:
        read_result(tmp_path)
    assert "mergeline run" in caught.value.hint


@pytest.mark.slow
def test_only_what_depends_on_a_change_runs_again(work):
    work.edit("models/toy/evaluation.yaml", "threshold: 0.7", "threshold: 0.6")
    assert statuses(work.run("toy")) == {
        "data": "cached",
        "features": "cached",
        "train": "cached",
        "evaluate": "ran",
        "package": "cached",
        "record": "skipped",
    }


def test_a_comment_changes_nothing(work):
    work.edit("models/toy/training.yaml", "random_seed: 3", "# why not\nrandom_seed: 3")
    assert statuses(work.run("toy"))["train"] == "cached"


def test_a_corrupted_entry_is_thrown_away_and_made_again(work):
    [model] = (work.root / ".mergeline/private/cache/train").glob("*/model.skops")
    sound = model.read_bytes()
    model.write_bytes(sound[:-1] + b"?")
    result = work.run("toy")
    assert statuses(result)["train"] == "ran"
    assert model.read_bytes() == sound
    assert statuses(result)["evaluate"] == "cached"


@pytest.mark.parametrize("damage", ["missing", "extra", "manifest"])
def test_an_entry_that_is_not_whole_is_no_hit(work, damage):
    [entry] = (work.root / ".mergeline/private/cache/features").iterdir()
    if damage == "missing":
        (entry / "test.parquet").unlink()
    elif damage == "extra":
        (entry / "other").write_text("")
    else:
        (entry / "manifest.json").write_text("{")
    assert statuses(work.run("toy"))["features"] == "ran"
    assert statuses(work.run("toy"))["features"] == "cached"


@pytest.mark.slow
def test_a_failed_step_is_not_cached_and_later_steps_are_skipped(work):
    work.edit("models/toy/evaluation.yaml", "threshold: 0.7", "threshold: 0.999")
    for _ in range(2):
        result = work.run("toy")
        assert statuses(result)["evaluate"] == "failed"
        assert statuses(result)["package"] == "skipped"
        assert result.outcome == "failed"
    # What was measured is there for the report all the same.
    assert result.metrics[0]["passed"] is False
    assert result.evaluation["curves"]["candidate"]["roc"]["fpr"]
    assert (work.root / result.paths["evaluate"] / "evaluation.json").is_file()


def test_progress_tells_the_start_and_the_end_of_each_step(work):
    shutil.rmtree(work.root / ".mergeline/private/cache/package")
    told = []
    work.run("toy", progress=told.append)
    assert [(one.step, one.state) for one in told] == [
        ("data", "cached"),
        ("features", "cached"),
        ("train", "cached"),
        ("evaluate", "cached"),
        ("package", "started"),
        ("package", "ran"),
        ("record", "skipped"),
    ]
    assert str(told[4]) == "[5/6] package …"


def test_an_unknown_step_is_found_in_its_line(work):
    work.edit("pipelines/classification.yaml", "  - train\n", "  - trian\n")
    result = work.run("toy")
    issue = next(issue for issue in result.findings if issue.rule == "unknown-step")
    assert issue.message == 'step "trian" is not known'
    assert issue.file == "pipelines/classification.yaml"
    assert issue.line == work.line("pipelines/classification.yaml", "trian")
    assert issue.hint.startswith('did you mean "train"? known: data, features, train')
    assert result.steps == ()


def test_steps_out_of_order_and_repeated_are_found(work):
    path = "pipelines/classification.yaml"
    work.edit(path, "  - data\n  - features\n", "  - features\n  - data\n  - data\n")
    rules = [(issue.rule, issue.line) for issue in work.run("toy").findings]
    assert ("step-order", 7) in rules
    assert ("step-repeated", 9) in rules


def test_a_missing_lockfile_is_found(work):
    (work.root / "requirements.txt").unlink()
    issue = only(work.run("toy"))
    assert issue.rule == "missing-lockfile"
    assert issue.line == work.line("models/toy/training.yaml", "lockfile")


_SLOW = """
import sys, time
from pathlib import Path
from mergeline.pipeline.cache import Cache
with Cache(Path(sys.argv[1])).work("train") as work:
    (work / "model.skops").write_text("half")
    print("writing", flush=True)
    time.sleep(60)
"""


def test_a_killed_run_leaves_nothing_in_the_cache_and_its_rest_is_swept(work):
    cache = work.root / ".mergeline/private/cache"
    process = subprocess.Popen(
        [sys.executable, "-c", _SLOW, str(cache)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "writing\n"
    entries = sorted(path.name for path in (cache / "train").iterdir())
    [left] = list((cache / "work").iterdir())
    process.kill()
    process.wait()
    assert left.exists()
    assert sorted(path.name for path in (cache / "train").iterdir()) == entries
    shutil.rmtree(cache / "package")
    assert work.run("toy").outcome == "passed"
    assert not left.exists()


_RUN = """
import sys
from pathlib import Path
from pipeline.workspace import Workspace, statuses
result = Workspace(Path(sys.argv[1])).run("toy")
print(result.outcome, result.digests["model"], result.digests["artifact"])
"""


@pytest.mark.slow
def test_two_processes_train_the_same_bytes_at_the_same_time(work):
    """Both without a cache of what comes after the data, one cache for both, other hash seeds."""
    for step in ("train", "evaluate", "package"):
        shutil.rmtree(work.root / ".mergeline/private/cache" / step)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _RUN, str(work.root)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=TESTS,
            env={"PYTHONHASHSEED": seed, "PATH": "", "PYTHONPATH": str(TESTS)},
        )
        for seed in ("1", "2")
    ]
    said = [process.communicate(timeout=120)[0] for process in processes]
    assert said[0].startswith("passed sha256:")
    assert said[0] == said[1]


_CHEAP = """
import sys
from pathlib import Path
from pipeline.workspace import Workspace
result = Workspace(Path(sys.argv[1])).run("toy")
heavy = {"numpy", "pandas", "sklearn", "great_expectations", "mlflow", "jsonschema", "skops"}
print(result.outcome, sorted(heavy & set(sys.modules)))
"""


def test_a_run_in_which_nothing_changed_loads_nothing_heavy(work):
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _CHEAP, str(work.root)],
        capture_output=True,
        text=True,
        cwd=TESTS,
        check=True,
    )
    assert done.stdout == "passed []\n"
    assert time.monotonic() - start < 5


def test_a_manifest_names_each_output(work):
    [entry] = (work.root / ".mergeline/private/cache/evaluate").iterdir()
    manifest = json.loads((entry / "manifest.json").read_text())
    assert list(manifest["outputs"]) == ["evaluation.json"]
    assert list(manifest["volatile"]) == ["confined.json", "timings.json"]
