"""Values of a spec that would execute or read something: `validate` refuses them."""

from __future__ import annotations

import re
from inspect import Parameter, signature

import pytest
from sklearn.utils import all_estimators

from mergeline.specs.address import unsafe_address
from mergeline.specs.parameter_values import is_data, is_for_models

REFUSED = {
    "reference://data.csv::https://example.com/refs.json": "chains",
    "zip://x.csv::http://example.com/x.zip": "chains",
    "simplecache::https://example.com/x.csv": "chains",
    "filecache::s3://bucket/x.csv": "chains",
    "s3://bucket/x::zip://y.csv": "chains",
    "https://example.com/x::y.csv": "chains",
    "https://[::1/x::y]/z.csv": "no host",
    "dir://x.csv::file:///etc": "chains",
    "reference://x.csv": "scheme",
    "zip://x.csv": "scheme",
    "tar://x.csv": "scheme",
    "libarchive://x.csv": "scheme",
    "dir://x.csv": "scheme",
    "memory://x.csv": "scheme",
    "local:///proc/self/environ": "scheme",
    "github://org:repo@main/x.csv": "scheme",
    "git://x.csv": "scheme",
    "ftp://example.com/x.csv": "scheme",
    "sftp://example.com/x.csv": "scheme",
    "ssh://localhost/etc/passwd": "scheme",
    "smb://host/share/x.csv": "scheme",
    "hdfs://host/x.csv": "scheme",
    "webhdfs://host/x.csv": "scheme",
    "jupyter://host/x.csv": "scheme",
    "dask://x.csv": "scheme",
    "dbfs://x.csv": "scheme",
    "lakefs://loans/main/x.csv": "scheme",
    "hf://datasets/x.csv": "scheme",
    "data:,x": "scheme",
    "S3://bucket/x.csv": "scheme",
    "file:///etc/passwd": "not a table",
    "file:///proc/self/environ": "not a table",
    "file:///root/.aws/loans.csv": "hidden",
    "file:///srv/repo/.mergeline/cache/1/data.parquet": "hidden",
    "file://loans.csv": "absolute",
    "file://~/loans.csv": "absolute",
    "http://169.254.169.254/latest/x.csv": "serves the machine",
    "http://[::ffff:169.254.169.254]/x.csv": "serves the machine",
    "http://[fd00:ec2::254]/x.csv": "serves the machine",
    "http://100.100.100.200/x.csv": "serves the machine",
    "http://metadata.google.internal/x.csv": "serves the machine",
    "http://Metadata.Google.Internal./x.csv": "serves the machine",
    "http://0.0.0.0/x.csv": "serves the machine",
    "http://127.1/x.csv": "not written as an IP address",
    "http://0x7f000001/x.csv": "not written as an IP address",
    "http://2852039166/x.csv": "not written as an IP address",
    "http://0251.0376.0251.0376/x.csv": "not written as an IP address",
    "http:///x.csv": "no host",
    "https://example.com\\@169.254.169.254/x.csv": "no host",
}
ALLOWED = (
    "s3://acme-data/loans/2026-01.parquet",
    "gs://acme-data/loans.csv",
    "abfs://loans@acme.dfs.core.windows.net/1.csv?snapshot=2026",
    "https://example.com/loans.csv",
    "https://[2606:4700:4700::1111]/loans.csv",
    "http://10.0.0.7:9000/loans.csv",
    "file:///srv/data/loans.csv",
)


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_not_of_one_file(address):
    unsafe = unsafe_address(address)
    assert unsafe is not None
    assert REFUSED[address] in unsafe[0]


@pytest.mark.parametrize("address", ALLOWED)
def test_an_address_that_is(address):
    assert unsafe_address(address) is None


