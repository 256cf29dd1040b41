"""Results and plans as small plain values."""

from __future__ import annotations

from typing import Any

import msgspec

from mergeline.findings import Finding, Location, Severity
from mergeline.pipeline.result import ChampionName, Issue, Recorded, RunResult, StepResult
from mergeline.plan.changes import SemanticChange
from mergeline.plan.outlook import Action
from mergeline.plan.plan import ModelPlan, Plan
from mergeline.plan.versions import Version

HEAD = "a" * 40
DIGEST = "sha256:" + "0" * 64
STEPS = ("data", "features", "train", "evaluate", "package", "record")
CHECKS = (
    {
        "index": 0,
        "type": "expect_table_row_count_to_equal",
        "column": None,
        "success": True,
        "unexpected_count": None,
        "unexpected_percent": None,
        "observed": "569",
        "examples": [],
    },
    {
        "index": 1,
        "type": "expect_column_values_to_be_between",
        "column": "age",
        "success": True,
        "unexpected_count": 0,
        "unexpected_percent": 0.0,
        "observed": None,
        "examples": [],
    },
)
CURVES = {
    "classes": ["0", "1"],
    "confusion": [[52, 1], [2, 88]],
    "roc": {"fpr": [0.0, 0.0, 1.0], "tpr": [0.0, 0.9, 1.0]},
    "precision_recall": {"recall": [1.0, 0.9, 0.0], "precision": [0.6, 0.9, 1.0]},
    "calibration": [
        {"predicted": 0.1, "observed": 0.05, "rows": 40},
        {"predicted": 0.9, "observed": 0.97, "rows": 90},
    ],
}
RESIDUALS = {
    "residuals": {
        "predicted": [100.0, 150.0, 200.0],
        "actual": [90.0, 160.0, 210.0],
        "residual": [-10.0, 10.0, 10.0],
    }
}


def metric(name: str = "roc_auc", **given: Any) -> dict[str, Any]:
    return {
        "name": name,
        "slice": None,
        "value": 0.9977,
        "lower": 0.9922,
        "upper": 1.0,
        "rows": 143,
        "greater_is_better": True,
        "threshold": 0.985,
        "passed": True,
    } | given


def compared(name: str = "roc_auc", **given: Any) -> dict[str, Any]:
    return {
        "name": name,
        "slice": None,
        "candidate": 0.9977,
        "champion": 0.9956,
        "difference": 0.0021,
        "lower": -0.001,
        "upper": 0.006,
        "min_absolute_change": -0.01,
        "passed": True,
    } | given


def gate(kind: str = "threshold", name: str = "roc_auc", **given: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "slice": None,
        "value": 0.9977,
        "limit": 0.985,
        "passed": True,
    } | given


FAIRNESS = {
    "name": "equalized_odds_difference",
    "sensitive_feature": "age",
    "value": 0.033,
    "threshold": 0.1,
    "passed": True,
    "groups": [
        {
            "group": "<= 45",
            "rows": 70,
            "selection_rate": 0.97,
            "true_positive_rate": 0.98,
            "false_positive_rate": None,
        },
        {
            "group": "> 45",
            "rows": 73,
            "selection_rate": 0.28,
            "true_positive_rate": 0.95,
            "false_positive_rate": 0.02,
        },
    ],
}


def passing(**given: Any) -> RunResult:
    """A candidate that meets everything, against a champion."""
    part = {"column": "target", "value": 0}
    metrics = (
        metric(),
        metric("accuracy_score", slice=part, value=0.98, threshold=None, passed=None, rows=53),
    )
    values: dict[str, Any] = {
        "model": "churn",
        "version": "0.2.0",
        "task": "classification",
        "risk": "high",
        "outcome": "passed",
        "started": "2026-01-01T12:00:00Z",
        "seconds": 6.5,
        "commit": HEAD,
        "clean": True,
        "steps": tuple(
            StepResult(name=name, status="ran", key=DIGEST, seconds=0.5) for name in STEPS
        ),
        "findings": (),
        "champion": ChampionName(version="0.1.0", digest=DIGEST),
        "metrics": metrics,
        "comparison": (compared(),),
        "same_split": True,
        "gates": (
            gate(),
            gate("comparison", value=-0.001, limit=-0.01),
            gate("fairness", "equalized_odds_difference", value=0.033, limit=0.1),
            gate("latency", "latency p95 (ms)", value=12.0, limit=100.0),
        ),
        "digests": {"dataset": DIGEST, "test_set": DIGEST, "model": DIGEST},
        "mlflow": Recorded(run_id="r1", model_uri="models:/m-1", tracking_uri="sqlite:///m.db"),
        "data": {
            "name": "customers",
            "uri": "sklearn://load_iris",
            "rows": 569,
            "digest": DIGEST,
            "checks": list(CHECKS),
        },
        "features": {
            "target": "target",
            "train_rows": 426,
            "test_rows": 143,
            "split": {"strategy": "stratified"},
        },
        "training": {
            "estimator": "sklearn.linear_model.LogisticRegression",
            "hyperparameters": {"C": 1.0, "solver": "lbfgs"},
            "seeds": {"PYTHONHASHSEED": None, "random_state": 7},
            "warnings": [],
        },
        "evaluation": {
            "confidence": {"level": 0.95, "resamples": 1000},
            "rows": 143,
            "fairness": [FAIRNESS],
            "curves": {"candidate": CURVES, "champion": CURVES},
        },
        "timings": {"milliseconds": {"p50": 11.0, "p95": 12.0}},
    }
    return RunResult(**values | given)


