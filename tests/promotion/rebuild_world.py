"""A clone in which a model was released: its commit, and the record that its run gives."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec
import yaml

from mergeline.forge import PullRequest
from mergeline.pipeline.result import read_result
from mergeline.promotion.record import make_release, release_digest
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

ROOT = Path(__file__).parents[2]
IDENTITY = {
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
}


@dataclass(frozen=True)
class Clone:
    root: Path
    model: str

    @property
    def record(self) -> Path:
        [path] = (self.root / "models" / self.model / "releases").glob("*.yaml")
        return path

    @property
    def word(self) -> str:
        return f"{self.model}@{self.record.stem}"

    def git(self, *arguments: str) -> str:
        return subprocess.run(
            ["git", "-C", str(self.root), *arguments],
            env=_environ(),
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()

    def commit(self, message: str) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)
        return self.git("rev-parse", "HEAD")

    def mergeline(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mergeline", "-C", str(self.root), *arguments],
            env=_environ() | environ,
            check=False,
            capture_output=True,
            text=True,
        )

    def reproduce(self, *options: str, **environ: str) -> tuple[int, dict]:
        done = self.mergeline("reproduce", self.word, "--format", "json", *options, **environ)
        assert done.stdout, done.stderr
        [answer] = json.loads(done.stdout)
        return done.returncode, answer

    def elsewhere(self, path: Path, *options: str) -> Clone:
        """A fresh clone in another directory."""
        address = self.root.as_uri()
        command = ["git", "clone", "--quiet", *options, address, str(path)]
        subprocess.run(command, env=_environ(), check=True)
        return Clone(path, self.model)

    def facts(self) -> dict:
        facts: dict = yaml.safe_load(self.record.read_text())
        return facts

    def publish(self) -> None:
        """Commit what was edited, and take it for the default branch."""
        self.commit("An edit")
        self.git("update-ref", "refs/remotes/origin/main", "HEAD")

    def register(self) -> None:
        """Register the recorded run in the clone's own registry."""
        script = (
            "import sys, msgspec; from pathlib import Path\n"
            "from mergeline.registry.facts import RecordedRun\n"
            "from mergeline.registry.mlflow import MlflowRegistry\n"
            "from mergeline.registry.twin import release_tags\n"
            "from mergeline.settings import resolve\n"
            "from mergeline.specs.types import Release\n"
            "release = msgspec.yaml.decode(Path(sys.argv[2]).read_bytes(), type=Release)\n"
            "run = RecordedRun(release.training.run_id, release.artifact.uri, '')\n"
            "registry = MlflowRegistry(resolve(Path(sys.argv[1]), {}))\n"
            "registry.register(release.name, run, release_tags(release))\n"
        )
        command = [sys.executable, "-c", script, str(self.root), str(self.record)]
        subprocess.run(command, env=_environ(), check=True)

    def rewrite(self, *, seal: bool, **sections: dict) -> None:
        """Edit the record; sealed: with the digest that the edited one has."""
        record = self.facts()
        for section, values in sections.items():
            record[section] |= values
        if seal:
            record["digest"] = release_digest(record)
        self.record.write_text(json.dumps(record))


def released(root: Path, model: str, extra: dict[str, str] | None = None) -> Clone:
    """Lay out a repository with a reference model, run it, and commit its record."""
    for name in ("pipelines", f"models/{model}", "policies"):
        shutil.copytree(ROOT / name, root / name)
    (root / "requirements").mkdir()
    shutil.copy(ROOT / "requirements/runtime.txt", root / "requirements")
    (root / ".gitignore").write_text(".mergeline/\n__pycache__/\n")
    for path, text in (extra or {}).items():
        (root / path).write_text(text)
    clone = Clone(root, model)
    clone.git("init", "--quiet", "--initial-branch", "main")
    commit = clone.commit("The model")
    return record(clone, commit)


def record(clone: Clone, commit: str) -> Clone:
    done = clone.mergeline("run", clone.model, OMP_NUM_THREADS="1", PYTHONHASHSEED="1")
    assert done.returncode == 0, done.stdout + done.stderr
    result = read_result(clone.root / ".mergeline/runs" / clone.model)
    assert (result.commit, result.clean) == (commit, True)
    folder = load_repository(WorkingTree(clone.root), only={clone.model}).models[clone.model]
    lockfile = (clone.root / folder.training.environment.lockfile).read_text()
    release = make_release(folder, result, _pull_request(commit), lockfile)
    path = clone.root / folder.path / "releases" / f"{release.version}.yaml"
    path.parent.mkdir()
    path.write_bytes(msgspec.yaml.encode(release))
    clone.commit("The release")
    return clone


def _pull_request(commit: str) -> PullRequest:
    return PullRequest(
        number=1,
        title="a model",
        body="",
        state="closed",
        merged=True,
        merged_at=None,
        merge_commit_sha=commit,
        base_ref="main",
        base_sha=commit,
        head_ref="change",
        head_sha=commit,
        author="ada",
        url="https://forge/1",
        draft=False,
    )


def _environ() -> dict[str, str]:
    left_out = ("GIT_", "GITHUB_", "GH_", "MERGELINE_", "MLFLOW_", "OMP_")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(left_out)}
    return kept | IDENTITY
