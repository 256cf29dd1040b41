"""`mergeline validate` on 10,000 models of which none has changed since the last time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from validate_warm import warm

if TYPE_CHECKING:
    from benchmark import Contest, Setting

MODELS = 10_000


def prepare(setting: Setting) -> Contest:
    """Write the models and validate them once, which takes minutes."""
    return warm(setting, MODELS)
