from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.plan.workbench import (
    SHA,
    SPECS,
    edited,
    environment,
    meaning_of,
    model_files,
    release,
    shared_files,
    spec_text,
)

from mergeline.plan.changes import ABSENT, SemanticChange, compare
from mergeline.plan.effects import SECTIONS, row_of
from mergeline.plan.identity import keyed
from mergeline.specs.kinds import MODEL_KINDS

BEFORE = {**shared_files(), **model_files(), "models/churn/code.py": b"x = 1\n"}
NEW_COLUMN = {"name": "town", "type": "string"}
NEW_FEATURE = {**SPECS["features"]["features"][0], "name": "years"}


def edits(**values: Any) -> dict[str, bytes]:
    return model_files(edited({key.replace("__", "."): value for key, value in values.items()}))


@pytest.mark.parametrize(
    ("files", "path", "kind", "effect", "part", "before", "after"),
    [
        (
            edits(training__hyperparameters__C=0.5),
            "/training/hyperparameters/C",
            "training.hyperparameters",
            "training",
            "patch",
            1.0,
            0.5,
        ),
        # scikit-learn tells a count from a share by the type of the number.
        (
            edits(training__hyperparameters__max_iter=100.0),
            "/training/hyperparameters/max_iter",
            "training.hyperparameters",
            "training",
            "patch",
            100,
            100.0,
        ),
        (
            edits(training__hyperparameters__max_iter=...),
            "/training/hyperparameters/max_iter",
            "training.hyperparameters",
            "training",
            "patch",
            100,
            ABSENT,
        ),
        (
            edits(training__random_seed=2),
            "/training/random_seed",
            "training.random_seed",
            "training",
            "patch",
            1,
            2,
        ),
        (
            edits(training__environment__base_image=f"python@sha256:{'a' * 64}"),
            "/training/environment/base_image",
            "training.environment.base_image",
            "metadata",
            None,
            None,
            f"python@sha256:{'a' * 64}",
        ),
        (
            edits(training__resources__memory="4Gi"),
            "/training/resources/memory",
            "training.resources",
            "metadata",
            None,
            "2Gi",
            "4Gi",
        ),
        (
            edits(data__target="churned"),
            "/data/target",
            "data.target",
            "training",
            "major",
            "left",
            "churned",
        ),
        (
            edits(data__datasets__0__columns__1__pii=True),
            "/data/datasets/customers/columns/spend/pii",
            "data.datasets.columns.pii",
            "metadata",
            None,
            False,
            True,
        ),
        (
            edits(
                data__datasets__0__columns=[NEW_COLUMN, *SPECS["data"]["datasets"][0]["columns"]]
            ),
            "/data/datasets/customers/columns/town",
            "data.datasets.columns",
            "training",
            "major",
            ABSENT,
            {
                **NEW_COLUMN,
                "nullable": False,
                "pii": False,
                "pii_treatment": None,
                "description": None,
            },
        ),
        (
            edits(data__datasets__0__expectations__0__kwargs__min_value=21),
            "/data/datasets/customers/expectations/expect_column_values_to_be_between:age/kwargs/min_value",
            "data.datasets.expectations",
            "evaluation",
            None,
            18,
            21,
        ),
        (
            edits(features__features__1__dtype="int64"),
            "/features/features/spend/dtype",
            "features.features",
            "training",
            "minor",
            "float64",
            "int64",
        ),
        (
            edits(features__features=SPECS["features"]["features"][::-1]),
            "/features/order",
            "features.order",
            "training",
            "minor",
            ["age", "spend"],
            ["spend", "age"],
        ),
        (
            edits(features__features=[SPECS["features"]["features"][1]]),
            "/features/features/age",
            "features.features",
            "training",
            "minor",
            meaning_of(BEFORE)["features"]["features"]["age"],
            ABSENT,
        ),
        (
            edits(evaluation__metrics__1__threshold=0.75),
            "/evaluation/metrics/roc_auc[age=40]/threshold",
            "evaluation.metrics",
            "evaluation",
            None,
            0.7,
            0.75,
        ),
        (
            edits(deployment__environments__production__rollback_on__0__threshold=0.5),
            "/deployment/environments/production/rollback_on/error_rate/threshold",
            "deployment.environments",
            "deployment",
            None,
            0.01,
            0.5,
        ),
        (
            edits(monitoring__drift__1__threshold=0.3),
            "/monitoring/drift/age:ks/threshold",
            "monitoring.drift",
            "monitoring",
            None,
            0.1,
            0.3,
        ),
        (
            edits(model__version="0.2.0"),
            "/model/version",
            "model.version",
            "release",
            None,
            "0.1.0",
            "0.2.0",
        ),
        (
            edits(model__labels={"domain": "telecom", "a/b~c": "d"}),
            "/model/labels/a~1b~0c",
            "model",
            "metadata",
            None,
            ABSENT,
            "d",
        ),
        (
            {"models/churn/code.py": b"x = 2\n"},
            "/files/code.py",
            "files",
            "code",
            "minor",
            meaning_of(BEFORE)["files"]["code.py"],
            meaning_of({**BEFORE, "models/churn/code.py": b"x = 2\n"})["files"]["code.py"],
        ),
        (
            {"requirements/runtime.txt": b"scikit-learn==1.8\n"},
            "/lockfile",
            "lockfile",
            "training",
            "patch",
            meaning_of(BEFORE)["lockfile"],
            meaning_of({**BEFORE, "requirements/runtime.txt": b"scikit-learn==1.8\n"})["lockfile"],
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value.startswith("/") else "",
)
def test_one_edit_is_one_change(files, path, kind, effect, part, before, after):
    after_files = {**BEFORE, **files}
    assert compare(meaning_of(BEFORE), meaning_of(after_files)) == (
        SemanticChange(kind, path, before, after, effect, part),
    )


@pytest.mark.parametrize(
    "files",
    [
        edits(model__labels={"domain": "telecom"}),
        edits(data__datasets__0__columns=SPECS["data"]["datasets"][0]["columns"][::-1]),
        edits(evaluation__metrics=SPECS["evaluation"]["metrics"][::-1]),
        edits(monitoring__drift=SPECS["monitoring"]["drift"][::-1]),
        edits(data__datasets__0__columns__1__nullable=False),
        edits(training__threads=1),
        edits(monitoring__drift__0__threshold=0.20),
        {"models/churn/.gitignore": b"*.log\n", "models/churn/__pycache__/a.pyc": b"x"},
        {"pipelines/regression.yaml": b"", "requirements/other.txt": b"x\n"},
    ],
    ids=[
        "the same",
        "columns in another order",
        "metrics in another order",
        "drift in another order",
        "a default written out",
        "another default written out",
        "a number written differently",
        "hidden files and caches",
        "another template and another lockfile",
    ],
)
def test_what_means_the_same_is_no_change(files):
    files = {
        path: content for path, content in files.items() if path != "pipelines/regression.yaml"
    }
    assert compare(meaning_of(BEFORE), meaning_of({**BEFORE, **files})) == ()


def test_elements_of_one_name_are_compared_as_a_whole():
    twice = [SPECS["data"]["datasets"][0]["expectations"][0]] * 2
    files = edits(data__datasets__0__expectations=twice)
    [change] = compare(meaning_of(BEFORE), meaning_of({**BEFORE, **files}))
    assert change.path == "/data/datasets/customers/expectations"
    assert change.after == twice


def test_the_template_reaches_the_model():
    template = shared_files()["pipelines/classification.yaml"].replace(b"- features\n", b"")
    files = {**BEFORE, "pipelines/classification.yaml": template}
    [change] = compare(meaning_of(BEFORE), meaning_of(files))
    assert (change.path, change.effect) == ("/pipeline/steps", "training")


def test_state_is_compared_by_environment_and_version():
    files = model_files(staging=environment("staging", "0.1.0"), v0_1_0=release("0.1.0"))
    changes = compare(meaning_of(BEFORE), meaning_of({**BEFORE, **files}))
    assert [(change.path, change.effect) for change in changes] == [
        ("/environments/staging", "environment"),
        ("/releases/0.1.0", "release"),
    ]


def test_every_section_of_a_model_has_its_effect():
    assert {kind.section for kind in MODEL_KINDS} <= set(SECTIONS)
    for section in SECTIONS:
        row_of((section, "anything", "below"))
    with pytest.raises(LookupError, match="no effect is known"):
        row_of(("serving",))


def test_json_leaves_out_what_is_absent_and_keeps_null():
    change = SemanticChange("model", "/model/labels/x", ABSENT, None, "metadata")
    assert change.as_json() == {
        "kind": "model",
        "path": "/model/labels/x",
        "effect": "metadata",
        "part": None,
        "after": None,
    }


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=10,
)
ANY_MEANING = st.dictionaries(st.sampled_from(SECTIONS), JSON, max_size=4)


def patched(before: dict[str, Any], changes: tuple[SemanticChange, ...]) -> dict[str, Any]:
    """Apply changes, each at its pointer."""
    result = yaml.safe_load(yaml.safe_dump(before))
    for change in changes:
        *parents, last = change.parts
        place = result
        for part in parents:
            place = place[part]
        if change.after is ABSENT:
            del place[last]
        else:
            place[last] = change.after
    return result


@given(ANY_MEANING)
def test_nothing_differs_from_itself(value):
    assert compare(value, value) == ()


@given(ANY_MEANING, ANY_MEANING)
def test_the_changes_lead_from_base_to_head_and_back(one, other):
    # Equal by JSON: what is 1 for Python may be 1.0 or true.
    assert compare(patched(one, compare(one, other)), other) == ()
    assert len(compare(one, other)) == len(compare(other, one))


HYPERPARAMETERS = st.dictionaries(
    st.sampled_from(["C", "penalty", "solver", "tol"]),
    st.integers(0, 5) | st.sampled_from(["l1", "l2", None, True]),
)


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 2 // 5)
@given(
    HYPERPARAMETERS,
    st.permutations(["a", "b", "c"]).flatmap(
        lambda names: st.integers(1, 3).map(lambda count: names[:count])
    ),
    st.randoms(use_true_random=False),
)
def test_models_changed_at_random_are_led_there_too(hyperparameters, names, random):
    features = [{**NEW_FEATURE, "name": name} for name in names]
    changed = edited({"training.hyperparameters": hyperparameters, "features.features": features})
    before, after = meaning_of(BEFORE), meaning_of({**BEFORE, **model_files(changed)})
    led = patched(before, compare(before, after))
    led["features"]["order"] = after["features"]["order"]
    assert led == after
    shuffled = {**BEFORE, **disguised(changed, random)}
    assert compare(after, meaning_of(shuffled)) == ()


def disguised(specs: dict[str, Any], random: Any) -> dict[str, bytes]:
    """Return files that mean the same: keys in another order, comments, other quotes."""
    files = {}
    for section, content in specs.items():
        text = spec_text(section.title(), reordered(content, random))
        files[f"models/churn/{section}.yaml"] = b"# A comment.\n---\n" + text + b"# Another.\n"
    return files


def reordered(value: Any, random: Any) -> Any:
    if isinstance(value, list):
        return [reordered(item, random) for item in value]
    if not isinstance(value, dict):
        return value
    items = [(key, reordered(item, random)) for key, item in value.items()]
    random.shuffle(items)
    return dict(items)


def test_keyed_leaves_lists_without_names_alone():
    steps = [{"weight": 10}, {"weight": 100}]
    value = {"environments": {"production": {"steps": steps, "analysis": []}}}
    assert keyed(value, ("deployment",)) == {
        "environments": {"production": {"steps": steps, "analysis": {}}}
    }


def test_digests_are_full():
    assert meaning_of(BEFORE)["lockfile"].startswith("sha256:")
    assert len(meaning_of(BEFORE)["lockfile"]) == len(SHA)
