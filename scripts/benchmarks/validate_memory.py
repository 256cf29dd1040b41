"""The memory of a cold `mergeline validate` on 10,000 models, beside that on 1,000."""

from __future__ import annotations

from typing import TYPE_CHECKING

import many_models
from benchmark import Contest
from validate_cold import cold

if TYPE_CHECKING:
    from benchmark import Setting

MANY, FEW = 10_000, 1000


def prepare(setting: Setting) -> Contest:
    """Write both repositories."""
    many, few = setting.work / "many", setting.work / "few"
    many_models.lay_down(setting.root, many, MANY)
    many_models.lay_down(setting.root, few, FEW)
    return Contest(cold(setting, many), cold(setting, few))
