from __future__ import annotations

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
    assert affected_models(["models/churn/data.yaml", "models/README.md"], TREE) == {"churn"}


def test_a_template_and_a_lockfile_reach_who_names_them():
    assert affected_models(["pipelines/classification.yaml"], TREE) == {"churn"}
    assert affected_models(["pipelines/regression.yaml"], TREE) == {"price"}
    assert affected_models(["requirements/other.txt"], TREE) == {"price"}
    # The word stands in both files, but as another file's name.
    assert affected_models(["other.txt", "runtime.txt", "pipelines/class.yaml"], TREE) == set()


def test_what_no_model_names_reaches_none():
    assert affected_models(["README.md", "policies/data.yaml", "src/x.py"], TREE) == set()


def test_names_are_read_as_git_writes_them(tmp_path):
    clone = Clone(tmp_path)
    first = clone.commit({"models/a/old.py": b"a = 1\nb = 2\n"})
    second = clone.commit({'models/a/\u00e9 "x"\t.py': b"x\n"})
    from mergeline.git import GitRepository

    git = GitRepository(tmp_path)
    assert set(git.changed_paths(first, second)) == {'models/a/\u00e9 "x"\t.py'}
    clone.git("mv", "models/a/old.py", "models/a/new.py")
    assert {"models/a/old.py", "models/a/new.py"} <= set(git.changes())
