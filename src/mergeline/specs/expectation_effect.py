"""Can an expectation fail at all, and can it hold? By its arguments, without data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.specs.document import Pointer
    from mergeline.specs.types.data import Expectation

_BETWEEN = "_to_be_between"
# Its bounds are in quantile_ranges.
_BY_RANGES = "expect_column_quantile_values_to_be_between"
# What they ask is asked of no value where the set is empty.
_IN_SET = ("_to_be_in_set", "_to_not_be_in_set", "_to_contain_set", "_to_equal_set")


def emptiness(expectation: Expectation) -> Iterator[tuple[Pointer, str, str]]:
    """Yield why an expectation checks nothing or can never hold: where, what, and the remedy.

    The place is below `kwargs`.
    """
    kwargs = expectation.kwargs
    if expectation.type.endswith(_BETWEEN) and expectation.type != _BY_RANGES:
        yield from _between(kwargs)
    if expectation.type.endswith(_IN_SET) and kwargs.get("value_set") == []:
        yield ("value_set",), "compares with no value at all", "name the values in value_set"
    mostly = kwargs.get("mostly")
    if mostly == 0 and mostly is not False:
        yield ("mostly",), "holds for any data: it asks for no row", "leave mostly out, or raise it"


def _between(kwargs: dict[str, Any]) -> Iterator[tuple[Pointer, str, str]]:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is None and high is None:
        yield (), "has neither min_value nor max_value", "write one of them, or both"
    elif isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        message = f"can never hold: min_value {low:g} is above max_value {high:g}"
        yield ("min_value",), message, "put the smaller one first"
