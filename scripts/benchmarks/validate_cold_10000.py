"""`mergeline validate` on 10,000 models without anything kept from before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import many_models
from benchmark import Contest
from validate_cold import cold

if TYPE_CHECKING:
    from benchmark import Setting

MODELS = 10_000


def prepare(setting: Setting) -> Contest:
    """Write the models; without a peer, which takes minutes for them."""
    many_models.lay_down(setting.root, setting.work, MODELS)
    return Contest(cold(setting, setting.work))
