"""The registry on real MLflow: a SQLite file, and servers on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from mergeline.errors import ToolError
from mergeline.registry.facts import DatasetFacts, RecordedRun, RunFacts
from mergeline.registry.mlflow import MlflowRegistry, versions
from mergeline.registry.names import DIGEST, VERSION, lookup_tag
from mergeline.registry.places import Fact, Place
from mergeline.settings import resolve

if TYPE_CHECKING:
    from pathlib import Path


COLUMNS = (("age", "int64", False),)


@pytest.fixture
def model() -> str:
    """A name of its own, since one server serves all tests."""
    return f"loans-{uuid.uuid4().hex[:8]}"


def digest(letter: str) -> str:
    return f"sha256:{letter * 64}"


def record(registry: MlflowRegistry, model: str, folder: Path) -> RecordedRun:
    packaged = folder / "packaged"
    packaged.mkdir(exist_ok=True)
    (packaged / "model.skops").write_bytes(b"a model")
    signature = {"inputs": [{"name": "age", "type": "int64", "nullable": True}]}
    (packaged / "signature.json").write_text(json.dumps(signature))
    return registry.log_run(
        RunFacts(
            model=model,
            version="1.0.0",
            params={"C": "1.0"},
            metrics={"roc_auc": 0.9},
            tags={"mergeline.commit": "c" * 40},
            datasets=(DatasetFacts("people", digest("d"), "file:people.csv", 2, COLUMNS),),
            model_dir=packaged,
        )
    )


def tags(version: str, letter: str) -> dict[str, str]:
    named = {lookup_tag(version): version, VERSION: version, DIGEST: digest(letter)}
    return named | {"mergeline.owner": "team-credit"}


def test_a_run_is_recorded_registered_and_given_back(
    registry: MlflowRegistry, model: str, tmp_path: Path, capsys
) -> None:
    run = record(registry, model, tmp_path)
    made = registry.register(model, run, tags("1.0.0", "a"))
    assert (made.version, made.digest, made.run_id) == ("1.0.0", digest("a"), run.run_id)
    assert registry.register(model, run, tags("1.0.0", "a")).number == made.number
    assert registry.find(model, "1.0.0") == made
    assert registry.find(model, "9.9.9") is None
    folder = registry.download_model(model, "1.0.0", digest("a"))
    assert (folder / "model.skops").read_bytes() == b"a model"
    assert registry.download_model(model, "1.0.0", digest("a")) == folder
    assert capsys.readouterr().out == ""


@pytest.mark.slow
def test_the_full_digest_of_the_data_is_kept(
    registry: MlflowRegistry, model: str, tmp_path: Path
) -> None:
    """MLflow's own field holds 36 characters, and its own digest the first 10,000 rows."""
    import mlflow

    run = record(registry, model, tmp_path)
    [given] = mlflow.MlflowClient().get_run(run.run_id).inputs.dataset_inputs
    assert {tag.key: tag.value for tag in given.tags}["mergeline.dataset.digest"] == digest("d")
    assert json.loads(given.dataset.profile) == {"num_rows": 2}
    assert json.loads(given.dataset.schema)["mlflow_colspec"] == [
        {"name": "age", "type": "int64", "required": False}
    ]


def test_aliases_move(registry: MlflowRegistry, model: str, tmp_path: Path) -> None:
    assert registry.aliases(model) == {}
    run = record(registry, model, tmp_path)
    first = registry.register(model, run, tags("1.0.0", "a"))
    second = registry.register(model, run, tags("1.1.0", "b"))
    registry.set_alias(model, "production", first.number)
    registry.set_alias(model, "staging", second.number)
    registry.set_alias(model, "production", second.number)
    found = registry.aliases(model)
    assert {alias: item.version for alias, item in found.items()} == {
        "production": "1.1.0",
        "staging": "1.1.0",
    }
    registry.set_tags(model, second.number, {"mergeline.owner": "nobody"})
    assert registry.aliases(model)["staging"].tags["mergeline.owner"] == "nobody"
    assert [item.version for item in registry.versions(model)] == ["1.0.0", "1.1.0"]


