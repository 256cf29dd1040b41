from __future__ import annotations

import time
import warnings

import numpy as np
import pytest

from mergeline.pipeline import resampled
from mergeline.pipeline.bootstrap import Question, draws, interval, resample
from mergeline.pipeline.metrics import METRICS

ROWS, RESAMPLES, SEED = 60, 40, 11


def problem(judged, rows=ROWS, *, ties=True, classes=2):
    """Truth and what a metric judges, of some use but not perfect."""
    random = np.random.RandomState(2)
    if judged in {"number", "scaled"}:
        truth = random.normal(100, 10, rows)
        return truth, truth + random.normal(0, 5, rows)
    if judged in {"labels", "probabilities"}:
        truth = random.randint(0, classes, rows)
        near = random.uniform(0, 1, (rows, classes)) + 0.4 * np.eye(classes)[truth]
        near = near.round(1) / near.round(1).sum(axis=1, keepdims=True) if ties else near
        return truth, near if judged == "probabilities" else near.argmax(axis=1)
    truth = random.randint(0, 2, rows)
    scores = np.clip(truth * 0.3 + random.uniform(0, 0.7, rows), 0, 1)
    if judged == "label":
        return truth, (scores > 0.5).astype(int)
    return truth, scores.round(1) if ties else scores


def slowly(metric, truth, predicted):
    """The bootstrap as a textbook has it: draw rows, call scikit-learn."""
    random = np.random.RandomState(SEED)
    drawn = random.randint(0, len(truth), size=(RESAMPLES, len(truth)))
    return np.array([metric.value(truth[rows], predicted[rows]) for rows in drawn])


@pytest.mark.slow
@pytest.mark.parametrize("classes", [2, 3, 9])
@pytest.mark.parametrize("name", METRICS)
def test_each_metric_equals_scikit_learns_on_every_resample(name, classes):
    metric = METRICS[name]
    truth, predicted = problem(metric.judged, classes=classes)
    [fast] = resample([Question(metric.resampled, truth, predicted)], RESAMPLES, SEED)
    np.testing.assert_allclose(fast, slowly(metric, truth, predicted), rtol=1e-9)


def test_a_part_of_the_rows_is_judged_on_the_drawn_rows_of_that_part():
    truth, scores = problem("probability")
    mask = np.arange(ROWS) % 3 == 0
    metric = METRICS["roc_auc"]
    [fast] = resample([Question(metric.resampled, truth, scores, mask)], RESAMPLES, SEED)
    drawn = np.random.RandomState(SEED).randint(0, ROWS, size=(RESAMPLES, ROWS))
    slow = [metric.value(truth[rows[mask[rows]]], scores[rows[mask[rows]]]) for rows in drawn]
    np.testing.assert_allclose(fast, slow, rtol=1e-9)


def test_chunks_change_nothing(monkeypatch):
    truth, scores = problem("probability")
    question = Question(resampled.roc_auc, truth, scores)
    [whole] = resample([question], RESAMPLES, SEED)
    monkeypatch.setattr("mergeline.pipeline.bootstrap._CELLS", 7 * ROWS)
    assert [len(chunk) for chunk in draws(ROWS, RESAMPLES, SEED)] == [7, 7, 7, 7, 7, 5]
    np.testing.assert_array_equal(resample([question], RESAMPLES, SEED)[0], whole)


def test_one_against_the_rest_is_what_scikit_learn_calls_so():
    from sklearn.metrics import roc_auc_score

    truth, scores = problem("probabilities", classes=4)
    theirs = roc_auc_score(truth, scores, multi_class="ovr", average="macro")
    assert METRICS["roc_auc_ovr"].value(truth, scores) == pytest.approx(theirs, abs=1e-12)


def test_a_class_that_only_another_model_knows_is_wrong_and_no_more():
    truth, predicted = np.array([0, 0, 1, 1]), np.array([0, -1, 1, 1])
    weights = np.ones((1, 4))
    for name, value in (("f1_macro", (2 / 3 + 1) / 2), ("accuracy_score", 3 / 4)):
        assert METRICS[name].value(truth, predicted) == pytest.approx(value)
        assert METRICS[name].resampled(truth, predicted, weights)[0] == pytest.approx(value)


def test_symmetric_errors_by_hand():
    metric = METRICS["symmetric_mean_absolute_percentage_error"]
    assert metric.value(np.array([0.0, 1.0]), np.array([0.0, 3.0])) == pytest.approx(0.5)


def test_two_models_are_drawn_in_pairs():
    truth, scores = problem("number")
    better = truth + (scores - truth) / 2
    questions = [
        Question(resampled.mean_absolute_error, truth, predicted) for predicted in (better, scores)
    ]
    ours, theirs = resample(questions, RESAMPLES, SEED)
    np.testing.assert_allclose(ours, theirs / 2)


def test_a_metric_that_is_mostly_undefined_has_no_interval():
    assert interval(np.array([np.nan, np.nan, 1.0]), 0.95) is None
    assert interval(np.array([np.nan, 1.0, 2.0]), 0.5) == (1.25, 1.75)


def test_one_class_leaves_ranking_undefined_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isnan(METRICS["roc_auc"].value(np.ones(3), np.ones(3)))
        weights = np.ones((2, 3))
        assert np.isnan(resampled.roc_auc(np.ones(3), np.arange(3.0), weights)).all()


def test_intervals_cover_the_truth_about_as_often_as_they_say():
    """300 samples of a mean of known error; a 90 % interval must hold it in 85 to 95 %."""
    random = np.random.RandomState(0)
    inside = 0
    for number in range(300):
        noise = np.abs(random.normal(0, 1, 80))
        question = Question(resampled.mean_absolute_error, np.zeros(80), noise)
        lower, upper = interval(resample([question], 200, number)[0], 0.9)
        inside += lower <= np.sqrt(2 / np.pi) <= upper
    assert 255 <= inside <= 285


def test_thirty_thousand_rows_take_seconds():
    truth, scores = problem("probability", 30_000, ties=False)
    start = time.process_time()
    questions = [
        Question(metric, truth, scores)
        for metric in (resampled.roc_auc, resampled.average_precision, resampled.mean_squared_error)
    ]
    resample(questions, 100, SEED)
    assert time.process_time() - start < 5
