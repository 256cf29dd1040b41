"""Great Expectations on pandas; its only importer."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import warnings
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.pipeline.data_check import PLACE, Check
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.suggestion import suggest
from mergeline.specs.expectations import unsafe_expectation

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.types.data import Dataset, Expectation

_EXAMPLES = 5
# What these observe is of the whole column or table, no value of a row.
_OF_MANY_ROWS = re.compile(
    "expect_(table_(row|column)_count|column_(mean|stdev|sum|unique_value_count"
    "|proportion_of_(unique|non_null)_values))_to_.*"
)
_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")


def check_expectations(frame: pd.DataFrame, dataset: Dataset, document: Document) -> list[Check]:
    """Check a frame against the expectations of its dataset, in their order.

    Raises:
        StepFailedError: an expectation is not known, or its arguments do not fit.
        ToolError: Great Expectations could not evaluate one.
    """
    if not dataset.expectations:
        return []
    with _quiet():
        import great_expectations as gx

        context = gx.get_context(mode="ephemeral")
        _no_progress_bars(context)
        suite = gx.ExpectationSuite(name=dataset.name)
        for expectation in _build(dataset, document, [str(name) for name in frame.columns]):
            suite.add_expectation(expectation)
        asset = context.data_sources.add_pandas("data").add_dataframe_asset(dataset.name)
        batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
        results = batch.validate(suite, result_format="SUMMARY").results
    private = {column.name for column in dataset.columns if column.pii}
    checks = [_check(result, dataset, private, document) for result in results]
    return sorted(checks, key=lambda check: check.index)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep telemetry, warnings and log lines of Great Expectations out of the way."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    level = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(level)


def _no_progress_bars(context: Any) -> None:
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context.variables.progress_bars = ProgressBarsConfig(globally=False)


def _build(dataset: Dataset, document: Document, columns: list[str]) -> list[Any]:
    built: list[Any] = []
    findings = list(_unknown_columns(dataset, document, columns))
    for index, expectation in enumerate(dataset.expectations):
        made = _one(expectation, index, document)
        if isinstance(made, StepFailedError):
            findings += made.findings
        else:
            built.append(made)
    if findings:
        raise StepFailedError(findings)
    return built


def _unknown_columns(dataset: Dataset, document: Document, columns: list[str]) -> Iterator[Finding]:
    for index, expectation in enumerate(dataset.expectations):
        for key in ("column", "column_A", "column_B"):
            name = expectation.kwargs.get(key)
            if isinstance(name, str) and name not in columns:
                message, hint = f'the data has no column "{name}"', suggest(name, columns)
                place = (*PLACE, index, "kwargs", key)
                yield document.finding("column-missing", message, place, hint=hint)


def _one(expectation: Expectation, index: int, document: Document) -> Any:
    from great_expectations.exceptions.exceptions import ExpectationNotFoundError
    from great_expectations.expectations.registry import get_expectation_impl

    try:
        implementation = get_expectation_impl(expectation.type)
    except ExpectationNotFoundError:
        message = f'Great Expectations has no "{expectation.type}"'
        hint = suggest(expectation.type, _known())
        place = (*PLACE, index, "type")
        return StepFailedError([document.finding("unknown-expectation", message, place, hint=hint)])
    # A verdict of `validate` may be of another version, or never have been asked for.
    if unsafe := list(unsafe_expectation(expectation, document, (*PLACE, index))):
        return StepFailedError(unsafe)
    try:
        return implementation(**expectation.kwargs, meta={"index": index})
    except (ValueError, TypeError) as error:
        message = f"{expectation.type}: {_first(error)}"
        place = (*PLACE, index, "kwargs")
        return StepFailedError([document.finding("bad-expectation", message, place)])


def _known() -> list[str]:
    from great_expectations import expectations

    names = (name for name in dir(expectations) if name.startswith("Expect"))
    return sorted(_WORD.sub("_", name).lower() for name in names if name != "Expectation")


def _first(error: Exception) -> str:
    details = getattr(error, "errors", None)
    if callable(details):
        return "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in details())
    return str(error)


def _check(result: Any, dataset: Dataset, private: set[str], document: Document) -> Check:
    index = int(result.expectation_config.meta["index"])
    expectation, found = dataset.expectations[index], result.result or {}
    if not result.success and not found:
        raise ToolError(
            f"{expectation.type} could not be evaluated: {_exception(result.exception_info)}",
            hint="see its arguments in Great Expectations' gallery",
            location=document.locate((*PLACE, index)),
        )
    columns = {value for value in expectation.kwargs.values() if isinstance(value, str)}
    secret = bool(columns & private)
    shown = () if secret or not dataset.quotable else found.get("partial_unexpected_list", ())
    percent = found.get("unexpected_percent")
    return Check(
        index=index,
        type=expectation.type,
        column=expectation.kwargs.get("column"),
        success=bool(result.success),
        unexpected_count=found.get("unexpected_count"),
        unexpected_percent=None if percent is None else float(percent),
        observed=_observed(found) if _observable(expectation, dataset, secret=secret) else None,
        examples=tuple(dict.fromkeys(map(str, shown)))[:_EXAMPLES],
    )


def _observable(expectation: Expectation, dataset: Dataset, *, secret: bool) -> bool:
    """May it be said what was observed: no value of a row that must not be shown?"""
    return not secret and (
        dataset.quotable or _OF_MANY_ROWS.fullmatch(expectation.type) is not None
    )


def _observed(found: dict[str, Any]) -> str | None:
    value = found.get("observed_value")
    return None if value is None else str(value)[:200]


def _exception(info: Any) -> str:
    if isinstance(info, dict):
        if info.get("exception_message"):
            return str(info["exception_message"])
        for inner in info.values():
            if isinstance(inner, dict):
                return _exception(inner)
    return "no reason given"
