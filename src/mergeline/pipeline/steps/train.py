"""The train step: fit a scikit-learn pipeline and save it."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_file
from mergeline.errors import RefusedError, ToolError
from mergeline.pipeline.handover import MANIFEST as TAKEN
from mergeline.pipeline.hardware import machine
from mergeline.pipeline.json_file import read_json, write_json
from mergeline.pipeline.model_code import child
from mergeline.pipeline.step import OfInputsAlone, StepFailedError
from mergeline.sandbox import SandboxError
from mergeline.specs.types.features import OF_TIME, PythonTransform, SklearnTransform
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context
    from mergeline.specs.document import Document
    from mergeline.specs.types.features import Feature

MODEL = "model.skops"
_OF_TEXTS = "sklearn.feature_extraction.text."


class _Fitted(msgspec.Struct):
    """What a child says of a training."""

    rows: int
    seeds: dict[str, int | str | None]
    warnings: list[str]


class TrainStep(OfInputsAlone):
    """Writes `model.skops`, equal byte for byte between equal trainings, and `train.json`.

    `machine.json` tells where that was. A training that was handed over is taken as it is.
    """

    name = "train"
    needs: tuple[str, ...] = ("features",)
    volatile: frozenset[str] = frozenset({"machine.json"})

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the estimator with its hyperparameters, the transforms and the seed."""
        training = context.model.documents["training.yaml"].value
        return {
            "estimator": training["estimator"],
            "hyperparameters": training.get("hyperparameters", {}),
            "random_seed": training["random_seed"],
            "threads": context.model.training.threads,
            "features": context.model.documents["features.yaml"].value["features"],
            "target": context.model.data.target,
            "task": context.model.model.task,
            "lockfile": context.lockfile_digest,
            "taken": None if context.trained is None else digest_file(context.trained / TAKEN),
        }

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Build, fit and save."""
        if context.trained is not None:
            _take(context.trained, output)
            return
        write_json(output / "machine.json", machine())
        found = _fit(context, _pipeline(context), upstream["features"] / "train.parquet", output)
        digest = digest_file(output / MODEL)
        write_json(output / "train.json", _facts(context, found, digest))


def _take(folder: Path, output: Path) -> None:
    """Take a training of another process, which was verified: its model, and what is said of it.

    Raises:
        RefusedError: it has another model than it says.
    """
    for path in (folder / "train").iterdir():
        shutil.copyfile(path, output / path.name)
    if read_json(output / "train.json").get("model_digest") != digest_file(output / MODEL):
        raise RefusedError("the training that was handed over has another model than it says")


def _facts(context: Context, found: Mapping[str, Any], digest: str) -> dict[str, Any]:
    training = context.model.training
    return {
        "estimator": training.estimator,
        "hyperparameters": training.hyperparameters,
        **found,
        "model_digest": digest,
    }


def _pipeline(context: Context) -> Any:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

    transformers, findings = _transformers(context)
    estimator, found = _estimator(context)
    if findings or found:
        raise StepFailedError([*findings, *found])
    columns = ColumnTransformer(transformers, remainder="drop")
    return Pipeline([("features", columns), ("estimator", estimator)])


def _transformers(
    context: Context,
) -> tuple[list[tuple[str, Any, list[str] | str]], list[Finding]]:
    from mergeline.pipeline.construct import build, find_class
    from mergeline.pipeline.lags import output_columns

    document = context.model.documents["features.yaml"]
    transformers: list[tuple[str, Any, list[str] | str]] = []
    findings: list[Finding] = []
    for index, feature in enumerate(context.model.features.features):
        made: Any = "passthrough"
        inputs: list[str] | str = list(feature.inputs)
        if isinstance(feature.transform, PythonTransform):
            inputs = [feature.name]
        elif isinstance(feature.transform, OF_TIME):
            inputs = output_columns(feature)
        elif isinstance(feature.transform, SklearnTransform):
            place = ("features", index, "transform")
            path = feature.transform.class_
            cls, found = find_class(path, document, (*place, "class"), "unknown-transformer")
            findings += found
            if path.startswith(_OF_TEXTS):
                # These take one column of texts, not a table of columns.
                inputs, found = _one_text(feature, document, index)
                findings += found
            if cls is not None:
                where, rule = (*place, "parameters"), "bad-transformer-parameter"
                made, found = build(cls, feature.transform.parameters, document, where, rule)
                findings += found
        transformers.append((feature.name, made, inputs))
    return transformers, findings


def _one_text(feature: Feature, document: Document, index: int) -> tuple[str, list[Finding]]:
    if len(feature.inputs) == 1:
        return feature.inputs[0], []
    message = f'feature "{feature.name}" has {len(feature.inputs)} inputs, its vectorizer takes one'
    place = ("features", index, "inputs")
    hint = "write a feature for each column of texts"
    return "", [document.finding("texts-not-apart", message, place, hint=hint)]


def _estimator(context: Context) -> tuple[Any, list[Finding]]:
    from mergeline.pipeline.construct import build, find_class

    training, document = context.model.training, context.model.documents["training.yaml"]
    cls, found = find_class(training.estimator, document, ("estimator",), "unknown-estimator")
    if cls is None:
        return None, found
    estimator, found = build(
        cls, training.hyperparameters, document, ("hyperparameters",), "bad-hyperparameter"
    )
    if found:
        return None, found
    if found := _unfit(context, estimator):
        return None, found
    names = estimator.get_params(deep=False)
    if "random_state" in names and "random_state" not in training.hyperparameters:
        estimator.set_params(random_state=training.random_seed)
    return estimator, []


def _unfit(context: Context, estimator: Any) -> list[Finding]:
    from sklearn.base import is_classifier, is_regressor

    task = context.model.model.task
    fits = is_classifier(estimator) if task in CLASSIFYING else is_regressor(estimator)
    if fits:
        return []
    message = f"{context.model.training.estimator} is no estimator for {task}"
    document = context.model.documents["training.yaml"]
    return [document.finding("unknown-estimator", message, ("estimator",))]


def _fit(context: Context, pipeline: Any, rows: Path, output: Path) -> Mapping[str, Any]:
    """Fit in a child; what it says of the training, with nothing but what is asked for."""
    training, classifies = context.model.training, context.model.model.task in CLASSIFYING
    with child(context, "training:Training", "the training", [rows]) as sandbox:
        try:
            sandbox.call(pipeline, training.random_seed, training.threads)
            target = context.model.data.target
            found, _ = sandbox.call("fit", str(rows), target, classifies=classifies)
        except SandboxError as error:
            raise _not_trained(context, error) from None
        sandbox.take(MODEL, output / MODEL)
    try:
        return msgspec.structs.asdict(msgspec.convert(found, _Fitted))
    except msgspec.ValidationError as error:
        raise ToolError(f"the training gave no facts: {error}") from None


def _not_trained(context: Context, error: SandboxError) -> Exception:
    if error.type not in {"ValueError", "TypeError"}:
        return ToolError(f"the training raised {error}")
    first = error.message.strip().splitlines()[0] if error.message.strip() else "no reason given"
    message = f"{context.model.training.estimator} could not be trained: {first}"
    document = context.model.documents["training.yaml"]
    return StepFailedError([document.finding("training-failed", message, ("estimator",))])
