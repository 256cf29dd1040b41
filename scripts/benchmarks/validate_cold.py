"""`mergeline validate` on 1,000 models without anything kept from before.

Beside it check-jsonschema on the same 7,000 specs, which knows the schemas alone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import many_models
import validate
from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting

MODELS = 1000
_COLD = 'rm -rf .mergeline && exec "$0" validate'


def prepare(setting: Setting) -> Contest:
    """Write the models and the schema, and return both programs."""
    root = setting.work / "repository"
    many_models.lay_down(setting.root, root, MODELS)
    schema = setting.work / "any-kind.schema.json"
    schema.write_text(json.dumps(validate.any_kind(setting.root)))
    checker = [str(setting.peers / "check-jsonschema"), "--schemafile", str(schema)]
    validate.must_refuse(setting, checker)
    files = [str(path.relative_to(root)) for path in many_models.spec_files(root)]
    return Contest(cold(setting, root), Program([*checker, *files], root, setting.env))


def cold(setting: Setting, root: Path) -> Program:
    """Return `mergeline validate` on a repository of which nothing has been kept."""
    return Program(["sh", "-c", _COLD, str(setting.ours / "mergeline")], root, setting.env)
