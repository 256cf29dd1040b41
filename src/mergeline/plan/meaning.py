"""What a model means: its specs as typed, defaults filled in, and what they point to.

Two model folders with the same meaning differ at most in comments, the order of keys, quotes,
a default that is written out, or `1` for `1.0` where a number is asked for (but not among
hyperparameters: scikit-learn tells a count from a share by just that).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import digest_bytes
from mergeline.plan.identity import keyed
from mergeline.specs.evidence import is_evidence
from mergeline.specs.kinds import MODEL_KINDS, kind_of

if TYPE_CHECKING:
    from mergeline.plan.sides import Side
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Spec

_HEADER = ("apiVersion", "kind")


def meaning(side: Side, name: str) -> dict[str, Any]:
    """Return the meaning of a model as JSON values, section to content.

    The sections are the spec files, `environments`, `releases`, `pipeline` (the template),
    `lockfile` (its digest) and `files` (path of code and data to digest). Named lists are
    mappings by identity (`mergeline.plan.identity`); `features.order` keeps the order in which
    the model gets its features. Shared ones are among them; their code is what their version says.

    Args:
        side: what was read of a tree.
        name: the model; one that the side does not have means nothing.
    """
    folder = side.models.get(name)
    values: dict[str, Any] = {"environments": {}, "releases": {}, "files": {}}
    if folder is None:
        return values
    values |= _specs(folder)
    template = side.templates.get(folder.training.pipeline)
    if template is not None:
        values["pipeline"] = plain(template)
    lockfile = side.read(folder.training.environment.lockfile)
    if lockfile is not None:
        values["lockfile"] = digest_bytes(lockfile)
    return values


def _specs(folder: ModelFolder) -> dict[str, Any]:
    values = {
        kind.section: plain(getattr(folder, kind.section)) for kind in MODEL_KINDS if kind.required
    }
    values = {section: keyed(value, (section,)) for section, value in values.items()}
    values["features"]["order"] = [feature.name for feature in folder.features.features]
    values["environments"] = {name: plain(spec) for name, spec in folder.environments.items()}
    values["releases"] = {name: plain(spec) for name, spec in folder.releases.items()}
    values["files"] = {
        path: digest_bytes(content)
        for path, content in folder.files.items()
        if kind_of(path) is None and not is_evidence(path) and path not in folder.borrowed
    }
    return values


def plain(spec: Spec) -> dict[str, Any]:
    """Return a spec as JSON values without its header."""
    values: dict[str, Any] = _listed(msgspec.to_builtins(spec))
    return {key: value for key, value in values.items() if key not in _HEADER}


def _listed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _listed(item) for key, item in value.items()}
    return [_listed(item) for item in value] if isinstance(value, list | tuple) else value
