"""`mergeline validate` on 1,000 models of which none has changed since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import many_models
from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from benchmark import Setting

MODELS = 1000


def prepare(setting: Setting) -> Contest:
    """Write the models and validate them once."""
    return warm(setting, MODELS)


def warm(setting: Setting, count: int) -> Contest:
    """Return `mergeline validate` on so many models that it has validated before."""
    many_models.lay_down(setting.root, setting.work, count)
    mergeline = str(setting.ours / "mergeline")
    setting.output(mergeline, "validate", cwd=setting.work)
    return Contest(Program([mergeline, "validate"], setting.work, setting.env))
