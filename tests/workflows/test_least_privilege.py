"""What the linters cannot know: who may do what, and what a cache may reach."""

from __future__ import annotations

import re
import subprocess
from itertools import chain

import pytest

from .conftest import ROOT, WORKFLOWS, calls, jobs, script, workflow

JOBS = [pytest.param(*job, id=f"{job[0]}-{job[1]}") for job in jobs()]


def uses(job: dict, action: str) -> list[dict]:
    return [step for step in job["steps"] if step.get("uses", "").startswith(f"{action}@")]


@pytest.mark.parametrize(("name", "key", "job"), JOBS)
def test_a_job_is_bounded_and_asks_for_no_more_than_it_needs(name, key, job) -> None:
    more = {
        ("pull-request", "plan"): {"pull-requests": "read"},
        ("pull-request", "check"): {"pull-requests": "read"},
        ("image", "image"): {"packages": "write"},
        ("release-model", "fetch"): {"pull-requests": "read"},
        ("comment", "comment"): {"actions": "read", "pull-requests": "write"},
    }
    wanted = {} if key == "gate" else {"contents": "read", **more.get((name, key), {})}
    assert job["permissions"] == wanted
    assert job["timeout-minutes"]
    for step in uses(job, "actions/checkout"):
        assert step["with"]["persist-credentials"] is False


def test_a_call_has_what_its_jobs_ask_for_and_no_more() -> None:
    [(name, key, call)] = calls()
    assert (name, key) == ("release", "release")
    assert call["uses"] == "./.github/workflows/release-model.yml"
    assert set(workflow("release-model")["on"]) == {"workflow_call"}
    asked = [job["permissions"].items() for job in workflow("release-model")["jobs"].values()]
    assert call["permissions"] == dict(chain.from_iterable(asked))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_nothing_is_granted_to_all_jobs(name: str) -> None:
    assert workflow(name)["permissions"] == {}
    dangerous = {"pull_request_target", "workflow_run", "issue_comment"}
    assert dangerous & set(workflow(name)["on"]) <= (
        {"workflow_run"} if name == "comment" else set()
    )


def test_what_may_write_runs_nothing_of_a_pull_request() -> None:
    """The commit that is checked out is the default branch's; results lie outside of it."""
    steps = workflow("comment")["jobs"]["comment"]["steps"]
    [checkout] = uses({"steps": steps}, "actions/checkout")
    assert set(checkout["with"]) == {"fetch-depth", "persist-credentials"}
    [download] = uses({"steps": steps}, "actions/download-artifact")
    assert download["with"]["path"] == "${{ runner.temp }}/results"
    assert not uses({"steps": steps}, "actions/cache/save")
    last = steps[-1]
    assert steps.index(download) == len(steps) - 2
    assert "github.event" not in str(last.get("env"))


@pytest.mark.parametrize("name", WORKFLOWS)
def test_actions_are_pinned_by_commit_with_the_version_beside(name: str) -> None:
    text = (ROOT / f".github/workflows/{name}.yml").read_text()
    used = re.findall(r"uses: (.*)", text)
    assert used
    here = "./.github/workflows/release-model.yml # zizmor: ignore[self-repository]"
    assert used.count(here) == (name == "release")
    for action in set(used) - {here}:
        assert re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


@pytest.mark.parametrize(("name", "key", "job"), JOBS)
def test_no_script_holds_an_expression(name, key, job) -> None:
    for step in job["steps"]:
        assert "${{" not in step.get("run", "")


def test_a_pull_request_sees_no_secret() -> None:
    assert "secrets." not in (ROOT / ".github/workflows/pull-request.yml").read_text()


@pytest.mark.parametrize(
    ("name", "key", "environment"),
    [
        ("release-model", "fetch", "${{ inputs.data_environment || 'data' }}"),
        ("release-model", "train", None),
        ("release-model", "evaluate", None),
        ("release-model", "register", "release"),
        ("apply", "apply", "${{ matrix.environment }}"),
    ],
)
def test_what_makes_a_release_or_acts_as_the_app_restores_nothing(
    name: str, key: str, environment: str | None
) -> None:
    job = workflow(name)["jobs"][key]
    assert not uses(job, "actions/cache/restore")
    assert not uses(job, "actions/cache")
    assert job.get("environment") == environment


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("release", "release_${{ matrix.model }}"),
        ("apply", "apply_${{ matrix.model }}_${{ matrix.environment }}"),
    ],
)
def test_the_jobs_of_a_model_queue(name: str, group: str) -> None:
    job = workflow(name)["jobs"][name]
    assert job["concurrency"] == {"group": group, "cancel-in-progress": False}


def test_secrets_are_for_jobs_in_an_environment() -> None:
    for _, _, job in jobs():
        assert "environment" in job or "secrets." not in str(job)


def test_the_dependencies_that_pull_requests_restore_were_installed_afresh() -> None:
    plan = workflow("release")["jobs"]["plan"]
    assert [step["with"]["lookup-only"] for step in uses(plan, "actions/cache/restore")] == [True]


def test_steps_are_saved_by_pull_requests_alone() -> None:
    saved = {
        name: [
            step["with"]["key"]
            for step in chain.from_iterable(
                uses(job, "actions/cache/save") for each, _, job in jobs() if each == name
            )
            if step["with"]["path"] == ".mergeline/cache"
        ]
        for name in WORKFLOWS
    }
    [key] = saved.pop("pull-request")
    assert key.startswith("steps_candidate_")
    assert not any(saved.values())


def test_git_asks_for_the_token_and_gives_it_to_this_server_only() -> None:
    _, env = script("apply", "apply", "Apply")
    env = {key: value for key, value in env.items() if key.startswith("GIT_CONFIG")}
    env["GIT_CONFIG_KEY_0"] = env["GIT_CONFIG_KEY_0"].replace(
        "${{ github.server_url }}", "https://github.example"
    )
    for host, wanted in (("github.example", True), ("evil.example", False)):
        done = subprocess.run(
            ["git", "credential", "fill"],
            input=f"protocol=https\nhost={host}\n\n",
            env={
                **env,
                "GITHUB_TOKEN": "t0k3n",
                "PATH": "/usr/bin:/bin",
                "GIT_TERMINAL_PROMPT": "0",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ("password=t0k3n" in done.stdout) is wanted
        assert ("username=x-access-token" in done.stdout) is wanted


def test_the_commands_are_those_of_the_command_line() -> None:
    from mergeline.cli import COMMANDS

    called = {
        word
        for _, _, job in jobs()
        for step in job["steps"]
        for word in re.findall(r"\bmergeline (?:-C \S+ )?([a-z-]+)", step.get("run", ""))
    }
    assert called <= set(COMMANDS)
    assert {"validate", "plan", "run", "report", "comment", "check", "apply", "drift"} <= called
    assert "release" in called
    assert "reproduce" in called


def test_a_review_of_a_pull_request_to_another_branch_is_refused() -> None:
    step = workflow("pull-request")["jobs"]["validate"]["steps"][0]
    assert "github.event.pull_request.base.ref != 'main'" in step["if"]
    assert step["run"].rstrip().endswith("exit 1")
    assert workflow("pull-request")["on"]["pull_request"]["branches"] == ["main"]
