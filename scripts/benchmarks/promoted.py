"""One model on its way: released by merged pull requests, with a forge and a registry of its own.

The training is done here, before anything is timed.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import served

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting

    from mergeline.devforge import DevelopmentForge

MODEL = "breast-cancer-diagnosis"
VERSION = "1.0.0"
_SHARED = ("policies", "pipelines", f"models/{MODEL}")


@dataclass(frozen=True, slots=True)
class Desk:
    """A clone, its forge, and the setting in which programs know of it."""

    clone: Path
    forge: DevelopmentForge
    setting: Setting

    def mergeline(self, *arguments: str) -> str:
        """Run the command in the clone; what it printed."""
        return self.setting.output(self.setting.ours / "mergeline", *arguments, cwd=self.clone)

    def git(self, *arguments: str) -> str:
        """Run Git in the clone; what it printed."""
        return self.setting.output("git", *arguments, cwd=self.clone)

    def merge(self, branch: str, *, approved: bool = False) -> None:
        """Merge the pull request of a branch, as the author, once both reviewers approved it."""
        with served.client(self.forge, served.AUTHOR) as author:
            (found,) = author.pull_requests(head=branch)
            for reviewer in served.REVIEWERS if approved else ():
                with served.client(self.forge, reviewer) as reviewing:
                    reviewing.create_review(found.number, event="APPROVE")
            author.merge_pull_request(found.number, sha=found.head_sha)
        self.git("pull", "--quiet", "--ff-only")


def merged(setting: Setting) -> Desk:
    """Return a desk at which a pull request with the first version has been merged."""
    clone = setting.work / "clone"
    for name in _SHARED:
        shutil.copytree(setting.root / name, clone / name)
    (clone / "requirements").mkdir()
    shutil.copy(setting.root / "requirements/runtime.txt", clone / "requirements")
    (clone / ".gitignore").write_text(".mergeline/\n__pycache__/\n")
    forge = served.serve(setting.work / "forge")
    desk = Desk(clone, forge, served.told(setting, forge))
    for words in (
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "--all"),
        ("commit", "--quiet", "--message", "The first models"),
        ("remote", "add", "origin", str(forge.git_directory)),
        ("push", "--quiet", "--set-upstream", "origin", "main"),
        ("switch", "--quiet", "--create", "change"),
    ):
        desk.git(*words)
    spec = clone / f"models/{MODEL}/model.yaml"
    lines = spec.read_text().splitlines()
    changed = [f"version: {VERSION}" if line.startswith("version:") else line for line in lines]
    spec.write_text("\n".join(changed) + "\n")
    desk.git("commit", "--quiet", "--all", "--message", "The first version")
    desk.git("push", "--quiet", "origin", "change")
    with served.client(forge, served.AUTHOR) as author:
        author.create_pull_request(title="1.0.0", body="", head="change", base="main")
    desk.git("switch", "--quiet", "main")
    desk.merge("change")
    return desk


def repeatable(desk: Desk, part: str) -> list[str]:
    """Return the command that applies a part of the model from the registry as it is now.

    The registry is put back before each call, and what was fetched of it thrown away, as on a
    machine that has never seen it.
    """
    state = desk.clone / ".mergeline"
    before = desk.setting.work / "registry.db"
    shutil.copy(state / "mlflow.db", before)
    apply = f"exec '{desk.setting.ours / 'mergeline'}' apply {MODEL} --only {part}"
    script = f"cp '{before}' '{state / 'mlflow.db'}' && rm -rf '{state / 'models'}' && {apply}"
    return ["sh", "-c", script]
