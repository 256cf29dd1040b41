from __future__ import annotations

import contextlib
import io
import json
import re
import time
import zipfile
from functools import partial
from gzip import GzipFile
from inspect import signature
from operator import attrgetter, methodcaller

import numpy as np
import pytest
import scipy.io
import sklearn.datasets
import skops.io
from numpy.testing import measure
from sklearn.compose import ColumnTransformer
from sklearn.datasets import fetch_file
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import DistanceMetric
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.utils import all_estimators

from mergeline.errors import ToolError
from mergeline.pipeline.skops_file import canonical, dump_model, load_model
from mergeline.specs.parameter_values import is_for_models

X = np.random.RandomState(0).normal(size=(120, 4))
Y = (X[:, 0] + X[:, 1] > 0).astype(int)


def fitted(kind):
    if kind == "pipeline":
        columns = ColumnTransformer(
            [
                ("scale", StandardScaler(), [0, 1]),
                ("one", OneHotEncoder(handle_unknown="ignore"), [2]),
            ]
        )
        return Pipeline([("columns", columns), ("model", LogisticRegression())]).fit(X.round(), Y)
    if kind == "forest":
        return RandomForestRegressor(n_estimators=5, random_state=1).fit(X, X[:, 0])
    return HistGradientBoostingClassifier(max_iter=5, random_state=1).fit(X, Y)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["pipeline", "forest", "boosting"])
def test_equal_trainings_give_equal_bytes_that_load(kind, tmp_path, monkeypatch):
    one, other = tmp_path / "one.skops", tmp_path / "other.skops"
    dump_model(fitted(kind), one)
    keep = [object() for _ in range(1000)]
    monkeypatch.setattr(time, "localtime", lambda *_: time.gmtime(1_900_000_000))
    dump_model(fitted(kind), other)
    assert keep
    assert one.read_bytes() == other.read_bytes()
    again = load_model(one)
    data = X.round() if kind == "pipeline" else X
    np.testing.assert_array_equal(again.predict(data), fitted(kind).predict(data))
    assert canonical(one.read_bytes()) == one.read_bytes()


def test_plain_skops_is_not_equal_between_trainings():
    """Or else canonical would have nothing to do."""
    assert skops.io.dumps(fitted("forest")) != skops.io.dumps(fitted("forest"))


def test_sets_are_sorted():
    words = [f"word-{number}" for number in range(50)]
    estimator, other = StandardScaler(), StandardScaler()
    # Elements that were removed leave another order behind.
    estimator.words, other.words = set(words), {*map(str, range(500)), *words}
    other.words -= set(map(str, range(500)))
    assert list(estimator.words) != list(other.words)
    one, two = (canonical(skops.io.dumps(item)) for item in (estimator, other))
    assert one == two
    assert skops.io.loads(one).words == set(words)


def test_keys_of_a_mapping_keep_their_types():
    estimator = StandardScaler()
    estimator.weights = {"b": 1, 2: 2.5, "a": None, 1: "x"}
    again = skops.io.loads(canonical(skops.io.dumps(estimator)))
    assert list(again.weights.items()) == list(estimator.weights.items())


def test_a_shared_array_stays_shared():
    estimator = StandardScaler().fit(X)
    estimator.first = estimator.second = [np.arange(3)]
    again = skops.io.loads(canonical(skops.io.dumps(estimator)))
    assert again.first is again.second


def test_types_from_elsewhere_are_refused(tmp_path):
    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(FunctionTransformer(zipfile.is_zipfile)))
    with pytest.raises(ToolError) as caught:
        load_model(path)
    assert "zipfile.is_zipfile" in caught.value.message
    assert "scikit-learn" in caught.value.hint


