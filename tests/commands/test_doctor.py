"""`mergeline doctor`: each lack is found, and says what mends it."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from mlflow import MlflowClient

from loop.world import open_world
from mergeline import cli
from mergeline.devforge import User
from mergeline.doctor.encryption import buckets
from mergeline.doctor.patient import Patient
from mergeline.settings import resolve

ROOT = Path(__file__).parents[2]


def git(repository: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(repository), *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch) -> Path:
    for name in ("MLFLOW_TRACKING_URI", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    assert cli.main(["init", str(tmp_path / "repository")]) == 0
    git(tmp_path / "repository", "config", "user.name", "Ada")
    git(tmp_path / "repository", "config", "user.email", "ada@example.org")
    git(tmp_path / "repository", "add", "--all")
    git(tmp_path / "repository", "commit", "--quiet", "--message", "first")
    return tmp_path / "repository"


def examined(repository: Path, capsys, expect: int) -> dict[str, dict]:
    capsys.readouterr()
    assert cli.main(["-C", str(repository), "doctor", "--format", "json"]) == expect
    rows = json.loads(capsys.readouterr().out)["diagnoses"]
    return {row["subject"]: row for row in rows}


def test_a_new_repository_lacks_nothing_that_is_needed(repository: Path, capsys):
    rows = examined(repository, capsys, 0)
    assert {row["state"] for row in rows.values()} <= {"ok", "warn"}
    assert rows["models"]["mend"] == "mergeline new"
    assert rows["default branch"]["mend"] == "git remote add origin URL"
    assert rows["forge token"]["mend"].startswith("export GITHUB_TOKEN=")
    for row in rows.values():
        assert (row["mend"] is None) == (row["state"] == "ok")


def test_text_names_state_subject_and_mend(repository: Path, capsys):
    (repository / ".github/CODEOWNERS").unlink()
    capsys.readouterr()
    assert cli.main(["-C", str(repository), "doctor"]) == 1
    said = capsys.readouterr().out
    assert (
        "missing  workflows: stale or missing: .github/CODEOWNERS\n"
        "         = help: mergeline workflows\n"
    ) in said


def no_policies(repository: Path) -> None:
    for path in (repository / "policies").rglob("*.rego"):
        path.unlink()


def broken_model(repository: Path) -> None:
    (repository / "models/m").mkdir()
    (repository / "models/m/model.yaml").write_text("kind: Model\n")


def no_lock(repository: Path) -> None:
    (repository / "requirements/runtime.txt").unlink()


def other_lock(repository: Path) -> None:
    path = repository / "requirements/runtime.txt"
    path.write_text(path.read_text() + "\nno-such-package==1.0 \\\n    --hash=sha256:00\n")


def old_schema(repository: Path) -> None:
    (repository / "schemas/Data.schema.json").write_text("{}")


def no_identity(repository: Path) -> None:
    git(repository, "config", "user.email", "")


def odd_forge(repository: Path) -> None:
    git(repository, "config", "mergeline.repository", "not a repository")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "subject", "state", "mend"),
    [
        (no_policies, "policies", "missing", "mergeline init"),
        (broken_model, "models", "missing", "mergeline validate"),
        (no_lock, "lockfile", "missing", "mergeline init"),
        (other_lock, "lockfile", "warn", "scripts/set-up runtime"),
        (old_schema, "schemas", "warn", "mergeline schema --all --output schemas"),
        (no_identity, "git identity", "missing", 'git config --global user.email "…"'),
        (odd_forge, "forge", "warn", "set GITHUB_REPOSITORY"),
    ],
)
def test_each_lack_is_found(repository: Path, capsys, harm, subject, state: str, mend: str):
    harm(repository)
    rows = examined(repository, capsys, 1 if state == "missing" else 0)
    assert rows[subject]["state"] == state
    assert rows[subject]["mend"].startswith(mend)


@pytest.mark.slow
def test_addresses_that_are_not_encrypted(repository: Path, capsys, monkeypatch):
    assert examined(repository, capsys, 0)["addresses"]["state"] == "ok"
    monkeypatch.setenv("LAKECTL_SERVER_ENDPOINT_URL", "https://lakefs.example.org/api/v1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:9000")
    assert examined(repository, capsys, 0)["addresses"]["state"] == "ok"
    monkeypatch.setenv("MLFLOW_S3_ENDPOINT_URL", "http://minio.example.org:9000")
    row = examined(repository, capsys, 0)["addresses"]
    assert row["state"] == "warn"
    assert row["message"] == "plain http to another machine: MLFLOW_S3_ENDPOINT_URL"


@pytest.mark.slow
def test_a_signing_key_that_others_may_read(repository: Path, capsys, monkeypatch):
    key = repository.parent / "release.pem"
    assert cli.main(["-C", str(repository), "key", "new", str(key)]) == 0
    monkeypatch.setenv("MERGELINE_SIGNING_KEY", str(key))
    assert examined(repository, capsys, 0)["signing key"]["state"] == "ok"
    key.chmod(0o640)
    row = examined(repository, capsys, 0)["signing key"]
    assert (row["state"], row["mend"]) == ("warn", f"chmod 600 {key}")
    assert row["message"] == f"others may read {key} (mode 0640)"
    monkeypatch.setenv("MERGELINE_SIGNING_KEY", key.read_text())
    assert examined(repository, capsys, 0)["signing key"]["message"] == "in the environment alone"
    monkeypatch.setenv("MERGELINE_SIGNING_KEY", "pkcs11:object=key?module-path=/m.so")
    assert examined(repository, capsys, 0)["signing key"]["state"] == "ok"


@pytest.mark.parametrize(
    ("uri", "state", "message"),
    [
        ("gs://acme/rows.parquet", "ok", "encrypted: gs://acme (always)"),
        ("abfss://data/rows.parquet", "ok", "encrypted: abfs://data (always)"),
        ("s3://acme/main/rows.parquet", "warn", "s3://acme is unknown: "),
        ("https://data.example.org/rows.parquet", "ok", "no bucket holds data or models"),
    ],
)
def test_buckets_of_data(tmp_path: Path, capsys, monkeypatch, uri: str, state: str, message: str):
    """Without the library of S3 nobody knows, and that is said."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    root = tmp_path / "repository"
    shutil.copytree(ROOT / "models/breast-cancer-diagnosis", root / "models/m")
    data = root / "models/m/data.yaml"
    text = data.read_text()
    source = re.sub(
        r"(?ms)^    source:\n(      .*?\n)+", f"    source: {{type: uri, uri: {uri}}}\n", text
    )
    assert source != text
    data.write_text(source)
    patient = Patient(resolve(root, {}), lambda: None, list)
    found = buckets("buckets", patient)
    assert found.state == state
    assert found.message.startswith(message)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("location", "message"),
    [
        ("s3://acme-models/m", "s3://acme-models is unknown: "),
        ("gs://acme-models/m", "encrypted: gs://acme-models (always)"),
        ("mlflow-artifacts:/1", "where the MLflow server keeps models is unknown: it hands"),
    ],
)
def test_buckets_of_models(tmp_path: Path, location: str, message: str):
    uri = f"sqlite:///{tmp_path / 'mlflow.db'}"
    MlflowClient(uri).create_experiment("m", artifact_location=location)
    found = buckets("buckets", Patient(resolve(tmp_path, {"MLFLOW_TRACKING_URI": uri}), None, list))
    assert found.message.startswith(message)


