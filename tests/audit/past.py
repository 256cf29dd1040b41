"""A real repository whose history the tests write, moment by moment."""

from __future__ import annotations

import os
import subprocess
from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec
from tests.plan.workbench import release, spec_text

from mergeline.git import GitRepository
from mergeline.promotion.record import release_digest
from mergeline.specs.types import Release

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "churn"
POLICY = b"package mergeline.model\n\nimport rego.v1\n\ndeny contains 1 if false\n"
FEATURES = b"features of the day\n"


def record(
    version: str, model: str = MODEL, specs: dict[str, str] | None = None, **training: Any
) -> dict[str, Any]:
    """A release record with the digest that it ought to have."""
    made = deepcopy(release(version)) | {"name": model}
    made["training"] |= training
    made["specs"] |= specs or {}
    plain = msgspec.to_builtins(
        msgspec.convert({"apiVersion": "mergeline.dev/v1", "kind": "Release", **made}, Release)
    )
    return made | {"digest": release_digest(plain)}


class Past:
    """A clone with one branch."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.run("init", "--quiet", "--initial-branch", "main")
        self.git = GitRepository(path)
        self.digests: dict[str, str | None] = {}
        tree = self.run("mktree", data="")
        self.head = self._commit(tree, [], "The beginning", "2024-01-01T00:00:00Z", "Root")
        self.commit({"policies/a.rego": POLICY, f"models/{MODEL}/model.yaml": b"a"})

    def run(self, *words: str, data: str | None = None, **env: str) -> str:
        clean = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
        done = subprocess.run(
            ["git", "-C", str(self.path), *words],
            input=data,
            env=clean | {"GIT_CONFIG_GLOBAL": os.devnull} | env,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _commit(self, tree: str, parents: list[str], message: str, when: str, who: str) -> str:
        people = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (
                ("NAME", who),
                ("EMAIL", f"{who.lower()}@example.org"),
                ("DATE", when),
            )
        }
        words = [word for parent in parents for word in ("-p", parent)]
        made = self.run("commit-tree", tree, *words, "-m", message, **people)
        self.run("update-ref", "refs/heads/main", made)
        return made

    def commit(
        self,
        files: dict[str, bytes],
        when: str = "2024-01-01T00:00:00Z",
        *,
        message: str = "A change",
        who: str = "Ada",
        merge: int | None = None,
        by: str = "Grace",
    ) -> str:
        """Commit files; as a merge of a pull request if it has a number."""
        side = self.git.commit_files(
            self.head,
            files,
            message=message,
            name=who,
            email=f"{who.lower()}@example.org",
            date=when,
        )
        self.head = side if merge is None else self._merged(side, merge, when, by)
        self.run("update-ref", "refs/heads/main", self.head)
        return self.head

    def _merged(self, side: str, number: int, when: str, by: str) -> str:
        tree = self.run("rev-parse", f"{side}^{{tree}}")
        title = f"Merge pull request #{number} from acme/branch"
        return self._commit(tree, [self.head, side], title, when, by)

    def wants(
        self,
        version: str,
        when: str,
        environment: str = "production",
        *,
        model: str = MODEL,
        merge: int | None = None,
        more: dict[str, bytes] | None = None,
        message: str = "A promotion",
        who: str = "Ada",
        training: dict[str, Any] | None = None,
        specs: dict[str, str] | None = None,
        **fields: Any,
    ) -> str:
        """Commit what an environment wants, with the record of the release if it is new."""
        made = record(version, model, specs, **(training or {}))
        key = f"{model}/{environment}"
        state = {
            "name": environment,
            "version": version,
            "digest": made["digest"],
            "replaces": self.digests.get(key),
            "reason": f"promotion of {version}",
            **fields,
        }
        self.digests[key] = state["digest"]
        files = {
            f"models/{model}/environments/{environment}.yaml": spec_text("Environment", state),
            f"models/{model}/releases/{version}.yaml": spec_text("Release", made),
            **(more or {}),
        }
        return self.commit(files, when, message=message, merge=merge, who=who)
