"""The features step: compute what needs no fitting, and set the test rows apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_bytes
from mergeline.pipeline.feature_checks import (
    at_feature,
    bad_split,
    bad_target,
    not_by_row,
    unknown_columns,
)
from mergeline.pipeline.forecast_checks import bad_series, reaching_back, short_series
from mergeline.pipeline.json_file import write_json
from mergeline.pipeline.step import OfInputsAlone, StepFailedError, fail_on
from mergeline.specs.types.features import PythonTransform
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.predictions import Label


# The column of past.parquet that says which rows the model learned from.
TRAINED = "__trained__"


class FeaturesStep(OfInputsAlone):
    """Writes `train.parquet`, `test.parquet`, `test_rows.parquet` and `features.json`.

    The first two hold what the model takes, and the target under its own name. The third holds
    the test rows as the dataset has them, for slices, fairness and a champion with other
    features; its digest names the frozen test set, whatever the features are. A forecast has
    `past.parquet` too: the rows before the test rows, and whether the model learned from each.
    """

    name = "features"
    needs: tuple[str, ...] = ("data",)

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the features, the split and the code of the transforms."""
        data = context.model.documents["data.yaml"].value
        return {
            "features": context.model.documents["features.yaml"].value["features"],
            "target": data["target"],
            "split": data["split"],
            "forecast": data.get("forecast"),
            "code": code_digests(context),
            "task": context.model.model.task,
        }

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Compute, split and write."""
        import pandas as pd

        from mergeline.pipeline.splits import test_rows, training_rows

        frame = pd.read_parquet(upstream["data"] / "data.parquet", engine="pyarrow")
        fail_on([*unknown_columns(context, frame), *bad_target(context, frame)])
        fail_on(bad_series(context, frame))
        features = _features(context, frame)
        target, split = context.model.data.target, context.model.data.split
        test = test_rows(frame, target, split)
        train = training_rows(frame, split, test) & reaching_back(context, frame)
        fail_on([*short_series(context, frame, test), *bad_split(context, frame, train, test)])
        features[target] = frame[target]
        features[train].to_parquet(output / "train.parquet", engine="pyarrow", index=False)
        features[test].to_parquet(output / "test.parquet", engine="pyarrow", index=False)
        frame[test].to_parquet(output / "test_rows.parquet", engine="pyarrow", index=False)
        if context.model.data.forecast is not None:
            past = frame.assign(**{TRAINED: train})[~test]
            past.to_parquet(output / "past.parquet", engine="pyarrow", index=False)
        facts = _facts(context, features, frame, train, test)
        write_json(output / "features.json", facts)


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


def code_digests(context: Context) -> dict[str, str]:
    """Return the digest of each of these files."""
    return {name: digest_bytes(code) for name, code in transform_code(context).items()}


def _features(context: Context, frame: pd.DataFrame) -> pd.DataFrame:
    from mergeline.pipeline.feature_frame import FeatureError, feature_frame
    from mergeline.pipeline.lags import order_of
    from mergeline.pipeline.python_features import compute

    model = context.model
    try:
        whole, one = compute(context, frame, frame.tail(1))
    except FeatureError as error:
        raise StepFailedError([at_feature(context, error.feature, "bad-feature", error)]) from None
    fail_on(not_by_row(context, whole, one))
    return feature_frame(frame, model.features.features, whole, order_of(model.data))


def _classes(context: Context, frame: pd.DataFrame) -> list[Label] | None:
    from mergeline.pipeline.predictions import classes_of

    if context.model.model.task not in CLASSIFYING:
        return None
    return list(classes_of(frame[context.model.data.target]))


def _facts(
    context: Context,
    features: pd.DataFrame,
    frame: pd.DataFrame,
    train: NDArray[np.bool_],
    test: NDArray[np.bool_],
) -> dict[str, Any]:
    from mergeline.pipeline.frame_digest import digest_frame

    target = context.model.data.target
    return {
        "features": msgspec.to_builtins(context.model.features.features),
        "columns": {
            str(name): str(dtype) for name, dtype in features.dtypes.items() if name != target
        },
        "target": target,
        "classes": _classes(context, frame),
        "train_rows": int(train.sum()),
        "test_rows": int(test.sum()),
        "test_set": digest_frame(frame[test], context.model.data.datasets[0].kept),
        "split": msgspec.to_builtins(context.model.data.split),
    }
