"""docs/github.md names what the templates use, and its settings close every door."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from msgspec.structs import replace

from devforge.description import Exchange
from devforge.judging import judge
from devforge.workbench import git
from doctor.closed import ADMIN, APP, CLOSED, RENDERED, USES, doctor, housed
from mergeline import cli
from mergeline.devforge import Actions, Environment, Installation, Rules, Ruleset
from mergeline.workflows.uses import uses_of

if TYPE_CHECKING:
    from devforge.judging import Judge
    from mergeline.devforge import ForgeConfig

__all__ = ["judge"]

ROOT = Path(__file__).parents[2]
APP_KEY = "MERGELINE_APP_PRIVATE_KEY"
PAGE = (ROOT / "docs/github.md").read_text(encoding="utf-8")
# The first makes the environments, the second gives the App's key to those that become it.
MADE, KEYED = (
    set(found.split()) for found in re.findall(r"^for environment in (.*); do$", PAGE, re.M)[:2]
)
# Those of datasets that are not public; the page has a section of its own for them.
OF_DATASETS = {"data-generated-payments"}
ENVIRONMENTS = MADE | OF_DATASETS


def block(kind: str, marker: str) -> str:
    found = [
        text for k, text in re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.M | re.S) if k == kind
    ]
    [text] = [text for text in found if marker in text]
    return text


RULESET: dict[str, Any] = json.loads(block("json", "bypass_actors"))


def test_environments_secrets_and_variables_are_those_of_the_templates():
    assert set(USES.secrets) == ENVIRONMENTS
    assert {name for name, found in USES.secrets.items() if APP_KEY in found} == KEYED
    # The connection of the example of section 4 is not of this repository.
    assert set(re.findall(r"gh secret set (\w+) --env", PAGE)) - {"LOANS_DATABASE"} == USES.named
    named = set(re.findall(r"^gh variable set (\w+)", PAGE, re.M))
    # Only where data that are not public come from elsewhere.
    assert named == USES.variables | {"MERGELINE_DATA_IDENTITY"}
    assert set(re.findall(r"^  gh variable set (\w+) --env", PAGE, re.M)) == {"MLFLOW_TRACKING_URI"}


def test_the_permissions_are_those_that_the_jobs_ask_of_the_app():
    rows = dict(re.findall(r"^\| (\w[\w ]*) \| (read(?: and write)?) \|", PAGE, re.M))
    found = {
        name.lower().replace(" ", "_"): "write" if level.endswith("write") else level
        for name, level in rows.items()
    }
    # Whether teams are asked is for the policies to say.
    assert found == {**APP, "members": "read"}


def test_the_workflows_are_those_of_the_templates_with_their_environments():
    rows = dict(re.findall(r"^\| `([\w-]+\.yml)` \|[^|]*\|([^|]*)\|", PAGE, re.M))
    files = {Path(path).name: text for path, text in RENDERED.items() if path.endswith(".yml")}
    assert set(rows) == set(files)
    for name, cell in rows.items():
        used = set(uses_of({name: files[name]}).secrets) - OF_DATASETS
        assert set(re.findall(r"`([\w-]+)`", cell)) - {"data-DATASET"} == used


def test_the_required_check_is_a_job_of_the_workflow_for_pull_requests():
    [check] = parameters("required_status_checks")["required_status_checks"]
    jobs = yaml.safe_load(RENDERED[".github/workflows/pull-request.yml"])["jobs"]
    assert check["context"] in {job["name"] for job in jobs.values()}


def test_every_action_is_one_that_the_page_allows():
    assert "github_owned_allowed=true" in PAGE
    actions = set(re.findall(r"uses: ([\w.-]+)/", "".join(RENDERED.values())))
    # A workflow of this repository is no action of somebody's.
    assert actions == {"actions", "."}


def parameters(kind: str) -> dict[str, Any]:
    [rule] = [rule for rule in RULESET["rules"] if rule["type"] == kind]
    return rule["parameters"]


def imported() -> Ruleset:
    """The page's ruleset in the words of the development forge's configuration."""
    kinds = {rule["type"] for rule in RULESET["rules"]}
    reviews, checks = parameters("pull_request"), parameters("required_status_checks")
    required = checks["required_status_checks"]
    [app] = {check.get("integration_id") for check in required}
    return Ruleset(
        name=RULESET["name"],
        enforcement=RULESET["enforcement"],
        branches=RULESET["conditions"]["ref_name"]["include"][0],
        allowed_merge_methods=tuple(reviews["allowed_merge_methods"]),
        rules=Rules(
            required_status_checks=tuple(check["context"] for check in required),
            status_checks_app={15368: "github-actions", None: None}[app],
            strict_status_checks=checks["strict_required_status_checks_policy"],
            required_approving_review_count=reviews["required_approving_review_count"],
            dismiss_stale_reviews=reviews["dismiss_stale_reviews_on_push"],
            require_code_owner_reviews=reviews["require_code_owner_review"],
            require_last_push_approval=reviews["require_last_push_approval"],
            allow_force_pushes="non_fast_forward" not in kinds,
            allow_deletions="deletion" not in kinds,
        ),
    )


def as_the_page_says() -> ForgeConfig:
    """Everything that the page sets, read from its commands."""
    given = dict(re.findall(r"-[fF] '?([\w\[\]]+)=(\w+)'?", PAGE))
    [branch] = set(re.findall(r"-f name=(\w+) -f type=branch", PAGE))
    address = {"MLFLOW_TRACKING_URI": re.search(r"--body (https://\S+)", PAGE)[1]}
    custom = given["deployment_branch_policy[custom_branch_policies]"] == "true"
    return replace(
        CLOSED,
        rulesets=(imported(),),
        environments=tuple(
            Environment(
                name=name,
                branches=(branch,) if custom else None,
                secrets=tuple(
                    secret
                    for secret in re.findall(r"gh secret set (\w+) --env", PAGE)
                    if secret != APP_KEY or name in KEYED
                ),
                variables=address,
            )
            for name in sorted(ENVIRONMENTS)
        ),
        installations=(Installation(slug="acme", permissions=APP),),
        actions=Actions(
            enabled=given["enabled"] == "true",
            allowed_actions=given["allowed_actions"],
            sha_pinning_required=given["sha_pinning_required"] == "true",
            github_owned_allowed=given["github_owned_allowed"] == "true",
            default_workflow_permissions=given["default_workflow_permissions"],
            can_approve_pull_request_reviews=given["can_approve_pull_request_reviews"] == "true",
            fork_approval=given["approval_policy"],
            variables={**address, "MERGELINE_APP_ID": "1"},
        ),
    )


@pytest.mark.slow
@pytest.mark.parametrize("private", [True, False])
def test_the_settings_of_the_page_close_every_door(tmp_path, monkeypatch, capsys, private: bool):
    with housed(tmp_path, replace(as_the_page_says(), private=private), monkeypatch) as clone:
        code = doctor(clone)
    said = capsys.readouterr().out
    assert code == 0, said
    assert {line.split()[0] for line in said.splitlines()} == {"ok"}


def test_the_ruleset_is_one_that_github_takes(tmp_path, monkeypatch, judge: Judge | None):
    """It is of the published form, and what the forge gives back is what the page says."""
    if judge is None:
        pytest.skip("scripts/get-tool openapi found none")
    with housed(tmp_path, as_the_page_says(), monkeypatch):
        address = f"{os.environ['GITHUB_API_URL']}/repos/{CLOSED.repository}/rulesets/1"
        headers = {"Authorization": f"Bearer {ADMIN.token}"}
        served = httpx.get(address, headers=headers, trust_env=False).json()
    answer = json.dumps(served).encode()
    asked = Exchange(
        "POST",
        "/repos/{owner}/{repo}/rulesets",
        201,
        answer,
        body=json.dumps(RULESET).encode(),
    )
    assert judge.description.problems(asked) == []
    assert judge.problems == []
    assert {key: served[key] for key in RULESET} == RULESET


def test_the_first_push_has_something_to_compare_with(tmp_path, capsys):
    """As section 2 lays it down: an empty commit, then everything."""
    assert '--allow-empty --message "Begin"' in PAGE
    assert cli.main(["init", str(tmp_path / "models")]) == 0
    clone = tmp_path / "models"
    git(clone, "commit", "--quiet", "--allow-empty", "--message", "Begin")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "Lay down Mergeline")
    capsys.readouterr()
    plan = ["plan", "--base", "HEAD^1", "--offline", "--format", "json"]
    assert cli.main(["-C", str(clone), *plan]) == 0
    assert json.loads(capsys.readouterr().out)["models"] == []
