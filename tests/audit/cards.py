"""A release whose specs all lie at the commit that its record names."""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from tests.plan.workbench import SPECS, model_files

from audit.past import MODEL
from mergeline.digest import digest_bytes

if TYPE_CHECKING:
    from audit.past import Past

WHEN = "2024-09-10T12:00:00Z"
WORDS = {
    "intended_use": {
        "primary_uses": ["Whom a clerk calls first."],
        "out_of_scope_uses": ["Ending a contract."],
    },
    "limitations": ["Learned from one year."],
    "ethical_considerations": [
        {"name": "The old are called less.", "mitigation_strategy": "A gate."}
    ],
    "license": "Apache-2.0",
}


def specs_with(**sections: dict[str, Any]) -> dict[str, Any]:
    """The specs of the workbench, with the keys of some sections set otherwise."""
    return {name: deepcopy(one) | sections.get(name, {}) for name, one in SPECS.items()}


def released(
    past: Past,
    version: str = "1.0.0",
    environment: str = "production",
    specs: dict[str, Any] | None = None,
    more: dict[str, bytes] | None = None,
) -> str:
    """Commit specs, then a release that was trained at that commit; the latter's commit."""
    files = model_files(specs_with(model=WORDS) if specs is None else specs)
    files |= {f"models/{MODEL}/{path}": content for path, content in (more or {}).items()}
    commit = past.commit(files, WHEN)
    digests = {
        path.removeprefix(f"models/{MODEL}/"): digest_bytes(content)
        for path, content in files.items()
    }
    return past.wants(
        version, WHEN, environment, merge=2, training={"commit": commit}, specs=digests
    )
