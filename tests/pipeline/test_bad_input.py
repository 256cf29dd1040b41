"""Each thing that can be wrong: its finding, its line, and what the run does then."""

from __future__ import annotations

import re

import pytest

from mergeline.errors import ToolError
from pipeline.workspace import ZERO, statuses

DATA = "models/toy/data.yaml"
FEATURES = "models/toy/features.yaml"
TRAINING = "models/toy/training.yaml"
EVALUATION = "models/toy/evaluation.yaml"

# File, text and its replacement, then the finding: rule, a part of its line, message, hint.
CASES = {
    "another digest": (
        DATA,
        ("parameters: {rows: 400, seed: 5}", "parameters: {rows: 400, seed: 6}"),
        (
            "digest-mismatch",
            "digest: sha256",
            "the data has digest sha256:",
            "write digest: sha256:",
        ),
    ),
    "an undeclared column": (
        DATA,
        ("      - {name: age, type: int64}\n", ""),
        (
            "column-undeclared",
            "    columns:",
            '"age" that is not declared',
            "- {name: age",
        ),
    ),
    "a missing column": (
        DATA,
        ("name: country, type: string", "name: contry, type: string"),
        ("column-missing", "contry", 'the data has no column "contry"', 'did you mean "country"'),
    ),
    "another type": (
        DATA,
        ("name: age, type: int64", "name: age, type: float64"),
        ("column-type", "name: age", 'column "age" is int64, not float64', None),
    ),
    "personal data that are not hashed": (
        DATA,
        (
            "name: email, type: string, pii: true",
            "name: email, type: string, pii: true, pii_treatment: hashed",
        ),
        (
            "column-not-hashed",
            "name: email",
            'column "email" has 400 values that are no hexadecimal digests',
            "with a key that stays there",
        ),
    ),
    "no such source function": (
        DATA,
        ("source.py:sales", "source.py:sale"),
        ("unknown-function", "source.py:sale", "no function sale", 'did you mean "sales"'),
    ),
    "no such source file": (
        DATA,
        ("source.py:sales", "sauce.py:sales"),
        ("unknown-function", "sauce.py:sales", "there is no sauce.py", "source.py"),
    ),
    "an expectation that fails": (
        DATA,
        ("min_value: 18, max_value: 90", "min_value: 18, max_value: 60"),
        (
            "data-check-failed",
            "between",
            # The data are not public: no value is shown.
            r'failed: column "age", \d+ unexpected \(\d+.* %\)$',
            "mend the data",
        ),
    ),
    "an unknown expectation": (
        DATA,
        ("expect_column_values_to_be_in_set", "expect_column_values_to_be_in_sett"),
        (
            "unknown-expectation",
            "in_sett",
            "has no",
            'did you mean "expect_column_val',
        ),
    ),
    "an expectation's argument": (
        DATA,
        ("kwargs: {column: age,", "kwargs: {colum: age,"),
        ("bad-expectation", "colum: age", "colum: extra fields", None),
    ),
    "an expectation of an unknown column": (
        DATA,
        ("kwargs: {column: age,", "kwargs: {column: agee,"),
        ("column-missing", "column: agee", 'no column "agee"', 'did you mean "age"'),
    ),
    "an unknown target": (
        DATA,
        ("target: returned", "target: retuned"),
        ("column-missing", "target: retuned", 'no column "retuned"', 'did you mean "returned"'),
    ),
    "a target of fractions": (
        DATA,
        ("target: returned", "target: amount"),
        ("target-not-classes", "target: amount", "classes are whole numbers", None),
    ),
    "an unknown feature input": (
        FEATURES,
        ("inputs: [age]", "inputs: [aged]"),
        ("column-missing", "[aged]", 'no column "aged"', 'did you mean "age"'),
    ),
    "an unknown feature function": (
        FEATURES,
        ("features.py:log_amount", "features.py:log_amont"),
        ("unknown-function", "log_amont", "no function log_amont", 'did you mean "log_amount"'),
    ),
    "an unknown transformer": (
        FEATURES,
        ("OneHotEncoder", "OneHotEncodr"),
        ("unknown-transformer", "OneHotEncodr", "scikit-learn has no", 'mean "OneHotEncoder"'),
    ),
    "a transformer's parameter": (
        FEATURES,
        ("handle_unknown: ignore", "handle_unknwn: ignore"),
        (
            "unknown-transformer-parameter",
            "handle_unknwn",
            "has no parameter",
            'mean "handle_unknown"',
        ),
    ),
    "an unknown estimator": (
        TRAINING,
        ("RandomForestClassifier", "RandomForrestClassifier"),
        ("unknown-estimator", "estimator:", "scikit-learn has no", 'mean "RandomForestClassifier"'),
    ),
    "an estimator from elsewhere": (
        TRAINING,
        ("sklearn.ensemble.RandomForestClassifier", "subprocess.Popen"),
        ("unknown-estimator", "estimator:", "is not a class of scikit-learn", "loaded safely"),
    ),
    "an estimator for another task": (
        TRAINING,
        ("RandomForestClassifier", "RandomForestRegressor"),
        ("unknown-estimator", "estimator:", "no estimator for classification", None),
    ),
    "an unknown hyperparameter": (
        TRAINING,
        ("max_depth: 4", "max_depht: 4"),
        ("unknown-hyperparameter", "max_depht", "has no parameter", 'mean "max_depth"'),
    ),
    "a hyperparameter's value": (
        TRAINING,
        ("max_depth: 4", "max_depth: deep"),
        ("bad-hyperparameter", "max_depth", "'max_depth' parameter of RandomForestCl", None),
    ),
    "a threshold not reached": (
        EVALUATION,
        ("threshold: 0.7", "threshold: 0.999"),
        ("gate-failed", "threshold: 0.999", r"roc_auc is 0\.\d+, below the threshold 0.999", None),
    ),
    "a slice of no rows": (
        EVALUATION,
        ("value: it", "value: at"),
        (
            "metric-not-finite",
            "name: accuracy_score",
            "country = at is not defined",
            "rows",
        ),
    ),
    "a slice of an unknown column": (
        EVALUATION,
        ("column: country", "column: land"),
        ("column-missing", "column: land", 'no column "land"', "country"),
    ),
    "groups that differ too much": (
        EVALUATION,
        ("threshold: 0.9", "threshold: 0.0"),
        ("gate-failed", "threshold: 0.0", "true_positive_rate_difference by age is", None),
    ),
    "groups that cannot be told apart": (
        EVALUATION,
        ("bins: [45]", "bins: [450]"),
        ("metric-not-finite", "threshold: 0.9", "fewer than two groups", None),
    ),
    "groups cut from words": (
        EVALUATION,
        ("sensitive_feature: age", "sensitive_feature: country"),
        ("column-type", "bins:", '"country" holds no numbers', "remove bins"),
    ),
    "too slow": (
        EVALUATION,
        ("threshold_milliseconds: 10000", "threshold_milliseconds: 0.000001"),
        ("gate-failed", "threshold_milliseconds", "latency p95", None),
    ),
    "a metric of another task": (
        EVALUATION,
        ("name: log_loss", "name: r2_score"),
        ("metric-missing", "r2_score", "not defined for classification", None),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_it_is_found_in_its_line(work, case):
    path, (old, new), (rule, part, message, hint) = CASES[case]
    work.edit(path, old, new)
    result = work.run("toy")
    [issue] = [issue for issue in result.findings if issue.rule == rule]
    # A column of another name is both: one that is missing, and one that is not declared.
    assert len(result.findings) == (2 if case == "a missing column" else 1)
    assert issue.file == path
    assert issue.line == work.line(path, part)
    assert re.search(message, issue.message) or message in issue.message
    assert hint in issue.hint if hint else issue.hint is None or issue.hint
    assert result.outcome == "failed"
    assert "failed" in statuses(result).values()


@pytest.mark.slow
def test_a_value_that_training_never_saw_is_found(work):
    published(work)
    work.edit(FEATURES, "        handle_unknown: ignore\n", "        drop: first\n")
    work.edit("models/toy/source.py", "    return pd", "    country[-1] = 'at'\n    return pd")
    work.edit(DATA, "[de, fr, it]", "[de, fr, it, at]")
    digest = work.run("toy").digests["dataset"]
    text = (work.root / DATA).read_text()
    work.write(DATA, re.sub("sha256:[0-9a-f]{64}", digest, text))
    [issue] = work.run("toy").findings
    assert (issue.rule, issue.line) == ("prediction-failed", work.line(TRAINING, "estimator:"))
    assert "unknown categories" in issue.message


def test_two_expectations_of_one_type_are_each_checked(work):
    twice = "      - type: expect_table_row_count_to_be_between\n        kwargs: {min_value: 999}\n"
    other = twice.replace("999", "998")
    work.edit(DATA, "target: returned", f"{twice}{other}target: returned")
    issues = work.run("toy").findings
    assert [issue.rule for issue in issues] == ["data-check-failed"] * 2
    assert "observed 400" in issues[0].message
    assert issues[1].line == issues[0].line + 2


def test_examples_of_personal_data_are_never_shown(work):
    work.edit(
        DATA,
        "kwargs: {column: country, value_set: [de, fr, it]}",
        "kwargs: {column: email, value_set: [nobody]}",
    )
    [issue] = work.run("toy").findings
    assert "400 unexpected (100 %)" in issue.message
    written = (work.root / ".mergeline/runs/toy/result.json").read_text()
    assert "@example.com" not in written


def test_nulls_where_none_may_be_are_counted(work):
    work.edit("models/toy/source.py", "    return pd", "    amount[:7] = np.nan\n    return pd")
    [issue] = work.run("toy").findings
    assert issue.rule == "column-null"
    assert issue.message == 'column "amount" has 7 nulls but is not nullable'
    assert issue.line == work.line(DATA, "name: amount")


def test_all_mistakes_of_a_step_are_told_together(work):
    work.edit(DATA, "name: age, type: int64", "name: age, type: string")
    work.edit(DATA, "name: amount, type: float64", "name: amount, type: int64")
    assert [issue.rule for issue in work.run("toy").findings] == ["column-type"] * 2


def test_a_feature_that_looks_at_other_rows_is_found(work):
    work.edit("models/toy/features.py", "np.log(frame", "np.log(frame.rank() if 0 else frame")
    work.edit("models/toy/features.py", "np.log(base)", "np.log(base) - frame['amount'].mean()")
    [issue] = work.run("toy").findings
    assert issue.rule == "feature-not-by-row"
    assert issue.line == work.line(FEATURES, "type: python")


def published(work):
    """Make the data public: what the model's code says of rows may be shown."""
    work.edit(DATA, "pii: true", "pii: false")


def test_a_feature_of_the_wrong_shape_is_found(work):
    published(work)
    work.edit("models/toy/features.py", "    return ", "    return frame.head(3) if 1 else ")
    [issue] = work.run("toy").findings
    assert issue.rule == "bad-feature"
    assert "shape (3, 1) for 400 rows" in issue.message


def test_a_feature_with_the_name_of_a_given_column_is_found(work):
    work.edit(FEATURES, "name: amount_log", "name: age")
    [issue] = work.run("toy").findings
    assert issue.rule == "feature-name-taken"


def test_a_split_that_leaves_no_training_rows_is_found(work):
    work.edit("models/toy/source.py", "pd.to_timedelta(np.arange(rows)", "pd.to_timedelta(0 * age")
    work.edit("models/toy/source.py", "    return pd", "    age = np.arange(rows)\n    return pd")
    first = work.run("toy")
    assert first.findings[0].rule == "digest-mismatch"
    text = (work.root / DATA).read_text()
    work.write(DATA, re.sub("sha256:[0-9a-f]{64}", first.digests["dataset"], text))
    rules = [(issue.rule, issue.line) for issue in work.run("toy").findings]
    assert rules == [("empty-split", work.line(DATA, "strategy: temporal"))]


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("source.py", "    return pd", "    1 / 0\n    return pd", "ZeroDivisionError"),
        ("source.py", "import numpy", "import nompy", "No module named 'nompy'"),
        ("source.py", "def sales(", "def sales((", "SyntaxError"),
        ("source.py", "    return pd", "    return 3\n    pd", "DataFrame, not int"),
        ("features.py", "    return np", "    return frame['no']\n    np", "KeyError"),
    ],
)
def test_the_models_own_code_going_wrong_is_an_error_with_its_place(work, path, old, new, said):
    published(work)
    work.edit(f"models/toy/{path}", old, new)
    with pytest.raises(ToolError, match=re.escape(said)) as caught:
        work.run("toy")
    assert caught.value.location.file.startswith("models/toy/")
    assert not list((work.root / ".mergeline/cache/work").iterdir())


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("source.py", "    return pd", "    1 / 0\n    return pd", "raised ZeroDivisionError"),
        ("source.py", "import numpy", "import nompy", "raised ModuleNotFoundError"),
        ("features.py", "    return np", "    raise ValueError(str(frame))\n    np", "ValueError"),
        ("features.py", "    return np", "    print(frame); exit(1)\n    np", "SystemExit"),
    ],
)
def test_of_private_data_the_kind_of_error_is_told_and_its_place(work, path, old, new, said):
    work.edit(f"models/toy/{path}", old, new)
    with pytest.raises(ToolError, match=said) as caught:
        work.run("toy")
    assert "its words are left out" in caught.value.message
    assert "amount" not in caught.value.message + str(caught.value.hint)


