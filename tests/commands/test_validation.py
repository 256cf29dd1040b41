"""A verdict that was kept is the one that a fresh look would give, whatever was edited between."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergeline.commands import checking, validation, verdicts, workers
from mergeline.commands.session import Session
from mergeline.commands.validation import validate
from mergeline.errors import MergelineError
from mergeline.specs import listing

ROOT = Path(__file__).parents[2]
MODELS = ("diabetes-progression", "payment-fraud")
POLICY = """package mergeline.model

deny contains {"id": "banned", "msg": "banned", "path": "/model/owner", "hint": "change it"} if {
	input.specs.model.owner in data.organization.banned
}

warn contains {"id": "template", "msg": input.template.name, "path": "/training", "hint": "no"} if {
	input.specs.training.random_seed > 5
}
"""


def lay_down(root: Path) -> None:
    for name in MODELS:
        shutil.copytree(
            ROOT / "models" / name,
            root / "models" / name,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    shutil.copytree(ROOT / "pipelines", root / "pipelines")
    (root / "policies").mkdir()
    (root / "policies" / "model.rego").write_text(POLICY)
    (root / "policies" / "data.yaml").write_text("organization: {banned: [nobody]}\n")
    (root / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "runtime.txt", root / "requirements")


def answer(root: Path, *only: str, cached: bool) -> object:
    session = Session(argparse.Namespace(directory=root))
    try:
        return validate(session, session.work_tree, only, cached=cached)
    except MergelineError as error:
        return str(error), error.hint


def kept(root: Path) -> list[Path]:
    return sorted((root / ".mergeline/validate").glob("*.verdicts"))


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.delenv("MERGELINE_POLICY_ENGINE", raising=False)
    monkeypatch.delenv("MERGELINE_OPA_URL", raising=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    lay_down(tmp_path)
    return tmp_path


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the models that were checked afresh."""
    names: list[str] = []

    def noted(tree, only):
        names.extend(sorted(only))
        return real(tree, only)

    real = checking.check
    monkeypatch.setattr(checking, "check", noted)
    return names


SPECS = [path for name in MODELS for path in sorted((ROOT / "models" / name).glob("*.*"))]
FILES = (
    *(path.relative_to(ROOT).as_posix() for path in SPECS),
    "pipelines/classification.yaml",
    "policies/model.rego",
    "policies/data.yaml",
    "requirements/runtime.txt",
)
SWAPS = (
    ("owner: ", "owner: nobody # "),
    ("random_seed: ", "random_seed: 1"),
    ("banned: [", "banned: [team-payments, "),
    ("estimator: sklearn.", "estimator: other."),
    ("- name: ", "- nam: "),
    ("def ", "def un"),
    ("columns:", "columns: ["),
    ("> 5", "> 100000"),
)
edits = st.one_of(
    st.tuples(st.just("swap"), st.sampled_from(FILES), st.sampled_from(SWAPS)),
    st.tuples(st.sampled_from(("restore", "delete", "link")), st.sampled_from(FILES), st.none()),
    st.tuples(st.just("add"), st.sampled_from(("x.yaml", "x.py", "x.csv", "a/b.txt")), st.none()),
    st.tuples(st.just("move"), st.sampled_from(MODELS), st.none()),
)


def _original(name: str) -> str:
    return POLICY if name == "policies/model.rego" else (ROOT / name).read_text()


def edit(root: Path, what: str, name: str, swap: tuple[str, str] | None, number: int) -> None:
    path = root / name
    if what == "move":
        folder = root / "models" / name
        if folder.is_dir():
            folder.rename(folder.with_name(f"{name}-{number}"))
    elif what == "add":
        new = root / "models" / MODELS[0] / name
        new.parent.mkdir(exist_ok=True, parents=True)
        new.write_text("#" * number)
    elif path.parent.is_dir():
        text = path.read_text() if path.is_file() else _original(name)
        path.unlink(missing_ok=True)
        if what == "link":
            path.symlink_to(ROOT / "README.md")
        elif what == "swap":
            # One more comment each time: the size differs even if the clock does not.
            path.write_text(text.replace(*swap) + "#" * number + "\n")
        elif what == "restore":
            path.write_text(_original(name))


