"""The core alone, from its wheel: what works in it, and what says that it needs more."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mergeline import cli
from mergeline.specs.interfaces import expectation_interfaces, sklearn_interfaces

if TYPE_CHECKING:
    from core_environment import Core

ROOT = Path(__file__).parents[2]
MODEL = "breast-cancer-diagnosis"
NEEDS_RUN = re.compile(
    r"error: .* needs \w+, which is not installed\n  = help: pip install \"mergeline\[run\]\"\n"
)
BASE_LOCK = "scikit-learn==1.7.0"


def git(repository: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "-C", str(repository), *identity, *arguments], check=True)


@pytest.fixture(scope="module")
def laid_out(core: Core, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository that the core laid out, with a reference model."""
    root = tmp_path_factory.mktemp("laid-out") / "repository"
    done = core.mergeline("init", str(root))
    assert done.status == 0, done.stderr
    shutil.copytree(ROOT / "models" / MODEL, root / "models" / MODEL)
    assert core.mergeline("-C", str(root), "workflows").status == 0
    # The doctor wants to know who commits.
    git(root, "config", "user.name", "Ada")
    git(root, "config", "user.email", "ada@example.org")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "first")
    return root


@pytest.fixture
def repository(laid_out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, and the working directory."""
    for name in ("MLFLOW_TRACKING_URI", "GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY"):
        monkeypatch.delenv(name, raising=False)
    root = shutil.copytree(laid_out, tmp_path / "repository", symlinks=True)
    monkeypatch.chdir(root)
    return root


@pytest.mark.slow
def test_the_core_holds_what_the_wheel_asks_for_and_nothing_of_run(core: Core):
    code = (
        "import json\n"
        "from importlib.metadata import requires, version\n"
        "from packaging.requirements import Requirement\n"
        "from mergeline.libraries import missing_distributions\n"
        "asked = [Requirement(each) for each in requires('mergeline')]\n"
        "core = [each for each in asked if not each.marker]\n"
        "unfit = [str(each) for each in core if version(each.name) not in each.specifier]\n"
        "missing = [missing_distributions(extra) for extra in ('run', 'forge')]\n"
        "print(json.dumps([unfit, len(core), *missing]))\n"
    )
    unfit, count, run, forge = core.answer(code)
    assert unfit == []
    assert count >= 10
    assert {"mlflow", "scikit-learn", "great-expectations", "sigstore"} <= set(run)
    assert set(forge) == {"starlette", "uvicorn"}


@pytest.mark.slow
def test_the_core_is_light(core: Core):
    """In blocks on disk, bytecode of the libraries too."""
    code = (
        "import json, os, pathlib, mergeline, msgspec\n"
        "ours, libraries = (pathlib.Path(one.__file__).parents[1]\n"
        "    for one in (mergeline, msgspec))\n"
        "files = [file for place in (ours, libraries) for entry in place.iterdir()\n"
        "    if entry.name.partition('-')[0] not in ('pip', 'setuptools')\n"
        "    for file in ([entry] if entry.is_file() else entry.rglob('*'))]\n"
        "size = sum(os.lstat(file).st_blocks * 512 for file in files)\n"
        "print(json.dumps([len(list(libraries.glob('*.dist-info'))), size]))\n"
    )
    packages, size = core.answer(code)
    assert packages < 60
    assert 50_000_000 < size < 150_000_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "--version",
        "validate",
        "plan --base HEAD --offline",
        "workflows --check",
        "policy list",
        "policy bench",
        "explain literal-secret",
        "schema Model",
        "doctor --format json",
        "status",
        "status --offline",
        "audit --offline",
        "features export --output ../feast",
        "completion bash",
    ],
)
@pytest.mark.usefixtures("repository")
def test_what_works_in_the_core(core: Core, command: str):
    done = core.mergeline(*command.split())
    assert (done.status, "Traceback" in done.stderr) == (0, False), done.stdout + done.stderr
    assert done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        "run " + MODEL,
        "new churn --template classification --data rows.csv --target left --owner team-a",
        "key new ../key.pem",
    ],
)
def test_what_needs_run_says_so(core: Core, repository: Path, command: str):
    (repository / "rows.csv").write_text("age,left\n31,0\n45,1\n")
    done = core.mergeline(*command.split())
    assert done.status == 3, done.stdout + done.stderr
    assert NEEDS_RUN.search(done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not (repository / "models/churn").exists()
    assert not (repository / "../key.pem").exists()


@pytest.mark.slow
def test_a_change_is_planned_and_a_mistake_found_as_with_all_libraries(
    core: Core, repository: Path, capsys: pytest.CaptureFixture[str]
):
    training = repository / "models" / MODEL / "training.yaml"
    training.write_text(training.read_text().replace("C: ", "c: "))
    data = repository / "models" / MODEL / "data.yaml"
    data.write_text(data.read_text().replace("type: expect_", "type: expect_no_", 1))
    said = {}
    for command in ("validate", "plan --base HEAD --offline"):
        arguments = [*command.split(), "--format", "json"]
        there = core.mergeline(*arguments)
        capsys.readouterr()
        assert cli.main(arguments) == there.status
        said[command] = json.loads(there.stdout)
        assert said[command] == json.loads(capsys.readouterr().out)
    found = {one["rule"] for one in said["validate"]["findings"] if one["severity"] == "error"}
    assert found == {"unknown-hyperparameter", "unknown-expectation"}


@pytest.mark.slow
def test_every_example_of_a_rule_is_judged_as_with_all_libraries(core: Core, tmp_path: Path):
    """The base locks a version that the catalogue does not hold: here it locks that one."""
    here = ROOT / "tests/specs"
    base = shutil.copytree(here / "examples/base", tmp_path / "base")
    lock = base / "requirements/runtime.txt"
    text = lock.read_text()
    assert BASE_LOCK in text
    lock.write_text(text.replace(BASE_LOCK, f"scikit-learn=={sklearn_interfaces().version}"))
    code = (
        "import json, sys, pathlib, tempfile\n"
        f"sys.path.insert(0, {str(here)!r})\n"
        "from example_findings import EXAMPLES, RULES, findings_of\n"
        "def found(*layers):\n"
        "    with tempfile.TemporaryDirectory() as root:\n"
        f"        return findings_of(pathlib.Path(root), pathlib.Path({str(base)!r}), *layers)\n"
        "print(json.dumps({rule: [found(EXAMPLES / rule / kind) for kind in ('good', 'bad')]\n"
        "    for rule in RULES}))\n"
    )
    answers = core.answer(code)
    expected = {
        rule: [[], json.loads((here / "examples" / rule / "findings.json").read_text())]
        for rule in answers
    }
    assert len(answers) > 60
    assert {rule for rule in answers if answers[rule] != expected[rule]} == set()


@pytest.mark.slow
def test_another_version_than_the_catalogue_holds_is_no(core: Core, repository: Path):
    lock = repository / "requirements/runtime.txt"
    sklearn, gx = sklearn_interfaces().version, expectation_interfaces().version
    text = lock.read_text()
    assert f"scikit-learn=={sklearn} " in text
    assert f"great-expectations=={gx} " in text
    text = text.replace(f"scikit-learn=={sklearn} ", "scikit-learn==1.7.2 ")
    lock.write_text(text.replace(f"great-expectations=={gx} ", "great_expectations==1.9.0 "))
    done = core.mergeline("validate", "--format", "json")
    assert done.status == 1
    found = [one for one in json.loads(done.stdout)["findings"] if one["severity"] == "error"]
    assert {one["rule"] for one in found} == {"library-version-not-known"}
    assert {one["hint"] for one in found} == {
        'pip install "scikit-learn==1.7.*"',
        'pip install "great-expectations==1.9.*"',
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "scikit-learn[x]==9.1.9.1 \\",
        "  scikit_learn === 9.1.9.1 \\",
        "scikit-learn @ https://example.org/scikit_learn-9.9-py3-none-any.whl \\",
    ],
)
def test_a_version_in_another_form_is_read_or_not_known(core: Core, repository: Path, line: str):
    lock = repository / "requirements/runtime.txt"
    before = f"scikit-learn=={sklearn_interfaces().version} \\"
    assert before in lock.read_text()
    lock.write_text(lock.read_text().replace(before, line))
    done = core.mergeline("validate", "--format", "json")
    found = {one["rule"] for one in json.loads(done.stdout)["findings"]}
    assert (done.status, "library-version-not-known" in found) == (1, True)


@pytest.mark.slow
def test_a_patch_release_of_what_the_catalogue_holds_is_known(core: Core, repository: Path):
    lock = repository / "requirements/runtime.txt"
    minor = ".".join(sklearn_interfaces().version.split(".")[:2])
    lock.write_text(re.sub(r"^scikit-learn==\S+", f"scikit-learn=={minor}.99", lock.read_text(),
                           flags=re.MULTILINE))  # fmt: skip
    assert core.mergeline("validate").status == 0


@pytest.mark.slow
@pytest.mark.usefixtures("repository")
def test_the_doctor_says_whether_run_is_there(core: Core, monkeypatch: pytest.MonkeyPatch):
    """A registry and a key that cannot be looked at without it are no more than warnings."""
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    done = core.mergeline("doctor", "--format", "json")
    rows = {row["subject"]: row for row in json.loads(done.stdout)["diagnoses"]}
    assert (rows["mergeline[run]"]["state"], rows["registry"]["state"]) == ("warn", "warn")
    assert rows["registry"]["mend"] == rows["mergeline[run]"]["mend"]
    assert rows["registry"]["mend"] == 'pip install "mergeline[run]"'
    assert "needs mlflow" in rows["registry"]["message"]


def test_the_registry_cannot_be_left_out_and_compared(repository: Path):
    assert cli.main(["-C", str(repository), "status", "--offline", "--verify"]) == 2


@pytest.mark.slow
def test_the_development_forge_names_its_own_extra(core: Core, tmp_path: Path):
    config = tmp_path / "forge.yaml"
    config.write_text(
        "repository: acme/models\nusers:\n"
        "  - {login: ada, name: Ada, email: ada@example.org, token: token-ada}\n"
    )
    code = (
        "import json\nfrom mergeline.devforge.__main__ import main\n"
        f"print(json.dumps(main(['--root', {str(tmp_path)!r}, '--config', {str(config)!r}])))\n"
    )
    assert core.answer(code) == 3
