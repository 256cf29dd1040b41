from __future__ import annotations

import os
import shutil
from pathlib import Path

import git
import pytest

from mergeline.errors import ToolError, UsageError
from mergeline.findings import Finding, Location, Severity
from mergeline.git import GitRepository
from mergeline.specs.check import check
from mergeline.specs.reading import Files
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

BASE = Path(__file__).parent / "examples" / "base"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copytree(BASE, tmp_path, dirs_exist_ok=True)
    return tmp_path


def rules(root: Path) -> list[tuple[str, str]]:
    _, findings = check(WorkingTree(root))
    return [(finding.rule, finding.location.file) for finding in findings]


def test_a_linked_spec_is_a_finding_and_not_followed(root: Path, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "model.yaml"
    shutil.move(root / "models/churn/model.yaml", outside)
    (root / "models/churn/model.yaml").symlink_to(outside)
    _, findings = check(WorkingTree(root))
    assert findings == [
        Finding(
            "symbolic-link",
            Severity.ERROR,
            "a symbolic link is not followed",
            Location("models/churn/model.yaml"),
            "put the file itself there",
        )
    ]


def test_a_linked_code_file_is_a_finding(root: Path):
    (root / "models/churn/other.py").symlink_to("/etc/hostname")
    assert rules(root) == [("symbolic-link", "models/churn/other.py")]


def test_a_linked_model_folder_is_a_finding(root: Path):
    (root / "models/twin").symlink_to("churn")
    repository, _ = check(WorkingTree(root))
    assert rules(root) == [("symbolic-link", "models/twin")]
    assert repository.names == ["churn", "twin"]
    assert list(repository.models) == ["churn"]


def test_a_linked_models_folder_is_a_finding(root: Path):
    (root / "models").rename(root / "elsewhere")
    (root / "models").symlink_to("elsewhere")
    assert rules(root) == [("symbolic-link", "models")]


def test_a_loop_of_links_ends(root: Path):
    (root / "models/churn/loop").symlink_to("..")
    assert rules(root) == [("symbolic-link", "models/churn/loop")]


@pytest.mark.parametrize("inside", [None, "x.txt"])
def test_a_folder_in_the_place_of_a_spec(root: Path, inside: str | None):
    (root / "models/churn/model.yaml").unlink()
    (root / "models/churn/model.yaml").mkdir()
    if inside:
        (root / "models/churn/model.yaml" / inside).write_text("x")
    assert rules(root) == [("missing-file", "models/churn/model.yaml")]


def test_a_missing_spec(root: Path):
    (root / "models/churn/data.yaml").unlink()
    _, findings = check(WorkingTree(root))
    assert findings == [
        Finding(
            "missing-file",
            Severity.ERROR,
            "the model has no data.yaml",
            Location("models/churn/data.yaml"),
            "add data.yaml with kind: Data",
        )
    ]


def test_a_pipe_is_not_read(root: Path):
    (root / "models/churn/model.yaml").unlink()
    os.mkfifo(root / "models/churn/model.yaml")
    assert rules(root) == [("missing-file", "models/churn/model.yaml")]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"line\nbreak.yaml", "line\\nbreak.yaml"),
        (b"not-utf-8-\xff.csv", "not-utf-8-\\udcff.csv"),
        (b"bell\x07.py", "bell\\x07.py"),
    ],
)
def test_names_that_do_not_print(root: Path, name: bytes, shown: str):
    Path(os.fsdecode(os.fsencode(root / "models/churn/") + b"/" + name)).write_text("x")
    assert rules(root) == [("file-name", f"models/churn/{shown}")]


def test_spaces_and_letters_of_any_script_are_fine(root: Path):
    (root / "models/churn/Größe (alt).csv").write_text("x")
    assert rules(root) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_spec(root: Path):
    (root / "models/churn/model.yaml").chmod(0)
    assert rules(root) == [("unreadable-file", "models/churn/model.yaml")]


class FailingDisk(WorkingTree):
    """A disk that answers for no model.yaml."""

    def read(self, path: str) -> bytes:
        if path.endswith("model.yaml"):
            raise OSError(5, "Input/output error")
        return super().read(path)


def test_a_disk_that_fails_is_a_finding(root: Path):
    _, findings = check(FailingDisk(root))
    assert findings == [
        Finding(
            "unreadable-file",
            Severity.ERROR,
            "the file cannot be read: Input/output error",
            Location("models/churn/model.yaml"),
            "check its permissions",
        )
    ]


def test_files_are_read_when_asked_for(root: Path):
    files = Files(FailingDisk(root), "models/churn", ["model.yaml", "customers.py"])
    assert files["customers.py"].startswith(b'"""')
    assert "nothing.py" not in files
    with pytest.raises(ToolError, match="Input/output error"):
        files["model.yaml"]


def test_a_model_that_is_not_there(root: Path):
    with pytest.raises(UsageError) as caught:
        check(WorkingTree(root), only=["chrun"])
    assert caught.value.message == 'there is no model "chrun"'
    assert caught.value.hint == 'did you mean "churn"? known: churn'
    assert caught.value.exit_code == 2


def test_only_the_models_asked_for_are_read(root: Path):
    shutil.copytree(root / "models/churn", root / "models/broken")
    (root / "models/broken/model.yaml").write_text("[")
    assert load_repository(WorkingTree(root), only=["churn"]).findings == ()
    assert load_repository(WorkingTree(root)).broken == {"broken"}


def test_an_empty_repository_has_no_models(tmp_path: Path):
    repository, findings = check(WorkingTree(tmp_path))
    assert (repository.names, findings) == ([], [])


def test_a_commit_reads_like_the_work_tree(root: Path):
    (root / "models/churn/model.yaml").write_text("[")
    git.Repo.init(root).git.add(all=True)
    with git.Repo(root) as repo:
        commit = repo.index.commit("Add a model")
        at_commit = GitRepository(root).tree(commit.hexsha)
        assert check(at_commit)[1] == check(WorkingTree(root))[1] != []


def test_python_that_does_not_parse(root: Path):
    (root / "models/churn/customers.py").write_text("def customers(:\n")
    assert rules(root) == [
        ("python-syntax", "models/churn/data.yaml"),
        ("python-syntax", "models/churn/features.yaml"),
    ]


def test_a_template_under_another_name(root: Path):
    (root / "pipelines/regression.yaml").rename(root / "pipelines/ranking.yaml")
    assert rules(root) == [("name-mismatch", "pipelines/ranking.yaml")]
