from __future__ import annotations

import pytest
from tests.plan.workbench import Clone, Files, edited, model_files, named, shared_files

from mergeline.plan.affected import affected_models

TREE = Files(
    {
        **shared_files(),
        **model_files(),
        **model_files(
            edited(
                {
                    "training.pipeline": "regression",
                    "training.environment.lockfile": "requirements/other.txt",
                },
                named("price"),
            ),
            "price",
        ),
        "models/README.md": b"# Models\n",
    }
)


def test_a_path_of_a_folder_reaches_its_model_only():
    assert affected_models(["models/churn/data.yaml", "models/README.md"], TREE) == {"churn": ()}


@pytest.mark.parametrize(
    ("path", "model"),
    [
        ("pipelines/classification.yaml", "churn"),
        ("pipelines/regression.yaml", "price"),
        ("requirements/runtime.txt", "churn"),
        ("requirements/other.txt", "price"),
    ],
)
def test_a_template_and_a_lockfile_reach_who_names_them(path, model):
    assert affected_models([path], TREE) == {model: (f"{path} changed",)}


def test_a_word_that_stands_in_a_file_as_another_files_name_reaches_none():
    paths = ["other.txt", "runtime.txt", "pipelines/class.yaml", "requirements/runtime.txt.bak"]
    assert affected_models(paths, TREE) == {}


def test_what_no_model_names_reaches_none():
    assert affected_models(["README.md", "policies/data.yaml", "src/x.py"], TREE) == {}


def test_a_lockfile_in_a_models_folder_reaches_the_others_that_name_it():
    path = "models/churn/runtime.txt"
    specs = edited({"training.environment.lockfile": path})
    other = edited({"training.environment.lockfile": path}, named("price"))
    tree = Files({**shared_files(), **model_files(specs), **model_files(other, "price")})
    assert affected_models([path], tree) == {"churn": (), "price": (f"{path} changed",)}


def test_a_name_with_a_space_is_found_too():
    specs = edited({"training.environment.lockfile": "requirements/the runtime.txt"})
    tree = Files({**shared_files(), **model_files(specs)})
    assert list(affected_models(["requirements/the runtime.txt"], tree)) == ["churn"]


def test_names_are_read_as_git_writes_them(tmp_path):
    clone = Clone(tmp_path)
    first = clone.commit({"models/a/old.py": b"a = 1\nb = 2\n"})
    second = clone.commit({'models/a/\u00e9 "x"\t.py': b"x\n"})
    from mergeline.git import GitRepository

    git = GitRepository(tmp_path)
    assert set(git.changed_paths(first, second)) == {'models/a/\u00e9 "x"\t.py'}
    clone.git("mv", "models/a/old.py", "models/a/new.py")
    assert {"models/a/old.py", "models/a/new.py"} <= set(git.changes())
