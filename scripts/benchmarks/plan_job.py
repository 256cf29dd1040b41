"""The job `plan` of pull-request.yml, one of 1,000 models changed: the steps that are ours.

They are taken from the workflow that is generated for these models. The forge has more open pull
requests than are looked at, none of whose commits are in the clone, so that it is asked for as
much as it ever is.
"""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import many_models
import served
import yaml
from benchmark import Contest
from measuring import Program

from mergeline.devforge.state import STATE, Pull, State

if TYPE_CHECKING:
    from pathlib import Path

    from benchmark import Setting

MODELS = 1000
OPEN = 320
STEPS = ("Plan", "Divide the work")
_SINCE = "2024-01-01T00:00:00Z"


def prepare(setting: Setting) -> Contest:
    """Lay down models, workflow and forge, and commit a change to one model."""
    return Contest(job(setting, MODELS, OPEN))


def job(setting: Setting, models: int, pull_requests: int) -> Program:
    """Return the job's own steps as one program.

    Args:
        setting: where.
        models: how many there are.
        pull_requests: how many are open, each on one of them.
    """
    clone, root = setting.work / "clone", setting.work / "forge"
    clone.mkdir()
    names = many_models.lay_down(setting.root, clone, models)
    (clone / ".gitignore").write_text(".mergeline/\n")
    setting.output(setting.ours / "mergeline", "workflows", cwd=clone)
    for words in (["init", "--quiet", "-b", "main"], ["add", "."], ["commit", "-qm", "models"]):
        setting.output("git", *words, cwd=clone)
    forge = served.serve(root)
    setting.output("git", "push", "-q", forge.git_directory, "main", cwd=clone)
    _open(setting, forge.git_directory, names, pull_requests)
    with served.client(forge, served.AUTHOR) as first:
        # A forge that was asked before knows its branches.
        first.default_branch()
    spec = clone / "models" / names[models // 2] / "training.yaml"
    spec.write_text(spec.read_text().replace("random_seed: ", "random_seed: 1"))
    version = spec.with_name("model.yaml")
    version.write_text(version.read_text().replace("version: 0.1.0", "version: 0.2.0"))
    setting.output("git", "commit", "-qam", "change", cwd=clone)
    env = {**served.told(setting, forge, served.AUTHOR).env, **_environment(setting.work)}
    return Program(["bash", "-e", "-c", _script(clone)], clone, env)


def _environment(work: Path) -> dict[str, str]:
    """Return what GitHub tells a step."""
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary.md"}
    return {"RUNNER_TEMP": str(work), **{name: str(work / file) for name, file in files.items()}}


def _script(clone: Path) -> str:
    """Return the steps, each with its environment, on a machine that has kept nothing."""
    workflow = yaml.safe_load((clone / ".github/workflows/pull-request.yml").read_text())
    told = {"BASE": "HEAD^1", "GITHUB_TOKEN": served.AUTHOR.token}
    lines = ["rm -rf .mergeline", ': >"$GITHUB_OUTPUT"']
    for step in workflow["jobs"]["plan"]["steps"]:
        if step["name"] in STEPS:
            given = {name: told.get(name, value) for name, value in step["env"].items()}
            lines += [f"export {name}={shlex.quote(value)}" for name, value in given.items()]
            lines.append(step["run"])
    return "\n".join(lines)


def _open(setting: Setting, bare: Path, names: list[str], count: int) -> None:
    """Put branches into the forge's repository, and open a pull request of each."""
    stream = "".join(
        f"commit refs/heads/b{number}\ncommitter A <a@example.org> 1704067200 +0000\n"
        f"data 1\nx\nfrom refs/heads/main\nM 100644 inline models/{name}/training.yaml\n"
        "data 2\nx\n\n"
        for number, name in enumerate(names[n % len(names)] for n in range(count))
    )
    command = ["git", "-C", str(bare), "fast-import", "--quiet"]
    subprocess.run(command, input=stream, text=True, check=True, env=dict(setting.env))
    lines = setting.output("git", "-C", bare, "show-ref", "--heads", cwd=bare).splitlines()
    heads = {name.removeprefix("refs/heads/"): sha for sha, name in (one.split() for one in lines)}
    state = State(bare.parents[1] / STATE)
    for number in range(count):
        state.add(
            Pull(
                title="x",
                body="",
                author=served.REVIEWERS[0].login,
                base_ref="main",
                base_sha=heads["main"],
                head_ref=f"b{number}",
                head_sha=heads[f"b{number}"],
                created_at=_SINCE,
                updated_at=_SINCE,
            )
        )
    state.commit()
    state.close()
