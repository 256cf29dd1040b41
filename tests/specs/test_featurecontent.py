"""What counts as a change of a feature, and what does not."""

from __future__ import annotations

import msgspec
import pytest

from mergeline.specs.featurecontent import feature_content
from mergeline.specs.types import Data
from mergeline.specs.types.features import Feature

CODE = '''\
"""Features."""

import math
from functools import cache as kept

import numpy as np

BASE, UNUSED = 10, 11
LIMIT: float = 2.0


class Scale:
    factor = 3.0


def log(frame, floor=1.0):
    """Return the logarithm."""
    # Never below the floor.
    return np.log(clipped(frame["amount"], floor)) * Scale.factor


def clipped(column, floor):
    return column.clip(floor, LIMIT)


def other(frame):
    return frame["amount"] / BASE
'''
DATA = {
    "apiVersion": "mergeline.dev/v1",
    "kind": "Data",
    "datasets": [
        {
            "name": "payments",
            "source": {"type": "file", "path": "payments.csv"},
            "digest": f"sha256:{'0' * 64}",
            "columns": [
                {"name": "amount", "type": "float64"},
                {"name": "card", "type": "string", "pii": True, "pii_treatment": "hashed"},
                {"name": "day", "type": "datetime64"},
            ],
        }
    ],
    "target": "amount",
    "split": {"strategy": "temporal", "test_fraction": 0.2, "time_column": "day"},
    "forecast": {"horizon": 1, "series_column": "card"},
}
FEATURE = {
    "name": "log",
    "version": 1,
    "owner": "team-x",
    "inputs": ["amount", "card"],
    "transform": {"type": "python", "function": "features.py:log"},
}


def content(
    feature: dict[str, object], code: str = CODE, data: dict[str, object] | None = None
) -> str:
    files = {"features.py": code.encode(), "elsewhere.py": code.encode()}
    spec = msgspec.convert(data or DATA, Data)
    return feature_content(msgspec.convert(feature, Feature), spec, files.get)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("# Never below", "# Not below", id="comment"),
        pytest.param('"""Return the logarithm."""', '"""Give the logarithm."""', id="docstring"),
        pytest.param('"""Features."""', '"""Of payments."""', id="docstring of the file"),
        pytest.param("LIMIT: float = 2.0\n\n", "LIMIT: float = (\n    2.0\n)\n", id="layout"),
        pytest.param("import math\n", "", id="unused import"),
        pytest.param('frame["amount"] / BASE', 'frame["amount"] // BASE', id="another function"),
        pytest.param("def other", "def another", id="name of another function"),
    ],
)
def test_what_changes_no_value_is_no_change(old: str, new: str):
    assert old in CODE
    assert content(FEATURE, CODE.replace(old, new)) == content(FEATURE)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("np.log(", "np.log2(", id="body"),
        pytest.param("floor=1.0", "floor=2.0", id="default"),
        pytest.param("column.clip(floor, LIMIT)", "column.clip(floor)", id="what it calls"),
        pytest.param("float = 2.0", "float = 3.0", id="constant of what it calls"),
        pytest.param("factor = 3.0", "factor = 4.0", id="class"),
        pytest.param("import numpy as np", "import scipy as np", id="import"),
        pytest.param("def other", "LIMIT += 1\n\n\ndef other", id="constant changed later"),
        pytest.param("def other", "np.log.cache_clear()\n\n\ndef other", id="what runs on load"),
        pytest.param("def other", "@kept\ndef other", id="decorator"),
        pytest.param("def other", "if BASE:\n    LIMIT = 1\n\n\ndef other", id="condition"),
        pytest.param("def other", "from math import *\n\n\ndef other", id="everything imported"),
        pytest.param("def other", "Scale.factor = 2\n\n\ndef other", id="attribute"),
        pytest.param("def other", "def log(frame):\n    return 1\n\n\ndef other", id="twice"),
        pytest.param("def other", "def broken(:\n", id="no Python"),
    ],
)
def test_what_may_change_a_value_is_a_change(old: str, new: str):
    assert old in CODE
    assert content(FEATURE, CODE.replace(old, new)) != content(FEATURE)


def test_a_function_that_looks_names_up_depends_on_the_whole_file():
    code = CODE.replace("Scale.factor", 'globals()["UNUSED"]')
    assert content(FEATURE, code) != content(FEATURE, code.replace("10, 11", "10, 12"))


@pytest.mark.parametrize(
    "edit",
    [
        {"name": "logarithm"},
        {"version": 2},
        {"owner": "team-y"},
        {"description": "Of the amount."},
        {"dtype": "float64"},
        {"transform": {"type": "python", "function": "features.py:log", "parameters": {}}},
        {"transform": {"type": "python", "function": "elsewhere.py:log"}},
    ],
)
def test_names_words_and_defaults_are_no_content(edit: dict[str, object]):
    assert content(FEATURE | edit) == content(FEATURE)


@pytest.mark.parametrize(
    "edit",
    [
        {"inputs": ["card", "amount"]},
        {"inputs": ["amount"]},
        {"dtype": "int64"},
        {"transform": {"type": "python", "function": "features.py:other"}},
        {"transform": {"type": "python", "function": "features.py:log", "parameters": {"x": 1}}},
        {"transform": {"type": "passthrough"}},
    ],
)
def test_inputs_their_order_transform_and_type_are_content(edit: dict[str, object]):
    assert content(FEATURE | edit) != content(FEATURE)


def test_parameters_of_a_class_are_content():
    of = {"type": "sklearn", "class": "sklearn.preprocessing.StandardScaler"}
    scaled = FEATURE | {"transform": of}
    assert content(scaled) != content(FEATURE | {"transform": of | {"parameters": {"copy": True}}})


def _with(data: dict[str, object], path: str, value: object) -> dict[str, object]:
    copy = msgspec.json.decode(msgspec.json.encode(data))
    *parents, last = path.split(".")
    at = copy
    for part in parents:
        at = at[int(part)] if part.isdecimal() else at[part]
    at[last] = value
    return copy


def test_what_a_column_is_belongs_to_the_features_that_read_it():
    of_amount = FEATURE | {"inputs": ["amount"]}
    for path, value in (("0.type", "int64"), ("1.pii_treatment", "pseudonymised")):
        edited = _with(DATA, f"datasets.0.columns.{path}", value)
        assert content(FEATURE, data=edited) != content(FEATURE)
        assert (content(of_amount, data=edited) == content(of_amount)) == path.startswith("1")


def test_the_rows_and_words_about_a_column_do_not():
    for path, value in (("digest", f"sha256:{'1' * 64}"), ("columns.0.description", "in EUR")):
        edited = _with(DATA, f"datasets.0.{path}", value)
        assert content(FEATURE, data=edited) == content(FEATURE)


@pytest.mark.parametrize("path", ["split.time_column", "forecast.series_column"])
def test_the_order_of_series_belongs_to_features_of_the_past(path: str):
    lagged = FEATURE | {"inputs": ["amount"], "transform": {"type": "lag", "lags": [1]}}
    edited = _with(DATA, path, "amount")
    assert content(lagged, data=edited) != content(lagged)
    assert content(FEATURE, data=edited) == content(FEATURE)
