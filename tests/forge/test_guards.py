"""What guards a repository, as the client reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from devforge.workbench import (
    ADA,
    BO,
    BOT,
    REPOSITORY,
    Clock,
    Workbench,
    make_config,
    make_workbench,
)
from mergeline.devforge import (
    Actions,
    Bypass,
    DeployKey,
    DevelopmentForge,
    Environment,
    ForgeConfig,
    Installation,
    Protection,
    Rules,
    Ruleset,
)
from mergeline.errors import ToolError
from mergeline.forge.guard_types import (
    BypassActor,
    CodeownersError,
    DeploymentBranch,
    RequiredCheck,
    RequiredReviews,
    RequiredStatusChecks,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADMIN = replace(ADA, role="admin")
READER = replace(BO, role="read")
ASKED = Rules(required_status_checks=("gate",), required_approving_review_count=2)
CONFIG = ForgeConfig(
    REPOSITORY,
    users=(ADMIN, READER, BOT),
    protection=Protection(
        required_status_checks=("gate",),
        strict_status_checks=True,
        required_approving_review_count=1,
        require_code_owner_reviews=True,
        enforce_admins=True,
    ),
    rulesets=(
        Ruleset(
            name="main",
            rules=ASKED,
            bypass=(
                Bypass(type="RepositoryRole", name="admin"),
                Bypass(type="Team", name="risk", mode="pull_request"),
                Bypass(type="User", name="bo"),
            ),
        ),
        Ruleset(name="asleep", enforcement="disabled"),
        Ruleset(name="everywhere", branches="~ALL", rules=Rules(allow_force_pushes=True)),
    ),
    teams={"risk": ("ada", "bo"), "empty": ()},
    merge_methods=("squash",),
    actions=Actions(
        allowed_actions="selected",
        patterns_allowed=("acme/*",),
        secrets=("TOKEN",),
        organization_secrets=("SHARED",),
        fork_approval="all_external_contributors",
        private_forks_write=True,
        variables={"REGION": "north"},
    ),
    environments=(
        Environment(
            name="a/production",
            reviewers=("bo",),
            prevent_self_review=True,
            wait_timer=5,
            branches=("main",),
            tags=("v*",),
            secrets=("CLOUD",),
            variables={"ROLE": "x"},
        ),
        Environment(name="staging"),
    ),
    installations=(Installation(slug="line", permissions={"contents": "write"}),),
    deploy_keys=(DeployKey(title="mirror"), DeployKey(title="robot", read_only=False)),
)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workbench]:
    directory = tmp_path_factory.mktemp("guards")
    with DevelopmentForge(directory / "forge", CONFIG, clock=Clock()) as forge:
        yield make_workbench(directory, forge)


def test_the_repository(guarded: Workbench) -> None:
    read = guarded.client(ADMIN).repository()
    assert (read.default_branch, read.private, read.owner.type) == ("main", True, "Organization")
    assert (read.allow_squash_merge, read.allow_merge_commit) == (True, False)
    assert read.permissions.admin
    assert not guarded.client(READER).repository().permissions.push


def test_teams_and_permissions(guarded: Workbench) -> None:
    client = guarded.client(BOT)
    assert client.team_members("risk") == ["ada", "bo"]
    assert client.team_members("empty") == []
    with pytest.raises(ToolError, match="404 to GET /orgs/acme/teams/nobody/members"):
        client.team_members("nobody")
    assert [client.permission(who) for who in ("ada", "bo", "line[bot]", "acme")] == [
        "admin",
        "read",
        "write",
        "none",
    ]
    with pytest.raises(ToolError, match="is not a user"):
        client.permission("stranger")


def test_the_protection_of_a_branch(guarded: Workbench) -> None:
    found = guarded.client(ADMIN).branch_protection("main")
    assert found is not None
    assert found.required_status_checks == RequiredStatusChecks(
        [RequiredCheck("gate")], strict=True
    )
    assert found.required_pull_request_reviews == RequiredReviews(
        dismiss_stale_reviews=False,
        require_code_owner_reviews=True,
        required_approving_review_count=1,
    )
    assert found.enforce_admins.enabled
    assert not found.allow_force_pushes.enabled
    guarded.branch("a/side")
    assert guarded.client(ADMIN).branch_protection("a/side") is None


def test_who_may_not_know_is_not_told_that_there_is_none(guarded: Workbench) -> None:
    with pytest.raises(ToolError, match=r"404 .*Not Found"):
        guarded.client(READER).branch_protection("main")
    for ask in ("actions_permissions", "workflow_permissions", "selected_actions", "secrets"):
        with pytest.raises(ToolError, match=r"403 .*admin rights"):
            getattr(guarded.client(READER), ask)()


def test_rulesets(guarded: Workbench) -> None:
    client = guarded.client(ADMIN)
    assert [(r.name, r.enforcement) for r in client.rulesets()] == [
        ("main", "active"),
        ("asleep", "disabled"),
        ("everywhere", "active"),
    ]
    assert client.ruleset(1).bypass_actors == [
        BypassActor("RepositoryRole", 5),
        BypassActor("Team", 1, "pull_request"),
        BypassActor("User", 3),
    ]
    assert guarded.client(READER).ruleset(1).bypass_actors is None
    with pytest.raises(ToolError, match="404"):
        client.ruleset(9)


def test_the_rules_of_a_branch(guarded: Workbench) -> None:
    found = guarded.client(READER).branch_rules("main")
    assert [(rule.type, rule.ruleset_id) for rule in found] == [
        ("deletion", 1),
        ("non_fast_forward", 1),
        ("pull_request", 1),
        ("required_status_checks", 1),
        ("deletion", 3),
    ]
    assert found[2].parameters["required_approving_review_count"] == 2
    assert found[3].parameters["required_status_checks"] == [{"context": "gate"}]
    assert [rule.ruleset_id for rule in guarded.client(READER).branch_rules("b/c")] == [3]


def test_environments(guarded: Workbench) -> None:
    client = guarded.client(READER)
    production, staging = client.environments()
    assert [rule.type for rule in production.protection_rules] == [
        "wait_timer",
        "required_reviewers",
        "branch_policy",
    ]
    (reviewer,) = production.protection_rules[1].reviewers
    assert (reviewer.type, reviewer.reviewer["login"]) == ("User", "bo")
    assert production.deployment_branch_policy is not None
    assert production.deployment_branch_policy.custom_branch_policies
    assert (staging.protection_rules, staging.deployment_branch_policy) == ([], None)
    assert client.deployment_branches("a/production") == [
        DeploymentBranch("main"),
        DeploymentBranch("v*", "tag"),
    ]
    assert client.deployment_branches("staging") == []


def test_actions(guarded: Workbench) -> None:
    client = guarded.client(ADMIN)
    assert client.actions_permissions().allowed_actions == "selected"
    assert client.selected_actions().patterns_allowed == ["acme/*"]
    assert client.workflow_permissions().default_workflow_permissions == "read"
    assert [one.name for one in client.secrets()] == ["TOKEN"]
    assert client.variables() == {"REGION": "north"}
    assert [one.name for one in client.organization_secrets()] == ["SHARED"]
    assert client.fork_approval().approval_policy == "all_external_contributors"
    assert client.private_forks().send_write_tokens_to_workflows
    assert [one.name for one in client.secrets("a/production")] == ["CLOUD"]
    assert client.variables("a/production") == {"ROLE": "x"}


def test_apps(guarded: Workbench) -> None:
    assert [guarded.client(READER).app_id(name) for name in ("line", "github-actions")] == [
        1,
        15368,
    ]
    (app,) = guarded.client(ADMIN).installations()
    assert (app.app_slug, app.permissions) == ("line", {"contents": "write"})
    assert guarded.client(BOT).installation_repositories() == [REPOSITORY]
    for client, ask in (
        (guarded.client(BOT), "installations"),
        (guarded.client(ADMIN), "installation_repositories"),
    ):
        with pytest.raises(ToolError, match="403"):
            getattr(client, ask)()


def test_keys_that_are_nobodys(guarded: Workbench) -> None:
    found = guarded.client(ADMIN).deploy_keys()
    assert [(key.title, key.read_only) for key in found] == [("mirror", True), ("robot", False)]
    with pytest.raises(ToolError, match="404"):
        guarded.client(READER).deploy_keys()


def test_errors_of_codeowners(tmp_path: Path) -> None:
    with DevelopmentForge(tmp_path / "forge", make_config(), clock=Clock()) as forge:
        bench = make_workbench(tmp_path, forge)
        client = bench.client(ADA)
        assert client.codeowners_errors() is None
        bench.commit(
            ".github/CODEOWNERS", "* @ada\n!/a @bo\n# none\n/b @acme/none bo@example.org\n"
        )
        bench.push()
        assert client.codeowners_errors() == [
            CodeownersError(2, "Invalid pattern", ".github/CODEOWNERS"),
            CodeownersError(4, "Unknown owner", ".github/CODEOWNERS"),
        ]


def test_requests_are_counted(guarded: Workbench) -> None:
    client = guarded.client(ADMIN)
    assert client.calls == 0
    client.environments()
    client.rulesets()
    assert client.calls == 2


def test_a_person_has_no_teams(tmp_path: Path) -> None:
    owner = replace(ADA, login="acme")
    config = ForgeConfig(REPOSITORY, users=(owner,), teams={"risk": ("acme",)})
    with DevelopmentForge(tmp_path / "forge", config) as forge:
        client = make_workbench(tmp_path, forge).client(owner)
        assert client.repository().owner.type == "User"
        with pytest.raises(ToolError, match="404"):
            client.team_members("risk")
