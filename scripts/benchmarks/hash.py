"""How fast data are verified: the store's own look at 1 GB, beside `sha256sum`."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from benchmark import Contest
from measuring import Program

from mergeline.pipeline.data_store import DataStore

if TYPE_CHECKING:
    from benchmark import Setting

_MEBIBYTE = 1024**2
_SIZE = 1_000_000_000
_VERIFY = """\
import sys
from pathlib import Path
from mergeline.pipeline.data_store import DataStore
sys.exit(DataStore(Path(sys.argv[1])).find(sys.argv[2]) is None)
"""


def prepare(setting: Setting) -> Contest:
    """Keep a file in a store; return what verifies it there."""
    file, block = setting.work / "data", random.Random(1).randbytes(_MEBIBYTE)
    with file.open("wb") as data:
        for _ in range(_SIZE // _MEBIBYTE):
            data.write(block)
        data.write(block[: _SIZE % _MEBIBYTE])
    content, path = DataStore(setting.work / "store").keep(file)
    verify = [f"{setting.ours / 'python'}", "-c", _VERIFY, f"{setting.work / 'store'}", content]
    return Contest(
        ours=Program(verify, setting.work, setting.env),
        peer=Program(["sha256sum", str(path)], setting.work, setting.env),
    )
