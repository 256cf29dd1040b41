from __future__ import annotations

from pathlib import Path

import many_models
import pytest

from mergeline import cli

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("many")
    assert len(many_models.lay_down(ROOT, root, 6)) == 6
    return root


def test_seven_specs_each_and_no_two_alike(repository):
    models = sorted((repository / "models").iterdir())

    assert len(models) == 6
    assert {len(list(model.glob("*.yaml"))) for model in models} == {7}
    assert len({(model / "evaluation.yaml").read_text() for model in models}) == 6
    templates = list((ROOT / "pipelines").glob("*.yaml"))
    assert len(many_models.spec_files(repository)) == 6 * 7 + len(templates)


def test_they_are_valid_under_the_policies(repository, capsys):
    assert cli.main(["-C", str(repository), "validate", "--no-cache"]) == 0
    assert "6 models checked" in capsys.readouterr().out
