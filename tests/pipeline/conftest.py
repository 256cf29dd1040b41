from __future__ import annotations

import shutil

import pytest

from made_once import made_once
from pipeline import models
from pipeline import workspace as workspace_module
from pipeline.loans import laid_out
from pipeline.workspace import LOCKFILE, Workspace, template


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """A work tree in which `toy` has run: not to be changed."""
    root = tmp_path_factory.mktemp("trained") / "toy"
    kept = made_once("toy", _train, __file__, models.__file__, workspace_module.__file__)
    shutil.copytree(kept, root)
    return Workspace(root)


def _train(root):
    workspace = Workspace(root)
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
