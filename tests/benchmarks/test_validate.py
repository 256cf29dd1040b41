from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from validate import any_kind, spec_files

from mergeline.specs.yaml import parse

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def schema():
    return Draft202012Validator(any_kind(ROOT))


def test_the_peer_gets_every_file_of_the_reference_models(schema):
    files = [path.relative_to(ROOT).as_posix() for path in spec_files(ROOT)]

    assert "pipelines/classification.yaml" in files
    for model in ("breast-cancer-diagnosis", "diabetes-progression", "payment-fraud"):
        assert len([path for path in files if path.startswith(f"models/{model}/")]) >= 7


def test_the_peers_schema_accepts_them(schema):
    for path in spec_files(ROOT):
        # Mergeline's own reader: PyYAML alone takes the key `on` for true.
        document, _ = parse(str(path), path.read_bytes())
        assert list(schema.iter_errors(document.value)) == [], path


@pytest.mark.parametrize(
    "path",
    sorted((ROOT / "src/mergeline/specs/schemas").glob("*.schema.json")),
    ids=lambda p: p.name,
)
def test_the_peers_schema_sees_into_each_kind(schema, path):
    kind = path.name.removesuffix(".schema.json")

    assert not schema.is_valid({"apiVersion": "mergeline.dev/v1", "kind": kind, "no-such-key": 1})


def test_the_peers_schema_refuses_an_unknown_kind(schema):
    assert not schema.is_valid({"apiVersion": "mergeline.dev/v1", "kind": "Modle"})