def test_findings_of_private_data_do_not_quote_what_code_says(work):
    """An error of a feature is a finding, which reports and comments show."""
    work.edit("models/toy/features.py", "    return ", "    return frame.head(3) if 1 else ")
    [issue] = work.run("toy").findings
    assert issue.rule == "bad-feature"
    assert issue.message.startswith('feature "amount_log": its words are left out')


def test_running_a_models_code_leaves_no_trace(work):
    import sys

    before = set(sys.modules)
    work.edit("models/toy/source.py", "import numpy as np", "import numpy as np  # again")
    assert work.run("toy").outcome == "passed"
    assert not [name for name in set(sys.modules) - before if "toy" in name or "source" in name]
    assert not list((work.root / "models").rglob("__pycache__"))


CSV = "time,amount,country,age,email,returned\n" + "".join(
    f"2024-01-{day:02}T00:00:00,{day},{'de' if day % 2 else 'it'},{18 + day},x,{day % 2}\n"
    for day in range(1, 29)
)


def as_file(work, name, content):
    work.edit(
        DATA,
        "      type: python\n      function: source.py:sales\n"
        "      parameters: {rows: 400, seed: 5}\n",
        f"      type: file\n      path: {name}\n",
    )
    if content is not None:
        work.write(f"models/toy/{name}", content)


