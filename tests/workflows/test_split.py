"""No job that runs a model's code holds what is worth taking: read from the rendered workflows.

Once of this repository, once of one with everything switched on.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from mergeline.plan.approvals import load_tunables
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.workflows import find_templates, render, values_of

from .conftest import ROOT
from .test_credentials import CLOUDS, VAULT
from .test_linters import CALL, TRIGGER, findings, lint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Jobs = dict[tuple[str, str], dict[str, Any]]

# The commands that run code of a model's folder.
RUNS_CODE = re.compile(r"\bmergeline (?:run|release train|release evaluate|reproduce)\b")
LOGS_IN = re.compile(
    r"vault-action|configure-aws-credentials|google-github-actions/auth|azure/login|acme/log-in"
    r"|create-github-app-token"
)
# What a cache or an artifact of such a job may carry: public data and what was made of them, the
# environment, reports, and folders that are handed over, where private data are encrypted.
CARRIED = {
    ".venv",
    ".mergeline/cache",
    ".mergeline/data/shared",
    "reports",
    "results",
    "handover/data",
    "handover/fetched",
    "handover/trained",
    "handover/evaluated",
}
SIGNERS = [
    {"name": "a", "public_key": "PEM"},
    {"name": "b", "identity": "https://b", "issuer": "https://i"},
]
IMAGE = f"ghcr.io/acme/train@sha256:{'b' * 64}"
OTHER_IMAGE = f"docker.io/acme/other@sha256:{'c' * 64}"
CLOUD = f'{{"uses": "acme/log-in@{"a" * 40} # v1.2.3", "with": {{"role": "reader"}}}}'


@pytest.fixture
def everything(copy: Path) -> Path:
    """A repository with whatever the templates know: it brings every line of them out."""
    shared = copy / "pipelines/workflows/shared.j2"
    text = shared.read_text()
    given = {"cloud": CLOUD, "spot_runners": '{"ubuntu-24.04": "spot"}', "self_heal": "true"}
    for name, value in given.items():
        line = next(one for one in text.splitlines() if one.startswith(f"[% set {name} = "))
        text = text.replace(line, f"[% set {name} = {value} %]")
    shared.write_text(text)
    sql = {"type": "sql", "connection": "PAYMENTS_DATABASE", "query": "q.sql"}
    bucket = {"type": "uri", "uri": "s3://acme/biopsies.csv"}
    readers = {"teams": ["team-payments"]}
    _data(copy, "payment-fraud", source=sql, access=readers)
    _data(copy, "breast-cancer-diagnosis", source=bucket, access=readers)
    # As a bucket that everybody reads.
    _data(copy, "diabetes-progression", source=bucket)
    (copy / "models/payment-fraud/q.sql").write_text("SELECT 1")
    _training(copy, "payment-fraud", image=IMAGE)
    _training(copy, "breast-cancer-diagnosis", image=OTHER_IMAGE)
    return copy


def _data(root: Path, model: str, **dataset: Any) -> None:
    path = root / f"models/{model}/data.yaml"
    data = yaml.safe_load(path.read_text())
    data["datasets"][0] |= dataset
    path.write_text(yaml.safe_dump(data, sort_keys=False))


def _training(root: Path, model: str, image: str) -> None:
    path = root / f"models/{model}/training.yaml"
    training = yaml.safe_load(path.read_text())
    training["environment"]["image"] = image
    training["resources"] |= {"spot": True, "off_peak": True}
    path.write_text(yaml.safe_dump(training, sort_keys=False))


def rendered(root: Path, credentials: dict | None = None) -> dict[str, str]:
    tree = WorkingTree(root)
    tunables = load_tunables(tree)
    if credentials is not None:
        signing = {"required": {"production": ["high"]}, "signers": SIGNERS}
        tunables = {**tunables, "credentials": credentials, "signing": signing}
    values, unfit = values_of(load_repository(tree), tunables)
    assert unfit == []
    return render(find_templates(root), values)


def jobs_of(texts: dict[str, str]) -> Jobs:
    return {
        (Path(path).stem, key): job
        for path, text in texts.items()
        if path.endswith(".yml")
        for key, job in yaml.safe_load(text)["jobs"].items()
    }


def runs_code(job: dict[str, Any]) -> bool:
    return any(RUNS_CODE.search(step.get("run", "")) for step in job.get("steps", ()))


def problems(texts: dict[str, str]) -> list[str]:
    """What is wrong with the jobs of some workflows, a line each."""
    found = [
        f"{name}/{key}: {problem}"
        for (name, key), job in jobs_of(texts).items()
        for problem in _problems(name, key, job)
    ]
    for path, text in texts.items():
        if path.endswith(".yml"):
            workflow = yaml.safe_load(text)
            # What all of its jobs would get.
            if "secrets." in str(workflow.get("env")) or workflow["permissions"] != {}:
                found.append(f"{Path(path).stem}: gives to all jobs")
    return found


def _problems(name: str, key: str, job: dict[str, Any]) -> Iterator[str]:
    if "uses" in job or "secrets" in job:
        called = job.get("uses", "").partition(" ")[0]
        if called != "./.github/workflows/release-model.yml" or (name, key.split("-")[0]) != (
            "release",
            "release",
        ):
            yield f"calls {called} with secrets: {job.get('secrets')}"
    if runs_code(job):
        yield from _held_where_code_runs(job)
    if "fetch" in key and name != "release":
        yield from _beyond_reading(job)
    if key == "register":
        yield from _more_than_registering(job)


def _held_where_code_runs(job: dict[str, Any]) -> Iterator[str]:
    text = str(_without_the_token_that_pulls(job))
    for word in ("secrets.", "secrets[", "toJSON(secrets)", "github.token", "steps.vault"):
        if word in text:
            yield f"mentions {word}"
    if "environment" in job:
        yield "has an environment"
    allowed = {"contents": "read"}
    if "credentials" in job.get("container", {}):
        allowed["packages"] = "read"
    if job.get("permissions") != allowed:
        yield f"may {job.get('permissions')}"
    for step in job["steps"]:
        if LOGS_IN.search(step.get("uses", "")):
            yield f"logs in by {step['uses']}"
        for path in str(step.get("with", {}).get("path", "")).splitlines():
            if path.strip() not in CARRIED:
                yield f"carries {path}"


def _without_the_token_that_pulls(job: dict[str, Any]) -> dict[str, Any]:
    """The job without the password of its image's registry.

    `github.token` there is the run's own token, which the runner uses before the first step to pull
    the image; it is no secret that anybody set, no step gets it, and it may do no more than the
    permissions of the job: read what the job has checked out anyway, and pull images.
    """
    container = dict(job.get("container", {}))
    found = container.pop("credentials", None)
    assert found in (None, {"username": "${{ github.actor }}", "password": "${{ github.token }}"})
    return {**job, "container": container}


def _beyond_reading(job: dict[str, Any]) -> Iterator[str]:
    if runs_code(job):
        yield "runs a model's code"
    levels = {
        name: level for name, level in job["permissions"].items() if (name, level) != IDENTITY
    }
    if set(levels.values()) - {"read"}:
        yield f"may {job['permissions']}"
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/cache"):
            yield "restores or saves what another job may have made"
        if "app-token" in step.get("uses", ""):
            yield "becomes the App"


def _more_than_registering(job: dict[str, Any]) -> Iterator[str]:
    if runs_code(job):
        yield "runs a model's code"
    if job["environment"] != "release":
        yield f"is in {job['environment']}"
    for step in job["steps"]:
        if step.get("uses", "").startswith("actions/checkout@") and {"ref", "repository"} & set(
            step["with"]
        ):
            yield "checks out another commit than the merged one"
        if step.get("uses", "").startswith("actions/cache"):
            yield "restores or saves what another job may have made"
    if "pull_request" in str(job):
        yield "knows of a pull request"


IDENTITY = ("id-token", "write")
ALL = {"vault": VAULT, **CLOUDS}


def test_this_repository() -> None:
    texts = {
        str(path): path.read_text() for path in sorted((ROOT / ".github/workflows").glob("*.yml"))
    }
    assert problems(texts) == []
    assert {key for key, job in jobs_of(texts).items() if runs_code(job)} == {
        ("pull-request", "candidate"),
        ("release-model", "train"),
        ("release-model", "evaluate"),
        ("reproduce", "reproduce"),
    }


@pytest.mark.parametrize("credentials", [{}, {"vault": VAULT}, CLOUDS, ALL], ids=range(4))
def test_everything_switched_on(everything: Path, credentials: dict) -> None:
    texts = rendered(everything, credentials)
    assert problems(texts) == []
    jobs = jobs_of(texts)
    running = {f"{name}/{key}" for (name, key), job in jobs.items() if runs_code(job)}
    pools = ("", "-2", "-3")
    assert running == {
        *(f"pull-request/candidate{pool}" for pool in pools),
        *(f"release-model/{key}{pool}" for pool in pools for key in ("train", "evaluate")),
        "reproduce/reproduce",
    }
    # It is all there: where it should be.
    fetch = jobs["pull-request", "fetch-payment-fraud"]
    assert fetch["environment"] == "data-generated-payments"
    assert "secrets.PAYMENTS_DATABASE" in str(fetch)
    assert "AWS_ACCESS_KEY_ID" not in str(fetch)
    assert "secrets.AWS_ACCESS_KEY_ID" in str(jobs["pull-request", "fetch-breast-cancer-diagnosis"])
    assert ("pull-request", "fetch-diabetes-progression") not in jobs
    reading = jobs["release-model", "fetch"]
    assert "secrets.PAYMENTS_DATABASE" in str(reading)
    assert reading["permissions"]["id-token"] == "write"
    assert LOGS_IN.search(str(reading))
    assert "MERGELINE_APP_PRIVATE_KEY" not in str(reading)
    assert "MERGELINE_SIGNING_KEY" not in str(reading)
    assert "MERGELINE_SIGNING_KEY" in str(jobs["release-model", "register"])
    assert jobs["release-model", "train-2"]["permissions"].get("packages") != jobs[
        "release-model", "train-3"
    ]["permissions"].get("packages")


@pytest.mark.parametrize("credentials", [{}, ALL], ids=["secrets", "identities"])
def test_a_call_may_what_the_jobs_of_all_pools_ask_for(everything: Path, credentials: dict) -> None:
    """GitHub refuses the whole run otherwise, also for jobs that would be skipped."""
    jobs = jobs_of(rendered(everything, credentials))
    asked: dict[str, str] = {}
    for (name, _), job in jobs.items():
        if name == "release-model":
            asked |= job["permissions"]
    calls = [job for (name, key), job in jobs.items() if name == "release" and key != "plan"]
    assert len(calls) == 3
    for call in calls:
        assert call["permissions"] == asked


def test_the_linters_find_nothing(actionlint: str, everything: Path, tmp_path: Path) -> None:
    shutil.rmtree(everything / ".github")
    for path, text in rendered(everything, ALL).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    done = lint(actionlint, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert findings(tmp_path / ".github") == sorted([TRIGGER, *CALL * 3])


CANDIDATE = '        run: mergeline run "$MODEL"'
MODEL, PULL = "release-model.yml.j2", "pull-request.yml.j2"
# A template, what is changed in it, and words of what is found then.
BROKEN = {
    "a secret": (
        MODEL,
        lambda text: text.replace(
            "          FETCHED: ${{ needs.fetch.outputs.digest }}",
            "          KEY: ${{ secrets.MERGELINE_SIGNING_KEY }}",
        ),
        "release-model/train: mentions secrets.",
    ),
    "all secrets": (
        MODEL,
        lambda text: text.replace("${{ needs.fetch.outputs.digest }}", "${{ toJSON(secrets) }}"),
        "release-model/evaluate: mentions toJSON(secrets)",
    ),
    "the run's token": (
        PULL,
        lambda text: text.replace(
            "          MLFLOW_TRACKING_URI:",
            "          GITHUB_TOKEN: ${{ github.token }}\n          MLFLOW_TRACKING_URI:",
        ),
        "pull-request/candidate: mentions github.token",
    ),
    "an environment": (
        MODEL,
        lambda text: text.replace(
            "    name: Train\n", "    name: Train\n    environment: release\n"
        ),
        "release-model/train: has an environment",
    ),
    "an identity": (
        "shared.j2",
        lambda text: text.replace(
            "      contents: read # to check out\n", "      contents: read\n      id-token: write\n"
        ),
        "release-model/evaluate: may {'contents': 'read', 'id-token': 'write'",
    ),
    "a login": (
        MODEL,
        lambda text: text.replace(
            '[[ take("fetched") ]]',
            '[[ access.login(credentials, ["registry"], signs, "data") -]]\n[[ take("fetched") ]]',
        ),
        "release-model/train: logs in by",
    ),
    "private data": (
        PULL,
        lambda text: text.replace("path: .mergeline/cache", "path: .mergeline"),
        "pull-request/candidate: carries .mergeline",
    ),
    "training where data are fetched": (
        MODEL,
        lambda text: text.replace(
            "mergeline release fetch", "mergeline run x; mergeline release fetch"
        ),
        "release-model/fetch: ",
    ),
    "writing where data are fetched": (
        MODEL,
        lambda text: text.replace("pull-requests: read #", "pull-requests: write #"),
        "release-model/fetch: may",
    ),
    "a cache where data are fetched": (
        PULL,
        lambda text: text.replace(
            'set_up(shared.python | quoted, cache="none")', "set_up(shared.python | quoted)"
        ),
        "pull-request/fetch-payment-fraud: restores or saves",
    ),
    "training where it is registered": (
        MODEL,
        lambda text: text.replace("mergeline apply", "mergeline run x; mergeline apply"),
        "release-model/register: ",
    ),
    "a secret of all jobs": (
        MODEL,
        lambda text: text.replace(
            "\nenv:\n", "\nenv:\n  KEY: ${{ secrets.MERGELINE_SIGNING_KEY }}\n"
        ),
        "release-model: gives to all jobs",
    ),
    "another workflow with all secrets": (
        "release.yml.j2",
        lambda text: text.replace("release-model.yml", "image.yml"),
        "release/release: calls ./.github/workflows/image.yml",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize(("template", "broken", "found"), BROKEN.values(), ids=BROKEN)
def test_it_would_find(
    everything: Path, template: str, broken: Callable[[str], str], found: str
) -> None:
    path = everything / "pipelines/workflows" / template
    text = path.read_text()
    assert broken(text) != text
    path.write_text(broken(text))
    said = problems(rendered(everything, ALL))
    assert any(found in one for one in said), said
