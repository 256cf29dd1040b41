"""The features step: compute what needs no fitting, and set the test rows apart."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_bytes
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.suggestion import suggest
from mergeline.specs.types.features import PythonTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context


class FeaturesStep:
    """Writes `train.parquet`, `test.parquet`, `test_rows.parquet` and `features.json`.

    The first two hold what the model takes, and the target under its own name. The third holds
    the test rows as the dataset has them, for slices, fairness and a champion with other
    features; its digest names the frozen test set, whatever the features are.
    """

    name = "features"
    needs: tuple[str, ...] = ("data",)
    volatile: frozenset[str] = frozenset()

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the features, the split and the code of the transforms."""
        data = context.model.documents["data.yaml"].value
        return {
            "features": context.model.documents["features.yaml"].value["features"],
            "target": data["target"],
            "split": data["split"],
            "code": {name: digest_bytes(code) for name, code in transform_code(context).items()},
            "task": context.model.model.task,
        }

    def holds(self, context: Context, output: Path) -> bool:  # noqa: ARG002
        """Return True: it depends on nothing outside."""
        return True

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Compute, split and write."""
        import pandas as pd

        from mergeline.pipeline.splits import test_rows

        frame = pd.read_parquet(upstream["data"] / "data.parquet")
        _fail_on([*_unknown_columns(context, frame), *_bad_target(context, frame)])
        features = _features(context, frame)
        target, split = context.model.data.target, context.model.data.split
        test = test_rows(frame, target, split)
        _fail_on(_bad_split(context, frame, test))
        features[target] = frame[target]
        features[~test].to_parquet(output / "train.parquet", index=False)
        features[test].to_parquet(output / "test.parquet", index=False)
        frame[test].to_parquet(output / "test_rows.parquet", index=False)
        facts = _facts(context, features, frame, test)
        (output / "features.json").write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n")


def transform_code(context: Context) -> dict[str, bytes]:
    """Return the Python files that the transforms need, by path below the model folder."""
    transforms = [feature.transform for feature in context.model.features.features]
    files = {
        transform.function.partition(":")[0]
        for transform in transforms
        if isinstance(transform, PythonTransform)
    }
    there = context.model.files
    return {name: there[name] for name in sorted(files) if name in there}


def _features(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    from mergeline.errors import MergelineError
    from mergeline.pipeline.feature_frame import FeatureError, feature_frame
    from mergeline.pipeline.functions import failed

    model = context.model
    functions = _functions(context)
    try:
        features = feature_frame(frame, model.features.features, functions)
        one = feature_frame(frame.tail(1), model.features.features, functions)
    except FeatureError as error:
        raise StepFailedError([_at_feature(context, error.feature, "bad-feature", error)]) from None
    except (MergelineError, StepFailedError):
        raise
    except Exception as error:
        files = list(transform_code(context))
        raise failed(error, f"{model.path}/{files[0]}", "raised an error") from error
    _fail_on(_not_by_row(context, features, one))
    return features


def _functions(context: Context) -> dict[str, Callable[..., Any]]:
    from mergeline.pipeline.functions import find_function

    model, document = context.model, context.model.documents["features.yaml"]
    return {
        feature.name: find_function(
            model.files,
            feature.transform.function,
            model.path,
            document,
            ("features", index, "transform", "function"),
        )
        for index, feature in enumerate(model.features.features)
        if isinstance(feature.transform, PythonTransform)
    }


def _at_feature(context: Context, name: str, rule: str, message: object) -> Finding:
    names = [feature.name for feature in context.model.features.features]
    place = ("features", names.index(name), "transform")
    return context.model.documents["features.yaml"].finding(rule, str(message), place)


def _not_by_row(context: Context, features: pd.DataFrame, one: pd.DataFrame) -> Iterator[Finding]:
    """A function must give the same for one row as for all of them."""
    import numpy as np

    for feature in context.model.features.features:
        if isinstance(feature.transform, PythonTransform):
            alone, among = one[feature.name].iloc[0], features[feature.name].iloc[-1]
            numbers = feature.dtype == "float64"
            same = np.isclose(alone, among, equal_nan=True) if numbers else alone == among
            if not same:
                message = f'feature "{feature.name}" gives another value for a row on its own'
                yield _at_feature(context, feature.name, "feature-not-by-row", message)


def _unknown_columns(context: Context, frame: pd.DataFrame) -> Iterator[Finding]:
    document, names = context.model.documents["features.yaml"], list(frame.columns)
    raw: set[str] = set()
    made: dict[str, int] = {}
    for index, feature in enumerate(context.model.features.features):
        for position, name in enumerate(feature.inputs):
            if name not in names:
                message, hint = f'the data has no column "{name}"', suggest(name, names)
                at = ("features", index, "inputs", position)
                yield document.finding("column-missing", message, at, hint=hint)
        if isinstance(feature.transform, PythonTransform):
            made[feature.name] = index
        else:
            raw |= set(feature.inputs)
    for name in made.keys() & (raw | {context.model.data.target}):
        message = f'feature "{name}" has the name of a column that the model is also given'
        place = ("features", made[name], "name")
        yield document.finding("feature-name-taken", message, place, hint="name it otherwise")


def _bad_target(context: Context, frame: pd.DataFrame) -> Iterator[Finding]:
    document, target = context.model.documents["data.yaml"], context.model.data.target
    if target not in frame.columns:
        hint = suggest(target, list(frame.columns))
        message = f'the data has no column "{target}"'
        yield document.finding("column-missing", message, ("target",), hint=hint)
    elif frame[target].isna().any():
        message = f'the target "{target}" has nulls'
        yield document.finding("target-null", message, ("target",))
    elif context.model.model.task == "classification" and set(frame[target].unique()) != {0, 1}:
        message = f'the target "{target}" must hold 0 and 1, for classification'
        yield document.finding("target-not-binary", message, ("target",))


def _bad_split(context: Context, frame: pd.DataFrame, test: NDArray[np.bool_]) -> Iterator[Finding]:
    document, target = context.model.documents["data.yaml"], frame[context.model.data.target]
    for rows, name in ((target[~test], "training"), (target[test], "test")):
        if rows.empty:
            yield document.finding("empty-split", f"the split leaves no {name} rows", ("split",))
        elif context.model.model.task == "classification" and rows.nunique() < 2:
            message = f"the split leaves only one class in the {name} rows"
            hint = "use strategy: stratified, or another fraction"
            yield document.finding("one-class-split", message, ("split",), hint=hint)


def _facts(
    context: Context, features: pd.DataFrame, frame: pd.DataFrame, test: NDArray[np.bool_]
) -> dict[str, Any]:
    from mergeline.pipeline.frame_digest import digest_frame

    target = context.model.data.target
    return {
        "features": msgspec.to_builtins(context.model.features.features),
        "columns": {
            str(name): str(dtype) for name, dtype in features.dtypes.items() if name != target
        },
        "target": target,
        "train_rows": int((~test).sum()),
        "test_rows": int(test.sum()),
        "test_set": digest_frame(frame[test], context.model.data.datasets[0].columns),
        "split": msgspec.to_builtins(context.model.data.split),
    }


def _fail_on(findings: Iterator[Finding] | list[Finding]) -> None:
    found = list(findings)
    if found:
        raise StepFailedError(found)
