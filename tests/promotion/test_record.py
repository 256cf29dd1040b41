"""The digest of a release: what it covers, and what it leaves out."""

from __future__ import annotations

import copy

import msgspec
import pytest
from tests.plan.workbench import OTHER_SHA, SHA, Files, model_files, release, shared_files

from mergeline.errors import ToolError
from mergeline.forge import PullRequest
from mergeline.promotion.record import is_intact, make_release, release_digest
from mergeline.registry.twin import differing, release_tags
from mergeline.specs.repository import load_repository
from report import samples

PULL_REQUEST = PullRequest(
    number=1,
    title="churn 0.2.0",
    body="",
    state="closed",
    merged=True,
    merged_at=None,
    merge_commit_sha="0" * 40,
    base_ref="main",
    base_sha="0" * 40,
    head_ref="change",
    head_sha="0" * 40,
    author="ada",
    url="https://forge/1",
    draft=False,
)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("training", "run_id", "another"),
        ("training", "seconds", 12.5),
        ("artifact", "uri", "models:/m-2"),
        ("environment", "cpu", "another"),
    ],
)
def test_where_it_ran_and_how_long_it_took_are_not_covered(section, key, value):
    record = release("0.1.0")
    other = copy.deepcopy(record)
    other[section][key] = value
    assert release_digest(other) == release_digest(record)


def test_what_it_was_trained_with_is_covered():
    record = release("0.1.0")
    other = copy.deepcopy(record)
    other["training"]["random_seed"] = 2
    assert release_digest(other) != release_digest(record)


def test_who_signed_is_covered_and_the_bundles_are_not():
    record = release("0.1.0")
    assert release_digest(record | {"signature": None}) == release_digest(record)
    signature = {"method": "key", "signer": "ops", "bundle": SHA, "provenance": SHA}
    signed = record | {"signature": signature}
    assert release_digest(signed) != release_digest(record)
    again = signed | {"signature": signature | {"bundle": OTHER_SHA, "provenance": OTHER_SHA}}
    assert release_digest(again) == release_digest(signed)
    for other in ({"signer": "mallory"}, {"method": "keyless"}):
        changed = signed | {"signature": signature | other}
        assert release_digest(changed) != release_digest(signed)


def test_what_may_be_done_with_the_data_is_covered_once_it_is_known():
    record = release("0.1.0")
    [dataset] = record["datasets"]
    unknown = {"content": None, "retention": None, "pii": []}
    assert release_digest(record | {"datasets": [dataset | unknown]}) == release_digest(record)
    # The same data in another file are the same data.
    other = record | {"datasets": [dataset | {"content": SHA}]}
    assert release_digest(other) == release_digest(record)
    for known in ({"retention": "30d"}, {"pii": ["email"]}):
        other = record | {"datasets": [dataset | known]}
        assert release_digest(other) != release_digest(record)


def test_a_record_says_whose_data_it_learned_from_and_how_long_they_may_be_kept():
    data = samples.passing(digests={}).data | {"content": OTHER_SHA}
    [dataset] = _made(data=data).datasets
    declared = load_repository(Files({**shared_files(), **model_files()})).models["churn"].data
    [told] = declared.datasets
    assert dataset.content == OTHER_SHA
    assert dataset.retention == told.retention
    assert dataset.pii == tuple(column.name for column in told.columns if column.pii)


def test_a_record_says_how_long_its_run_took():
    repository = load_repository(Files({**shared_files(), **model_files()}))
    kinds = ("dataset", "test_set", "model", "artifact", "evaluation", "lockfile", "predictions")
    result = samples.passing(
        digests=dict.fromkeys(kinds, SHA),
        environment={"python": "3.11.9", "os": "linux", "cpu": "x86_64"},
    )
    result = msgspec.structs.replace(result, environment={**result.environment, "gpu": None})
    made = make_release(repository.models["churn"], result, PULL_REQUEST, "scikit-learn==1.7.0\n")
    assert made.training.seconds == 3.0
    assert release_digest(msgspec.to_builtins(made)) == made.digest


def _made(**given):
    repository = load_repository(Files({**shared_files(), **model_files()}))
    kinds = ("dataset", "test_set", "model", "artifact", "evaluation", "lockfile", "predictions")
    machine = {"python": "3.11.9", "os": "linux", "cpu": "x86_64", "gpu": "none"}
    machine |= {"driver": "none", "threads": "OMP_NUM_THREADS=1"}
    result = samples.passing(digests=dict.fromkeys(kinds, SHA), environment=machine)
    result = msgspec.structs.replace(result, **given)
    return make_release(repository.models["churn"], result, PULL_REQUEST, "scikit-learn==1.7.0\n")


def test_a_run_of_a_dirty_tree_is_never_released():
    with pytest.raises(ToolError, match="clean_tree"):
        _made(clean=False)


def test_digests_of_model_and_predictions_are_covered_and_told_to_the_registry():
    made = _made()
    assert is_intact(made)
    for name in ("model_digest", "predictions_digest"):
        other = msgspec.structs.replace(made, **{name: OTHER_SHA})
        assert not is_intact(other)
        assert differing(other, release_tags(made)) == [f"mergeline.{name.replace('_', '.')}"]


def test_threads_and_driver_only_say_where_it_ran():
    made = _made()
    elsewhere = msgspec.structs.replace(made.environment, driver="550.54", threads=None)
    assert is_intact(msgspec.structs.replace(made, environment=elsewhere))


def test_a_record_from_before_these_digests_keeps_the_digest_that_it_had():
    record = release("0.1.0")
    later = {"model_digest": None, "predictions_digest": None}
    assert release_digest(record | later) == release_digest(record)
    assert not any(
        "predictions" in tag for tag in release_tags(msgspec.structs.replace(_made(), **later))
    )
