"""What a look into MLflow costs when a model has 5,000 versions, beside 200.

One version is registered through Mergeline, with a run and a logged model; the others are copies
of its rows in MLflow's SQLite store, written by SQL, as 5,000 runs would take an hour.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

from benchmark import Contest
from measuring import Program

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting

MANY, FEW = 5000, 200
_REGISTER = """\
import json, sys
from pathlib import Path
from mergeline.registry.facts import DatasetFacts, RunFacts
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.registry.names import VERSION, DIGEST, lookup_tag
from mergeline.settings import resolve
root = Path(sys.argv[1])
package = root / "package"
package.mkdir()
(package / "model.skops").write_bytes(b"a model")
inputs = [{"name": "age", "type": "int64", "nullable": False}]
(package / "signature.json").write_text(json.dumps({"inputs": inputs}))
registry = MlflowRegistry(resolve(root, {}))
metrics = {f"metric_{number}": number / 7 for number in range(20)}
tags = {f"mergeline.tag_{number}": "x" * 60 for number in range(30)}
data = (DatasetFacts("people", "sha256:" + "2" * 64, "file:people.csv", 2, None),)
run = registry.log_run(RunFacts("m", "1.1.0", {"C": "1.0"}, metrics, tags, data, package))
known = {VERSION: "1.1.0", DIGEST: "sha256:" + "1" * 64, lookup_tag("1.1.0"): "1.1.0"}
made = registry.register("m", run, known | tags)
for alias in ("candidate", "staging", "production"):
    registry.set_alias("m", alias, made.number)
"""
# What apply, status and audit ask; the store is opened before the clock starts.
_READ = """\
import sys, time
from pathlib import Path
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.settings import resolve
registry, last = MlflowRegistry(resolve(Path(sys.argv[1]), {})), sys.argv[2]
def look():
    found = registry.find("m", f"1.{last}.0")
    assert found is not None and registry.find("m", "9.9.9") is None
    assert len(registry.aliases("m")) == 3
    registry.entry("m", found)
for _ in range(3):
    look()
started = time.perf_counter()
for _ in range(20):
    look()
print((time.perf_counter() - started) / 20)
"""


def prepare(setting: Setting) -> Contest:
    """Fill both stores; return what reads in each."""
    return Contest(_reading(setting, "many", MANY), _reading(setting, "few", FEW))


def _reading(setting: Setting, name: str, count: int) -> Program:
    root = setting.work / name
    root.mkdir()
    python = str(setting.ours / "python")
    setting.output(python, "-c", _REGISTER, root, cwd=setting.work)
    _fill(root / ".mergeline" / "mlflow.db", count)
    return Program([python, "-c", _READ, str(root), str(count)], setting.work, setting.env)


def _fill(store: Path, count: int) -> None:
    with closing(sqlite3.connect(store)) as database, database:
        for table in ("model_versions", "model_version_tags"):
            found = database.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in found.description]
            rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
            marks = ", ".join(f":{name}" for name in names)
            database.executemany(
                f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})",
                [_copy(row, number) for number in range(2, count + 1) for row in rows],
            )


def _copy(row: dict[str, object], number: int) -> dict[str, object]:
    """Return a row of another version: where the first one's number stands, with its own."""
    version = f"1.{number}.0"
    told = {key: version if value == "1.1.0" else value for key, value in row.items()}
    if told.get("key") == "mergeline.release.1.1.0":
        told["key"] = f"mergeline.release.{version}"
    return told | {"version": number}
