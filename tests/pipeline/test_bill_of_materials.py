"""The bill of materials: valid, complete, and the same bytes for the same model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from mergeline.pipeline.bill_of_materials import Dataset, Materials, bill_of_materials
from mergeline.pipeline.lockfile import locked

ROOT = Path(__file__).parents[2]
HEX = ("1" * 64, "2" * 64, "3" * 64)
LOCK = f"""\
alpha[extra]==1.0 \\
    --hash=sha256:{HEX[0]} \\
    --hash=sha256:{HEX[1]}
Beta_Two==2.1 ; python_full_version < '3.12' \\
    --hash=sha256:{HEX[2]}
"""


def materials(lockfile: str = LOCK) -> Materials:
    return Materials(
        name="churn",
        version="1.2.0",
        description="Who is about to leave.",
        digest=f"sha256:{'a' * 64}",
        properties={"task": "classification", "estimator": "sklearn.linear_model.Ridge"},
        packages=locked(lockfile),
        datasets=[Dataset("accounts", f"sha256:{'b' * 64}", "file:accounts.csv")],
        code={"features.py": f"sha256:{'c' * 64}"},
    )


def test_it_is_valid_cyclonedx_for_all_that_is_locked_here() -> None:
    whole = (ROOT / "requirements/runtime.txt").read_text()
    text = bill_of_materials(materials(whole)).decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    libraries = [one for one in json.loads(text)["components"] if one["type"] == "library"]
    assert len(libraries) == len(locked(whole)) > 100
    hashes = [one for each in libraries for one in each["externalReferences"][0]["hashes"]]
    assert len(hashes) == whole.count("--hash=sha256:")


def test_the_model_depends_on_each_thing_that_it_is_made_of() -> None:
    document = json.loads(bill_of_materials(materials()))
    model = document["metadata"]["component"]
    assert (model["type"], model["name"], model["version"]) == (
        "machine-learning-model",
        "churn",
        "1.2.0",
    )
    assert model["hashes"] == [{"alg": "SHA-256", "content": "a" * 64}]
    parts = {one["bom-ref"]: one for one in document["components"]}
    assert {name: one["type"] for name, one in parts.items()} == {
        "dataset:accounts": "data",
        "file:features.py": "file",
        "pkg:pypi/alpha@1.0": "library",
        "pkg:pypi/beta-two@2.1": "library",
    }
    assert parts["dataset:accounts"]["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    [reference] = parts["pkg:pypi/alpha@1.0"]["externalReferences"]
    assert [one["content"] for one in reference["hashes"]] == list(HEX[:2])
    [marker] = parts["pkg:pypi/beta-two@2.1"]["properties"]
    assert marker == {"name": "mergeline:marker", "value": "python_full_version < '3.12'"}
    edges = {one["ref"]: one.get("dependsOn", []) for one in document["dependencies"]}
    assert sorted(edges["model"]) == sorted(parts)


@pytest.mark.slow
def test_equal_models_have_equal_bytes_in_any_process() -> None:
    code = (
        "import sys; from test_bill_of_materials import *\n"
        "sys.stdout.buffer.write(bill_of_materials(materials()))"
    )
    path = os.pathsep.join([str(ROOT / "tests"), str(ROOT / "tests/pipeline")])
    environ = os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"}
    elsewhere = subprocess.run(
        [sys.executable, "-c", code], env=environ, capture_output=True, check=True
    )
    assert elsewhere.stdout == bill_of_materials(materials())


def test_another_model_has_another_serial_number() -> None:
    one = json.loads(bill_of_materials(materials()))
    other = json.loads(bill_of_materials(replace(materials(), version="1.2.1")))
    assert one["serialNumber"] != other["serialNumber"]
    assert "timestamp" not in one["metadata"]
