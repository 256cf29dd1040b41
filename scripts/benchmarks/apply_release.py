"""`mergeline apply` of a new version that was merged, with its training in the cache.

From the merge to the moved alias `candidate`, and the pull request into staging: all but the
training and evaluation, whose outputs are verified and taken from the cache.
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
        ToolError: it is not released from the cache.
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
    return Contest(program)
