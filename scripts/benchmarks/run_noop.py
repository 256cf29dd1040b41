"""A run in which nothing changed: `mergeline run` beside `dvc repro`.

Both have run once on the same data and find that nothing is to do. `mergeline run` has two steps
more than DVC's four (package and record), reads every spec and asks Git for the commit.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark import Contest
from measuring import Program

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from benchmark import Setting

MODEL = "breast-cancer-diagnosis"
DVC_PIPELINE = Path(__file__).parent / "dvc_pipeline"
UP_TO_DATE = "Data and pipelines are up to date."


def prepare(setting: Setting) -> Contest:
    """Run both pipelines once in repositories of their own, and return both programs.

    Raises:
        ToolError: a pipeline failed, or its second run was not a no-op.
    """
    return Contest(ours=_ours(setting), peer=_dvc(setting))


def _ours(setting: Setting) -> Program:
    clone = setting.work / "mergeline"
    # The clone keeps the state of the checkout as it is.
    git = ("git", "clone", "--quiet", "--no-hardlinks")
    setting.output(*git, setting.root, clone, cwd=setting.work)
    run = [str(setting.ours / "mergeline"), "run", MODEL]
    as_json = [*run, "--format", "json"]
    setting.output(*as_json, cwd=clone)
    steps = json.loads(setting.output(*as_json, cwd=clone))["steps"]
    changed = [step["name"] for step in steps if step["status"] != "cached"]
    if changed:
        raise ToolError(f"mergeline run repeats what did not change: {', '.join(changed)}")
    return Program(run, clone, setting.env)


def _dvc(setting: Setting) -> Program:
    home = setting.work / "dvc"
    shutil.copytree(DVC_PIPELINE, home, ignore=shutil.ignore_patterns("__pycache__"))
    dvc = str(setting.peers / "dvc")
    for command in (
        ("git", "init", "--quiet"),
        (dvc, "init", "--quiet"),
        (dvc, "config", "core.analytics", "false"),
        (dvc, "config", "core.check_update", "false"),
        (dvc, "repro", "--quiet"),
        ("git", "add", "--all"),
        ("git", "commit", "--quiet", "--message", "A pipeline of four steps"),
    ):
        setting.output(*command, cwd=home)
    if UP_TO_DATE not in setting.output(dvc, "repro", cwd=home):
        raise ToolError("dvc repro repeats what did not change")
    return Program([dvc, "repro"], home, setting.env)
