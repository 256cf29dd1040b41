"""`mergeline audit --at` over 10,000 promotions of 1,000 models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import promotions
from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from benchmark import Setting

# Three of the five releases of each model have come by then.
AT = "2024-03-12T10:00Z"


def prepare(setting: Setting) -> Contest:
    """Write the history."""
    promotions.lay_down(setting)
    command = [
        *(str(setting.ours / "mergeline"), "audit", "--offline"),
        *("--env", "production", "--at", AT),
    ]
    return Contest(Program(command, setting.work, setting.env))
