from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

import mergeline.specs.schemas
from mergeline.specs.kinds import ALL_KINDS
from mergeline.specs.schemas import schema_file, schema_of, schema_text

FOLDER = Path(mergeline.specs.schemas.__file__).parent


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_the_committed_file_is_what_the_types_say(kind):
    committed = (FOLDER / schema_file(kind)).read_text(encoding="utf-8")
    assert committed == schema_text(kind), "run python -m mergeline.specs.schemas"


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_it_is_a_schema(kind):
    jsonschema.Draft202012Validator.check_schema(schema_of(kind))


def test_no_other_file_lies_there():
    assert {path.name for path in FOLDER.glob("*.json")} == {schema_file(k) for k in ALL_KINDS}


@pytest.mark.parametrize(
    "kind", [k for k in ALL_KINDS if k.name != "Release"], ids=lambda k: k.name
)
def test_every_key_that_a_person_writes_is_described(kind):
    bare = [
        f"{name}.{key}"
        for name, definition in schema_of(kind)["$defs"].items()
        for key, node in definition.get("properties", {}).items()
        if not node.get("description")
    ]
    assert bare == []


def test_a_nested_description_keeps_the_form():
    [model] = [kind for kind in ALL_KINDS if kind.name == "Model"]
    version = schema_of(model)["$defs"]["Model"]["properties"]["version"]
    assert version["description"] == (
        "The version of the next release. A version as of Semantic Versioning 2.0.0."
    )