@pytest.mark.slow
def test_a_version_is_found_by_its_key_and_never_registered_twice_without_it(
    registry: MlflowRegistry, model: str, tmp_path: Path
) -> None:
    run = record(registry, model, tmp_path)
    built = "1.0.0-rc.1+build.5"
    made = registry.register(model, run, tags(built, "a"))
    assert registry.find(model, built) == made
    registry._client.delete_model_version_tag(model, str(made.number), lookup_tag(built))
    assert registry.find(model, built) is None
    assert registry.register(model, run, tags(built, "a")).number == made.number
    assert [one.version for one in registry.versions(model)] == [built]


@pytest.mark.slow
def test_all_versions_are_listed_page_by_page(
    registry: MlflowRegistry, model: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = record(registry, model, tmp_path)
    for number, letter in enumerate("abcde"):
        registry.register(model, run, tags(f"1.{number}.0", letter))
    monkeypatch.setattr(versions, "_PAGE", 2)
    found = registry.versions(model)
    assert [one.version for one in found] == [f"1.{number}.0" for number in range(5)]


@pytest.mark.slow
def test_what_a_run_left_is_found_without_the_database(
    registry: MlflowRegistry, model: str, tmp_path: Path
) -> None:
    run = record(registry, model, tmp_path)
    logged = run.model_uri.rpartition("/")[2]
    kept = registry.leftover(model, f"models/{logged}/artifacts", tmp_path / "left")
    assert kept is not None
    assert (kept / "model.skops").read_bytes() == b"a model"
    assert registry.leftover(model, "models/m-0/artifacts", tmp_path / "none") is None


@pytest.mark.slow
def test_all_that_is_known_of_a_version_is_read_back(
    registry: MlflowRegistry, model: str, tmp_path: Path
) -> None:
    made = registry.register(model, record(registry, model, tmp_path), tags("1.0.0", "a"))
    registry.set_alias(model, "staging", made.number)
    entry = registry.entry(model, made)
    assert entry.version.aliases == ("staging",)
    expected = {
        Fact(Place.VERSION, "run"): made.run_id,
        Fact(Place.VERSION_TAG, "mergeline.owner"): "team-credit",
        Fact(Place.MODEL_TAG, "mergeline.commit"): "c" * 40,
        Fact(Place.MODEL_PARAM, "C"): "1.0",
        Fact(Place.MODEL_METRIC, "roc_auc"): "0.9",
        Fact(Place.DATASET, "people digest"): digest("d"),
        Fact(Place.DATASET, "people uri"): "file:people.csv",
        Fact(Place.DATASET, "people rows"): "2",
        Fact(Place.ALIAS, "staging"): "staging",
    }
    assert {fact: entry.facts.get(fact) for fact in expected} == expected
    registry._client.delete_logged_model(made.model_uri.rpartition("/")[2])
    gone = registry.entry(model, made).facts
    assert not [fact for fact in gone if fact.place is Place.MODEL_TAG]


@pytest.mark.slow
def test_a_release_that_is_not_there_cannot_be_downloaded(
    registry: MlflowRegistry, model: str, tmp_path: Path
) -> None:
    registry.register(model, record(registry, model, tmp_path), tags("1.0.0", "a"))
    with pytest.raises(
        ToolError, match=f"has no version 1.0.0 of {model} with digest {digest('b')}"
    ):
        registry.download_model(model, "1.0.0", digest("b"))


def test_an_empty_local_store_is_not_made_by_asking(tmp_path: Path) -> None:
    registry = MlflowRegistry(resolve(tmp_path, {}))
    assert registry.aliases("loans") == {}
    assert registry.find("loans", "1.0.0") is None
    assert registry.versions("loans") == []
    assert list(tmp_path.iterdir()) == []


def test_a_store_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    store = tmp_path / ".mergeline/mlflow.db"
    store.parent.mkdir()
    store.write_text("not a database")
    with pytest.raises(ToolError, match="could not tell the aliases"):
        MlflowRegistry(resolve(tmp_path, {})).aliases("loans")
