"""`mergeline validate` on this repository, beside check-jsonschema on the same files.

check-jsonschema knows the schemas alone; `mergeline validate` also follows references between
files and evaluates the policies. So that it need not start once per kind, check-jsonschema gets
one schema that chooses by `kind`, made here from Mergeline's own.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmark import Contest
from measuring import Program

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting


def prepare(setting: Setting) -> Contest:
    """Write the schema, and return both programs.

    Raises:
        ToolError: check-jsonschema lets a bad file pass, so it would be timed doing nothing.
    """
    schema = setting.work / "any-kind.schema.json"
    schema.write_text(json.dumps(any_kind(setting.root)))
    checker = [str(setting.peers / "check-jsonschema"), "--schemafile", str(schema)]
    must_refuse(setting, checker)
    files = [str(path) for path in spec_files(setting.root)]
    return Contest(
        ours=Program([f"{setting.ours / 'mergeline'}", "validate"], setting.root, setting.env),
        peer=Program([*checker, *files], setting.root, setting.env),
    )


def spec_files(root: Path) -> list[Path]:
    """Return the files that both programs read."""
    models, pipelines = root / "models", root / "pipelines"
    return sorted([*models.glob("*/**/*.yaml"), *pipelines.glob("*.yaml")])


def any_kind(root: Path) -> dict[str, Any]:
    """Return one schema for every kind of spec, each kind's own schema embedded in it."""
    kinds = {
        path.name.removesuffix(".schema.json"): json.loads(path.read_text())
        for path in sorted((root / "src/mergeline/specs/schemas").glob("*.schema.json"))
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {"kind": {"enum": list(kinds)}},
        "required": ["kind"],
        "allOf": [
            {
                "if": {"properties": {"kind": {"const": kind}}},
                "then": {"$ref": schema["$id"]},
            }
            for kind, schema in kinds.items()
        ],
        "$defs": kinds,
    }


def must_refuse(setting: Setting, checker: list[str]) -> None:
    """Check that the peer does its work: what passes anything is fast.

    Raises:
        ToolError: it lets a bad file pass.
    """
    bad = setting.work / "bad.yaml"
    bad.write_text("apiVersion: mergeline.dev/v1\nkind: Model\nname: [not, a, name]\n")
    try:
        setting.output(*checker, bad, cwd=setting.work)
    except ToolError:
        return
    raise ToolError("check-jsonschema passes a bad file: it does not see the schemas")
