from __future__ import annotations

import shutil

import pytest

from pipeline import models
from pipeline.loans import laid_out
from pipeline.workspace import LOCKFILE, Workspace, template


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A work tree in which `toy` has run: not to be changed."""
    workspace = Workspace(tmp_path_factory.mktemp("trained"))
    workspace.write("requirements.txt", LOCKFILE)
    workspace.write(
        "pipelines/classification.yaml", template("classification", models.CLASSIFICATION)
    )
    workspace.write("pipelines/regression.yaml", template("regression", models.REGRESSION))
    for name, text in models.TOY.items():
        workspace.write(f"models/toy/{name}", text)
    workspace.seal("toy")
    result = workspace.run("toy")
    assert result.outcome == "passed", result.findings
    return workspace


@pytest.fixture
def work(trained, tmp_path):
    """A copy of that work tree, its cache included, to change."""
    root = tmp_path / "work"
    shutil.copytree(trained.root, root)
    return Workspace(root)


@pytest.fixture
def loans_model(tmp_path):
    """A model whose source is yet to be said."""
    return laid_out(tmp_path / "loans")
