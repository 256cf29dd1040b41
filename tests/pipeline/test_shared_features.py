"""A feature that another model defines: trained, packaged, recorded as if it stood here."""

from __future__ import annotations

import shutil

import pandas as pd
import pytest

from mergeline.pipeline.predictor import load_predictor
from mergeline.promotion.record import spec_digests
from mergeline.specs.borrowing import DEFINITIONS
from mergeline.specs.featurecontent import feature_contents
from mergeline.specs.places import locate
from pipeline.workspace import HEADER, Workspace

REFERENCE = f"{HEADER}Features\nshared:\n"
REFERENCE += "  - {name: amount_log, version: 1, from: toy}\n"
REFERENCE += "  - {name: country, version: 1, from: toy}\n"
CODE = "shared__toy__features.py"


@pytest.fixture
def pair(work: Workspace) -> Workspace:
    """The toy, and a model that has its data and no feature of its own."""
    folder = work.root / "models/borrower"
    shutil.copytree(work.root / "models/toy", folder)
    work.edit("models/borrower/model.yaml", "name: toy", "name: borrower")
    (folder / "features.py").unlink()
    work.write("models/borrower/features.yaml", REFERENCE)
    return work


@pytest.mark.slow
def test_the_package_is_complete_without_the_other_model(pair: Workspace):
    result = pair.run("borrower")
    assert result.passed, result.findings
    package = pair.root / result.paths["package"] / "model"
    assert {CODE, "model.skops"} <= {path.name for path in package.iterdir()}
    shutil.rmtree(pair.root / "models/toy")
    rows = pd.read_parquet(pair.root / result.paths["data"] / "data.parquet").head(5)
    with load_predictor(package, result.digests["artifact"]) as predictor:
        assert len(predictor.predict(rows).values) == 5


def test_it_is_the_same_feature_and_the_record_covers_all_of_it(pair: Workspace):
    lender, borrower = pair.model("toy"), pair.model("borrower")
    contents = feature_contents(lender)
    assert feature_contents(borrower) == {one: contents[one] for one in ("amount_log", "country")}
    before = spec_digests(borrower)
    assert {CODE, DEFINITIONS} <= set(before)
    for path, old, new, changed in (
        ("models/toy/features.yaml", "parameters: {base: 2}", "parameters: {base: 3}", DEFINITIONS),
        ("models/toy/features.py", "import numpy as np", "import numpy as np  # numbers", CODE),
    ):
        pair.edit(path, old, new)
        after = spec_digests(pair.model("borrower"))
        assert {one for one in after if after[one] != before[one]} == {changed}
        pair.edit(path, new, old)


def test_policies_see_it_and_findings_stand_at_the_reference(pair: Workspace):
    borrower = pair.model("borrower")
    shown = borrower.as_input()["features"]["features"][1]
    assert (shown["name"], shown["owner"], shown["version"]) == ("country", "team-tests", 1)
    place = locate(borrower, ("features", "features", 1, "owner"))
    path = "models/borrower/features.yaml"
    assert (place.file, place.line) == (path, pair.line(path, "name: country"))


def test_a_file_under_the_name_of_shared_code_is_refused(pair: Workspace):
    pair.write(f"models/borrower/{CODE}", "")
    with pytest.raises(AssertionError, match="is the name that a shared feature is kept under"):
        pair.model("borrower")
