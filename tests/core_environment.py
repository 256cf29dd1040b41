"""Mergeline as `pip install mergeline` gives it: the wheel, and the libraries of the core alone."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mergeline.process import Completed, run
from pipeline.beside import environment

ROOT = Path(__file__).parents[1]
_PATHS = "import json, sys, sysconfig; print(json.dumps(sysconfig.get_path('purelib')))"


@dataclass(frozen=True)
class Core:
    """An environment of the core.

    Attributes:
        programs: the folder of its programs.
    """

    programs: Path

    def mergeline(self, *arguments: str) -> Completed:
        """Run the command."""
        return _run([str(self.programs / "mergeline"), *arguments])

    def answer(self, code: str) -> Any:
        """Run code that prints JSON."""
        done = _run([str(self.programs / "python"), "-c", code])
        assert done.status == 0, done.stderr
        return json.loads(done.stdout)


def make_core(folder: Path) -> Core:
    """Install the wheel of this checkout over the core's locked libraries, which are kept."""
    _done(sys.executable, "-m", "hatchling", "build", "--target", "wheel", "-d", str(folder))
    [wheel] = folder.glob("*.whl")
    libraries = Core(environment("core")).answer(_PATHS)
    _done(sys.executable, "-m", "venv", "--without-pip", str(folder / "env"))
    core = Core(folder / "env" / "bin")
    Path(core.answer(_PATHS), "libraries.pth").write_text(f"{libraries}\n")
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(core.programs / "python")
    _done(uv, "pip", "install", "--quiet", "--no-deps", "--python", python, str(wheel))
    return core


def _run(command: list[str], directory: Path | None = None) -> Completed:
    ours = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    return run(command, env=ours, cwd=directory)


def _done(*command: str) -> None:
    done = _run(list(command), ROOT)
    assert done.status == 0, done.stderr
