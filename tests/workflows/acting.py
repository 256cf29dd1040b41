"""Runs generated workflows with act, on this machine, against the development forge.

What GitHub does around a run is done here: the event's payload, the test merge of a pull
request, whose workflow file counts. The jobs themselves do everything else.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import mlflow
import yaml

from loop.world import ACTIONS, ADA, MODEL, REPOSITORY, World

from .machine import KEY, prepared

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STAND_INS = Path(__file__).parent / "actions"
RUNNER = "ubuntu-24.04"
# Which workflows a workflow calls.
CALLED = {"release": ("release-model",)}


@dataclass
class Run:
    """What became of a run.

    Attributes:
        jobs: the result of each job; those that are not here were skipped.
        log: what the jobs printed, in order.
    """

    id: int
    event: str
    head_sha: str
    head_branch: str
    jobs: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    @property
    def conclusion(self) -> str:
        return "failure" if "failure" in self.jobs.values() else "success"

    @property
    def text(self) -> str:
        return "\n".join(self.log)

    def annotations(self) -> list[str]:
        """What the runner took for an `::error` command; act puts a mark before it."""
        return [line for line in self.log if "❗  ::error" in line]


class Acting:
    """GitHub Actions on this machine."""

    def __init__(self, world: World, act: str, home: Path) -> None:
        self.world, self.act, self.home = world, act, home
        self.mlflow = home / "mlflow.db"
        # Actions of the tests' own, by what `uses` says of them.
        self.actions: dict[str, Path] = {}
        self._runs = 100
        self.environment = prepared(home, world.clone)

    def open_registry(self) -> None:
        """What an MLflow server does by itself: artifacts go to a place that outlives a runner."""
        client = mlflow.MlflowClient(f"sqlite:///{self.mlflow}")
        client.create_experiment(MODEL, artifact_location=(self.home / "models").as_uri())

    # Events

    def pull_request(self, number: int, action: str = "opened") -> Run:
        payload = {
            "action": action,
            "number": number,
            "pull_request": self._ask(f"/pulls/{number}"),
        }
        pull = payload["pull_request"]
        merge = self._test_merge(number, pull["base"]["sha"], pull["head"]["sha"])
        run = self._run_of("pull_request", pull["head"]["sha"], pull["head"]["ref"])
        return self._act(run, "pull-request", payload, merge, f"refs/pull/{number}/merge")

    def push(self, name: str, before: str) -> Run:
        """A merge into the default branch, seen by one workflow."""
        after = self._git("rev-parse", "refs/heads/main")
        payload = {"ref": "refs/heads/main", "before": before, "after": after, "deleted": False}
        return self._act(
            self._run_of("push", after, "main"), name, payload, after, "refs/heads/main"
        )

    def dispatch(self, name: str, **inputs: str) -> Run:
        """A person starts a workflow of the default branch."""
        sha = self._git("rev-parse", "refs/heads/main")
        run = self._run_of("workflow_dispatch", sha, "main")
        payload = {"ref": "refs/heads/main", "inputs": inputs}
        return self._act(run, name, payload, sha, "refs/heads/main")

    def merge_group(self, number: int) -> Run:
        """A merge queue puts a pull request upon the default branch and asks once more."""
        pull = self._ask(f"/pulls/{number}")
        base, head = pull["base"]["sha"], pull["head"]["sha"]
        merge = self._test_merge(number, base, head)
        ref = f"refs/heads/gh-readonly-queue/main/pr-{number}-{base}"
        self._git("update-ref", ref, merge)
        told = {"base_ref": "refs/heads/main", "base_sha": base, "head_sha": merge}
        run = self._run_of("merge_group", merge, ref.removeprefix("refs/heads/"))
        return self._act(run, "pull-request", {"merge_group": told}, merge, ref)

    def comment(self, of: Run, **changed: object) -> Run:
        """The run of comment.yml that the end of another run sets off."""
        sha = self._git("rev-parse", "refs/heads/main")
        told = {
            "id": of.id,
            "run_attempt": 1,
            "event": of.event,
            "conclusion": of.conclusion,
            "head_sha": of.head_sha,
            "head_branch": of.head_branch,
            "head_repository": {"full_name": REPOSITORY, "owner": {"login": "acme"}},
        }
        run = self._run_of("workflow_run", sha, "main")
        payload = {"action": "completed", "workflow_run": told | changed}
        return self._act(run, "comment", payload, sha, "refs/heads/main")

    # What GitHub does

    def _run_of(self, event: str, sha: str, branch: str) -> Run:
        self._runs += 1
        return Run(self._runs, event, sha, branch)

    def _ask(self, path: str) -> dict[str, Any]:
        answer = httpx.get(
            f"{self.world.forge.api_url}/repos/{REPOSITORY}{path}",
            headers={"Authorization": f"Bearer {ADA.token}"},
        )
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _git(self, *arguments: str) -> str:
        identity = ["-c", "user.name=GitHub", "-c", "user.email=noreply@example.org"]
        return subprocess.run(
            ["git", "-C", self.world.forge.git_directory, *identity, *arguments],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def _test_merge(self, number: int, base: str, head: str) -> str:
        tree = self._git("merge-tree", "--write-tree", base, head)
        message = f"Merge {head} into {base}"
        merge = self._git("commit-tree", tree, "-p", base, "-p", head, "-m", message)
        self._git("update-ref", f"refs/pull/{number}/merge", merge)
        return merge

    def _act(self, run: Run, name: str, payload: Mapping[str, Any], sha: str, ref: str) -> Run:
        place = self.home / f"runs/{run.id}"
        workflow = place / ".github/workflows" / f"{name}.yml"
        workflow.parent.mkdir(parents=True)
        for each in (name, *CALLED.get(name, ())):
            text = self._git("show", f"{sha}:.github/workflows/{each}.yml")
            workflow.with_stem(each).write_text(f"{text}\n")
        event = place / "event.json"
        event.write_text(json.dumps({**payload, "repository": self._ask("")}))
        done = subprocess.run(
            self._command(run, workflow, event, sha, ref),
            cwd=place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )
        _read(done.stdout, run)
        (place / "log.txt").write_text(f"{run.text}\n{done.stderr}")
        # A run whose jobs are all skipped is fine; one that act cannot read is not.
        assert run.jobs or done.returncode == 0, done.stderr
        return run

    def _command(self, run: Run, workflow: Path, event: Path, sha: str, ref: str) -> list[str]:
        given = {
            "GITHUB_API_URL": self.world.forge.api_url,
            "GITHUB_SERVER_URL": self._server(),
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_RUN_ID": str(run.id),
            "GITHUB_REF": ref,
            "SHA_REF": sha,
        }
        options = [f"--env={key}={value}" for key, value in given.items()]
        options += [f"--local-repository={one}" for one in self._stand_ins(workflow)]
        options += [f"--secret=GITHUB_TOKEN={ACTIONS.token}"]
        options += [f"--secret=MERGELINE_APP_PRIVATE_KEY={KEY}", "--var=MERGELINE_APP_ID=1"]
        options += [f"--var=MLFLOW_TRACKING_URI=sqlite:///{self.mlflow}"]
        options += [f"--platform={RUNNER}=-self-hosted", f"--eventpath={event}", "--json"]
        options += ["--no-skip-checkout", "--no-cache-server", "--pull=false", "--actor=ada"]
        options += [f"--action-cache-path={self.home / 'act'}", "--container-daemon-socket=-"]
        return [self.act, run.event, f"--workflows={workflow}", *options]

    def _server(self) -> str:
        """What stands before owner/name: the folder that the forge keeps repositories in."""
        return self.world.forge.git_directory.parents[1].as_uri()

    def _stand_ins(self, workflow: Path) -> set[str]:
        """Every action that the workflow uses, at the commit that it names."""
        jobs = [
            job
            for file in workflow.parent.iterdir()
            for job in yaml.safe_load(file.read_text())["jobs"].values()
        ]
        used = _used(step for job in jobs for step in job.get("steps", ()))
        for action in used & set(self.actions):
            definition = yaml.safe_load((self.actions[action] / "action.yml").read_text())
            used |= _used(definition["runs"]["steps"])
        found = set()
        for action in used:
            path, _, commit = action.partition("@")
            owner, name = path.split("/")[:2]
            place = self.actions.get(action, STAND_INS / name)
            found.add(f"{self._server()}/{owner}/{name}@{commit}={place}")
        return found


def _used(steps: Iterable[Mapping[str, Any]]) -> set[str]:
    return {step["uses"] for step in steps if "uses" in step}


def _read(output: str, run: Run) -> None:
    for line in output.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            run.log.append(line)
            continue
        run.log.append(f"{said.get('jobID', '')}: {said.get('msg', '').rstrip()}")
        if "jobResult" in said:
            # Of a matrix, the last to end tells the result of all.
            run.jobs[said["jobID"]] = said["jobResult"]
