from __future__ import annotations

import json
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


def definitions(kind):
    return json.loads(schema_text(kind))["$defs"].items()


def properties(kind):
    for name, definition in definitions(kind):
        for key, node in definition.get("properties", {}).items():
            yield f"{name}.{key}", node, key in definition.get("required", [])


def leaves(node: dict) -> list[dict]:
    """The strings and numbers that a property takes; what is chosen from a list is none."""
    options = node.get("anyOf", [node])
    return [each for each in options if each.get("type") in ("string", "integer", "number")]


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_every_part_has_a_title_and_every_key_a_description(kind):
    titled = [name for name, part in definitions(kind) if part.get("title")]
    described = [name for name, part in definitions(kind) if part.get("description")]
    assert titled == described == [name for name, _ in definitions(kind)]
    assert [name for name, node, _ in properties(kind) if not node.get("description")] == []


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_every_string_and_number_shows_an_example_or_a_default(kind):
    bare = [
        name
        for name, node, _ in properties(kind)
        if leaves(node)
        and not {"examples", "default"} & {key for each in (node, *leaves(node)) for key in each}
    ]
    assert bare == []


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_every_key_that_may_be_left_out_says_its_default(kind):
    bare = [name for name, node, required in properties(kind) if not required ^ ("default" in node)]
    assert bare == []


@pytest.mark.parametrize("kind", ALL_KINDS, ids=lambda kind: kind.name)
def test_examples_and_defaults_are_valid_themselves(kind):
    parts = dict(definitions(kind))
    for name, node, _ in properties(kind):
        validator = jsonschema.Draft202012Validator({**node, "$defs": parts})
        for each in (node, *leaves(node)):
            shown = [*each.get("examples", []), *([each["default"]] if "default" in each else [])]
            for example in shown:
                assert validator.is_valid(example), f"{name}: {example}"


def test_a_nested_description_keeps_the_form():
    [model] = [kind for kind in ALL_KINDS if kind.name == "Model"]
    version = schema_of(model)["$defs"]["Model"]["properties"]["version"]
    assert version["description"] == (
        "The version of the next release. A version as of Semantic Versioning 2.0.0."
    )