@pytest.mark.slow
@pytest.mark.parametrize("racy", [0, listing.RACY_NANOSECONDS], ids=["by times", "by content"])
@settings(
    max_examples=settings().max_examples * 3 // 20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.tuples(edits, st.booleans()), min_size=1, max_size=8))
def test_a_kept_verdict_is_a_fresh_one(monkeypatch, racy: int, steps) -> None:
    monkeypatch.setattr(listing, "RACY_NANOSECONDS", racy)
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        lay_down(root)
        answer(root, cached=True)
        for number, ((what, file, swap), narrow) in enumerate(steps, start=1):
            edit(root, what, file, swap, number)
            only = (MODELS[0],) if narrow else ()
            assert answer(root, *only, cached=True) == answer(root, *only, cached=False)


@pytest.mark.parametrize("racy", [0, listing.RACY_NANOSECONDS], ids=["by times", "by content"])
def test_only_what_changed_is_checked(root, looked_at, monkeypatch, racy) -> None:
    monkeypatch.setattr(listing, "RACY_NANOSECONDS", racy)
    first = answer(root, cached=True)
    assert looked_at == list(MODELS)
    looked_at.clear()
    assert answer(root, cached=True) == first
    assert looked_at == []
    edit(root, "swap", "models/payment-fraud/model.yaml", ("owner: ", "owner: nobody # "), 1)
    findings, count = answer(root, cached=True)
    assert looked_at == ["payment-fraud"]
    assert count == len(MODELS)
    assert "banned" in {finding.rule for finding in findings}


@pytest.mark.parametrize("cached", [True, False])
@pytest.mark.parametrize(
    "name",
    [
        "models/payment-fraud/notes.md",
        "models/payment-fraud/model.yaml",
        "policies/data.yaml",
        "pipelines/regression.yaml",
        "waivers/one.yaml",
    ],
)
def test_a_secret_is_found_wherever_it_is_written(root, name, cached) -> None:
    path = root / name
    path.parent.mkdir(exist_ok=True)
    text = path.read_text() if path.is_file() else "# Seen before.\n"
    path.write_text(text)
    assert "literal-secret" not in {one.rule for one in answer(root, cached=True)[0]}
    path.write_text(f"{text}# password: 'hunter2'\n")
    findings, _ = answer(root, cached=cached)
    found = [one.location.file for one in findings if one.rule == "literal-secret"]
    assert found == [name]


@pytest.mark.parametrize(
    "name", ["policies/data.yaml", "policies/model.rego", "pipelines/regression.yaml"]
)
def test_what_all_depend_on_makes_all_new(root, looked_at, name) -> None:
    answer(root, cached=True)
    looked_at.clear()
    with (root / name).open("a") as file:
        file.write("# more\n")
    answer(root, cached=True)
    assert looked_at == list(MODELS)


def test_a_link_among_the_templates_is_found(root) -> None:
    answer(root, cached=True)
    (root / "pipelines" / "x.yaml").symlink_to(root / "pipelines" / "regression.yaml")
    findings, _ = answer(root, cached=True)
    assert [finding.rule for finding in findings if finding.rule == "symbolic-link"]


def test_a_lockfile_that_went_away_is_found(root) -> None:
    answer(root, cached=True)
    (root / "requirements/runtime.txt").unlink()
    findings, _ = answer(root, cached=True)
    assert [finding.rule for finding in findings].count("file-not-found") == len(MODELS)


def test_verdicts_of_one_model_join_those_of_the_others(root, looked_at) -> None:
    answer(root, MODELS[0], cached=True)
    answer(root, MODELS[1], cached=True)
    looked_at.clear()
    answer(root, cached=True)
    assert looked_at == []


def test_no_cache_looks_at_everything_and_keeps_nothing(root, looked_at) -> None:
    answer(root, cached=False)
    assert kept(root) == []
    answer(root, cached=True)
    looked_at.clear()
    answer(root, cached=False)
    assert looked_at == list(MODELS)


def test_verdicts_that_came_from_elsewhere_are_not_believed(
    root, looked_at, monkeypatch, tmp_path_factory
) -> None:
    """A pull request that brings `.mergeline/validate/` along must not judge itself."""
    answer(root, cached=True)
    looked_at.clear()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("another-user")))
    answer(root, cached=True)
    assert looked_at == list(MODELS)


@pytest.mark.parametrize("damage", [b"", b"x" * 10, b"x" * 1000, None])
def test_a_damaged_file_is_as_good_as_none(root, looked_at, damage) -> None:
    first = answer(root, cached=True)
    [path] = kept(root)
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]) if damage is None else damage)
    looked_at.clear()
    assert answer(root, cached=True) == first
    assert looked_at == list(MODELS)
    assert kept(root) == [path]
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_no_error(root) -> None:
    (root / ".mergeline").write_text("no folder")
    assert answer(root, cached=True) == answer(root, cached=False)


def test_a_class_of_the_users_own_is_looked_at_each_time(root, looked_at) -> None:
    edit(
        root,
        "swap",
        "models/payment-fraud/training.yaml",
        ("estimator: sklearn.", "estimator: pandas."),
        1,
    )
    answer(root, cached=True)
    looked_at.clear()
    answer(root, cached=True)
    assert looked_at == ["payment-fraud"]


def test_few_files_are_kept(root) -> None:
    for number in range(verdicts._KEPT + 2):
        (root / "policies" / "data.yaml").write_text(f"organization: {{banned: [a{number}]}}\n")
        answer(root, cached=True)
    assert len(kept(root)) == verdicts._KEPT


