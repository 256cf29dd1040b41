"""`mergeline reproduce`, for real: a run, its record, a fresh clone, another number of threads."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from mergeline.digest import digest_file
from promotion.rebuild_world import ROOT, Clone, released

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow
MODELS = ("breast-cancer-diagnosis", "diabetes-progression", "payment-fraud")
PATIENTS = "diabetes-progression"
# What the command may add to the training.
OVERHEAD_SECONDS = 20


@pytest.mark.parametrize("model", MODELS)
def test_a_reference_model_is_equal_in_a_fresh_clone_with_other_threads(model, tmp_path):
    fresh = released(tmp_path / "one", model).elsewhere(tmp_path / "another" / "place")
    code, answer = fresh.reproduce(OMP_NUM_THREADS="2", PYTHONHASHSEED="2")
    assert (code, answer["outcome"], answer["differing"]) == (0, "equal", []), answer
    assert answer["fields"] > 15
    assert answer["pipeline_seconds"] > 0
    assert answer["seconds"] - answer["pipeline_seconds"] < OVERHEAD_SECONDS
    assert not (fresh.root / ".mergeline/cache").exists()


@pytest.fixture(scope="module")
def patients_file(tmp_path_factory) -> Path:
    sys.path.insert(0, str(ROOT / "models" / PATIENTS))
    try:
        from patients import patients
    finally:
        sys.path.pop(0)
    path = tmp_path_factory.mktemp("data") / "patients.csv"
    patients().to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def origin(tmp_path_factory, patients_file) -> Clone:
    """A release of a model that reads a file outside of the repository."""
    source = ROOT / "models" / PATIENTS / "data.yaml"
    old = "      type: python\n      function: patients.py:patients\n"
    text = source.read_text()
    assert text.count(old) == 1
    data = text.replace(old, f"      type: uri\n      uri: {patients_file.as_uri()}\n")
    root = tmp_path_factory.mktemp("released") / "one"
    return released(root, PATIENTS, {f"models/{PATIENTS}/data.yaml": data})


@pytest.fixture
def clone(origin, tmp_path) -> Clone:
    return origin.elsewhere(tmp_path / "clone")


@pytest.fixture
def lost(patients_file):
    """The data, to be changed or lost for a while."""
    kept = patients_file.read_bytes()
    yield patients_file
    patients_file.write_bytes(kept)


def test_one_changed_byte_in_a_row_is_named_with_both_digests(clone, lost):
    rows = lost.read_text().splitlines(keepends=True)
    rows[400] = rows[400].replace("1", "2", 1)
    lost.write_text("".join(rows))
    code, answer = clone.reproduce()
    assert (code, answer["outcome"]) == (1, "different")
    [dataset] = [one for one in answer["differing"] if one["field"].startswith("datasets.")]
    assert dataset["field"] == "datasets.diabetes-442.digest"
    assert dataset["recorded"] != dataset["rebuilt"]
    assert any("the data has digest" in note for note in answer["notes"])


def test_lost_data_are_no_difference_but_no_answer(clone, lost):
    lost.unlink()
    code, answer = clone.reproduce()
    assert (code, answer["outcome"]) == (3, "errored")
    assert "data" in answer["reason"]
    assert answer["differing"] == []


def test_data_of_the_store_serve_where_the_source_is_gone(origin, tmp_path, lost):
    shutil.copytree(origin.root, tmp_path / "copy")
    lost.unlink()
    code, answer = Clone(tmp_path / "copy", PATIENTS).reproduce()
    assert (code, answer["outcome"]) == (0, "equal"), answer


def test_an_edited_record_is_refused(clone):
    clone.rewrite(seal=False, training={"random_seed": 8})
    clone.publish()
    code, answer = clone.reproduce()
    assert (code, answer["outcome"]) == (1, "refused")
    assert "was edited" in answer["reason"]
    assert "git log" in answer["hint"]


def test_a_record_that_claims_another_model_and_lockfile_differs_in_those_fields(clone):
    ones, twos = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
    clone.rewrite(seal=True, artifact={"digest": ones}, environment={"lockfile_digest": twos})
    clone.publish()
    done = clone.mergeline("reproduce", clone.word)
    assert done.returncode == 1, done.stderr
    sentence, header, *rows = done.stdout.splitlines()
    assert sentence.startswith(f"{PATIENTS} {clone.record.stem}: DIFFERENT in 2 of ")
    assert header.split() == ["FIELD", "RECORDED", "REBUILT"]
    assert [row.split()[:2] for row in rows[:2]] == [
        ["environment.lockfile_digest", twos],
        ["artifact.digest", ones],
    ]


def test_a_commit_that_is_gone_is_to_be_fetched(origin, tmp_path):
    shallow = origin.elsewhere(tmp_path / "shallow", "--depth", "1")
    code, answer = shallow.reproduce()
    assert (code, answer["outcome"]) == (3, "errored")
    assert "is not in this clone" in answer["reason"]
    assert "git fetch --unshallow" in answer["hint"]


def test_another_package_than_the_recorded_one_is_named(clone, tmp_path):
    fake = tmp_path / "site" / "scipy-9.9.9.dist-info"
    fake.mkdir(parents=True)
    (fake / "METADATA").write_text("Metadata-Version: 2.1\nName: scipy\nVersion: 9.9.9\n")
    code, answer = clone.reproduce(PYTHONPATH=str(fake.parent))
    assert (code, answer["outcome"]) == (3, "errored")
    assert "scipy 9.9.9 here" in answer["reason"]
    assert "--environment venv" in answer["hint"]


def test_a_lockfile_that_no_longer_resolves_makes_no_environment(clone):
    lock = clone.root / "requirements/runtime.txt"
    lock.write_text(f"no-such-package-anywhere==1.0 \\\n    --hash=sha256:{'0' * 64}\n")
    clone.publish()
    commit = clone.git("rev-parse", "HEAD")
    digest = digest_file(lock)
    clone.rewrite(seal=True, training={"commit": commit}, environment={"lockfile_digest": digest})
    clone.publish()
    code, answer = clone.reproduce("--environment", "venv", UV_OFFLINE="1")
    assert (code, answer["outcome"]) == (3, "errored")
    assert "uv could not make the recorded environment" in answer["reason"]
    assert "no-such-package-anywhere" in answer["reason"]
    assert list((clone.root / ".mergeline/environments").glob("*/complete")) == []


def test_an_environment_is_made_of_the_recorded_lockfile_alone(clone):
    digest = f"sha256:{'2' * 64}"
    clone.rewrite(seal=True, environment={"lockfile_digest": digest})
    clone.publish()
    code, answer = clone.reproduce("--environment", "venv")
    assert (code, answer["outcome"]) == (1, "refused")
    assert "is not the lockfile that is recorded" in answer["reason"]


def test_a_truncated_artifact_in_the_registry_is_seen(origin):
    origin.register()
    [model] = (origin.root / ".mergeline/artifacts").rglob("model.skops")
    model.write_bytes(model.read_bytes()[:-1])
    code, answer = origin.reproduce()
    assert (code, answer["outcome"]) == (1, "different"), answer
    [field] = answer["differing"]
    assert field["field"] == "registry.artifact.digest"


@pytest.mark.parametrize("word", ["diabetes-progression", "nobody@1.0.0", f"{PATIENTS}@9.9.9"])
def test_what_was_never_released_is_a_mistake_of_the_caller(clone, word):
    done = clone.mergeline("reproduce", word)
    assert (done.returncode, done.stdout) == (2, "")
    assert "= help:" in done.stderr


def test_what_is_in_production_is_rebuilt_by_default(clone):
    done = clone.mergeline("reproduce", "--sample", "2")
    assert (done.returncode, done.stdout) == (0, "nothing is in production: nothing to rebuild\n")
    record = clone.facts()
    folder = clone.root / "models" / PATIENTS / "environments"
    folder.mkdir()
    desired = {
        "apiVersion": "mergeline.dev/v1",
        "kind": "Environment",
        "name": "production",
        "version": record["version"],
        "digest": record["digest"],
        "replaces": None,
        "reason": "first",
    }
    (folder / "production.yaml").write_text(json.dumps(desired))
    clone.publish()
    done = clone.mergeline("reproduce", "--sample", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{PATIENTS} {record['version']}: equal in all " in done.stdout