HOSTILE = {
    # The functions that execute or read differ between versions; the list must not know any.
    "a function of NumPy that reads": FunctionTransformer(np.load),
    "a function of NumPy's that executes": FunctionTransformer(measure),
    "a call with arguments": FunctionTransformer(partial(np.load, "x.npy", allow_pickle=True)),
    "a function of scikit-learn": FunctionTransformer(sklearn.datasets.load_files),
    "a function of scikit-learn that fetches": FunctionTransformer(fetch_file),
    "a class of scikit-learn that opens": FunctionTransformer(GzipFile),
    "a type of SciPy's": FunctionTransformer(scipy.io.loadmat),
    "a method": FunctionTransformer(StandardScaler().fit),
    "a call by name": FunctionTransformer(methodcaller("tofile", "x")),
    "an attribute by name": FunctionTransformer(attrgetter("__class__")),
    "a distance that calls": DistanceMetric.get_metric("pyfunc", func=np.load),
    "texts by name": TfidfVectorizer(input="filename"),
    "texts in a pipeline": Pipeline([("texts", CountVectorizer(input="file"))]),
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_what_executes_or_reads_is_refused(hostile, tmp_path):
    path = tmp_path / "model.skops"
    model = Pipeline([("hostile", hostile), ("model", DummyRegressor())])
    path.write_bytes(skops.io.dumps(model))
    with pytest.raises(ToolError, match="types that may not be loaded"):
        load_model(path)


def test_a_vectorizer_with_hidden_attributes_is_refused(tmp_path):
    """skops finds shared parts elsewhere; what is not plainly there could be anything."""
    path = tmp_path / "model.skops"
    content = skops.io.dumps(TfidfVectorizer(input="filename"))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        schema = json.loads(archive.read("schema.json"))
    schema["content"]["content"]["input"] = {"__loader__": "CachedNode", "__id__": 1}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    with pytest.raises(ToolError, match="cannot be loaded"):
        load_model(path)


@pytest.mark.parametrize("content", [b"", b"no zip", b"empty"])
def test_a_damaged_file_is_an_error(content, tmp_path):
    if content == b"empty":
        buffer = io.BytesIO()
        zipfile.ZipFile(buffer, "w").close()
        content = buffer.getvalue()
    path = tmp_path / "model.skops"
    path.write_bytes(content)
    with pytest.raises(ToolError, match="cannot be loaded"):
        load_model(path)


def test_the_address_of_a_vectorizers_stop_words_is_forgotten(tmp_path):
    def texts():
        words = TfidfVectorizer(stop_words=["a", "the"])
        return words.fit(["a cat", "the dog"])

    one, other = texts(), texts()
    one.transform(["a cat"])
    other.transform(["a cat"])
    assert one._stop_words_id != other._stop_words_id
    dump_model(one, tmp_path / "one.skops")
    dump_model(other, tmp_path / "other.skops")
    assert (tmp_path / "one.skops").read_bytes() == (tmp_path / "other.skops").read_bytes()
    again = load_model(tmp_path / "one.skops")
    np.testing.assert_array_equal(
        again.transform(["the cat"]).toarray(), one.transform(["the cat"]).toarray()
    )


def test_a_loaded_forest_adds_up_in_one_order(tmp_path):
    forest = RandomForestRegressor(n_estimators=5, random_state=1, n_jobs=2).fit(X, X[:, 0])
    dump_model(forest, tmp_path / "forest.skops")
    assert load_model(tmp_path / "forest.skops").n_jobs == 1


NUMBERS = abs(X[:60]).round(2) + 0.1
# What they are fitted on, the first that they take.
GIVEN = (
    (NUMBERS, Y[:60]),
    (NUMBERS, NUMBERS[:, 0] + 1.0),
    (NUMBERS, NUMBERS[:, :2]),
    (NUMBERS[:, 0], NUMBERS[:, 1]),
    (["a cat", "the dog"] * 30, None),
    ([{"a": 1}, {"b": 2}], None),
    ([["a"], ["b"]], None),
    (["a", "b"],),
)
# skops cannot write one; the others need an estimator, or another size of data.
NOT_ALONE = {"Birch", "SelfTrainingClassifier", "GaussianRandomProjection", "KernelCenterer"} | {
    "SparseRandomProjection"
}
VARIANTS = {
    "HistGradientBoostingClassifier": [{"categorical_features": [0]}, {"early_stopping": True}],
    "HistGradientBoostingRegressor": [
        *({"loss": loss} for loss in ("absolute_error", "gamma", "poisson")),
        *({"loss": "quantile", "quantile": 0.5}, {"categorical_features": [0]}),
    ],
    "GradientBoostingRegressor": [{"loss": loss} for loss in ("absolute_error", "huber")],
    "TweedieRegressor": [{"power": power} for power in (1, 1.5, 2, 3)],
    "KNeighborsClassifier": [
        {"algorithm": algorithm, "metric": metric}
        for algorithm in ("kd_tree", "ball_tree")
        for metric in ("manhattan", "chebyshev", "minkowski")
    ],
    "MLPClassifier": [{"solver": solver} for solver in ("sgd", "adam", "lbfgs")],
    "SGDClassifier": [
        {"loss": loss} for loss in ("log_loss", "modified_huber", "huber", "squared_hinge")
    ],
    "CalibratedClassifierCV": [{"method": "isotonic"}],
    "BisectingKMeans": [{"algorithm": "elkan"}],
    "TfidfVectorizer": [{"stop_words": ["a"]}, {"stop_words": "english"}],
}


def every_estimator():
    """What a spec may name and build of its parameters alone, with some of their options."""
    for name, cls in all_estimators():
        path = re.sub(r"[.]_.*", "", cls.__module__) + f".{name}"
        needs = [one for one in signature(cls).parameters.values() if one.default is one.empty]
        if not needs and name not in NOT_ALONE and is_for_models(path):
            for options in ({}, *VARIANTS.get(name, ())):
                yield pytest.param(cls(**options), id=f"{name}{options or ''}")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("estimator", every_estimator())
def test_every_estimator_that_a_spec_may_name_is_loaded(estimator, tmp_path):
    for given in GIVEN:
        with contextlib.suppress(ValueError, TypeError, AttributeError):
            estimator.fit(*given)
            break
    else:
        raise AssertionError("fitted on nothing")
    dump_model(estimator, tmp_path / "model.skops")
    assert type(load_model(tmp_path / "model.skops")) is type(estimator)


@pytest.mark.parametrize("name", ["SVC", "KNeighborsClassifier", "LogisticRegression"])
def test_a_model_of_sparse_texts_is_loaded(name, tmp_path):
    estimator = dict(all_estimators())[name]()
    texts = Pipeline([("texts", TfidfVectorizer()), ("model", estimator)])
    texts.fit(["a cat", "the dog"] * 30, [0, 1] * 30)
    dump_model(texts, tmp_path / "model.skops")
    assert list(load_model(tmp_path / "model.skops").predict(["the dog"])) == [1]
