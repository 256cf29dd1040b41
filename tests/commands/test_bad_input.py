"""Each bad input, as a user meets it: one clear message with its place, the right exit code."""

from __future__ import annotations

import os
import re
import shutil
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from mergeline import cli

ROOT = Path(__file__).parents[2]
MODEL = "breast-cancer-diagnosis"
SPEC = f"models/{MODEL}"


@dataclass
class Desk:
    root: Path
    capsys: pytest.CaptureFixture[str]

    def path(self, name: str) -> Path:
        return self.root / SPEC / name

    def write(self, name: str, content: bytes) -> None:
        self.path(name).write_bytes(content)

    def replace(self, name: str, old: str, new: str) -> None:
        text = self.path(name).read_text()
        assert old in text
        self.write(name, text.replace(old, new, 1).encode())

    def mergeline(self, *arguments: str) -> tuple[int, str]:
        self.capsys.readouterr()
        code = cli.main(["-C", str(self.root), *arguments])
        said = self.capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        assert "error[bug]" not in said.err
        return code, said.out + said.err

    def left_over(self) -> list[str]:
        """Return what a command that failed half-way would leave: drafts and temporary files."""
        state = self.root / ".mergeline"
        return [path.name for path in state.rglob("*") if re.match(r"\.|tmp", path.name)]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch) -> Desk:
    for name in list(os.environ):
        if name.startswith(("GITHUB_", "GH_", "MERGELINE_", "MLFLOW_TRACKING_URI")):
            monkeypatch.delenv(name)
    for name in ("policies", "pipelines", SPEC):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/runtime.txt", tmp_path / "requirements")
    return Desk(tmp_path, capsys)


def place(desk: Desk, name: str, text: str) -> str:
    """Return file:line of the first line that holds a text."""
    lines = desk.path(name).read_text(errors="replace").splitlines()
    number = next(number for number, line in enumerate(lines, start=1) if text in line)
    return f"{SPEC}/{name}:{number}:"


def test_the_reference_model_is_valid(desk: Desk) -> None:
    code, said = desk.mergeline("validate")
    assert (code, said.splitlines()[-1]) == (0, "1 model checked: 2 warnings")


