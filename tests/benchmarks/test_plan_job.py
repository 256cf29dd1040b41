"""The job that is timed is the workflow's own, and asks the forge little however much is there."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import plan_job
import pytest
from benchmark import Setting
from environment import environment
from measuring import seconds

from loop.between import between

ROOT = Path(__file__).parents[2]
# As many as the job may ask, whatever there is to be asked about.
MOST = 20


@dataclass
class Way:
    """What `between` leads to the forge by another way."""

    forge: SimpleNamespace

    def point_at(self, api_url: str) -> None:
        self.now = api_url


@pytest.mark.slow
def test_it_divides_the_work_and_asks_the_forge_at_most_twenty_times(tmp_path: Path) -> None:
    work, home = tmp_path / "work", tmp_path / "home"
    work.mkdir()
    home.mkdir()
    ours = Path(sys.executable).parent
    program = plan_job.job(Setting(ROOT, ours, ours, work, environment(home, ours)), 6, 320)
    way = Way(SimpleNamespace(api_url=program.env["GITHUB_API_URL"]))
    with between(way) as wire:
        seconds(replace(program, env={**program.env, "GITHUB_API_URL": way.now}))
    files = {path for path in wire.asked if path.endswith("/files")}
    assert (len(files), len(wire.asked) <= MOST) == (12, True)
    assert '[{"model":"breast-cancer-diagnosis-00003",' in (work / "output").read_text()
    assert "pull requests were not looked at in full" in (work / "summary.md").read_text()
