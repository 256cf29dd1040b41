"""Policies: Rego over the specs, evaluated by regopy in this process or by OPA."""

from mergeline.policy.choose import PolicySettings, choose_engine, settle
from mergeline.policy.engine import PolicyEngine, judge
from mergeline.policy.library import PolicyLibrary
from mergeline.policy.results import PolicyResult

__all__ = [
    "PolicyEngine",
    "PolicyLibrary",
    "PolicyResult",
    "PolicySettings",
    "choose_engine",
    "judge",
    "settle",
]
