"""Classification of texts into more than two classes, from data to package."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline import Champion
from mergeline.pipeline.predictor import load_predictor
from pipeline import texts
from pipeline.workspace import LOCKFILE, Workspace, statuses, template

EVALUATION, FEATURES = "models/letters/evaluation.yaml", "models/letters/features.yaml"


@pytest.fixture
def work(tmp_path):
    workspace = Workspace(tmp_path)
    workspace.write("requirements.txt", LOCKFILE)
    workspace.write(
        "pipelines/text-classification.yaml", template("text-classification", texts.METRICS)
    )
    for name, text in texts.LETTERS.items():
        workspace.write(f"models/letters/{name}", text)
    workspace.seal("letters")
    return workspace


@pytest.mark.slow
def test_texts_become_a_package_that_reads_texts(work):
    result = work.run("letters")
    assert result.outcome == "passed", result.findings
    package = work.root / result.paths["package"] / "model"
    signature = json.loads((package / "signature.json").read_text())
    classes = ["billing", "delivery", "returns"]
    assert signature["output"] == {"name": "kind", "type": "string", "classes": classes}
    rows = {"subject": ["refund"], "body": ["You charged my card twice, I want a refund."]}
    with load_predictor(package, result.digests["artifact"]) as predictor:
        said = predictor.predict(pd.DataFrame(rows))
    assert said.values.tolist() == ["billing"]
    assert said.classes == tuple(classes)
    assert said.probabilities.sum() == pytest.approx(1)
    # The confusion matrix has a row and a column a class, and holds each test row once.
    curves = result.evaluation["curves"]["candidate"]
    assert curves["classes"] == classes
    assert np.sum(curves["confusion"]) == result.evaluation["rows"]
    by_name = {row["name"]: row["value"] for row in result.metrics}
    assert 0.7 < by_name["f1_macro"] < 1
    assert 0.8 < by_name["roc_auc_ovr"] < 1


@pytest.mark.slow
def test_equal_trainings_give_equal_packages(work, tmp_path_factory):
    first = work.run("letters").digests
    again = Workspace(tmp_path_factory.mktemp("again"))
    for path in work.root.rglob("*"):
        if path.is_file() and ".mergeline" not in path.parts:
            again.write(str(path.relative_to(work.root)), path.read_text())
    second = again.run("letters").digests
    assert (first["artifact"], first["evaluation"]) == (second["artifact"], second["evaluation"])


@pytest.mark.slow
def test_a_champion_of_fewer_classes_is_compared_with(work):
    """It never says the class that came later, which costs it and is no error."""
    rows = [line for line in texts.table().splitlines() if not line.endswith(",returns")]
    whole = (work.root / "models/letters/data.yaml").read_text()
    digest = next(line.split()[-1] for line in whole.splitlines() if "digest:" in line)
    work.write("models/letters/letters.csv", "\n".join(rows) + "\n")
    work.write("models/letters/data.yaml", whole.replace(digest, texts.ZERO))
    work.seal("letters")
    before = work.run("letters")
    assert before.outcome == "passed", before.findings
    package, artifact = work.root / before.paths["package"] / "model", before.digests["artifact"]
    champion = Champion("letters", "1.0.0", "sha256:" + "1" * 64, artifact, lambda: package)
    work.write("models/letters/letters.csv", texts.table())
    work.write("models/letters/data.yaml", whole)
    result = work.run("letters", champion=champion)
    assert result.outcome == "passed", result.findings
    changes = {row["name"]: row["difference"] for row in result.comparison}
    assert changes["f1_macro"] > 0.1


@pytest.mark.slow
def test_an_estimator_without_probabilities_is_judged_by_what_it_says(work):
    path = "models/letters/training.yaml"
    work.edit(path, "sklearn.linear_model.LogisticRegression", "sklearn.svm.LinearSVC")
    result = work.run("letters")
    assert statuses(result)["train"] == "ran"
    assert [issue.rule for issue in result.findings] == ["metric-missing"] * 2
    assert {row["name"] for row in result.metrics if row["value"] is not None} == {
        "f1_macro",
        "accuracy_score",
    }


def test_a_measure_of_two_classes_is_refused_for_three(work):
    work.edit(EVALUATION, "name: roc_auc_ovr", "name: f1_score")
    [issue] = work.run("letters").findings
    assert issue.rule == "target-not-binary"
    assert issue.line == work.line(EVALUATION, "f1_score")
    assert issue.message.endswith("the target has billing, delivery, returns")


def test_a_vectorizer_takes_one_column(work):
    work.edit(FEATURES, "inputs: [body]", "inputs: [body, subject]")
    [issue] = work.run("letters").findings
    assert issue.rule == "texts-not-apart"
    assert issue.line == work.line(FEATURES, "[body, subject]")


def test_a_class_that_no_training_row_holds(work):
    work.write(
        "models/letters/letters.csv", texts.table() + "odd,Something else that is odd.,odd\n"
    )
    data = "models/letters/data.yaml"
    text = (work.root / data).read_text()
    digest = next(line.split()[-1] for line in text.splitlines() if "digest:" in line)
    strategy = "{strategy: random, test_fraction: 0.9, random_seed: 7}"
    old = "{strategy: stratified, test_fraction: 0.3, random_seed: 7}"
    work.write(data, text.replace(digest, texts.ZERO).replace(old, strategy))
    work.seal("letters")
    [issue] = work.run("letters").findings
    assert (issue.rule, issue.message) == (
        "class-not-trained",
        'the class "odd" is in the test rows, but in no training row',
    )
