from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from devforge.workbench import ADA, REPOSITORY, make_config, make_workbench
from mergeline.devforge import DevelopmentForge
from mergeline.devforge.__main__ import main
from mergeline.devforge.config import read_config
from mergeline.errors import UsageError
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from pathlib import Path

CONFIG = """\
repository: acme/models
users:
  - {login: ada, name: Ada, email: ada@example.org, token: token-ada}
protection:
  required_status_checks: [gate]
  required_approving_review_count: 2
"""


def test_state_outlives_the_server(tmp_path: Path) -> None:
    with DevelopmentForge(tmp_path / "forge", make_config()) as forge:
        bench = make_workbench(tmp_path, forge)
        head = bench.branch("change")
        bench.client().create_pull_request(title="t", body="", head="change", base="main")
        bench.client().set_status(head, context="gate", state="success", description="")
        before = bench.client().pull_request(1)
        url = forge.api_url
    with DevelopmentForge(tmp_path / "forge", make_config()) as forge:
        client = Forge(ForgeSettings(forge.api_url, REPOSITORY, ADA.token))
        after = client.pull_request(1)
        assert after.url.replace(forge.api_url, url) == before.url
        assert (after.head_sha, after.title) == (before.head_sha, before.title)
        assert [status.context for status in client.statuses(head)] == ["gate"]
        assert client.pull_requests_of_commit(client.merge_pull_request(1, sha=head))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_as_a_program(tmp_path: Path, number: signal.Signals) -> None:
    config = tmp_path / "forge.yaml"
    config.write_text(CONFIG)
    command = ["--root", str(tmp_path / "forge"), "--config", str(config)]
    with subprocess.Popen(
        [sys.executable, "-m", "mergeline.devforge", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            url = process.stdout.readline().strip()
            assert Forge(ForgeSettings(url, REPOSITORY, "token-ada")).login() == "ada"
            process.send_signal(number)
            rest, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, rest, errors) == (0, "", "")


def test_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "forge.yaml"
    config.write_text(CONFIG)
    read = read_config(config)
    assert (read.owner, read.name, read.default_branch) == ("acme", "models", "main")
    assert read.protection.required_status_checks == ("gate",)
    assert read.users[0].type == "User"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "repository: acme",
        "repository: acme/models\nusers: []\nunknown: 1",
        "repository: acme/models\nusers: [{login: a}]",
        "repository: acme\nusers: []",
        CONFIG.replace("2", "two"),
        CONFIG.replace("users:\n", "users:\n  - {login: x, name: X, email: x, token: token-ada}\n"),
    ],
)
def test_a_bad_configuration_is_a_usage_error(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "forge.yaml"
    config.write_text(text)
    with pytest.raises(UsageError):
        read_config(config)
    assert main(["--root", str(tmp_path / "forge"), "--config", str(config)]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert output.err.startswith(f"error: the development forge's configuration {config}")


def test_a_port_that_is_taken(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "forge.yaml"
    config.write_text(CONFIG)
    with DevelopmentForge(tmp_path / "one", make_config()) as forge:
        port = forge.api_url.rpartition(":")[2]
        command = ["--root", str(tmp_path / "two"), "--config", str(config), "--port", port]
        assert main(command) == 3
    assert "cannot start" in capsys.readouterr().err
