"""`mergeline reproduce` of the reference models, beside their training alone.

The difference is what exactness costs: the records, the commits in folders of their own, the
environment, the comparison.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

import msgspec
from benchmark import Contest
from measuring import Program

from mergeline.forge import PullRequest
from mergeline.pipeline.result import read_result
from mergeline.promotion.record import make_release
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting


def prepare(setting: Setting) -> Contest:
    """Release each reference model in a clone; return what rebuilds and what trains them all."""
    clone, mergeline = setting.work / "clone", str(setting.ours / "mergeline")
    git = ("git", "clone", "--quiet", "--no-hardlinks")
    setting.output(*git, setting.root, clone, cwd=setting.work)
    # Without a remote the clone's own branch is Git's word.
    setting.output("git", "remote", "remove", "origin", cwd=clone)
    commit = setting.output("git", "rev-parse", "HEAD", cwd=clone).strip()
    names = sorted(load_repository(WorkingTree(clone)).models)
    for name in names:
        setting.output(mergeline, "run", name, cwd=clone)
    # Only now: a folder with a record is a work tree with uncommitted changes.
    versions = [f"{name}@{_release(clone, name, commit)}" for name in names]
    setting.output("git", "add", "--all", cwd=clone)
    setting.output("git", "commit", "--quiet", "--message", "The releases", cwd=clone)
    rebuild = [mergeline, "reproduce", *versions]
    answers = json.loads(setting.output(*rebuild, "--format", "json", cwd=clone))
    assert all(answer["outcome"] == "equal" for answer in answers)
    trainings = " && ".join(shlex.join([mergeline, "run", name]) for name in names)
    train = ["sh", "-ec", f"rm -rf .mergeline/cache && {trainings}"]
    return Contest(Program(rebuild, clone, setting.env), Program(train, clone, setting.env))


def _release(clone: Path, name: str, commit: str) -> str:
    """Write the record of a model's last run; return its version."""
    model = load_repository(WorkingTree(clone), only={name}).models[name]
    lockfile = (clone / model.training.environment.lockfile).read_text(encoding="utf-8")
    result = read_result(clone / ".mergeline/runs" / name)
    release = make_release(model, result, _pull_request(commit), lockfile)
    path = clone / model.path / "releases" / f"{release.version}.yaml"
    path.parent.mkdir()
    path.write_bytes(msgspec.yaml.encode(release))
    return release.version


def _pull_request(commit: str) -> PullRequest:
    return PullRequest(
        number=1,
        title="The models",
        body="",
        state="closed",
        merged=True,
        merged_at=None,
        merge_commit_sha=commit,
        base_ref="main",
        base_sha=commit,
        head_ref="models",
        head_sha=commit,
        author="ada",
        url="https://example.org/pull/1",
        draft=False,
    )