def test_an_engine_that_was_asked_for_and_is_not_there(repository: Path, capsys, monkeypatch):
    monkeypatch.setenv("MERGELINE_POLICY_ENGINE", "opa")
    monkeypatch.setenv("MERGELINE_OPA", "/no/such/opa")
    rows = examined(repository, capsys, 1)
    assert rows["opa"]["state"] == "missing"


def test_a_registry_that_does_not_answer(repository: Path, capsys, monkeypatch):
    with socket.socket() as taken:
        # Bound and not listening: nobody answers there, and nobody else can begin to.
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{taken.getsockname()[1]}")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
        rows = examined(repository, capsys, 1)
    assert rows["registry"]["state"] == "missing"
    assert rows["registry"]["mend"] == "is the server up, and MLFLOW_TRACKING_URI right?"
    assert rows["buckets"]["message"].endswith("unknown: it could not be asked")


def test_a_forge_that_knows_the_repository_and_a_token_it_refuses(tmp_path, monkeypatch, capsys):
    with open_world(tmp_path, monkeypatch, capsys) as world:
        rows = world.mergeline("doctor", "--format", "json", expect=1).json()["diagnoses"]
        found = {row["subject"]: (row["state"], row["message"]) for row in rows}
        assert found["default branch"] == ("ok", "main")
        assert found["forge"][0] == "ok"
        assert "acme/models" in found["forge"][1]
        # What this world has not got is all that is missing.
        missing = [name for name, (state, _) in found.items() if state == "missing"]
        assert missing == ["git identity", "workflows"]
        nobody = User("nobody", "Nobody", "nobody@example.org", "no-such-token", "User")
        answer = world.mergeline("doctor", "--format", "json", user=nobody, expect=1).json()
        (forge,) = [row for row in answer["diagnoses"] if row["subject"] == "forge"]
        assert forge["state"] == "missing"
