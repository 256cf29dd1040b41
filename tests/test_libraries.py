"""Which errors say that a library is missing, and which are bugs."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

from mergeline.errors import ToolError
from mergeline.libraries import missing_distributions, missing_library


def imported(name: str) -> ImportError:
    with pytest.raises(ImportError) as caught:
        importlib.import_module(name)
    return caught.value


def test_a_missing_library_is_named_with_the_extra_that_brings_it():
    missing = missing_library(imported("no_such_library.part"), "this", "run")
    assert missing.message == "this needs no_such_library, which is not installed"
    assert missing.hint == 'pip install "mergeline[run]"'
    assert missing_library(imported("no_such_library"), "it", None).hint == (
        "install the package that brings no_such_library"
    )


def test_so_it_is_behind_an_error_that_another_library_made_of_it():
    error = ImportError("a file system of that kind wants a library")
    error.__cause__ = imported("no_such_library")
    assert "needs no_such_library" in missing_library(error, "this").message


def test_pandas_is_told_which_library_reads_parquet():
    """Left to choose, it takes another one that is there, or says in its own words what is not."""
    calls = [
        node
        for path in (Path(__file__).parents[1] / "src").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("read_parquet", "to_parquet")
    ]
    assert len(calls) > 10
    for call in calls:
        assert "engine" in [keyword.arg for keyword in call.keywords], ast.unparse(call)


@pytest.mark.parametrize("name", ["mergeline.nothing", "json.nothing"])
def test_a_part_that_an_installed_library_lacks_is_no_missing_library(name: str):
    assert missing_library(imported(name), "this") is None


def test_nor_is_a_shared_object_that_cannot_be_loaded():
    assert missing_library(ImportError("a shared object is missing"), "this") is None


def test_here_nothing_of_the_extras_is_missing():
    assert missing_distributions("run") == missing_distributions("forge") == []


def test_an_extra_that_the_installation_does_not_have_is_not_taken_for_installed():
    with pytest.raises(ToolError, match=r"what mergeline\[nothing\] needs is not known"):
        missing_distributions("nothing")
