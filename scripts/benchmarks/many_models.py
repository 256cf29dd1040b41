"""A repository of many valid models, each of seven specs, made from the reference models.

They differ in name, owner, seeds, thresholds and budgets. What they share (policies, templates,
the lockfile) stands there once; no data set is copied, as none is read.
"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SPECS = ("model", "data", "features", "training", "evaluation", "deployment", "monitoring")
_SHARED = ("policies", "pipelines", "requirements/runtime.txt")
_TEAMS = ("team-payments", "team-diagnostics", "team-chronic-care", "ml-platform")


def lay_down(source: Path, root: Path, count: int) -> list[str]:
    """Write a repository and commit nothing; return the names of its models.

    Args:
        source: a checkout with reference models, policies and templates.
        root: the folder to write into.
        count: how many models.
    """
    for name in _SHARED:
        target = root / name
        target.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (source / name).is_dir() else shutil.copy
        copy(source / name, target)
    patterns = sorted(path.parent for path in (source / "models").glob("*/model.yaml"))
    names = []
    for number in range(count):
        pattern = patterns[number % len(patterns)]
        names.append(f"{pattern.name}-{number:05d}")
        _model(pattern, root / "models" / names[-1], number)
    return names


def spec_files(root: Path) -> list[Path]:
    """Return the specs and the templates of a repository, sorted."""
    return sorted([*root.glob("models/*/*.yaml"), *root.glob("pipelines/*.yaml")])


def _model(pattern: Path, folder: Path, number: int) -> None:
    folder.mkdir(parents=True)
    for path in pattern.glob("*.py"):
        shutil.copy(path, folder)
    for spec in SPECS:
        text = (pattern / f"{spec}.yaml").read_text(encoding="utf-8")
        (folder / f"{spec}.yaml").write_text(_varied(text, pattern, folder, number), "utf-8")


def _varied(text: str, pattern: Path, folder: Path, number: int) -> str:
    text = text.replace(f"name: {pattern.name}\n", f"name: {folder.name}\n")
    text = re.sub(r"^owner: .*$", f"owner: {_TEAMS[number % len(_TEAMS)]}", text, flags=re.M)
    text = re.sub(r"random_seed: [0-9]+", f"random_seed: {number}", text)
    text = re.sub(r"per_run: [0-9.]+", f"per_run: {1 + number % 9 / 10}", text)
    return re.sub(r"resamples: [0-9]+", f"resamples: {1000 + number % 500}", text)
