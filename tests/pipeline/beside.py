"""What tests run beside Mergeline's own environment, as it does not fit into it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
# What the other environment lacks it takes from here, but its own comes first.
_PATHS = [sysconfig.get_path("purelib"), str(ROOT / "src"), str(ROOT / "tests")]
_READ = """\
import json, sys
from pathlib import Path
from mergeline.errors import ToolError
from mergeline.pipeline.step import StepFailedError
from pipeline.loans import Loans
import os
try:
    said = Loans(Path(sys.argv[1])).read(environ=dict(os.environ))
except StepFailedError as failure:
    said = {"findings": [[one.rule, one.message] for one in failure.findings]}
except ToolError as error:
    said = {"error": error.message, "hint": error.hint}
print(json.dumps(said))
"""

_REACH = """\
import json, os, sys
from dataclasses import asdict
from pathlib import Path
from mergeline.pipeline.sources.reach import reach_of
from pipeline.loans import Loans
print(json.dumps(asdict(reach_of(Loans(Path(sys.argv[1])).model("loans"), os.environ))))
"""


def environment(name: str) -> Path:
    """Return the `bin` folder of the environment that `requirements/NAME.txt` locks, made once."""
    path = ROOT / "scripts/benchmarks/peers.py"
    spec = importlib.util.spec_from_file_location("peers", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder: Path = module.peers(ROOT / "requirements" / f"{name}.txt", print)
    return folder


def command(code: str, *arguments: str) -> list[str]:
    """Return what runs code in the environment `s3`, laid over Mergeline's own."""
    code = f"import sys; sys.path += {_PATHS!r}\n{code}"
    return [str(environment("s3") / "python"), "-c", code, *arguments]


def read_there(root: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Run the data step of the loans there, and return what it wrote or why it did not."""
    return _told(_READ, root, environ)


def reach_there(root: Path, environ: dict[str, str]) -> dict[str, Any]:
    """Return what the credential of the loans can do beyond reading them, asked there."""
    return _told(_REACH, root, environ)


def _told(code: str, root: Path, environ: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        command(code, str(root)),
        env={"PATH": sys.exec_prefix + "/bin", **environ},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