SPEC_CASES = {
    "unparsable": ("model.yaml", None, b"name: [", "yaml-syntax", "not valid YAML", "2:1"),
    "empty": ("model.yaml", None, b"", "empty-file", "the file is empty", "1:1"),
    "not-utf-8": (
        "model.yaml",
        None,
        b"kind: Model\nname: \xff\n",
        "not-utf-8",
        "byte 0xff is not valid UTF-8",
        "2:7",
    ),
    "alias-bomb": (
        "model.yaml",
        None,
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        "yaml-alias",
        "anchors, aliases and merge keys are not allowed",
        "1:4",
    ),
    "duplicate-key": (
        "model.yaml",
        "risk: high",
        b"risk: high\nrisk: low",
        "duplicate-key",
        'key "risk" stands here twice',
        None,
    ),
    "unknown-key": (
        "training.yaml",
        "random_seed:",
        b"random_sed:",
        "unknown-key",
        'key "random_sed" is not known',
        None,
    ),
    "unknown-kind": (
        "training.yaml",
        "kind: Training",
        b"kind: Traning",
        "unknown-kind",
        'kind "Traning" does not fit this file',
        None,
    ),
    "wrong-type": (
        "training.yaml",
        "random_seed: 7",
        b"random_seed: seven",
        "wrong-type",
        "random_seed must be an integer, not a string",
        None,
    ),
    "bad-semver": (
        "model.yaml",
        "version: 0.1.0",
        b"version: v1.0",
        "bad-version",
        "version",
        None,
    ),
    "dangling-pipeline": (
        "training.yaml",
        "pipeline: classification",
        b"pipeline: clasification",
        "unknown-template",
        'there is no pipeline template "clasification"',
        None,
    ),
    "unknown-estimator": (
        "training.yaml",
        "sklearn.linear_model.LogisticRegression",
        b"sklearn.linear_model.LogisticRegresion",
        "unknown-estimator",
        "LogisticRegresion",
        None,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", SPEC_CASES)
def test_specs(desk: Desk, case: str) -> None:
    name, old, new, rule, message, position = SPEC_CASES[case]
    if old is None:
        desk.write(name, new)
    else:
        desk.replace(name, old, new.decode())
    code, said = desk.mergeline("validate")
    assert code == 1
    found = re.search(rf"error\[{rule}\]: (.*)\n  --> (.*)\n   = help: .+", said) or re.search(
        rf"error\[{rule}\]: (.*)\n  --> (.*)", said
    )
    assert found, said
    assert message in found[1]
    marked = new.decode(errors="replace").splitlines()[-1] if old else ""
    expected = f"{SPEC}/{name}:{position}" if position else place(desk, name, marked)
    assert found[2].startswith(expected)


def test_an_invalid_model_is_not_run(desk: Desk) -> None:
    desk.replace("training.yaml", "random_seed: 7", "random_seed: seven")
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert "wrong-type" in said
    assert not (desk.root / ".mergeline").exists()


def test_a_digest_that_does_not_match(desk: Desk) -> None:
    text = desk.path("data.yaml").read_text()
    digest = re.search(r"sha256:[0-9a-f]{64}", text)
    assert digest
    desk.replace("data.yaml", digest[0], "sha256:" + "0" * 64)
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert f"error[digest-mismatch]: the data has digest {digest[0]}" in said
    assert f"--> {place(desk, 'data.yaml', 'sha256:' + '0' * 64)}" in said
    assert f"write digest: {digest[0]}" in said
    assert desk.left_over() == []


def test_data_that_fails_an_expectation(desk: Desk) -> None:
    found = re.search(r"min_value: ([0-9.]+), max_value: ([0-9.]+)", _text(desk, "data.yaml"))
    assert found
    desk.replace("data.yaml", found[0], "min_value: 100000, max_value: 200000")
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert "error[data-check-failed]" in said
    assert f"--> {place(desk, 'data.yaml', 'expect_column_mean_to_be_between')}" in said
    assert desk.left_over() == []


def _text(desk: Desk, name: str) -> str:
    return desk.path(name).read_text()


@pytest.mark.slow
def test_a_gate_that_is_not_reached(desk: Desk) -> None:
    desk.replace("evaluation.yaml", "threshold: 0.985", "threshold: 0.99999")
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert "error[gate-failed]" in said
    assert f"--> {place(desk, 'evaluation.yaml', '0.99999')}" in said


@pytest.mark.slow
def test_a_metric_that_is_not_a_number(desk: Desk) -> None:
    """On a slice with one class only, ROC AUC is not defined."""
    desk.replace(
        "evaluation.yaml",
        "  - name: roc_auc\n",
        "  - name: roc_auc\n    slice: {column: target, value: 1}\n",
    )
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert re.search(r"error\[metric-(missing|not-finite)\]: .*roc_auc", said), said
    assert f"--> {SPEC}/evaluation.yaml:" in said


def test_an_unknown_model(desk: Desk) -> None:
    code, said = desk.mergeline("run", "breast-cancer-diagnosi")
    assert code == 2
    assert 'did you mean "breast-cancer-diagnosis"?' in said


@pytest.mark.slow
def test_mlflow_is_unreachable(desk: Desk, monkeypatch) -> None:
    uri = f"http://127.0.0.1:{_free_port()}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    code, said = desk.mergeline("run", MODEL)
    assert code == 3
    assert f"error: MLflow at {uri} could not record the run" in said
    assert "MLFLOW_TRACKING_URI" in said
    assert desk.left_over() == []


def test_opa_is_unreachable(desk: Desk, monkeypatch) -> None:
    url = f"http://127.0.0.1:{_free_port()}"
    monkeypatch.setenv("MERGELINE_OPA_URL", url)
    code, said = desk.mergeline("validate")
    assert code == 3
    assert url in said
    assert "MERGELINE_OPA_URL" in said


@pytest.mark.slow
def test_the_forge_is_unreachable(desk: Desk, monkeypatch) -> None:
    url = f"http://127.0.0.1:{_free_port()}"
    monkeypatch.setenv("GITHUB_API_URL", url)
    monkeypatch.setenv("GITHUB_REPOSITORY", "acme/models")
    monkeypatch.setenv("GITHUB_TOKEN", "t")
    from loop.world import init_repository

    init_repository(desk.root)
    code, said = desk.mergeline("apply", MODEL)
    assert code == 3
    assert url in said
    assert not (desk.root / ".mergeline").exists()


def test_a_directory_that_is_no_repository(tmp_path: Path, capsys) -> None:
    assert cli.main(["-C", str(tmp_path / "nowhere"), "validate"]) == 2
    assert "is no directory" in capsys.readouterr().err


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


BUNDLED = "source:\n      type: sklearn\n      loader: load_breast_cancer\n"


def test_an_address_that_does_not_answer(desk):
    desk.replace("data.yaml", BUNDLED, "source: {type: uri, uri: http://127.0.0.1:9/cells.csv}\n")

    code, said = desk.mergeline("run", MODEL)

    assert code == 3
    assert "http://127.0.0.1:9/cells.csv does not answer" in said
    assert desk.left_over() == []


def test_a_query_whose_database_is_named_by_the_environment(desk, tmp_path, monkeypatch):
    source = "source: {type: sql, connection: CELLS_DATABASE, query: cells.sql}\n"
    desk.replace("data.yaml", BUNDLED, source)
    desk.write("cells.sql", b"SELECT * FROM cells ORDER BY id")
    monkeypatch.delenv("CELLS_DATABASE", raising=False)

    code, said = desk.mergeline("run", MODEL)
    assert code == 3
    assert "the environment does not hold CELLS_DATABASE" in said

    with closing(sqlite3.connect(tmp_path / "cells.db")) as database:
        database.execute("CREATE TABLE tissue (id INTEGER)")
    monkeypatch.setenv("CELLS_DATABASE", f"sqlite:///{tmp_path}/cells.db")
    code, said = desk.mergeline("run", MODEL)
    assert code == 1
    assert "error[query-failed]: cells.sql is refused: no such table: cells" in said
    assert desk.left_over() == []
