"""`mergeline plan` on real Git repositories, by its output and exit codes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.plan.workbench import (
    OTHER_SHA,
    SPECS,
    Clone,
    edited,
    environment,
    model_files,
    named,
    release,
    shared_files,
    spec_text,
)

from mergeline.cli import main
from mergeline.digest import digest_json
from mergeline.git import GitRepository
from mergeline.plan import planning
from mergeline.plan.planning import make_plan

GOLDEN = Path(__file__).parent / "golden"
CHANGED = model_files(edited({"training.hyperparameters.C": 0.5, "model.version": "0.2.0"}))


def plan(clone: Clone, *arguments: str) -> int:
    return main(["-C", str(clone.root), "plan", *arguments])


def test_text(clone, capsys):
    clone.write(CHANGED)
    assert plan(clone, "--base", "main") == 0
    assert capsys.readouterr().out == (GOLDEN / "modified.txt").read_text(encoding="utf-8")


def test_all_sorts_of_changes_in_text_and_markdown(clone, capsys):
    clone.commit(
        {
            **model_files(named("live"), "live", staging=environment("staging", "0.1.0")),
            "models/live/releases/0.1.0.yaml": spec_text(
                "Release", {**release("0.1.0"), "name": "live"}
            ),
            **model_files(named("old"), "old"),
            **model_files(named("bad"), "bad"),
            **model_files(
                edited(
                    {
                        "data.datasets.0.digest": OTHER_SHA,
                        "training.budget": {"per_run": 0.001, "per_month": 1},
                    },
                    named("tuned"),
                ),
                "tuned",
                v0_1_0={**release("0.1.0"), "name": "tuned"},
            ),
        },
        "second",
    )
    base = clone.git("rev-parse", "HEAD")
    clone.git("checkout", "--quiet", "-b", "change")
    clone.git("rm", "--quiet", "-r", "models/old", "models/bad/data.yaml")
    clone.commit(
        {
            **CHANGED,
            "models/live/environments/production.yaml": spec_text(
                "Environment",
                environment("production", "0.1.0", reason="`code` <b>@ops</b> | [a](b) www.x.com"),
            ),
            **model_files(named("new"), "new"),
            "models/tuned/training.yaml": spec_text(
                "Training",
                {
                    **SPECS["training"],
                    "random_seed": 2,
                    "budget": {"per_run": 0.001, "per_month": 1},
                },
            ),
        }
    )
    assert plan(clone, "--base", base, "--head", "change") == 1
    assert capsys.readouterr().out == (GOLDEN / "mixed.txt").read_text(encoding="utf-8")
    assert plan(clone, "--base", base, "--head", "change", "--format", "markdown") == 1
    shown = capsys.readouterr().out
    shown = re.sub(r"sha256:[0-9a-f]{64}", "DIGEST", shown.replace(base[:12], "BASE"))
    assert shown == (GOLDEN / "mixed.md").read_text(encoding="utf-8")


def test_json_is_what_is_documented_and_its_digest_covers_it(clone, capsys):
    base = clone.git("rev-parse", "HEAD")
    head = clone.commit(CHANGED)
    assert plan(clone, "--base", base, "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["base"], answer["head"]) == (base, head)
    assert list(answer) == [
        "base",
        "head",
        "digest",
        "policies",
        "models",
        "estimate",
        "pull_requests",
    ]
    digest = answer["digest"]
    outside = {"digest", "estimate", "pull_requests"}
    covered = {key: value for key, value in answer.items() if key not in outside}
    covered["models"] = [
        {key: value for key, value in model.items() if key not in outside}
        for model in answer["models"]
    ]
    assert digest == digest_json(covered)
    [model] = answer["models"]
    assert list(model) == [
        "name",
        "status",
        "version",
        "risk",
        "owner",
        "reasons",
        "changes",
        "actions",
        "approvals",
        "verdict",
        "notes",
        "findings",
        "estimate",
        "pull_requests",
    ]
    assert (answer["policies"], model["verdict"], model["reasons"]) == (None, None, [])
    assert answer["estimate"] == {"runs": 2, "seconds": 0.0, "costs": {}, "unknown": ["churn"]}
    assert answer["pull_requests"] == {"known": False, "note": None}
    assert model["changes"][1] == {
        "kind": "training.hyperparameters",
        "path": "/training/hyperparameters/C",
        "effect": "training",
        "part": "patch",
        "before": 1.0,
        "after": 0.5,
    }
    assert plan(clone, "--base", base, "--head", head, "--format", "json") == 0
    assert json.loads(capsys.readouterr().out)["digest"] == digest


def test_a_summary_is_the_markdown_after_what_was_there(clone, capsys):
    clone.write(CHANGED)
    assert plan(clone, "--base", "main", "--format", "markdown") == 0
    markdown = capsys.readouterr().out
    summary = clone.root.parent / "summary.md"
    summary.write_text("before\n")
    assert plan(clone, "--base", "main", "--format", "json", "--summary", str(summary)) == 0
    assert json.loads(capsys.readouterr().out)["models"][0]["name"] == "churn"
    assert summary.read_text(encoding="utf-8") == f"before\n{markdown}"
    assert plan(clone, "--base", "main", "--summary", str(clone.root)) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_nothing_changed(clone, capsys):
    assert plan(clone, "--base", "main") == 0
    assert capsys.readouterr().out == "no model changed\n"
    clone.write({"README.md": b"# Hello\n"})
    assert plan(clone, "--base", "main", "--format", "markdown") == 0
    assert capsys.readouterr().out.startswith("**No model changed.**")


def test_the_work_tree_counts_without_what_git_ignores(clone, capsys):
    clone.commit({".gitignore": b"*.log\n"})
    clone.write({**CHANGED, "models/churn/debug.log": b"x", "models/churn/code.py": b"x = 1\n"})
    assert plan(clone, "--base", "main", "--format", "json") == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["head"] is None
    paths = [change["path"] for change in answer["models"][0]["changes"]]
    assert paths == ["/model/version", "/training/hyperparameters/C", "/files/code.py"]
    (clone.root / "models/churn/data.yaml").unlink()
    assert plan(clone, "--base", "main") == 1
    assert "the model has no data.yaml" in capsys.readouterr().out


def test_what_the_base_gained_since_is_no_change(clone, capsys):
    clone.git("checkout", "--quiet", "-b", "change")
    clone.commit(CHANGED)
    clone.git("checkout", "--quiet", "main")
    clone.commit(model_files(edited({"model.owner": "team-y"})))
    assert plan(clone, "--base", "main", "--head", "change") == 0
    shown = capsys.readouterr().out
    assert "training.hyperparameters.C" in shown
    assert "team-y" not in shown


def test_a_changed_lockfile_reaches_the_models_that_name_it(clone, capsys):
    clone.write({"requirements/runtime.txt": b"scikit-learn==1.8\n"})
    assert plan(clone, "--base", "main") == 0
    assert "lockfile  changed: sha256:" in capsys.readouterr().out


def test_approvals_come_from_the_base(clone, capsys):
    clone.write({**CHANGED, "policies/data.yaml": b"organization: {approvals: {}}\n"})
    assert plan(clone, "--base", "main") == 0
    assert "approvals: staging 1, production 2 with team-x and ml-risk " in capsys.readouterr().out


def test_a_plan_of_chosen_models(clone, capsys):
    clone.write({**CHANGED, **model_files(named("new"), "new")})
    assert plan(clone, "--select", "churn", "--base", "main") == 0
    assert "\n1 model changed: 1 to train, 1 to release\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--base", "nowhere"], 'error: "nowhere" names no commit\n  = help: fetch it'),
        (["--base", "main", "--head", "x"], 'error: "x" names no commit'),
        (
            ["--select", "chrun", "--base", "main"],
            'neither base nor head has a model "chrun"\n  = help: did you mean "churn"?',
        ),
        (
            ["--select", "x*", "--base", "main"],
            'neither base nor head has a model "x*"\n  = help: known: churn',
        ),
        (
            ["--select", "owner:team-y", "--base", "main"],
            'has a model owned by "team-y"\n  = help: did you mean "team-x"?',
        ),
        (
            ["--select", "stat:new", "--base", "main"],
            '--select knows no method "stat"\n  = help: did you mean "state"?',
        ),
    ],
)
def test_usage(clone, capsys, arguments, said):
    assert plan(clone, *arguments) == 2
    assert said in capsys.readouterr().err


def test_unreadable_tunables(clone, capsys):
    clone.commit({"policies/data.yaml": b"organization: [\n"})
    clone.write(CHANGED)
    assert plan(clone, "--base", "main") == 2
    assert "policies/data.yaml:" in capsys.readouterr().err


def test_not_a_git_repository(tmp_path, capsys):
    (tmp_path / "models").mkdir()
    assert main(["-C", str(tmp_path), "plan", "--base", "main"]) == 2
    assert "is not in a Git repository" in capsys.readouterr().err


def test_one_changed_model_among_many_is_all_that_is_read(tmp_path, monkeypatch):
    clone = Clone(tmp_path / "many")
    names = [f"model-{number}" for number in range(200)]
    files = [model_files(named(name), name) for name in names]
    clone.commit(
        {path: content for each in files for path, content in each.items()} | shared_files()
    )
    base = clone.git("rev-parse", "HEAD")
    edits = {"training.hyperparameters.C": 0.5}
    clone.commit(model_files(edited(edits, named("model-7")), "model-7"))
    sides = []

    def recorded(tree, chosen):
        side = load_side(tree, chosen)
        sides.append(side)
        return side

    load_side = planning.load_side
    monkeypatch.setattr(planning, "load_side", recorded)
    made = make_plan(GitRepository(clone.root), base)
    assert [model.name for model in made.models] == ["model-7"]
    assert [list(side.models) for side in sides] == [["model-7"], ["model-7"]]


def test_nothing_heavy_is_loaded(clone):
    clone.write(CHANGED)
    script = (
        "import sys\n"
        "from mergeline.cli import main\n"
        f"assert main(['-C', {str(clone.root)!r}, 'plan', '--base', 'main']) == 0\n"
        "heavy = {'mlflow', 'sklearn', 'pandas', 'numpy', 'great_expectations', 'regopy',\n"
        "         'matplotlib', 'pydantic', 'githubkit', 'jsonschema'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
