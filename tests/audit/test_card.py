"""What a card is made of without a registry: record and specs, each held to the other."""

from __future__ import annotations

import json

import pytest
from tests.plan.workbench import model_files, spec_text

from audit.cards import WHEN, WORDS, released, specs_with
from audit.past import MODEL, Past, record
from mergeline import cli
from mergeline.audit.card import Card, card_of
from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.promotion.record import spec_digests
from mergeline.report.card.markdown import card_markdown
from mergeline.specs.repository import load_repository

RECORD = f"models/{MODEL}/releases/1.0.0.yaml"


def card(past: Past, version: str | None = "1.0.0") -> Card:
    return card_of(past.git, "main", MODEL, version, None, "--offline")


def rules(found: Card) -> list[str]:
    return [one.rule for one in found.findings]


def test_specs_are_those_of_the_commit_that_was_trained(past: Past) -> None:
    released(past, more={"features.py": b"x = 1\n"})
    later = specs_with(model={"description": "Something else altogether."})["model"]
    past.commit({f"models/{MODEL}/model.yaml": spec_text("Model", later)}, WHEN)
    found = card(past)
    assert rules(found) == []
    assert found.specs.model.description == "Who is about to leave."
    assert found.specs.model.intended_use.primary_uses == ("Whom a clerk calls first.",)
    assert None not in (found.specs.data, found.specs.evaluation, found.specs.monitoring)
    assert (found.trained_at, found.recorded_at) == (WHEN, WHEN)
    assert found.standing == ("production",)
    assert [(row.environment, row.pull_request, row.approvers) for row in found.rows] == [
        ("production", 2, None)
    ]
    assert found.rows[0].policies.startswith("sha256:")
    assert found.registry == found.evidence.status == "not checked: --offline"


def test_specs_without_the_words_of_a_card_are_read_as_before(past: Past) -> None:
    released(past, specs=specs_with())
    found = card(past)
    assert (found.specs.model.intended_use, found.specs.model.limitations) == (None, ())


@pytest.mark.parametrize("harmed", [False, True])
def test_features_of_other_models_are_held_to_the_record_too(past: Past, *, harmed: bool) -> None:
    transform = {"type": "python", "function": "features.py:wealth"}
    lent = specs_with(model={"name": "other"})
    lent["features"]["features"][0] |= {"name": "wealth", "owner": "team-y", "transform": transform}
    files = model_files(lent, "other") | {"models/other/features.py": b"def wealth(frame): ...\n"}
    reference = {"name": "wealth", "version": 1, "from": "other"}
    files |= model_files(specs_with(features={"shared": [reference]}))
    commit = past.commit(files, WHEN)
    digests = spec_digests(load_repository(past.git.tree(commit)).models[MODEL])
    assert "shared__other__features.py" in digests
    if harmed:
        commit = past.commit({"models/other/features.py": b"def wealth(frame): 1\n"}, WHEN)
    made = record("1.0.0", specs=digests, commit=commit)
    past.commit({RECORD: spec_text("Release", made)}, WHEN)
    found = card(past)
    assert rules(found) == (["spec-mismatch"] if harmed else [])
    assert [(one.name, one.owner) for one in found.specs.features.features] == [
        ("age", "team-x"),
        ("spend", "team-x"),
        ("wealth", "team-y"),
    ]
    assert "1, made by other" in card_markdown(found, None)


def test_equal_state_gives_equal_answers(past: Past) -> None:
    released(past)
    assert json.dumps(card(past).as_json()) == json.dumps(card(past).as_json())


def test_a_spec_that_is_not_the_one_of_the_record_is_not_shown(past: Past) -> None:
    files = {"model.yaml": "sha256:" + "f" * 64, "gone.py": "sha256:" + "0" * 64}
    released(past)
    commit = past.git.stored(["main~1"])[0].name
    past.wants("1.1.0", WHEN, training={"commit": commit}, specs=files)
    found = card(past, "1.1.0")
    assert rules(found) == ["spec-mismatch", "spec-mismatch"]
    assert [one.location.file for one in found.findings] == [
        f"models/{MODEL}/gone.py",
        f"models/{MODEL}/model.yaml",
    ]
    assert found.specs.model is None
    assert found.as_json()["specs"]["model"] is None