@pytest.mark.slow
def test_a_csv_is_read_by_the_declared_types(work):
    as_file(work, "sales.csv", CSV)
    text = (work.root / DATA).read_text()
    work.write(DATA, re.sub("sha256:[0-9a-f]{64}", ZERO, text))
    work.seal("toy")
    result = work.run("toy")
    assert statuses(result)["features"] == "ran"
    assert result.data["uri"] == "models/toy/sales.csv"
    assert result.data["rows"] == 28


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("sales.csv", None, "data-not-found"),
        ("sales.txt", "a", "unknown-format"),
        ("sales.csv", "", "unreadable-data"),
        ("sales.csv", CSV.replace(",19,", ",old,"), "unreadable-data"),
        ("sales.parquet", "PAR1", "unreadable-data"),
    ],
)
def test_a_file_that_cannot_be_read_is_found(work, name, content, rule):
    as_file(work, name, content)
    [issue] = work.run("toy").findings
    assert (issue.rule, issue.line) == (rule, work.line(DATA, "path:"))


def test_a_loader_that_does_not_exist_is_found(work):
    work.edit(
        DATA,
        "      type: python\n      function: source.py:sales\n"
        "      parameters: {rows: 400, seed: 5}\n",
        "      type: sklearn\n      loader: load_diabets\n",
    )
    [issue] = work.run("toy").findings
    assert issue.rule == "unknown-loader"
    assert 'did you mean "load_diabetes"?' in issue.hint


@pytest.mark.slow
def test_an_estimator_without_probabilities_misses_the_metrics_that_need_them(work):
    work.edit(TRAINING, "sklearn.ensemble.RandomForestClassifier", "sklearn.svm.LinearSVC")
    work.edit(TRAINING, "  n_estimators: 20\n  max_depth: 4\n", "  C: 1\n")
    issues = work.run("toy").findings
    assert [issue.rule for issue in issues] == ["metric-missing", "metric-missing"]
    assert issues[0].line == work.line(EVALUATION, "name: roc_auc")


def test_hyperparameters_that_do_not_go_together_are_found(work):
    work.edit(TRAINING, "ensemble.RandomForestClassifier", "linear_model.LogisticRegression")
    work.edit(
        TRAINING, "  n_estimators: 20\n  max_depth: 4\n", "  solver: lbfgs\n  l1_ratio: 0.5\n"
    )
    [issue] = work.run("toy").findings
    assert issue.rule == "training-failed"
    assert issue.line == work.line(TRAINING, "estimator:")