def test_no_usable_builtin_but_one_looks_at_clock_chance_or_network() -> None:
    """Or a verdict would not depend on its files alone."""
    from mergeline.policy.builtins import builtins

    moving = ("time.now_ns", "rand.", "uuid.", "http.", "net.lookup", "opa.runtime", "rego.")
    assert [name for name in builtins().usable if name.startswith(moving)] in ([], ["time.now_ns"])


@pytest.mark.parametrize("call", ["time.now_ns()", 'time["now_ns"]()'])
def test_policies_that_look_at_the_clock_are_asked_each_time(root, looked_at, call) -> None:
    with (root / "policies" / "model.rego").open("a") as file:
        file.write(f"\nlate if {call} > 1\n")
    answer(root, cached=True)
    looked_at.clear()
    answer(root, cached=True)
    assert looked_at == list(MODELS)
    assert kept(root) == []


@pytest.fixture(params=["fork", "spawn"])
def in_workers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_method", lambda: request.param)
    monkeypatch.setattr(validation, "WORTH_WORKERS", 1)
    monkeypatch.setattr(validation, "_BATCH", 1)
    monkeypatch.setattr(validation, "workers", lambda: 2)


def test_workers_find_the_same_and_keep_it(root, in_workers, looked_at, monkeypatch) -> None:
    edit(root, "swap", "models/payment-fraud/model.yaml", ("owner: ", "owner: nobody # "), 1)
    found = answer(root, cached=True)
    assert looked_at == []
    monkeypatch.setattr(validation, "WORTH_WORKERS", 100)
    assert found == answer(root, cached=False)
    looked_at.clear()
    assert found == answer(root, cached=True)
    assert looked_at == []


@pytest.mark.slow
@pytest.mark.parametrize(
    "policy", ["package mergeline.model\n\ndeny := 1\n", "package other\n", "package"]
)
def test_an_error_in_a_worker_is_told_as_without(root, in_workers, monkeypatch, policy) -> None:
    (root / "policies" / "model.rego").write_text(policy)
    found = answer(root, cached=True)
    monkeypatch.setattr(validation, "WORTH_WORKERS", 100)
    assert found == answer(root, cached=False)
    assert isinstance(found[0], str)


def share(root: Path, name: str) -> None:
    """Add a model that is another's copy, but of a feature."""
    shutil.copytree(root / "models" / MODELS[0], root / "models" / name)
    model, features = (root / "models" / name / file for file in ("model.yaml", "features.yaml"))
    model.write_text(model.read_text().replace(f"name: {MODELS[0]}", f"name: {name}"))
    text = features.read_text()
    features.write_text(text.replace("StandardScaler", "MinMaxScaler", 1))


@pytest.mark.parametrize("cached", [True, False])
def test_a_model_is_held_against_those_that_were_not_asked_for(root, monkeypatch, cached) -> None:
    monkeypatch.setattr(listing, "RACY_NANOSECONDS", 0)
    share(root, "zz-copy")
    for _ in range(2):
        for only in ([], ["zz-copy"]):
            findings, _ = answer(root, *only, cached=cached)
            [found] = [each for each in findings if each.rule == "shared-feature-differs"]
            assert found.location.file == "models/zz-copy/features.yaml"
            assert MODELS[0] in found.message
    findings, _ = answer(root, MODELS[0], cached=cached)
    assert not [each for each in findings if each.rule == "shared-feature-differs"]


def test_what_another_model_changed_is_seen_by_one_that_did_not(root, monkeypatch) -> None:
    monkeypatch.setattr(listing, "RACY_NANOSECONDS", 0)
    share(root, "zz-copy")
    answer(root, cached=True)
    shutil.rmtree(root / "models/zz-copy")
    findings, _ = answer(root, cached=True)
    assert not [each for each in findings if each.rule == "shared-feature-differs"]


def test_a_feature_of_another_model_is_looked_up_each_time(root, monkeypatch) -> None:
    monkeypatch.setattr(listing, "RACY_NANOSECONDS", 0)
    lender, borrower = (root / "models" / name / "features.yaml" for name in (MODELS[0], "zz-copy"))
    share(root, "zz-copy")
    reference = f"{{name: patient, version: 1, from: {MODELS[0]}}}"
    head = "apiVersion: mergeline.dev/v1\nkind: Features\n"
    borrower.write_text(f"{head}shared:\n  - {reference}\n")
    for file in ("monitoring", "evaluation"):
        shutil.copy(ROOT / f"tests/specs/examples/base/models/churn/{file}.yaml", borrower.parent)
    rule = "shared-feature-version"
    for _ in range(2):
        assert rule not in [one.rule for one in answer(root, cached=True)[0]]
    lender.write_text(lender.read_text().replace("version: 1", "version: 2", 1))
    for _ in range(2):
        assert rule in [one.rule for one in answer(root, cached=True)[0]]