def test_a_file_of_the_record_that_git_cannot_be_asked_for_is_a_finding(past: Past) -> None:
    released(past)
    commit = past.git.stored(["main~1"])[0].name
    past.wants("1.1.0", WHEN, training={"commit": commit}, specs={"a\nHEAD": "sha256:" + "0" * 64})
    assert "spec-mismatch" in rules(card(past, "1.1.0"))


def test_an_edited_record_is_told_as_it_was_written(past: Past) -> None:
    released(past)
    text = past.run("show", f"main:{RECORD}").replace("value: 0.85", "value: 0.99")
    past.commit({RECORD: text.encode()}, WHEN)
    found = card(past)
    assert rules(found) == ["release-edited"]
    assert found.release.metrics[0].value == 0.85


def test_a_record_whose_digest_does_not_fit_is_a_finding(past: Past) -> None:
    made = record("1.0.0") | {"owner": "team-y"}
    commit = past.commit({f"models/{MODEL}/model.yaml": b"x"}, WHEN)
    made["training"]["commit"] = commit
    past.commit({RECORD: spec_text("Release", made)}, WHEN)
    assert rules(card(past))[0] == "release-edited"


def test_a_record_of_another_release_is_a_finding(past: Past) -> None:
    made = record("2.0.0", commit=past.head)
    past.commit({RECORD: spec_text("Release", made)}, WHEN)
    found = card(past)
    assert rules(found)[0] == "release-edited"
    assert found.findings[0].message == f"the record is of {MODEL} 2.0.0"


def test_a_record_that_cannot_be_read_is_refused(past: Past) -> None:
    past.commit({RECORD: b"kind: [Release\n"}, WHEN)
    with pytest.raises(RefusedError, match="is no release record that can be read"):
        card(past)


def test_a_training_commit_that_is_not_here_is_an_error(past: Past) -> None:
    past.wants("1.0.0", WHEN)
    with pytest.raises(ToolError, match="is not in this clone"):
        card(past)


def test_without_a_version_it_is_the_one_in_production(past: Past) -> None:
    released(past, "1.0.0")
    released(past, "1.1.0", "staging")
    assert card(past, None).release.version == "1.0.0"
    assert card(past, "1.1.0").standing == ("staging",)


def test_without_a_version_and_production_it_asks_for_one(past: Past) -> None:
    released(past, "1.1.0", "staging")
    with pytest.raises(UsageError, match="churn is not in production") as caught:
        card(past, None)
    assert caught.value.hint == "name a release: churn@1.1.0"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("churn@9.9.9",), 'did you mean "churn@1.0.0"?'),
        (("chrun@1.0.0",), 'did you mean "churn"?'),
        (("chrun",), 'did you mean "churn"?'),
        (("churn@",), "names no release"),
        (("churn", "--output", "no/such/folder.md"), "the card cannot be written"),
    ],
)
def test_wrong_words_are_a_mistake_of_the_user(
    past: Past, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], said: str
) -> None:
    released(past)
    code = cli.main(["-C", str(past.path), "card", "--offline", *words])
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert said in told.err


def test_the_command_prints_or_writes_it(past: Past, capsys: pytest.CaptureFixture[str]) -> None:
    released(past)
    command = ["-C", str(past.path), "card", MODEL, "--offline"]
    assert cli.main(command) == 0
    text, told = capsys.readouterr()
    assert text.startswith("# Model card: churn 1.0.0\n")
    assert told == "registry not checked: --offline\n"
    assert cli.main([*command, "--output", "card.md"]) == 0
    assert (past.path / "card.md").read_text() == text
    assert cli.main([*command, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["specs"]["model"]["limitations"] == WORDS["limitations"]
    assert answer["evidence"] == {
        "status": "not checked: --offline",
        "evaluation": None,
        "timings": None,
    }
