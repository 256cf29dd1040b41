from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.utils import all_estimators

from mergeline.specs.estimator_roles import unfit_estimator, unfit_transformer
from mergeline.specs.pythonsource import Class, Missing, class_parameters, find_class
from mergeline.specs.references.training import is_specifier

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
def test_every_estimator_of_scikit_learn_is_found_with_its_parameters():
    for name, cls in all_estimators():
        path = f"{cls.__module__}.{name}"
        assert isinstance(find_class(path), Class), path
        known = class_parameters(path)
        parameters = inspect.signature(cls.__init__).parameters.values()
        real = tuple(each.name for each in parameters)[1:]
        open_ended = any(
            each.kind in (each.VAR_KEYWORD, each.VAR_POSITIONAL) for each in parameters
        )
        # Where the source is not certain, nothing is said; what is said is right.
        assert known == real or (known is None and (open_ended or cls.__init__ is object.__init__))


@pytest.mark.parametrize(
    ("path", "message", "near"),
    [
        ("sklearn.svm.SVK", 'sklearn.svm has no class "SVK"', "SVC"),
        ("sklearn.svn.SVC", 'sklearn has no module "svn"', "svm"),
        ("sklern.svm.SVC", 'there is no package "sklern" here', "sklearn"),
        ("sklearn.svm.l1_min_c", "sklearn.svm.l1_min_c is a function, not a class", "SVC"),
    ],
)
def test_what_is_not_there(path: str, message: str, near: str):
    found = find_class(path)
    assert isinstance(found, Missing)
    assert found.message == message
    assert near in found.known


@pytest.mark.parametrize("path", ["os.PathLike", "sklearn.tree._tree.Nothing", "sklearn.Nothing"])
def test_silent_where_the_source_does_not_tell(path: str):
    assert find_class(path) is None
    assert class_parameters(path) is None


def test_nothing_heavy_is_imported_for_a_repository_without_a_fault():
    code = (
        "import sys; from pathlib import Path\n"
        "from mergeline.specs.check import check\n"
        "from mergeline.specs.tree import WorkingTree\n"
        f"repository, findings = check(WorkingTree(Path({str(ROOT)!r})))\n"
        "assert len(repository.models) >= 3, repository.names\n"
        "assert findings == [], findings\n"
        "heavy = {'sklearn', 'numpy', 'pandas', 'jsonschema', 'packaging', 'mlflow', 'git'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "valid"),
    [(">=3.11,<3.14", True), ("==3.12.*", True), ("~=3.11", True), ("===3.12", True),
     ("3.12", False), (">=3.x", False), ("python3", False)],
)  # fmt: skip
def test_python_specifiers(text: str, valid: bool):
    assert is_specifier(text) is valid


def test_a_role_is_what_scikit_learn_itself_says():
    """No class is refused for a task that it is made for, and none let through for another."""
    for name, cls in all_estimators():
        path = f"{cls.__module__}.{name}"
        mixins = {each.__name__ for each in cls.__mro__}
        classifies, regresses = "ClassifierMixin" in mixins, "RegressorMixin" in mixins
        made = classifies or regresses or "TransformerMixin" in mixins
        made = made or "ClusterMixin" in mixins or "OutlierMixin" in mixins
        assert (unfit_estimator(path, "classification") is None) == (classifies or not made), path
        assert (unfit_estimator(path, "forecasting") is None) == (regresses or not made), path
        transforms = "TransformerMixin" in mixins or not made
        assert (unfit_transformer(path) is None) == transforms, path


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("sklearn.preprocessing.StandardScaler", "a transformer, not a classifier"),
        ("sklearn.linear_model.Ridge", "a regressor, not a classifier"),
        ("sklearn.cluster.DBSCAN", "a clusterer, not a classifier"),
        ("sklearn.utils.Bunch", "no estimator, let alone a classifier"),
        ("sklearn.model_selection.GridSearchCV", None),
        ("sklearn.datasets.fetch_openml", None),
    ],
)
def test_what_a_class_is_instead(path: str, said: str | None):
    assert unfit_estimator(path, "text-classification") == said


def test_a_function_that_the_text_of_its_module_imports_is_no_class():
    found = find_class("sklearn.datasets.fetch_openml")
    assert isinstance(found, Missing)
    assert found.message == "sklearn.datasets.fetch_openml is a function, not a class"
