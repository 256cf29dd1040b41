from __future__ import annotations

import os

import pytest
from environment import environment


@pytest.mark.parametrize(
    "name",
    ["PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MLFLOW_TRACKING_URI", "MERGELINE_POLICY_ENGINE"],
)
def test_the_users_own_settings_do_not_reach_what_is_timed(monkeypatch, tmp_path, name):
    monkeypatch.setenv(name, "1")

    assert name not in environment(tmp_path, tmp_path)


def test_the_steps_of_dvc_run_with_our_python(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", "/usr/bin")

    made = environment(tmp_path / "home", tmp_path / "bin")

    assert made["PATH"] == f"{tmp_path / 'bin'}{os.pathsep}/usr/bin"
    assert made["HOME"] == str(tmp_path / "home")
    assert made["DVC_NO_ANALYTICS"] == "1"
