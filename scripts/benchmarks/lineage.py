"""`mergeline lineage` of one release among 10,000 promotions of 1,000 models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promotions
from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from benchmark import Setting


def prepare(setting: Setting) -> Contest:
    """Write the history, and ask for a release of the model in its middle."""
    names = promotions.lay_down(setting)
    release = f"{names[len(names) // 2]}@1.2.0"
    command = [str(setting.ours / "mergeline"), "lineage", release, "--offline"]
    return Contest(Program(command, setting.work, setting.env))
