"""What can be wrong with features, target and split once the data is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.pipeline.suggestion import suggest
from mergeline.specs.types.features import PythonTransform
from mergeline.specs.types.scalars import CLASSIFYING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context
    from mergeline.specs.document import Document

_STRATIFIED = "use strategy: stratified, or another fraction"


def at_feature(context: Context, name: str, rule: str, message: object) -> Finding:
    """Return a finding at the transform of a feature."""
    names = [feature.name for feature in context.model.features.features]
    # A child names it, which may say anything.
    place = ("features", names.index(name) if name in names else 0, "transform")
    return context.model.documents["features.yaml"].finding(rule, str(message), place)


def not_by_row(
    context: Context, whole: Mapping[str, Any], one: Mapping[str, Any]
) -> Iterator[Finding]:
    """Give a finding for each function that gives another value for a row on its own.

    Args:
        context: the run.
        whole: what the functions gave for all rows, by feature.
        one: what they gave for the last row alone.
    """
    import numpy as np

    for feature in context.model.features.features:
        if isinstance(feature.transform, PythonTransform):
            alone, among = one[feature.name][0], whole[feature.name][-1]
            numbers = feature.dtype == "float64"
            same = np.isclose(alone, among, equal_nan=True) if numbers else alone == among
            if not same:
                message = f'feature "{feature.name}" gives another value for a row on its own'
                yield at_feature(context, feature.name, "feature-not-by-row", message)


def unknown_columns(context: Context, frame: pd.DataFrame) -> Iterator[Finding]:
    """Give a finding for each input that the data lacks, and each result with a taken name."""
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


def bad_target(context: Context, frame: pd.DataFrame) -> Iterator[Finding]:
    """Give a finding if the target is missing, has nulls, or is not what the task predicts."""
    document, target = context.model.documents["data.yaml"], context.model.data.target
    if target not in frame.columns:
        hint = suggest(target, list(frame.columns))
        message = f'the data has no column "{target}"'
        yield document.finding("column-missing", message, ("target",), hint=hint)
    elif frame[target].isna().any():
        message = f'the target "{target}" has nulls'
        yield document.finding("target-null", message, ("target",))
    elif context.model.model.task in CLASSIFYING:
        yield from _no_classes(document, frame[target])
    elif frame[target].dtype.kind not in "iuf":
        message = (
            f'the target "{target}" holds no numbers, which {context.model.model.task} predicts'
        )
        yield document.finding("target-not-numeric", message, ("target",))


def _no_classes(document: Document, target: pd.Series[Any]) -> Iterator[Finding]:
    from mergeline.pipeline.predictions import classes_of

    try:
        classes_of(target)
    except ValueError as error:
        message = f'the target "{target.name}" holds {target.dtype}: {error}'
        yield document.finding("target-not-classes", message, ("target",))


def bad_split(
    context: Context, frame: pd.DataFrame, train: NDArray[np.bool_], test: NDArray[np.bool_]
) -> Iterator[Finding]:
    """Give a finding if a side has no rows, or one class, or one that training lacks."""
    document, target = context.model.documents["data.yaml"], frame[context.model.data.target]
    classifies = context.model.model.task in CLASSIFYING
    for rows, name in ((target[train], "training"), (target[test], "test")):
        if rows.empty:
            yield document.finding("empty-split", f"the split leaves no {name} rows", ("split",))
        elif classifies and rows.nunique() < 2:
            message = f"the split leaves only one class in the {name} rows"
            yield document.finding("one-class-split", message, ("split",), hint=_STRATIFIED)
    if classifies and test.any() and train.any():
        for label in sorted(set(target[test]) - set(target[train]), key=str):
            message = f'the class "{label}" is in the test rows, but in no training row'
            yield document.finding("class-not-trained", message, ("split",), hint=_STRATIFIED)
