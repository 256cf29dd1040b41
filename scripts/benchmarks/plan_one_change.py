"""`mergeline plan` of a change to one model among 1,000."""

from __future__ import annotations

from typing import TYPE_CHECKING

import many_models
from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from benchmark import Setting

MODELS = 1000


def prepare(setting: Setting) -> Contest:
    """Commit the models, and change one in the work tree."""
    names = many_models.lay_down(setting.root, setting.work, MODELS)
    for words in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "-m", "models"]):
        setting.output("git", *words, cwd=setting.work)
    spec = setting.work / "models" / names[MODELS // 2] / "evaluation.yaml"
    spec.write_text(spec.read_text().replace("resamples: ", "resamples: 2"))
    command = [str(setting.ours / "mergeline"), "plan", "--base", "HEAD"]
    return Contest(Program(command, setting.work, setting.env))