OF_TEXTS = "sklearn.feature_extraction.text"
UNSAFE = [
    (f"{OF_TEXTS}.TfidfVectorizer", "input", "filename"),
    (f"{OF_TEXTS}.CountVectorizer", "input", "file"),
    (f"{OF_TEXTS}.HashingVectorizer", "input", "filename"),
    (f"{OF_TEXTS}.TfidfVectorizer", "tokenizer", "os.system"),
    (f"{OF_TEXTS}.TfidfVectorizer", "analyzer", "os.system"),
    (f"{OF_TEXTS}.TfidfVectorizer", "preprocessor", "os.system"),
    (f"{OF_TEXTS}.TfidfVectorizer", "stop_words", "/etc/passwd"),
    (f"{OF_TEXTS}.TfidfVectorizer", "vocabulary", "/etc/passwd"),
    ("sklearn.cluster.FeatureAgglomeration", "memory", "/tmp"),
    ("sklearn.cluster.FeatureAgglomeration", "memory", "filename"),
    ("sklearn.cluster.OPTICS", "memory", "cache"),
    ("sklearn.pipeline.Pipeline", "memory", "cache"),
    ("sklearn.pipeline.Pipeline", "steps", [["x", "sklearn.svm.SVC"]]),
    ("sklearn.compose.ColumnTransformer", "transformers", [["x", "passthrough", ["a"]]]),
    ("sklearn.compose.ColumnTransformer", "verbose_feature_names_out", "{feature_name.x}"),
    ("sklearn.compose.TransformedTargetRegressor", "func", "os.system"),
    ("sklearn.preprocessing.FunctionTransformer", "func", "os.system"),
    ("sklearn.preprocessing.FunctionTransformer", "kw_args", {"a": 1}),
    ("sklearn.ensemble.BaggingClassifier", "estimator", "sklearn.svm.SVC"),
    ("sklearn.ensemble.StackingClassifier", "estimators", [["a", "sklearn.svm.SVC"]]),
    ("sklearn.ensemble.AdaBoostClassifier", "estimator", {"class": "sklearn.svm.SVC"}),
    ("sklearn.model_selection.GridSearchCV", "pre_dispatch", "2*n_jobs"),
    ("sklearn.model_selection.GridSearchCV", "param_grid", {"a": [1]}),
    ("sklearn.feature_selection.SelectKBest", "score_func", "os.system"),
    ("sklearn.feature_selection.SelectFromModel", "importance_getter", "__class__"),
    ("sklearn.neighbors.KNeighborsClassifier", "metric_params", {"func": "os.system"}),
    ("sklearn.decomposition.KernelPCA", "kernel_params", {"a": 1}),
    ("sklearn.decomposition.FastICA", "fun_args", {"a": 1}),
    ("sklearn.linear_model.QuantileRegressor", "solver_options", {"log_file": "x"}),
    ("sklearn.linear_model.LogisticRegression", "class_weight", {"a": {"b": 1}}),
    ("sklearn.linear_model.LogisticRegression", "future_parameter", "a path"),
    ("sklearn.future.Class", "anything", "a path"),
]


@pytest.mark.parametrize(("path", "name", "value"), UNSAFE)
def test_a_parameter_that_is_opened_called_or_evaluated(path, name, value):
    assert not is_data(path, name, value)


PUBLIC = {
    f"{re.sub(r'[.]_.*', '', cls.__module__)}.{name}": cls
    for name, cls in all_estimators()
    if name != "FrozenEstimator"
}
# What scikit-learn warns of, and what only searches and selections of estimators take.
NOT_TO_BE_WRITTEN = {"deprecated", "warn"}
NEVER = {"importance_getter", "pre_dispatch"}


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_estimator_may_be_given_its_defaults(path):
    assert is_for_models(path)
    for name, parameter in signature(PUBLIC[path]).parameters.items():
        value = parameter.default
        if value is Parameter.empty or callable(value) or name in NEVER:
            continue
        if isinstance(value, str) and value in NOT_TO_BE_WRITTEN:
            continue
        assert is_data(path, name, list(value) if isinstance(value, tuple) else value), name


@pytest.mark.parametrize(
    "path",
    [
        "sklearn.datasets._rcv1.GzipFile",
        "sklearn.datasets._openml.Request",
        "sklearn.datasets.fetch_openml",
        "sklearn.utils.Bunch",
        "sklearn.utils._mocking.CheckingClassifier",
        "sklearn.utils._joblib.Memory",
        "sklearn.utils.estimator_checks.BaseBadClassifier",
        "sklearn.utils.parallel.Parallel",
        "sklearn.externals._arff.ArffDecoder",
        "sklearn.linear_model._logistic.LogisticRegression",
        "sklearn.gaussian_process.kernels.PairwiseKernel",
        "sklearn.base.BaseEstimator.fit",
        "sklearn.tests.test_base.MyEstimator",
        "subprocess.Popen",
        "mlflow.sklearn.Model",
        "sklearnx.svm.SVC",
    ],
)
def test_a_class_that_models_are_not_made_of(path):
    assert not is_for_models(path)
