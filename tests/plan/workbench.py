"""A small model as plain values, and real Git repositories that hold models like it."""

from __future__ import annotations

import copy
import json
import subprocess
from typing import TYPE_CHECKING, Any

import yaml

from mergeline.plan.meaning import meaning
from mergeline.plan.sides import load_side

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SHA = "sha256:" + "0" * 64
OTHER_SHA = "sha256:" + "1" * 64
SPECS: dict[str, dict[str, Any]] = {
    "model": {
        "name": "churn",
        "owner": "team-x",
        "version": "0.1.0",
        "task": "classification",
        "risk": "high",
        "description": "Who is about to leave.",
        "labels": {"domain": "telecom"},
    },
    "data": {
        "datasets": [
            {
                "name": "customers",
                "source": {"type": "sklearn", "loader": "load_iris"},
                "digest": SHA,
                "columns": [
                    {"name": "age", "type": "int64"},
                    {"name": "spend", "type": "float64"},
                    {"name": "left", "type": "bool"},
                ],
                "expectations": [
                    {
                        "type": "expect_column_values_to_be_between",
                        "kwargs": {"column": "age", "min_value": 18},
                    },
                ],
            }
        ],
        "target": "left",
        "split": {"strategy": "random", "test_fraction": 0.25, "random_seed": 1},
    },
    "features": {
        "features": [
            {
                "name": name,
                "version": 1,
                "owner": "team-x",
                "inputs": [name],
                "transform": {"type": "passthrough"},
            }
            for name in ("age", "spend")
        ]
    },
    "training": {
        "pipeline": "classification",
        "estimator": "sklearn.linear_model.LogisticRegression",
        "hyperparameters": {"C": 1.0, "max_iter": 100},
        "random_seed": 1,
        "environment": {"python": "==3.11.*", "lockfile": "requirements/runtime.txt"},
        "resources": {"memory": "2Gi"},
    },
    "evaluation": {
        "metrics": [
            {"name": "roc_auc", "threshold": 0.8, "greater_is_better": True},
            {
                "name": "roc_auc",
                "threshold": 0.7,
                "greater_is_better": True,
                "slice": {"column": "age", "value": 40},
            },
        ],
        "confidence": {"random_seed": 1},
    },
    "deployment": {
        "mode": "realtime",
        "environments": {
            "staging": {"strategy": "direct"},
            "production": {
                "strategy": "canary",
                "steps": [{"weight": 10, "pause": "1h"}, {"weight": 100}],
                "rollback_on": [{"metric": "error_rate", "threshold": 0.01}],
            },
        },
    },
    "monitoring": {
        "drift": [
            {"feature": "age", "method": "psi", "threshold": 0.2},
            {"feature": "age", "method": "ks", "threshold": 0.1},
        ]
    },
}
TEMPLATE = {
    "name": "classification",
    "task": "classification",
    "description": "Trains a classifier.",
    "steps": ["data", "features", "train"],
    "metrics": ["roc_auc"],
}
TUNABLES = {
    "organization": {
        "approvals": {
            "staging": {"low": 0, "medium": 1, "high": 1},
            "production": {"low": 1, "medium": 1, "high": 2},
        },
        "approvals_from": {
            "staging": {"low": [], "medium": [], "high": []},
            "production": {"low": [], "medium": ["owner"], "high": ["owner", "ml-risk"]},
        },
        "prices": {
            "currency": "EUR",
            "runners": {"large": 3.6},
            "per_hour": {"cpu": 0.04, "memory_gib": 0.01, "gpu": 2},
            "spot_discount": 0.5,
        },
    }
}


def environment(name: str, version: str, digest: str = SHA, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "version": version,
        "digest": digest,
        "replaces": None,
        "reason": f"Release {version}",
        **more,
    }


