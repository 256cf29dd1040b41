"""Which arguments of Great Expectations are data; all others are refused.

Some of its arguments are evaluated as code (`row_condition` is, by pandas), sent as SQL, or looked
up elsewhere (`$PARAMETER`, a schema with `$ref`). An argument that is not listed here is refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.specs.document import Pointer
    from mergeline.specs.types.data import Expectation

PLAIN_ARGUMENTS = frozenset(
    (
        "allow_relative_error",
        "bucketize_data",
        "column",
        "column_A",
        "column_B",
        "column_index",
        "column_list",
        "column_set",
        "description",
        "double_sided",
        "escape",
        "exact_match",
        "ignore_row_if",
        "internal_weight_holdout",
        "like_pattern",
        "like_pattern_list",
        "match_on",
        "max_value",
        "method",
        "min_value",
        "mostly",
        "multiplier",
        "or_equal",
        "partition_object",
        "quantile_ranges",
        "regex",
        "regex_list",
        "strftime_format",
        "strict_max",
        "strict_min",
        "sum_total",
        "tail_weight_holdout",
        "threshold",
        "ties_okay",
        "type_",
        "type_list",
        "value",
        "value_pairs_set",
        "value_set",
    )
)
# Those without a schema that compare the values of one column.
_OF_ONE_COLUMN = frozenset(
    f"expect_column_values_to_be_{what}"
    for what in ("increasing", "decreasing", "dateutil_parseable", "json_parseable")
)
_WITHOUT_SCHEMA = {"properties": dict.fromkeys(("column", "mostly", "strictly"))}
# The only arguments that are mappings, with their keys.
_MAPPINGS = {
    "partition_object": frozenset({"bins", "weights", "tail_weights", "values"}),
    "quantile_ranges": frozenset({"quantiles", "value_ranges"}),
}


def unsafe_arguments(
    expectation: Expectation, schema: Mapping[str, Any] | None
) -> Iterator[tuple[Pointer, str, str]]:
    """Yield what an expectation is given, or needs, that is not plain data.

    Args:
        expectation: what data.yaml says.
        schema: its JSON Schema; None if it has none.

    Yields:
        The place below the expectation, the message and the hint.
    """
    kind = expectation.type
    if schema is None and kind in _OF_ONE_COLUMN:
        schema = _WITHOUT_SCHEMA
    if schema is None or not PLAIN_ARGUMENTS.issuperset(schema.get("required", ())):
        hint = "use one that compares the values of columns, or check it upstream"
        yield ("type",), f"{kind} is not allowed: its arguments are not plain data", hint
        return
    properties = schema["properties"]
    allowed = properties.keys() if schema is _WITHOUT_SCHEMA else PLAIN_ARGUMENTS
    for name, value in expectation.kwargs.items():
        if name not in allowed and (name in properties or schema is _WITHOUT_SCHEMA):
            message = f'{kind}: the argument "{name}" is not allowed, only plain values are'
            hint = f"remove it; allowed: {', '.join(sorted(allowed & properties.keys()))}"
            yield ("kwargs", name), message, hint
        elif not _is_plain(name, value):
            message = f"{kind}: {name} is not a plain value"
            yield ("kwargs", name), message, "write a number, a string or a list of them"


def _is_plain(name: str, value: object) -> bool:
    if isinstance(value, dict):
        return value.keys() <= _MAPPINGS.get(name, set()) and all(map(_is_listed, value.values()))
    return _is_listed(value)


def _is_listed(value: object) -> bool:
    if isinstance(value, list):
        return all(map(_is_listed, value))
    return not isinstance(value, dict)
