"""Lists whose elements have a name: they are compared by it, not by where they stand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Identity = Callable[[Mapping[str, Any]], str]


def _by(*keys: str) -> Identity:
    return lambda item: ":".join(str(item[key]) for key in keys)


def _metric(item: Mapping[str, Any]) -> str:
    rows = item.get("slice")
    return f"{item['name']}[{rows['column']}={rows['value']}]" if rows else str(item["name"])


def _expectation(item: Mapping[str, Any]) -> str:
    column = item.get("kwargs", {}).get("column")
    return f"{item['type']}:{column}" if column is not None else str(item["type"])


# Where such a list stands (`*` is any one key), and what names its elements. A list that is
# not here (the inputs of a feature, the steps of a rollout) means something by its order and
# is compared as one value.
NAMED: Mapping[tuple[str, ...], Identity] = {
    ("data", "datasets"): _by("name"),
    ("data", "datasets", "*", "columns"): _by("name"),
    ("data", "datasets", "*", "expectations"): _expectation,
    ("features", "features"): _by("name"),
    ("features", "shared"): _by("name"),
    ("evaluation", "metrics"): _metric,
    ("evaluation", "fairness"): _by("metric", "sensitive_feature"),
    ("deployment", "environments", "*", "analysis"): _by("metric"),
    ("deployment", "environments", "*", "rollback_on"): _by("metric"),
    ("monitoring", "drift"): _by("feature", "method"),
    ("monitoring", "performance"): _by("metric"),
    ("monitoring", "alerts"): _by("severity", "team"),
}


def keyed(value: Any, path: tuple[str, ...] = ()) -> Any:
    """Return the value with each named list as a mapping from identity to element.

    A list in which two elements have the same identity stays as it is.

    Args:
        value: JSON values; tuples count as lists.
        path: where the value stands; the elements of a named list stand at `*`.
    """
    if isinstance(value, dict):
        return {key: keyed(item, (*path, _generic(path, key))) for key, item in value.items()}
    if not isinstance(value, list | tuple):
        return value
    identity = NAMED.get(path)
    items = [keyed(item, (*path, "*")) for item in value]
    if identity is None:
        return items
    named = {identity(item): keyed_item for item, keyed_item in zip(value, items, strict=True)}
    return named if len(named) == len(items) else items


def _generic(path: tuple[str, ...], key: str) -> str:
    return "*" if path == ("deployment", "environments") else key
