"""The catalogues of scikit-learn and Great Expectations: those of what is locked, and true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.utils import all_estimators

from mergeline.specs.interfaces import FOLDER, PACKAGES
from mergeline.specs.interfaces.__main__ import texts

ROOT = Path(__file__).parents[2]
# The names of every class that a spec may want, and of some that are none.
NAMES = [
    *(f"{cls.__module__}.{name}" for name, cls in all_estimators()),
    *(re.sub(r"\._\w+", "", f"{cls.__module__}.{name}") for name, cls in all_estimators()),
    "sklearn.svm.SVK",
    "sklearn.svn.SVC",
    "sklearn.svm.l1_min_c",
    "sklearn.utils.Bunch",
    "sklearn.tree._tree.Nothing",
]
ANSWERS = f"""
import ast, json
from mergeline.specs.constraints import parameter_constraints
from mergeline.specs.estimator_roles import unfit_estimator, unfit_transformer
from mergeline.specs.expectations import expectation_schema, expectation_types
from mergeline.specs.pythonsource import class_parameters, find_class
print(json.dumps({{
    "schemas": {{
        name: {{key: schema[key] for key in ("properties", "required") if key in schema}}
        for name in expectation_types()
        if (schema := expectation_schema(name))
    }},
    "types": expectation_types(),
    **{{
        name: [
            str(find_class(name)),
            class_parameters(name),
            {{key: list(map(ast.dump, row)) for key, row in parameter_constraints(name).items()}},
            unfit_estimator(name, "classification"),
            unfit_estimator(name, "regression"),
            unfit_transformer(name),
        ]
        for name in {NAMES!r}
    }},
}}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", PACKAGES)
def test_a_catalogue_is_what_is_written_anew(name: str):
    kept = (FOLDER / f"{name}.json").read_text()
    assert kept == texts()[name], "run: python -m mergeline.specs.interfaces"


@pytest.mark.slow
def test_a_catalogue_gives_the_same_answers_as_the_library(core):
    done = subprocess.run([sys.executable, "-c", ANSWERS], check=True, capture_output=True)
    library, catalogue = json.loads(done.stdout), core.answer(ANSWERS)
    assert len(library) > 300
    assert {name for name in library if library[name] != catalogue[name]} == set()
