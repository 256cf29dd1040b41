"""The provenance of a release: what it says, and what about another release is found."""

from __future__ import annotations

import copy
import json

import msgspec
import pytest
from google.protobuf import json_format
from in_toto_attestation.v1.statement_pb2 import Statement
from tests.plan.workbench import SHA, release

from mergeline.promotion.statement import (
    LOCAL_BUILDER,
    Builder,
    builder_of,
    differences,
    provenance_statement,
)
from mergeline.specs.types import Release

FILES = {"model.skops": f"sha256:{'a' * 64}", "manifest.json": f"sha256:{'b' * 64}"}
TIMES = ("2026-01-01T12:00:00Z", "2026-01-01T12:00:41Z")
HEADER = {"apiVersion": "mergeline.dev/v1", "kind": "Release"}
RECORD = msgspec.convert(HEADER | release("0.1.0"), Release)
ACTIONS = {
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_WORKFLOW_REF": "acme/models/.github/workflows/release.yml@refs/heads/main",
    "GITHUB_REPOSITORY": "acme/models",
    "GITHUB_RUN_ID": "77",
    "GITHUB_RUN_ATTEMPT": "2",
}

ISOLATION = {"runs": "processes of one machine", "confined": {"train": {"network": "seccomp"}}}


def statement(builder: Builder | None = None) -> dict:
    return provenance_statement(RECORD, FILES, builder or Builder(), TIMES, ISOLATION)


def test_it_is_an_in_toto_statement_with_the_predicate_of_slsa() -> None:
    made = statement()
    read = json_format.Parse(json.dumps(made | {"predicate": {}}), Statement())
    assert read.predicate_type == "https://slsa.dev/provenance/v1"
    assert {one.name: one.digest["sha256"] for one in read.subject} == {
        "model.skops": "a" * 64,
        "manifest.json": "b" * 64,
    }
    definition = made["predicate"]["buildDefinition"]
    assert definition["externalParameters"]["version"] == "0.1.0"
    materials = {one["name"]: one["digest"] for one in definition["resolvedDependencies"]}
    assert materials["commit"] == {"gitCommit": RECORD.training.commit}
    assert materials["lockfile"] == {
        "sha256": RECORD.environment.lockfile_digest.removeprefix("sha256:")
    }
    [dataset] = RECORD.datasets
    assert materials[f"dataset {dataset.name}"] == {
        "sha256": dataset.digest.removeprefix("sha256:")
    }
    details = made["predicate"]["runDetails"]
    assert details["builder"]["id"] == LOCAL_BUILDER
    assert details["metadata"] == {"startedOn": TIMES[0], "finishedOn": TIMES[1]}


def test_a_workflow_is_the_builder_of_what_it_runs() -> None:
    builder = builder_of(ACTIONS)
    assert builder.id == (
        "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
    )
    details = statement(builder)["predicate"]["runDetails"]
    assert details["metadata"]["invocationId"] == (
        "https://github.com/acme/models/actions/runs/77/attempts/2"
    )
    assert builder_of({}) == Builder()


def test_equal_releases_have_equal_statements() -> None:
    assert statement() == statement()
    assert differences(statement(), RECORD, FILES) == []


def subject(made: dict) -> None:
    made["subject"][1]["digest"]["sha256"] = "c" * 64


def fewer(made: dict) -> None:
    made["subject"].pop()


def more(made: dict) -> None:
    made["subject"].append({"name": "extra.py", "digest": {"sha256": "c" * 64}})


def version(made: dict) -> None:
    made["predicate"]["buildDefinition"]["externalParameters"]["version"] = "0.0.9"


def model(made: dict) -> None:
    made["predicate"]["buildDefinition"]["externalParameters"]["model"] = "other"


def commit(made: dict) -> None:
    made["predicate"]["buildDefinition"]["resolvedDependencies"][0]["digest"] = {
        "gitCommit": "1" * 40
    }


def dataset(made: dict) -> None:
    del made["predicate"]["buildDefinition"]["resolvedDependencies"][1]


def record(made: dict) -> None:
    made["predicate"]["runDetails"]["byproducts"][0]["digest"]["sha256"] = "c" * 64


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (subject, "for file model.skops"),
        (fewer, "it says nothing for file"),
        (more, "it is about file extra.py, too"),
        (version, "it says 0.0.9 for the version, not 0.1.0"),
        (model, "it says other for the model"),
        (commit, f"it says {'1' * 40} for commit"),
        (dataset, "it says nothing for dataset"),
        (record, f"it says sha256:{'c' * 64} for release"),
    ],
)
def test_what_is_said_of_something_else_is_found(change, said: str) -> None:
    made = copy.deepcopy(statement())
    change(made)
    assert any(said in one for one in differences(made, RECORD, FILES))


@pytest.mark.parametrize(
    "made", [{}, {"_type": 1}, statement() | {"predicateType": "x"}, statement() | {"subject": 3}]
)
def test_what_is_no_provenance_is_said_to_be_none(made: dict) -> None:
    [said] = differences(made, RECORD, FILES)
    assert said.startswith("it is no provenance of a release")


def test_another_record_is_found() -> None:
    other = msgspec.structs.replace(RECORD, digest=SHA, version="0.2.0")
    assert len(differences(statement(), other, FILES)) >= 1
