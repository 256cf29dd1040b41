from __future__ import annotations

import json
import shutil

import pytest

from mergeline.errors import ToolError
from mergeline.pipeline import Champion
from mergeline.pipeline.predictor import load_predictor
from pipeline.workspace import statuses

TRAINING = "models/toy/training.yaml"
EVALUATION = "models/toy/evaluation.yaml"


@pytest.fixture
def champion(trained, tmp_path):
    """The model as first trained, as a registry would give it out."""
    result = trained.run("toy")
    folder = tmp_path / "download"
    shutil.copytree(trained.root / result.paths["model"], folder)
    # What MLflow puts beside it is none of the digest's business.
    (folder / "registered_model_meta").write_text("model_name: toy\n")
    return Champion(
        name="toy",
        version="0.9.0",
        digest="sha256:" + "a" * 64,
        artifact_digest=result.digests["artifact"],
        fetch=lambda: folder,
    )


@pytest.mark.slow
def test_the_same_model_does_not_differ_from_itself(work, champion):
    result = work.run("toy", champion=champion)
    assert result.outcome == "passed", result.findings
    assert result.same_split is True
    for row in result.comparison:
        assert row["candidate"] == row["champion"]
        assert (row["difference"], row["lower"], row["upper"]) == (0, 0, 0)
    gates = [gate for gate in result.gates if gate["kind"] == "comparison"]
    assert [gate["name"] for gate in gates] == ["roc_auc", "log_loss"]
    assert result.evaluation["curves"]["champion"] == result.evaluation["curves"]["candidate"]
    assert result.champion.version == "0.9.0"


@pytest.mark.slow
def test_a_worse_candidate_is_refused_at_the_line_of_its_margin(work, champion):
    work.edit(TRAINING, "max_depth: 4", "max_depth: 1")
    work.edit(TRAINING, "n_estimators: 20", "n_estimators: 1")
    work.edit(EVALUATION, "threshold: 0.7", "threshold: 0.5")
    result = work.run("toy", champion=champion)
    [issue] = [issue for issue in result.findings if issue.rule == "champion-better"][:1]
    assert issue.line == work.line(EVALUATION, "min_absolute_change: -0.05")
    assert "roc_auc against champion 0.9.0: change -0." in issue.message
    row = result.comparison[0]
    assert row["difference"] == pytest.approx(row["candidate"] - row["champion"])
    assert row["lower"] < row["difference"] < row["upper"]
    assert row["passed"] is False


@pytest.mark.slow
def test_a_loss_is_counted_towards_better(work, champion):
    work.edit(TRAINING, "n_estimators: 20", "n_estimators: 60")
    result = work.run("toy", champion=champion)
    row = next(row for row in result.comparison if row["name"] == "log_loss")
    assert row["difference"] == pytest.approx(row["champion"] - row["candidate"])


@pytest.mark.slow
def test_a_champion_of_another_split_is_said_so(work, champion):
    work.edit("models/toy/data.yaml", "test_fraction: 0.3", "test_fraction: 0.35")
    result = work.run("toy", champion=champion)
    assert result.same_split is False
    assert result.evaluation["comparison"]["same_dataset"] is True


@pytest.mark.slow
def test_a_champion_with_other_features_is_scored_on_the_same_rows(work, champion):
    work.edit("models/toy/features.yaml", "inputs: [amount]", "inputs: [amount, age]")
    result = work.run("toy", champion=champion)
    assert result.same_split is True
    assert len(result.comparison) == 3


@pytest.mark.slow
def test_without_a_baseline_nothing_is_compared(work, champion):
    work.edit(EVALUATION, "metrics:", "baseline: null\nmetrics:")
    result = work.run("toy", champion=champion)
    assert result.comparison is None
    assert result.same_split is None


@pytest.mark.slow
def test_another_champion_is_another_evaluation(work, champion):
    assert statuses(work.run("toy"))["evaluate"] == "cached"
    assert statuses(work.run("toy", champion=champion))["evaluate"] == "ran"
    assert statuses(work.run("toy", champion=champion))["evaluate"] == "cached"


def test_a_package_that_was_changed_is_not_loaded(work, champion):
    folder = champion.fetch()
    (folder / "features.py").write_text("raise SystemExit\n")
    with pytest.raises(ToolError, match="the package was changed"):
        work.run("toy", champion=champion)


def test_a_package_with_another_digest_is_not_loaded(champion):
    with pytest.raises(ToolError, match=r"has digest sha256:.*, not sha256:0"):
        load_predictor(champion.fetch(), "sha256:" + "0" * 64)


def test_a_package_without_a_manifest_is_not_loaded(champion):
    (champion.fetch() / "manifest.json").unlink()
    with pytest.raises(ToolError, match=r"manifest\.json"):
        load_predictor(champion.fetch())


@pytest.mark.slow
def test_a_champion_whose_columns_are_gone_cannot_be_compared(work, champion):
    work.edit("models/toy/data.yaml", "name: age, type", "name: years, type")
    work.edit("models/toy/data.yaml", "column: age", "column: years")
    work.edit("models/toy/source.py", '"age":', '"years":')
    work.edit("models/toy/features.yaml", "inputs: [age]", "inputs: [years]")
    work.edit(EVALUATION, "sensitive_feature: age", "sensitive_feature: years")
    digest = work.run("toy").digests["dataset"]
    text = (work.root / "models/toy/data.yaml").read_text().splitlines()
    lines = [f"    digest: {digest}" if "digest: " in line else line for line in text]
    work.write("models/toy/data.yaml", "\n".join(lines) + "\n")
    with pytest.raises(ToolError, match=r"no longer has: age"):
        work.run("toy", champion=champion)


def test_the_package_says_what_it_takes_and_gives(champion):
    signature = json.loads((champion.fetch() / "signature.json").read_text())
    assert [item["name"] for item in signature["inputs"]] == ["amount", "country", "age"]
    assert signature["output"] == {"name": "returned", "type": "int64", "classes": [0, 1]}
    requirements = (champion.fetch() / "requirements.txt").read_text()
    assert requirements == "numpy==2.4.6 ; python_full_version < '3.12'\nscikit-learn==1.9.1\n"


def test_a_package_predicts_from_plain_rows(trained, champion):
    import pandas as pd

    rows = pd.DataFrame({"amount": [1.0, 900.0], "country": ["de", "it"], "age": [30, 30]})
    with load_predictor(champion.fetch(), champion.artifact_digest) as predictor:
        said, alone = predictor.predict(rows), predictor.predict(rows.tail(1))
    assert said.values.tolist() == [0, 1]
    assert said.positive[0] < 0.5 < said.positive[1]
    assert alone.positive[0] == said.positive[1]
