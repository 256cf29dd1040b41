"""The pipeline in processes of its own, and what one hands to the next."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest

from mergeline.digest import digest_file
from mergeline.errors import RefusedError, ToolError
from mergeline.pipeline.credentials import data_credentials
from mergeline.pipeline.handover import MANIFEST, hand_over, take_over
from mergeline.pipeline.stage import TRAIN, Stage, run_apart
from mergeline.sandbox import Child
from mergeline.specs.types.data import SklearnSource, SqlSource, UriSource
from pipeline.workspace import Workspace, statuses

SECRETS = {
    "GITHUB_TOKEN": "1",
    "GH_TOKEN": "1",
    "MLFLOW_TRACKING_USERNAME": "1",
    "MLFLOW_TRACKING_PASSWORD": "1",
    "MLFLOW_TRACKING_TOKEN": "1",
    "MERGELINE_SIGNING_KEY": "1",
    "MERGELINE_SIGNING_KEY_PASSWORD": "1",
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "1",
    "GIT_CONFIG_VALUE_0": "1",
    "VAULT_TOKEN": "1",
    "SSH_AUTH_SOCK": "1",
}


def silent(_: str) -> None:
    pass


def stage(work: Workspace, model: str = "toy", **given: object) -> Stage:
    """What `apply` asks for, of the toy at some commit."""
    root, state = str(work.root), str(work.root / ".mergeline")
    return Stage(root=root, state=state, model=model, commit="c" * 40, fresh=True, **given)


def trained(work: Workspace, tmp_path: Path) -> Path:
    folder = tmp_path / "trained"
    assert run_apart(stage(work, steps=TRAIN, hand_over=str(folder)), silent, {}).passed
    return folder


SALES = SqlSource(connection="SALES_DATABASE", query="sales.sql")
ALWAYS = {"HTTPS_PROXY": "1", "HOME": "/h"}
OTHERS = {"AWS_ACCESS_KEY_ID": "1", "AWS_SECRET_ACCESS_KEY": "1", "REGISTRY_DATABASE": "1"}
MORE = {"AZURE_DEVOPS_EXT_PAT": "1", "AZURE_CLIENT_SECRET": "1", "DVC_STUDIO_TOKEN": "1"}


@pytest.mark.parametrize(
    ("source", "reads"),
    [
        (SALES, {"SALES_DATABASE": "1"}),
        (UriSource(uri="https://example.org/a.csv"), {}),
        (
            UriSource(uri="s3://acme/a.parquet"),
            {"AWS_ACCESS_KEY_ID": "1", "AWS_SECRET_ACCESS_KEY": "1", "AWS_REGION": "eu-1"},
        ),
        (SklearnSource(loader="load_iris"), {}),
    ],
)
def test_what_reads_data_is_handed_on_and_nothing_else(source, reads):
    known = SECRETS | OTHERS | MORE | {"SALES_DATABASE": "1", "AWS_REGION": "eu-1"}
    assert data_credentials(source, known | ALWAYS) == reads | ALWAYS


def test_the_process_has_no_other_environment(monkeypatch):
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with Child("os:environ.copy", what="nothing") as child:
        with pytest.raises(Exception, match=r"environ\.copy"):
            child.call()
        environment = Path(f"/proc/{child._process}/environ").read_bytes()
    names = {one.partition(b"=")[0].decode() for one in environment.split(b"\0")}
    assert names.isdisjoint(SECRETS)


@pytest.mark.slow
def test_one_process_trains_and_another_evaluates(work, tmp_path):
    here = work.run("toy")
    folder, evaluated = trained(work, tmp_path), tmp_path / "evaluated"
    result = run_apart(stage(work, trained=str(folder), hand_over=str(evaluated)), silent, {})
    assert result.digests == here.digests
    assert statuses(result) == dict.fromkeys(statuses(here), "ran") | {"record": "skipped"}
    taken = take_over(evaluated, result.handed_over)
    assert msgspec.structs.replace(taken, paths={}) == msgspec.structs.replace(
        result, paths={}, handed_over=None
    )
    # What it was trained on stays where it was.
    names = {path.name for path in (*folder.rglob("*"), *evaluated.rglob("*"))}
    assert not any(name.endswith(".parquet") for name in names)
    assert digest_file(evaluated / "package/model/model.skops") == here.digests["model"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda at: (at / "train/model.skops").write_bytes(b"another"), "was changed: train/model"),
        (lambda at: (at / "train/more").write_text("more"), "was changed: train/more"),
        (lambda at: (at / "train/train.json").unlink(), "was changed: train/train.json"),
        (lambda at: (at / "link").symlink_to("/etc/passwd"), "link is no file"),
        (lambda at: (at / MANIFEST).unlink(), "holds no run"),
        (lambda at: (at / MANIFEST).write_text("[]"), "holds no run"),
        (lambda at: shutil.rmtree(at), "holds no run"),
    ],
)
def test_a_training_that_was_changed_is_not_taken(work, tmp_path, change, said):
    folder = trained(work, tmp_path)
    change(folder)
    with pytest.raises((RefusedError, ToolError), match=said):
        run_apart(stage(work, trained=str(folder)), silent, {})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"commit": "d" * 40}, "the training is of commit ddd"),
        ({"version": "9.9.9"}, "the training is of version 9.9.9"),
        ({"model": "other"}, "the training is of model other"),
        ({"digests": {}}, "the training is of lockfile None"),
    ],
)
def test_a_training_of_something_else_is_not_taken(work, tmp_path, given, said):
    folder = trained(work, tmp_path)
    again = tmp_path / "again"
    given = {"commit": "c" * 40} | given
    changed = msgspec.structs.replace(take_over(folder), paths={"train": "train"}, **given)
    hand_over(changed, folder, again, ["train"])
    with pytest.raises(RefusedError, match=said):
        run_apart(stage(work, trained=str(again)), silent, {})


def test_another_digest_than_was_told_is_refused(work, tmp_path):
    folder = trained(work, tmp_path)
    take_over(folder)
    facts = json.loads((folder / "train/train.json").read_text()) | {"rows": 1}
    (folder / "train/train.json").write_text(json.dumps(facts))
    said = json.loads((folder / MANIFEST).read_text())["files"]
    said["train/train.json"] = digest_file(folder / "train/train.json")
    (folder / MANIFEST).write_text(json.dumps({"files": said}))
    take_over(folder)
    with pytest.raises(RefusedError, match="has digest"):
        take_over(folder, "sha256:" + "0" * 64)
