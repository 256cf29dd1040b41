"""How long the command line takes to start: `mergeline --version` beside `dvc --version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from benchmark import Setting


def prepare(setting: Setting) -> Contest:
    """Return both programs."""
    return Contest(
        ours=Program([f"{setting.ours / 'mergeline'}", "--version"], setting.work, setting.env),
        peer=Program([f"{setting.peers / 'dvc'}", "--version"], setting.work, setting.env),
    )
