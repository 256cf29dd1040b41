"""What a release was made of, where it went, and whom a dataset or feature reached."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.workbench import SHA, spec_text

from audit.past import MODEL
from mergeline.audit.lineage import lineage_of, reached_from
from mergeline.audit.selector import Source, parse_release, parse_source
from mergeline.digest import digest_bytes
from mergeline.errors import ToolError, UsageError
from mergeline.report.lineage import lineage_mermaid, lineage_text
from mergeline.report.openlineage import events_text

if TYPE_CHECKING:
    from audit.past import Past

WORDS = st.from_regex(r"[a-z0-9._-]{1,20}", fullmatch=True)


def features(*versions: int) -> bytes:
    """A features.yaml whose features are called f0, f1 and so on, of these versions."""
    rows = [
        {
            "name": f"f{place}",
            "version": version,
            "owner": "team-x",
            "inputs": ["a"],
            "transform": {"type": "passthrough"},
        }
        for place, version in enumerate(versions)
    ]
    return spec_text("Features", {"features": rows})


@pytest.fixture
def made(past: Past) -> Past:
    """churn 1.0.0 and 1.1.0 in production, and a copy of it on other features in staging."""
    _release(past, "1.0.0", features(1, 1), "2024-09-10T12:00:00Z")
    _release(past, "1.1.0", features(1, 2), "2024-09-12T12:00:00Z")
    _release(past, "0.1.0", features(7), "2024-09-13T12:00:00Z", "other", "staging")
    return past


def _release(
    past: Past,
    version: str,
    content: bytes,
    when: str,
    model: str = MODEL,
    environment: str = "production",
) -> None:
    commit = past.commit({f"models/{model}/features.yaml": content}, when)
    training = {"commit": commit, "run_id": f"run-{model}-{version}"}
    specs = {"features.yaml": digest_bytes(content)}
    past.wants(version, when, environment, model=model, merge=1, training=training, specs=specs)


def titles(lineage, kind: str) -> list[str]:
    return [f"{one.name}@{one.version}" for one in lineage.graph.of(kind)]


def test_a_release_leads_back_to_its_sources_and_on_to_its_environments(made: Past) -> None:
    found = lineage_of(made.git, "main", MODEL, "1.1.0", None)
    assert found.findings == []
    assert titles(found, "dataset") == [f"customers@{SHA}"]
    assert titles(found, "feature") == ["f0@1", "f1@2"]
    assert titles(found, "run") == [f"{MODEL}@run-{MODEL}-1.1.0"]
    assert titles(found, "deployment") == ["production@1.1.0"]
    [run], [release] = found.graph.of("run"), found.graph.of("release")
    kinds = {(found.graph.nodes[a].kind, found.graph.nodes[b].kind) for a, b in found.graph.edges}
    assert kinds == {
        ("dataset", "run"),
        ("feature", "run"),
        ("commit", "run"),
        ("run", "release"),
        ("release", "deployment"),
    }
    assert found.graph.behind(release, "run") == [run]


@pytest.mark.parametrize(
    ("source", "releases"),
    [
        ("dataset:customers", ["churn@1.0.0", "churn@1.1.0", "other@0.1.0"]),
        (f"dataset:customers@{SHA}", ["churn@1.0.0", "churn@1.1.0", "other@0.1.0"]),
        ("dataset:customers@0000", ["churn@1.0.0", "churn@1.1.0", "other@0.1.0"]),
        ("feature:f1", ["churn@1.0.0", "churn@1.1.0"]),
        ("feature:f1@2", ["churn@1.1.0"]),
        ("feature:f0@7", ["other@0.1.0"]),
    ],
)
def test_whom_a_source_reached(made: Past, source: str, releases: list[str]) -> None:
    found = reached_from(made.git, "main", parse_source(source))
    assert titles(found, "release") == releases
    environments = {one.facts["model"]: one.name for one in found.graph.of("deployment")}
    assert set(environments) == {name.partition("@")[0] for name in releases}
    assert environments.get("other", "staging") == "staging"
    assert {
        one.name for one in found.graph.nodes.values() if one.kind in ("dataset", "feature")
    } == {parse_source(source).name}


def test_a_shared_feature_is_that_of_the_model_that_defines_it(made: Past) -> None:
    content = spec_text("Features", {"shared": [{"name": "f1", "version": 2, "from": MODEL}]})
    _release(made, "0.2.0", content, "2024-09-14T12:00:00Z", "other", "staging")
    found = lineage_of(made.git, "main", "other", "0.2.0", None)
    assert [one.id for one in found.graph.of("feature")] == [f"feature:{MODEL}/f1@2"]
    reached = reached_from(made.git, "main", parse_source("feature:f1@2"))
    assert titles(reached, "release") == [f"{MODEL}@1.1.0", "other@0.2.0"]
    assert len(reached.graph.of("feature")) == 1


@pytest.mark.parametrize(
    "source", ["dataset:nobody", "dataset:customers@1111", "feature:f1@3", "feature:customers"]
)
def test_a_source_that_nothing_was_made_of_is_refused(made: Past, source: str) -> None:
    with pytest.raises(UsageError, match="no release was made of"):
        reached_from(made.git, "main", parse_source(source))


def test_unknown_names_are_refused_with_the_nearest(made: Past) -> None:
    for model, version, hint in (
        ("chrun", "1.0.0", 'did you mean "churn"?'),
        (MODEL, "1.2.0", 'did you mean "churn@1.0.0"?'),
    ):
        with pytest.raises(UsageError) as caught:
            lineage_of(made.git, "main", model, version, None)
        assert (caught.value.hint or "").startswith(hint[:16])


def test_a_training_commit_that_is_gone_is_an_error_that_says_so(past: Past) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z")
    with pytest.raises(ToolError, match="is not in this clone") as caught:
        lineage_of(past.git, "main", MODEL, "1.0.0", None)
    assert "git fetch --unshallow" in (caught.value.hint or "")


def test_specs_and_records_are_held_to_their_digests(made: Past) -> None:
    commit = made.commit({f"models/{MODEL}/features.yaml": features(9)}, "2024-09-20T12:00:00Z")
    training = {"commit": commit, "run_id": "r"}
    made.wants("2.0.0", "2024-09-21T12:00:00Z", training=training)
    found = lineage_of(made.git, "main", MODEL, "2.0.0", None)
    assert [one.rule for one in found.findings] == ["spec-mismatch"]
    path = f"models/{MODEL}/releases/1.1.0.yaml"
    text = made.git.tree("main").read(path).replace(b"team-x", b"team-y")
    made.commit({path: text}, "2024-09-22T12:00:00Z")
    found = lineage_of(made.git, "main", MODEL, "1.1.0", None)
    assert [one.rule for one in found.findings] == ["release-edited"]
    # What was released is what was written first.
    assert found.graph.of("release")[0].facts["owner"] == "team-x"


def test_the_graph_as_text_and_as_a_flowchart(made: Past) -> None:
    graph = lineage_of(made.git, "main", MODEL, "1.0.0", None).graph
    text = lineage_text(graph)
    assert text.startswith("churn@1.0.0 sha256:")
    assert "feature f1@1" in text
    assert "production at 2024-09-10T12:00:00Z (promotion, pull request #1, commit" in text
    chart = lineage_mermaid(graph).splitlines()
    assert chart[0] == "flowchart LR"
    assert len(chart) == 1 + len(graph.nodes) + len(graph.edges)
    assert '["churn@1.0.0"]' in "\n".join(chart)


def test_events_of_openlineage_tell_training_and_promotion(made: Past) -> None:
    graph = lineage_of(made.git, "main", MODEL, "1.1.0", None).graph
    training, promotion = map(json.loads, events_text(graph).splitlines())
    for event in (training, promotion):
        assert event["eventType"] == "COMPLETE"
        assert event["schemaURL"].endswith("OpenLineage.json#/$defs/RunEvent")
        assert {"eventTime", "producer", "run", "job", "inputs", "outputs"} < set(event)
    assert training["job"]["name"] == "churn.train"
    assert {one["name"] for one in training["inputs"]} == {
        "dataset/customers",
        "feature/f0",
        "feature/f1",
    }
    # What training made is what the promotion took.
    assert training["outputs"] == promotion["inputs"]
    assert promotion["outputs"][0]["name"] == "churn/production"
    assert events_text(graph) == events_text(graph)


@given(WORDS, WORDS)
def test_words_of_releases_and_sources_are_read_back(name: str, version: str) -> None:
    assert parse_release(f"{name}@{version}") == (name, version)
    source = Source("feature", name, version)
    assert parse_source(str(source)) == source
    assert parse_source(f"dataset:{name}") == Source("dataset", name, None)


@given(st.text(max_size=20))
def test_other_words_are_refused(text: str) -> None:
    for parse in (parse_release, parse_source):
        try:
            parse(text)
        except UsageError as error:
            assert error.hint is not None  # noqa: PT017  whatever the text, refused or read