def issue(message: str = "roc_auc is 0.9, below the threshold 0.985", **given: Any) -> Issue:
    values = {
        "rule": "gate-failed",
        "severity": "error",
        "message": message,
        "file": "models/churn/evaluation.yaml",
        "line": 6,
        "column": 16,
        "hint": None,
    }
    return Issue(**values | given)


def failing() -> RunResult:
    """A candidate that misses a threshold, without a champion."""
    steps = [
        ("data", "cached"),
        ("features", "cached"),
        ("train", "ran"),
        ("evaluate", "failed"),
        ("package", "skipped"),
        ("record", "skipped"),
    ]
    return passing(
        outcome="failed",
        champion=None,
        comparison=None,
        same_split=None,
        mlflow=None,
        steps=tuple(StepResult(name=name, status=status) for name, status in steps),
        metrics=(metric(value=0.9, lower=0.85, upper=0.95, passed=False),),
        gates=(gate(value=0.9, passed=False),),
        findings=(issue(),),
        timings={},
    )


def partial() -> RunResult:
    """A run that a data check stopped: nothing was trained."""
    failed = CHECKS[1] | {
        "success": False,
        "unexpected_count": 3,
        "unexpected_percent": 0.5,
        "examples": ["-1", "-2"],
    }
    found = issue(
        "expect_column_values_to_be_between failed",
        rule="data-check-failed",
        file="models/churn/data.yaml",
        hint="mend the data",
    )
    return passing(
        outcome="failed",
        champion=None,
        comparison=None,
        same_split=None,
        mlflow=None,
        steps=(
            StepResult(name="data", status="failed"),
            *(StepResult(name=name, status="skipped") for name in STEPS[1:]),
        ),
        metrics=(),
        gates=(),
        findings=(found,),
        digests={"dataset": DIGEST},
        data={
            "name": "customers",
            "uri": "sklearn://load_iris",
            "rows": 569,
            "digest": DIGEST,
            "checks": [CHECKS[0], failed],
        },
        features={},
        training={},
        evaluation={},
        timings={},
    )


def forecast() -> RunResult:
    line = {
        "times": ["2024-05-30T00:00:00", "2024-05-31T00:00:00", "2024-06-01T00:00:00"],
        "actual": [10.0, 12.0, 11.0],
        "predicted": [11.0, 11.5, 11.0],
        "naive": [None, 9.0, 12.0],
        "series": 2,
    }
    plain = regression()
    curves = {"candidate": RESIDUALS | {"forecast": line}, "champion": None}
    evaluation = plain.evaluation | {"curves": curves}
    return msgspec.structs.replace(plain, task="forecasting", evaluation=evaluation)


def several_classes() -> RunResult:
    confusion = {"classes": ["a", "b", "c"], "confusion": [[5, 1, 0], [0, 6, 2], [1, 0, 7]]}
    plain = regression()
    evaluation = plain.evaluation | {"curves": {"candidate": confusion, "champion": None}}
    return msgspec.structs.replace(plain, task="text-classification", evaluation=evaluation)


def regression() -> RunResult:
    rows = (
        metric(
            "mean_absolute_error",
            value=41.5,
            lower=35.0,
            upper=47.0,
            threshold=45.0,
            greater_is_better=False,
        ),
    )
    return passing(
        task="regression",
        metrics=rows,
        comparison=None,
        champion=None,
        gates=(gate(name="mean_absolute_error", value=41.5, limit=45.0),),
        evaluation={
            "confidence": {"level": 0.95, "resamples": 1000},
            "rows": 3,
            "fairness": [],
            "curves": {"candidate": RESIDUALS, "champion": None},
        },
    )


def finding(rule: str, message: str = "no", file: str = "models/churn/model.yaml") -> Finding:
    return Finding(rule, Severity.ERROR, message, Location(file, 3, 1))


def planned(name: str = "churn", **given: Any) -> ModelPlan:
    values: dict[str, Any] = {
        "name": name,
        "status": "modified",
        "version": Version("0.1.0", "0.2.0", "minor"),
        "risk": "high",
        "owner": "team-x",
        "changes": (
            SemanticChange(
                "training.hyperparameters",
                "/training/hyperparameters/C",
                1.0,
                0.5,
                "training",
                "minor",
            ),
        ),
        "actions": (
            Action("train", "train a candidate", "the hyperparameters differ"),
            Action("release", "release 0.2.0 on merge", "the version rises"),
        ),
    }
    return ModelPlan(**values | given)


def plan_of(*models: ModelPlan) -> Plan:
    return Plan("b" * 40, HEAD, models)
