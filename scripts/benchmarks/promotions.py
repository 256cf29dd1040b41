"""A history of 10,000 promotions of 1,000 models, written by `git fast-import`.

Each model is released five times; each release comes to staging with its record and then to
production, by a merge of a branch with one commit. Records have as many dependencies as the
lockfile of this repository, so that reading one costs what it costs in earnest.
"""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import many_models

from mergeline.digest import digest_bytes
from mergeline.pipeline.dependencies import installed
from mergeline.promotion.record import release_digest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from benchmark import Setting

MODELS = 1000
RELEASES = 5
# The first merge, and the seconds between two: 2024-01-01T00:00:00Z and a quarter of an hour.
START, STEP = 1_704_067_200, 900
_HEADER = "apiVersion: mergeline.dev/v1\nkind: {}\n"


def lay_down(setting: Setting) -> list[str]:
    """Write models and history into the work folder; return the names of the models."""
    names = many_models.lay_down(setting.root, setting.work, MODELS)
    for words in (
        ["init", "--quiet", "--initial-branch", "main"],
        ["add", "."],
        ["commit", "--quiet", "--date", f"{START} +0000", "-m", "The models"],
    ):
        setting.output("git", *words, cwd=setting.work)
    root = setting.output("git", "rev-parse", "HEAD", cwd=setting.work).strip()
    stream = b"".join(_stream(setting.work, names, root))
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"],
        cwd=setting.work,
        env=dict(setting.env),
        input=stream,
        check=True,
    )
    return names


def _stream(work: Path, names: list[str], root: str) -> Iterator[bytes]:
    dependencies = installed((work / "requirements/runtime.txt").read_text())
    number = 0
    digests: dict[tuple[str, str], str | None] = {}
    for release in range(RELEASES):
        version = f"1.{release}.0"
        for name in names:
            record = _record(work, name, version, number + 1, root, dependencies)
            for environment in ("staging", "production"):
                number += 1
                before = digests.get((name, environment))
                files = {
                    f"environments/{environment}.yaml": _environment(record, environment, before)
                }
                if environment == "staging":
                    files[f"releases/{version}.yaml"] = _text(record)
                digests[name, environment] = record["digest"]
                yield _merge(name, number, files, root)


def _merge(name: str, number: int, files: dict[str, str], root: str) -> bytes:
    when = START + number * STEP
    base = f":{number * 2 - 2}" if number > 1 else root
    changes = b"".join(_file(f"models/{name}/{path}", text) for path, text in files.items())
    title = f"Promote {name}"
    return b"".join(
        [
            _commit("topic", number * 2 - 1, "Ada", when - 60, title, [f"from {base}"]),
            changes,
            _commit(
                "main",
                number * 2,
                "Grace",
                when,
                f"Merge pull request #{number} from acme/{name}",
                [f"from {base}", f"merge :{number * 2 - 1}"],
            ),
            changes,
        ]
    )


def _commit(
    branch: str, mark: int, person: str, when: int, message: str, parents: list[str]
) -> bytes:
    lines = [
        f"commit refs/heads/{branch}",
        f"mark :{mark}",
        f"author {person} <{person.lower()}@example.org> {when} +0000",
        f"committer {person} <{person.lower()}@example.org> {when} +0000",
        f"data {len(message.encode())}",
        message,
        *parents,
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _file(path: str, text: str) -> bytes:
    content = text.encode()
    return f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n"


def _environment(record: dict[str, Any], environment: str, before: str | None) -> str:
    return _HEADER.format("Environment") + (
        f"name: {environment}\nversion: {record['version']}\ndigest: {record['digest']}\n"
        f"replaces: {before or 'null'}\nreason: promotion of {record['version']}\n"
        "hold: null\nemergency: null\n"
    )


def _record(
    work: Path, name: str, version: str, number: int, commit: str, dependencies: dict[str, str]
) -> dict[str, Any]:
    folder = work / "models" / name
    digest = digest_bytes(name.encode())
    interval = {"level": 0.95, "lower": 0.9, "upper": 1.0}
    metrics = ["roc_auc", "average_precision", "log_loss"]
    record: dict[str, Any] = {
        "apiVersion": "mergeline.dev/v1",
        "kind": "Release",
        "name": name,
        "version": version,
        "digest": digest,
        "owner": "ml-platform",
        "risk": "low",
        "specs": {path.name: digest_bytes(path.read_bytes()) for path in sorted(folder.iterdir())},
        "evaluation_digest": digest,
        "training": {
            "commit": commit,
            "clean_tree": True,
            "pull_request": number,
            "pipeline": "classification",
            "estimator": "sklearn.linear_model.LogisticRegression",
            "hyperparameters": {"C": 1.0},
            "random_seed": number,
            "run_id": f"{number:032x}",
            "seconds": 41.5,
        },
        "datasets": [{"name": name, "uri": f"file:{name}", "digest": digest, "rows": 569}],
        "metrics": [
            {
                "name": metric,
                "value": 0.95,
                "dataset": digest,
                "confidence_interval": interval,
                "slice": None,
            }
            for metric in metrics
        ],
        "environment": {
            "python": "3.11.9",
            "os": "Linux-6.8.0-x86_64",
            "cpu": "x86_64",
            "gpu": None,
            "lockfile": "requirements/runtime.txt",
            "lockfile_digest": digest_bytes((work / "requirements/runtime.txt").read_bytes()),
            "dependencies": dependencies,
        },
        "artifact": {"uri": f"models:/m-{number}", "digest": digest},
        "links": {
            "pull_request": f"https://forge.example/acme/models/pull/{number}",
            "run": f"runs:/{number:032x}",
            "documentation": None,
            "runbook": None,
            "dashboard": None,
        },
    }
    return {**record, "digest": release_digest(record)}


def _text(value: Any, indent: str = "") -> str:
    """Return plain values as YAML in block style, as release records are."""
    if isinstance(value, dict):
        return "".join(f"{indent}{key}:{_below(item, indent)}" for key, item in value.items())
    return "".join(
        f"{indent}- {_text(item, indent + '  ').removeprefix(indent + '  ')}" for item in value
    )


def _below(value: Any, indent: str) -> str:
    if not isinstance(value, (dict, list)):
        return f" {json.dumps(value)}\n"
    deeper = indent if isinstance(value, list) else f"{indent}  "
    return f"\n{_text(value, deeper)}"
