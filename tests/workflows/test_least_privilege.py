"""What the linters cannot know: who may do what, and what a cache may reach."""

from __future__ import annotations

import re
import subprocess
from itertools import chain

import pytest

from .conftest import ROOT, WORKFLOWS, jobs, script, workflow

JOBS = [pytest.param(*job, id=f"{job[0]}-{job[1]}") for job in jobs()]


def uses(job: dict, action: str) -> list[dict]:
    return [step for step in job["steps"] if step.get("uses", "").startswith(f"{action}@")]


@pytest.mark.parametrize(("name", "key", "job"), JOBS)
def test_a_job_is_bounded_and_asks_for_no_more_than_it_needs(name, key, job) -> None:
    more = {
        ("pull-request", "plan"): {"pull-requests": "read"},
        ("pull-request", "check"): {"pull-requests": "read"},
        ("image", "image"): {"packages": "write"},
        ("comment", "comment"): {"actions": "read", "pull-requests": "write"},
    }
    wanted = {} if key == "gate" else {"contents": "read", **more.get((name, key), {})}
    assert job["permissions"] == wanted
    assert job["timeout-minutes"]
    for step in uses(job, "actions/checkout"):
        assert step["with"]["persist-credentials"] is False


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
    for action in used:
        assert re.fullmatch(r"actions/[a-z/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action)


@pytest.mark.parametrize(("name", "key", "job"), JOBS)
def test_no_script_holds_an_expression(name, key, job) -> None:
    for step in job["steps"]:
        assert "${{" not in step.get("run", "")


def test_a_pull_request_sees_no_secret() -> None:
    assert "secrets." not in (ROOT / ".github/workflows/pull-request.yml").read_text()


@pytest.mark.parametrize(
    ("name", "environment", "group"),
    [
        ("release", "release", "release_${{ matrix.model }}"),
        (
            "apply",
            "${{ matrix.environment }}",
            "apply_${{ matrix.model }}_${{ matrix.environment }}",
        ),
    ],
)
def test_what_acts_as_the_app_restores_nothing(
    name: str, environment: str, group: str | None
) -> None:
    job = workflow(name)["jobs"][name]
    assert not uses(job, "actions/cache/restore")
    assert not uses(job, "actions/cache")
    assert job["environment"] == environment
    queue = job["concurrency"] if group else workflow(name)["concurrency"]
    assert queue == {"group": group or name, "cancel-in-progress": False}


def test_secrets_are_for_jobs_in_an_environment() -> None:
    for _, _, job in jobs():
        assert "environment" in job or "secrets." not in str(job)


def test_the_dependencies_that_pull_requests_restore_were_installed_afresh() -> None:
    plan = workflow("release")["jobs"]["plan"]
    assert [step["with"]["lookup-only"] for step in uses(plan, "actions/cache/restore")] == [True]


def test_the_keys_of_pull_requests_and_of_releases_are_apart() -> None:
    saved = {
        name: [
            step["with"]["key"]
            for step in chain.from_iterable(
                uses(job, "actions/cache/save") for job in workflow(name)["jobs"].values()
            )
            if step["with"]["path"] == ".mergeline/cache"
        ]
        for name in WORKFLOWS
    }
    assert all(key.startswith("steps_candidate_") for key in saved.pop("pull-request"))
    assert all(key.startswith("steps_release_") for key in saved.pop("release"))
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
    assert "reproduce" in called


def test_a_review_of_a_pull_request_to_another_branch_is_refused() -> None:
    step = workflow("pull-request")["jobs"]["validate"]["steps"][0]
    assert "github.event.pull_request.base.ref != 'main'" in step["if"]
    assert step["run"].rstrip().endswith("exit 1")
    assert workflow("pull-request")["on"]["pull_request"]["branches"] == ["main"]
