"""The evaluate step: metrics, the champion, fairness and latency on the frozen test set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import ToolError
from mergeline.pipeline.evaluation_checks import long_blocks, unfit_metrics, unusable_columns
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.pipeline.rival import Rival, meet
from mergeline.pipeline.step import OfInputsAlone, StepFailedError, fail_on
from mergeline.pipeline.steps.features import TRAINED, code_digests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Champion, Context
    from mergeline.pipeline.forecast import Timeline
    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.predictor import Predictor
    from mergeline.pipeline.scoring import Scored, TestSet

Row = dict[str, Any]


class EvaluateStep(OfInputsAlone):
    """Writes `evaluation.json`, equal between equal runs, and `timings.json`, which is not."""

    name = "evaluate"
    needs: tuple[str, ...] = ("data", "features", "train")
    volatile: frozenset[str] = frozenset({"timings.json"})

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the evaluation spec, the champion's digests, and the code of the features."""
        champion = _champion(context)
        return {
            "evaluation": context.model.documents["evaluation.yaml"].value,
            "forecast": msgspec.to_builtins(context.model.data.forecast),
            "task": context.model.model.task,
            "quotable": context.model.data.datasets[0].quotable,
            # It runs when the model predicts, beside what it gave for the rows that it was fed.
            "code": code_digests(context),
            "champion": champion
            and {
                "version": champion.version,
                "digest": champion.digest,
                "artifact": champion.artifact_digest,
            },
        }

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Evaluate, write what was found, then judge."""
        from mergeline.pipeline.gates import latency_findings
        from mergeline.pipeline.seeds import repeatable

        document, training = context.model.documents["evaluation.yaml"], context.model.training
        test = _test_set(context, upstream)
        fail_on(
            [
                *unfit_metrics(context, test),
                *unusable_columns(context, test),
                *long_blocks(context, test),
            ]
        )
        with (
            repeatable(training.random_seed, training.threads),
            _predictor(context, upstream) as predictor,
        ):
            said = _candidate(context, upstream, predictor, classifies=test.classes is not None)
            facts, findings = _evaluate(context, upstream, test, said)
            write_json(output / "evaluation.json", facts)
            timings, found = _timings(context, upstream, test, said)
            findings += found
        write_json(output / "timings.json", timings)
        for gate in timings["gates"]:
            findings += latency_findings(gate, document)
        fail_on(findings)


def _champion(context: Context) -> Champion | None:
    return context.champion if context.model.evaluation.baseline == "champion" else None


def _test_set(context: Context, upstream: Mapping[str, Path]) -> TestSet:
    import pandas as pd

    from mergeline.pipeline.predictions import codes
    from mergeline.pipeline.scoring import TestSet

    rows = pd.read_parquet(upstream["features"] / "test_rows.parquet", engine="pyarrow")
    target, found = rows[context.model.data.target], _features(upstream)["classes"]
    if found is None:
        truth = target.to_numpy().astype("float64")
        return TestSet(rows, truth, time=_timeline(context, upstream, rows))
    classes = tuple(found)
    return TestSet(rows, codes(target, classes), classes)


def _timeline(
    context: Context, upstream: Mapping[str, Path], rows: pd.DataFrame
) -> Timeline | None:
    import pandas as pd

    from mergeline.pipeline.forecast import timeline
    from mergeline.pipeline.lags import order_of

    data, order = context.model.data, order_of(context.model.data)
    if data.forecast is None or order is None:
        return None
    past = pd.read_parquet(upstream["features"] / "past.parquet", engine="pyarrow")
    trained = past.pop(TRAINED).to_numpy()
    return timeline(data.target, data.forecast, order, rows, past, trained)


def _evaluate(
    context: Context, upstream: Mapping[str, Path], test: TestSet, said: Predictions
) -> tuple[Row, list[Finding]]:
    from mergeline.pipeline import gates
    from mergeline.pipeline.curves import curves
    from mergeline.pipeline.fairness import fairness_rows
    from mergeline.pipeline.predictions_digest import digest_predictions
    from mergeline.pipeline.scoring import metric_row, naive_rows, score

    spec, document = context.model.evaluation, context.model.documents["evaluation.yaml"]
    level, quotable = spec.confidence.level, context.model.data.datasets[0].quotable
    candidate = said.coded(test.classes)
    champion = _champion(context)
    rival = meet(context, champion, test) if champion else None
    models = [candidate, rival.predictions] if rival else [candidate]
    ours, *theirs = score(spec.metrics, test, models, spec.confidence)
    metrics = [
        metric_row(metric, one, test, level) for metric, one in zip(spec.metrics, ours, strict=True)
    ]
    facts: Row = {
        "confidence": msgspec.to_builtins(spec.confidence),
        "rows": len(test.truth),
        "test_set": _features(upstream)["test_set"],
        "predictions": digest_predictions(candidate),
        "metrics": metrics,
        "comparison": rival and _comparison(context, upstream, rival, ours, theirs[0]),
        "seasonal_naive": naive_rows(spec.metrics, test),
        "fairness": fairness_rows(spec.fairness, test, candidate),
        "curves": {
            "candidate": curves(test, candidate, quotable=quotable),
            "champion": rival and curves(test, rival.predictions, quotable=quotable),
        },
    }
    facts["gates"] = gates.gate_rows(facts)
    findings = gates.metric_findings(metrics, ours, document)
    if rival is not None:
        rows = facts["comparison"]["metrics"]
        findings += gates.comparison_findings(rows, rival.champion.version, document)
    return facts, findings + gates.fairness_findings(facts["fairness"], document)


def _candidate(
    context: Context, upstream: Mapping[str, Path], predictor: Predictor, *, classifies: bool
) -> Predictions:
    import pandas as pd

    frame = pd.read_parquet(upstream["features"] / "test.parquet", engine="pyarrow")
    try:
        said = predictor.predict_columns(frame.drop(columns=context.model.data.target))
    except ValueError as error:
        first = (str(error).strip().splitlines() or ["no reason given"])[0]
        message = f"the model cannot predict the test rows: {first}"
        hint = "transformers must take values that the training rows do not hold"
        document = context.model.documents["training.yaml"]
        finding = document.finding("prediction-failed", message, ("estimator",), hint=hint)
        raise StepFailedError([finding]) from None
    if (said.classes is not None) != classifies:
        raise ToolError(
            "the model gave no predictions: classes for numbers, or numbers for classes"
        )
    return said


def _comparison(
    context: Context,
    upstream: Mapping[str, Path],
    rival: Rival,
    ours: list[Scored | None],
    theirs: list[Scored | None],
) -> Row:
    from mergeline.pipeline.scoring import comparison_row

    spec = context.model.evaluation
    rows = [
        comparison_row(metric, one, other, spec.confidence.level)
        for metric, one, other in zip(spec.metrics, ours, theirs, strict=True)
    ]
    return {
        "champion": {"version": rival.champion.version, "digest": rival.champion.digest},
        # Another split may have shown the champion some of these rows in its training.
        "same_split": rival.provenance["test_set"] == _features(upstream)["test_set"],
        "same_dataset": rival.provenance["dataset"] == _data(upstream)["digest"],
        "metrics": rows,
    }


def _timings(
    context: Context, upstream: Mapping[str, Path], test: TestSet, said: Predictions
) -> tuple[Row, list[Finding]]:
    from mergeline.pipeline.gates import latency_gate
    from mergeline.pipeline.latency import measure, otherwise_alone, percentile

    measured = measure(lambda: _opened(context, upstream), test)
    milliseconds = measured.milliseconds
    findings = []
    place = otherwise_alone(measured, said)
    if place is not None:
        message = f"of test row {place} the model says something else on its own than among others"
        document = context.model.documents["training.yaml"]
        findings.append(document.finding("prediction-not-by-row", message, ("estimator",)))
    asked = context.model.evaluation.latency
    timings: Row = {
        "rows": len(milliseconds),
        "milliseconds": {f"p{at}": round(percentile(milliseconds, at), 3) for at in (50, 95, 99)},
        "gates": [],
    }
    if asked is not None:
        found = round(percentile(milliseconds, asked.percentile), 3)
        gate = latency_gate(asked.percentile, found, asked.threshold_milliseconds)
        timings["gates"] = [gate]
    return timings, findings


def _predictor(context: Context, upstream: Mapping[str, Path]) -> Predictor:
    found = _opened(context, upstream)
    context.confined.append(("the candidate", found.enforced))
    return found


def _opened(context: Context, upstream: Mapping[str, Path]) -> Predictor:
    from mergeline.pipeline.lags import order_of
    from mergeline.pipeline.model_code import limits_of
    from mergeline.pipeline.predictor import Predictor

    model, features = context.model, context.model.features.features
    trained = upstream["train"] / "model.skops"
    return Predictor(
        trained,
        features,
        model.files,
        model.path,
        order_of(model.data),
        limits=limits_of(context),
        threads=model.training.threads,
    )


def _features(upstream: Mapping[str, Path]) -> Row:
    facts: Row = read_json(upstream["features"] / "features.json")
    return facts


def _data(upstream: Mapping[str, Path]) -> Row:
    facts: Row = read_json(upstream["data"] / "data.json")
    return facts
