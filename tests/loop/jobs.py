"""The jobs of a release, each as a machine of its own would do it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from loop.world import BOT, MODEL, Answer
from mergeline import cli

if TYPE_CHECKING:
    from pathlib import Path

    from loop.world import World

# What reaches a forge, a registry or a key: none of it is in a job that runs a model's code.
CREDENTIALS = ("GITHUB_", "GH_", "MLFLOW_", "MERGELINE_", "AWS_")


class Jobs:
    """The folders that the jobs of one release hand over, and the digests that they say."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.handover = world.clone.parent / "handover"
        self.digests: dict[str, str] = {}

    def folder(self, name: str) -> str:
        return str(self.handover / name)

    def fetch(self, expect: int = 0) -> Answer:
        arguments = ("release", "fetch", MODEL, "--to", self.folder("fetched"), "--format", "json")
        return self._done("fetched", self.world.mergeline(*arguments, user=BOT, expect=expect))

    def train(self, identity: Path | None = None, expect: int = 0) -> Answer:
        arguments = ("--to", self.folder("trained"))
        return self._done("trained", self._apart("train", identity, expect, *arguments))

    def evaluate(self, identity: Path | None = None, expect: int = 0, **given: str) -> Answer:
        options = {
            "trained": self.folder("trained"),
            "trained-digest": self.digests.get("trained"),
            "to": self.folder("evaluated"),
        } | given
        told = [f"--{name}={value}" for name, value in options.items() if value]
        return self._done("evaluated", self._apart("evaluate", identity, expect, *told))

    def register(self, expect: int = 0, digest: str | None = None) -> list[dict]:
        arguments = ("--evaluated", self.folder("evaluated"))
        arguments += ("--digest", digest or self.digests["evaluated"])
        command = ("apply", MODEL, "--only", "release", *arguments, "--format", "json")
        return self.world.mergeline(*command, user=BOT, expect=expect).json()

    def _done(self, what: str, answer: Answer) -> Answer:
        if answer.code == 0:
            self.digests[what] = answer.json()["digest"]
        return answer

    def _apart(self, verb: str, identity: Path | None, expect: int, *options: str) -> Answer:
        """On a machine with another clone, and with nothing that reaches forge or registry."""
        world, clone = self.world, self.world.clone.parent / "machine"
        if not clone.exists():
            command = ["git", "clone", "--quiet", world.forge.git_directory, clone]
            subprocess.run(command, check=True)
        given = ("--fetched", self.folder("fetched"), "--digest", self.digests["fetched"])
        with world.monkeypatch.context() as patch:
            for name in os.environ:
                if name.startswith(CREDENTIALS):
                    patch.delenv(name)
            if identity is not None:
                patch.setenv("MERGELINE_DATA_IDENTITY", str(identity))
            world.capsys.readouterr()
            told = ("release", verb, MODEL, *given, *options, "--format", "json")
            code = cli.main(["-C", str(clone), *told])
        said = world.capsys.readouterr()
        assert code == expect, f"{told} ended with {code}:\n{said.out}\n{said.err}"
        return Answer(code, said.out, said.err)