def release(version: str) -> dict[str, Any]:
    interval = {"level": 0.95, "lower": 0.8, "upper": 0.9}
    return {
        "name": "churn",
        "version": version,
        "digest": SHA,
        "owner": "team-x",
        "risk": "high",
        "specs": {"model.yaml": SHA},
        "evaluation_digest": SHA,
        "training": {
            "commit": "0" * 40,
            "clean_tree": True,
            "pull_request": 1,
            "pipeline": "classification",
            "estimator": "sklearn.linear_model.LogisticRegression",
            "hyperparameters": {},
            "random_seed": 1,
            "run_id": "r",
            "seconds": 90.0,
        },
        "datasets": [{"name": "customers", "uri": "sklearn:iris", "digest": SHA, "rows": 3}],
        "metrics": [
            {"name": "roc_auc", "value": 0.85, "dataset": SHA, "confidence_interval": interval}
        ],
        "environment": {
            "python": "3.11",
            "os": "linux",
            "cpu": "x86",
            "gpu": None,
            "lockfile": "requirements/runtime.txt",
            "lockfile_digest": SHA,
            "dependencies": {},
        },
        "artifact": {"uri": "models:/m-1", "digest": SHA},
        "links": {"pull_request": "https://forge/1", "run": "https://runs/1"},
    }


def spec_text(kind: str, content: Mapping[str, Any]) -> bytes:
    header = {"apiVersion": "mergeline.dev/v1", "kind": kind}
    values = json.loads(json.dumps({**header, **content}))  # no object twice: no YAML anchors
    return yaml.safe_dump(values, sort_keys=False, width=1000).encode()


def model_files(
    specs: Mapping[str, Any] = SPECS, name: str = "churn", **more: dict[str, Any]
) -> dict[str, bytes]:
    """Return the files of a model folder; more: `staging=`, `production=` or `v0_1_0=`."""
    files = {
        f"models/{name}/{section}.yaml": spec_text(section.title(), content)
        for section, content in specs.items()
    }
    for key, content in more.items():
        if key.startswith("v"):
            path = f"models/{name}/releases/{key[1:].replace('_', '.')}.yaml"
            files[path] = spec_text("Release", content)
        else:
            files[f"models/{name}/environments/{key}.yaml"] = spec_text("Environment", content)
    return files


def shared_files() -> dict[str, bytes]:
    return {
        "pipelines/classification.yaml": spec_text("PipelineTemplate", TEMPLATE),
        "requirements/runtime.txt": b"scikit-learn==1.7\n",
        "policies/data.yaml": yaml.safe_dump(TUNABLES).encode(),
    }


def named(name: str) -> dict[str, Any]:
    """Return the specs under another name."""
    return edited({"model.name": name})


def edited(edits: Mapping[str, Any], specs: Mapping[str, Any] = SPECS) -> dict[str, Any]:
    """Return the specs with values set by dotted path; whole numbers are list indices."""
    result = copy.deepcopy(dict(specs))
    for path, value in edits.items():
        *parents, last = [int(part) if part.isdecimal() else part for part in path.split(".")]
        place: Any = result
        for part in parents:
            place = place[part]
        if value is ...:
            del place[last]
        else:
            place[last] = value
    return result


class Files:
    """A tree that is held in memory."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def files(self, under: str = "") -> list[str]:
        return sorted(path for path in self._files if path.startswith(f"{under}/" if under else ""))

    def read(self, path: str) -> bytes:
        try:
            return self._files[path]
        except KeyError:
            raise FileNotFoundError(path) from None


def meaning_of(files: Mapping[str, bytes], name: str = "churn") -> dict[str, Any]:
    side = load_side(Files(files), {name})
    assert side.repository.findings == ()
    return meaning(side, name)


class Clone:
    """A real Git repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.git("config", "user.name", "Ada")
        self.git("config", "user.email", "ada@example.org")
        self.git("config", "commit.gpgsign", "false")

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, files: Mapping[str, bytes]) -> None:
        for path, content in files.items():
            target = self.root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)

    def commit(self, files: Mapping[str, bytes], message: str = "change") -> str:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD")
