"""What a job that was broken into could hand over: consistent in itself, and not of this commit."""

from __future__ import annotations

import contextlib
import json
import shutil
from typing import TYPE_CHECKING

import msgspec
import pytest

from mergeline.digest import digest_file, digest_json
from mergeline.errors import RefusedError
from mergeline.pipeline.handover import require_run_of, take_over
from mergeline.pipeline.stage import Stage, context_of, run_apart
from pipeline.handed_over import resealed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def _evaluation(change: Callable[[dict, dict], object]) -> Callable[[Path, dict], object]:
    def do(folder: Path, result: dict) -> None:
        path = folder / "evaluate/evaluation.json"
        said = json.loads(path.read_text())
        change(said, result)
        path.write_text(json.dumps(said))
        result |= {"evaluation": said, "metrics": said["metrics"]}
        result["digests"]["evaluation"] = digest_file(path)

    return do


def _file(name: str, change: Callable[[dict], object], key: str) -> Callable[[Path, dict], object]:
    def do(folder: Path, result: dict) -> None:
        said = json.loads((folder / name).read_text())
        change(said)
        (folder / name).write_text(json.dumps(said))
        result[key] = said

    return do


def _package(change: Callable[[Path], object]) -> Callable[[Path, dict], object]:
    def do(folder: Path, result: dict) -> None:
        package = folder / "package/model"
        change(package)
        files = {
            path.name: digest_file(path)
            for path in sorted(package.iterdir())
            if path.name != "manifest.json"
        }
        (package / "manifest.json").write_text(json.dumps({"files": files}))
        facts = {"artifact_digest": digest_json(files), "files": files}
        (folder / "package/package.json").write_text(json.dumps(facts))
        result["package"] = facts
        result["digests"]["artifact"] = facts["artifact_digest"]

    return do


def _confined(rows: list) -> Callable[[Path, dict], object]:
    def do(folder: Path, result: dict) -> None:
        (folder / "evaluate/confined.json").write_text(json.dumps(rows))
        result["confined"]["evaluate"] = rows

    return do


def _worse(said: dict, result: dict) -> None:
    for row in said["metrics"]:
        row |= {"value": 0.1, "lower": 0.0, "passed": False}
    said["gates"] = result["gates"] = []


def _passing(said: dict, result: dict) -> None:
    for row in said["metrics"]:
        row |= {"value": 0.1, "passed": True}
    for row in result["gates"]:
        row["value"] = 0.1 if row["kind"] == "threshold" else row["value"]


def _of_another_set(said: dict, result: dict) -> None:
    said["test_set"] = result["digests"]["test_set"] = f"sha256:{'0' * 64}"


def _deep(folder: Path, _: dict) -> None:
    (folder / "evaluate/timings.json").write_text("[" * 100_000)


CHANGES = {
    "no gates": lambda _, result: result.update(gates=[]),
    "metrics that do not pass": _evaluation(_worse),
    "metrics that say they pass": _evaluation(_passing),
    "no metrics": _evaluation(lambda said, result: said.update(metrics=[])),
    "another threshold": _evaluation(lambda said, _: said["metrics"][0].update(threshold=0.0)),
    "another metric": _evaluation(lambda said, _: said["metrics"][0].update(name="recall")),
    "a comparison": _evaluation(lambda said, _: said.update(comparison={"metrics": []})),
    "fairness": _evaluation(lambda said, _: said.update(fairness=[{"name": "x"}])),
    "another test set": _evaluation(_of_another_set),
    "no metrics' name": _evaluation(lambda said, _: said["metrics"][0].pop("name")),
    "another estimator": _file(
        "train/train.json", lambda said: said.update(estimator="sklearn.svm.SVC"), "training"
    ),
    "other hyperparameters": _file(
        "train/train.json", lambda said: said.update(hyperparameters={"C": 9}), "training"
    ),
    "another risk": lambda _, result: result.update(
        risk="low" if result["risk"] != "low" else "high"
    ),
    "more code": _package(lambda at: (at / "more.py").write_text("x = 1\n")),
    "other code": _package(lambda at: (at / "features.py").write_text("x = 1\n")),
    "another signature": _package(lambda at: (at / "signature.json").write_text("{}")),
    "other pins": _package(lambda at: (at / "requirements.txt").write_text("evil==1.0\n")),
    "nothing enforced": _confined([{"what": "the candidate", "enforced": []}]),
    "confined by nothing": _confined([{"what": "the candidate"}]),
    "too deep": _deep,
}


@pytest.mark.slow
def test_what_git_knows_is_not_taken_from_a_hand_over(work, tmp_path: Path) -> None:
    """One run serves all: what would be registered is left."""
    root, state = str(work.root), str(work.root / ".mergeline")
    stage = Stage(root=root, state=state, model="toy", commit="c" * 40, clean=True, fresh=True)
    made = tmp_path / "made"
    assert run_apart(msgspec.structs.replace(stage, hand_over=str(made)), lambda _: None, {}).passed
    context = context_of(stage, lambda _: None)
    require_run_of(context, take_over(made), made, None)
    taken = []
    for name, change in CHANGES.items():
        folder = tmp_path / "forged"
        shutil.copytree(made, folder)
        result = json.loads((folder / "result.json").read_text())
        change(folder, result)
        (folder / "result.json").write_text(json.dumps(result))
        digest = resealed(folder)
        with contextlib.suppress(RefusedError):
            require_run_of(context, take_over(folder, digest), folder, None)
            taken.append(name)
        shutil.rmtree(folder)
    assert taken == []
