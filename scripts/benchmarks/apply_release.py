"""`mergeline apply` of a new version that was merged, beside its training alone.

From the merge to the moved alias `candidate`, and the pull request into staging. A release takes
nothing from a cache; the difference is what the engine itself takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import promoted
from benchmark import Contest
from measuring import Program

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from benchmark import Setting

_FORGET = (
    "import mlflow, sys; mlflow.MlflowClient(sys.argv[1]).delete_registered_model(sys.argv[2])"
)


def prepare(setting: Setting) -> Contest:
    """Release the model once, and take it out of the registry again.

    Raises:
        ToolError: it is not released.
    """
    desk = promoted.merged(setting)
    desk.mergeline("apply", promoted.MODEL)
    store = f"sqlite:///{desk.clone / '.mergeline/mlflow.db'}"
    python = setting.ours / "python"
    setting.output(python, "-c", _FORGET, store, promoted.MODEL, cwd=desk.clone)
    program = Program(promoted.repeatable(desk, "release"), desk.clone, desk.setting.env)
    said = desk.setting.output(*program.command, cwd=desk.clone)
    if "released: 1.0.0" not in said:
        raise ToolError("the version is not released", hint=said)
    run = (
        f"rm -rf .mergeline/cache && exec '{desk.setting.ours / 'mergeline'}' run {promoted.MODEL}"
    )
    return Contest(program, Program(["sh", "-c", run], desk.clone, desk.setting.env))
