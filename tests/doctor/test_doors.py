"""`mergeline doctor --github`: every door, closed and open."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
import yaml
from msgspec.structs import replace

from doctor.closed import (
    ADMIN,
    APP,
    CLOSED,
    READER,
    RULES,
    SECRETS,
    doctor,
    git,
    housed,
)
from mergeline.devforge import (
    Actions,
    Bypass,
    DeployKey,
    ForgeConfig,
    Installation,
    Protection,
    Rules,
    Ruleset,
    User,
)
from mergeline.doctor.doors import DOORS

if TYPE_CHECKING:
    from pathlib import Path


def ruled(**changes: object) -> ForgeConfig:
    return replace(CLOSED, rulesets=(Ruleset(name="main", rules=replace(RULES, **changes)),))


def rulesets(**changes: object) -> ForgeConfig:
    return replace(CLOSED, rulesets=(replace(CLOSED.rulesets[0], **changes),))


def actions(**changes: object) -> ForgeConfig:
    return replace(CLOSED, actions=replace(CLOSED.actions, **changes))


def environment(**changes: object) -> ForgeConfig:
    return replace(
        CLOSED, environments=(*CLOSED.environments[1:], replace(CLOSED.environments[0], **changes))
    )


def app(**changes: object) -> ForgeConfig:
    return replace(CLOSED, installations=(replace(CLOSED.installations[0], **changes),))


def protected(**changes: object) -> ForgeConfig:
    """Classic protection in place of the ruleset."""
    rules = {field: getattr(RULES, field) for field in RULES.__struct_fields__}
    protection = Protection(**{**rules, "enforce_admins": True, **changes})
    return replace(CLOSED, rulesets=(), protection=protection)


OF_RULES = [
    "pull-request",
    "approval",
    "code-owners",
    "stale-approvals",
    "last-push",
    "gate",
    "gate-app",
    "force-push",
    "deletion",
]
REVIEWS = OF_RULES[:5]
ANYBODY = Bypass(type="RepositoryRole", name="admin")
ROBOT = Installation(slug="robot", permissions={"administration": "write", "members": "write"})
GUEST = User("guest", "Guest", "guest@example.org", "token-guest", outside=True)
BARE = replace(CLOSED, rulesets=())

# What is open, the ids of the doors that are told, and words of what is said.
OPEN: list[tuple[ForgeConfig, list[str], str]] = [
    (
        replace(CLOSED, default_branch="trunk"),
        ["default-branch", "codeowners", "environments"],
        "it is trunk",
    ),
    (BARE, [*OF_RULES, "bypass"], "the branch takes pushes"),
    (rulesets(enforcement="evaluate"), [*OF_RULES, "bypass"], 'ruleset "main" is only evaluated'),
    (
        rulesets(enforcement="disabled"),
        [*OF_RULES, "bypass"],
        'ruleset "main" is only there, and disabled',
    ),
    (
        ruled(
            required_approving_review_count=0,
            require_code_owner_reviews=False,
            dismiss_stale_reviews=False,
            require_last_push_approval=False,
        ),
        REVIEWS,
        "the branch takes pushes",
    ),
    (ruled(required_approving_review_count=0), ["approval"], "no approval is required"),
    (ruled(require_code_owner_reviews=False), ["code-owners"], "code owners are not asked"),
    (ruled(dismiss_stale_reviews=False), ["stale-approvals"], "approvals outlive"),
    (ruled(require_last_push_approval=False), ["last-push"], "who pushed last may approve"),
    (ruled(required_status_checks=()), ["gate", "gate-app"], "gate is not required"),
    (ruled(required_status_checks=("lint",)), ["gate", "gate-app"], "gate is not required"),
    (ruled(status_checks_app=None), ["gate-app"], "taken from others than"),
    (ruled(status_checks_app="mergeline"), ["gate-app"], "taken from others than"),
    (ruled(allow_force_pushes=True), ["force-push"], "pushed by force"),
    (ruled(allow_deletions=True), ["deletion"], "may be deleted"),
    (rulesets(bypass=(ANYBODY,)), ["bypass"], 'the role admin (always) by ruleset "main"'),
    (
        rulesets(bypass=(Bypass(type="Team", name="ml-platform", mode="pull_request"),)),
        ["bypass"],
        "the team 1 (pull request)",
    ),
    (protected(enforce_admins=False), ["bypass"], "administrators by branch protection"),
    (protected(status_checks_app=None), ["gate-app"], "taken from others than"),
    (
        replace(CLOSED, users=(*CLOSED.users, User("mergeline", "M", "m@example.org", "t"))),
        ["organisation", "codeowners", "teams", "app-permissions", "app-repositories", "apps"],
        "mergeline is a person",
    ),
    (
        replace(CLOSED, teams={**CLOSED.teams, "team-payments": ()}),
        ["teams"],
        "team-payments has no members",
    ),
    (
        replace(CLOSED, teams={k: v for k, v in CLOSED.teams.items() if k != "team-payments"}),
        ["codeowners", "teams"],
        "Unknown owner",
    ),
    (
        replace(CLOSED, users=(*CLOSED.users, GUEST)),
        ["outside-collaborators"],
        "guest may write",
    ),
    (
        app(permissions={**APP, "administration": "write"}),
        ["app-permissions", "apps"],
        "it may write administration",
    ),
    (app(permissions={**APP, "workflows": "write"}), ["app-permissions"], "may write workflows"),
    (app(permissions={"contents": "read"}), ["app-permissions"], "may not write contents"),
    (app(repository_selection="all"), ["app-repositories"], "reaches all repositories"),
    (
        replace(CLOSED, installations=(*CLOSED.installations, ROBOT)),
        ["apps"],
        "robot may write administration, members",
    ),
    (
        replace(CLOSED, installations=()),
        ["app-permissions", "app-repositories"],
        "no App with the id in MERGELINE_APP_ID",
    ),
    (
        replace(CLOSED, deploy_keys=(DeployKey(title="robot", read_only=False),)),
        ["deploy-keys"],
        'the key "robot" may write',
    ),
    (
        replace(CLOSED, environments=CLOSED.environments[1:]),
        ["environments", "secrets-there", "registry-address"],
        "release is not there",
    ),
    (environment(branches=None), ["environments"], "release takes any branch"),
    (
        environment(branches=None, protected_branches=True),
        ["environments"],
        "release takes protected branches",
    ),
    (environment(branches=("main", "v*")), ["environments"], "release takes branch v*"),
    (environment(tags=("main",)), ["environments"], "release takes tag main"),
    (environment(secrets=SECRETS[1:]), ["secrets-there"], "release lacks MERGELINE_APP"),
    (
        environment(secrets_updated_at="2024-01-01T00:00:00Z"),
        ["secrets-age"],
        "MERGELINE_APP_PRIVATE_KEY of release is ",
    ),
    (actions(secrets=SECRETS[:1]), ["secrets-apart"], "is a secret of the repository"),
    (
        actions(organization_secrets=SECRETS[1:2]),
        ["secrets-apart"],
        "MLFLOW_TRACKING_USERNAME is a secret of the organisation",
    ),
    (
        actions(variables={"MERGELINE_APP_ID": "1"}),
        ["variables"],
        "MLFLOW_TRACKING_URI is not set",
    ),
    (
        actions(variables={**CLOSED.actions.variables, "MLFLOW_TRACKING_URI": "http://m.example"}),
        ["variables"],
        "is not https",
    ),
    (environment(variables={}), ["registry-address"], "release has no MLFLOW_TRACKING_URI"),
    (
        environment(variables={"MLFLOW_TRACKING_URI": "http://mlflow.example.org"}),
        ["registry-address"],
        "MLFLOW_TRACKING_URI of release is not https",
    ),
    (actions(default_workflow_permissions="write"), ["workflow-token"], "token may write"),
    (actions(can_approve_pull_request_reviews=True), ["workflow-approvals"], "approve pull"),
    (actions(allowed_actions="all"), ["actions-allowed"], "any action"),
    (
        replace(CLOSED, actions=Actions(enabled=False, variables=CLOSED.actions.variables)),
        ["actions-allowed", "actions-pinned"],
        "Actions are off",
    ),
    (actions(sha_pinning_required=False), ["actions-pinned"], "tags of actions may run"),
    (replace(CLOSED, private=False), ["forks"], "asked of first time contributors"),
    (
        actions(private_forks_run=True, private_forks_get_secrets=True),
        ["forks"],
        "pull requests of forks get secrets",
    ),
    (
        actions(private_forks_run=True, private_forks_write=True),
        ["forks"],
        "get a token that writes",
    ),
]

# Not open, though it looks otherwise.
CLOSED_TOO = [
    CLOSED,
    protected(),
    # A second layer with a way past it takes nothing from the first.
    replace(
        CLOSED,
        rulesets=(*CLOSED.rulesets, Ruleset(name="more", rules=RULES, bypass=(ANYBODY,))),
    ),
    replace(CLOSED, rulesets=(*CLOSED.rulesets, Ruleset(name="soon", enforcement="evaluate"))),
    # What holds together may come from two.
    replace(
        CLOSED,
        rulesets=(
            Ruleset(name="one", rules=replace(RULES, required_status_checks=())),
            Ruleset(
                name="two",
                rules=Rules(
                    required_status_checks=("gate",),
                    status_checks_app="github-actions",
                    allow_force_pushes=True,
                ),
            ),
        ),
    ),
    actions(allowed_actions="local_only", secrets=("OF_ANOTHER_TOOL",)),
    actions(private_forks_run=True),
    replace(
        CLOSED,
        private=False,
        actions=replace(CLOSED.actions, fork_approval="all_external_contributors"),
    ),
    environment(name="Release"),
    replace(CLOSED, users=(*CLOSED.users, replace(GUEST, role="read"))),
    environment(secrets=SECRETS[:1]),
]


def seen(clone: Path, capsys: pytest.CaptureFixture[str], expect: int) -> dict[str, dict]:
    capsys.readouterr()
    assert doctor(clone, "--format", "json") == expect
    found = json.loads(capsys.readouterr().out)["doors"]
    assert [row["id"] for row in found] == [door.id for door in DOORS]
    return {row["id"]: row for row in found}


@pytest.mark.slow
@pytest.mark.parametrize("config", CLOSED_TOO, ids=range(len(CLOSED_TOO)))
def test_a_closed_repository_is_ok(tmp_path, monkeypatch, capsys, config: ForgeConfig):
    with housed(tmp_path, config, monkeypatch) as clone:
        rows = seen(clone, capsys, 0)
    assert {row["state"] for row in rows.values()} == {"ok"}
    assert all(row["setting"] is row["command"] is row["needs"] is None for row in rows.values())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "doors", "words"), OPEN, ids=[f"{n}-{row[1][0]}" for n, row in enumerate(OPEN)]
)
def test_an_open_door_is_told(
    tmp_path, monkeypatch, capsys, config: ForgeConfig, doors: list[str], words: str
):
    with housed(tmp_path, config, monkeypatch) as clone:
        rows = seen(clone, capsys, 1)
    assert [name for name, row in rows.items() if row["state"] != "ok"] == doors
    assert words in rows[doors[0]]["message"]
    for name in doors:
        assert rows[name]["lets"]
        assert rows[name]["setting"]
        assert rows[name]["command"]


def test_every_door_has_a_row_here():
    elsewhere = {"codeowners-current"}
    assert {name for _, doors, _ in OPEN for name in doors} == {d.id for d in DOORS} - elsewhere


def test_owners_of_code_that_are_not_those_of_the_specs(tmp_path, monkeypatch, capsys):
    with housed(tmp_path, CLOSED, monkeypatch) as clone:
        file = clone / ".github/CODEOWNERS"
        file.write_text(file.read_text().replace("/models/payment-fraud/ ", "/models/x/ "))
        rows = seen(clone, capsys, 1)
        assert [n for n, row in rows.items() if row["state"] != "ok"] == ["codeowners-current"]


QUEUE = "gh-readonly-queue/main/*"
OF_PULL_REQUESTS = {"branches": ("main", "refs/pull/*/merge", QUEUE), "reviewers": ("root",)}
READ_BY_PULL_REQUESTS = [
    ("data-generated-payments", OF_PULL_REQUESTS, None),
    ("data-generated-payments", {**OF_PULL_REQUESTS, "branches": ("main",)}, None),
    ("data-generated-payments", {**OF_PULL_REQUESTS, "reviewers": ()}, "asks no reviewer before"),
    ("data-generated-payments", {**OF_PULL_REQUESTS, "branches": ("*",)}, "takes branch *"),
    ("data-generated-payments", {**OF_PULL_REQUESTS, "branches": None}, "takes any branch"),
    ("data", OF_PULL_REQUESTS, "data takes branch refs/pull/*/merge"),
    ("release", OF_PULL_REQUESTS, "release takes branch refs/pull/*/merge"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "changes", "words"), READ_BY_PULL_REQUESTS)
def test_the_environment_of_data_takes_pull_requests_by_review_alone(
    tmp_path, monkeypatch, capsys, name: str, changes: dict, words: str | None
):
    secrets = {"data-generated-payments": (*SECRETS[1:], "PAYMENTS_DATABASE")}
    environments = [
        replace(one, secrets=secrets.get(one.name, one.secrets)) for one in CLOSED.environments
    ]
    environments = tuple(
        replace(one, **changes) if one.name == name else one for one in environments
    )
    if name != "data-generated-payments":
        environments = tuple(
            replace(one, **OF_PULL_REQUESTS) if one.name in secrets else one for one in environments
        )
    variables = {**CLOSED.actions.variables, "MERGELINE_DATA_IDENTITY": "/etc/mergeline/identity"}
    config = replace(
        CLOSED,
        environments=environments,
        actions=replace(CLOSED.actions, variables=variables),
    )
    with housed(tmp_path, config, monkeypatch) as clone:
        from_a_database(clone)
        rows = seen(clone, capsys, words is not None)
    wanted = ["environments"] if words else []
    assert [each for each, row in rows.items() if row["state"] != "ok"] == wanted
    assert (words or "or once a reviewer lets it in") in rows["environments"]["message"]


def test_a_credential_of_data_is_missed_and_has_its_place(tmp_path, monkeypatch, capsys):
    environments = tuple(
        replace(one, **OF_PULL_REQUESTS) if one.name == "data-generated-payments" else one
        for one in CLOSED.environments
    )
    config = replace(actions(secrets=("PAYMENTS_DATABASE",)), environments=environments)
    with housed(tmp_path, config, monkeypatch) as clone:
        from_a_database(clone)
        rows = seen(clone, capsys, 1)
    said = {name: row["message"] for name, row in rows.items() if row["state"] != "ok"}
    assert said == {
        "secrets-apart": "PAYMENTS_DATABASE is a secret of the repository",
        "secrets-there": "data-generated-payments lacks PAYMENTS_DATABASE",
        "variables": "MERGELINE_DATA_IDENTITY is not set",
    }


def from_a_database(clone: Path) -> None:
    """Have the data of a model, which are personal, come from a database."""
    path = clone / "models/payment-fraud/data.yaml"
    data = yaml.safe_load(path.read_text())
    [dataset] = data["datasets"]
    dataset["source"] = {"type": "sql", "connection": "PAYMENTS_DATABASE", "query": "q.sql"}
    (path.parent / "q.sql").write_text("SELECT 1")
    path.write_text(yaml.safe_dump(data, sort_keys=False))


@pytest.mark.slow
def test_what_vault_gives_is_no_secret_and_its_environments_are_looked_at(
    tmp_path, monkeypatch, capsys
):
    bare = tuple(replace(one, secrets=()) for one in CLOSED.environments)
    kept = ", ".join(f"{name}: secret/data/x {name}" for name in SECRETS)
    vault = f"vault: {{address: https://vault.example.org, role: models, secrets: {{{kept}}}}}"
    opened = (replace(bare[0], branches=None), *bare[1:])
    for environments, doors in ((bare, []), (opened, ["environments"])):
        config = replace(CLOSED, environments=environments)
        with housed(tmp_path / str(len(doors)), config, monkeypatch) as clone:
            policies = clone / "policies/data.yaml"
            text = policies.read_text()
            policies.write_text(text.replace("  credentials: {}", f"  credentials: {{{vault}}}"))
            rows = seen(clone, capsys, bool(doors))
        assert [name for name, row in rows.items() if row["state"] != "ok"] == doors


def test_no_owners_of_code_at_all(tmp_path, monkeypatch, capsys):
    bare = replace(CLOSED, rulesets=())
    with housed(tmp_path, bare, monkeypatch) as clone:
        git(clone, "rm", "--quiet", ".github/CODEOWNERS")
        git(clone, "commit", "--quiet", "--message", "none")
        git(clone, "push", "--quiet", str(tmp_path / "forge/mergeline/models.git"), "main")
        rows = seen(clone, capsys, 1)
        assert (rows["codeowners"]["state"], rows["codeowners-current"]["state"]) == (
            "open",
            "open",
        )


def test_what_a_token_may_not_read_is_unknown_and_no(tmp_path, monkeypatch, capsys):
    with housed(tmp_path, CLOSED, monkeypatch, user=READER) as clone:
        rows = seen(clone, capsys, 1)
    untold = {name for name, row in rows.items() if row["state"] == "unknown"}
    assert untold == {
        "bypass",
        "deploy-keys",
        "outside-collaborators",
        "app-permissions",
        "app-repositories",
        "apps",
        "secrets-apart",
        "secrets-age",
        "secrets-there",
        "variables",
        "registry-address",
        "workflow-token",
        "workflow-approvals",
        "actions-allowed",
        "actions-pinned",
        "forks",
    }
    assert all(rows[name]["needs"] for name in untold)
    assert {row["state"] for name, row in rows.items() if name not in untold} == {"ok"}


def test_classic_protection_is_unknown_to_whom_it_is_not_told(tmp_path, monkeypatch, capsys):
    with housed(tmp_path, protected(), monkeypatch, user=READER) as clone:
        rows = seen(clone, capsys, 1)
    assert {rows[name]["state"] for name in [*OF_RULES, "bypass"]} == {"unknown"}


def test_a_repository_that_cannot_be_read_is_no_answer(tmp_path, monkeypatch, capsys):
    with housed(tmp_path, CLOSED, monkeypatch) as clone:
        monkeypatch.setenv("GITHUB_TOKEN", "wr0ng")
        assert doctor(clone) == 3
    assert "401" in capsys.readouterr().err


def test_the_text_says_what_it_lets_and_what_closes_it(tmp_path, monkeypatch, capsys):
    with housed(tmp_path, rulesets(bypass=(ANYBODY,)), monkeypatch) as clone:
        assert doctor(clone) == 1
    said = capsys.readouterr().out
    assert 'ok       gate: gate is required, by ruleset "main"\n' in said
    assert (
        'open     bypass: not held: the role admin (always) by ruleset "main"\n'
        "         = lets: those who may bypass the rules merge or push what nobody approved\n"
        "         = setting: Settings > Rules > Rulesets"
    ) in said
    assert "\n         = command: gh api --method PUT repos/{owner}/{repo}/rulesets/ID" in said
    assert "\n1 open, 0 unknown, 30 ok\n" in said
    assert ADMIN.token not in said


def test_a_person_reads_it_in_few_calls(tmp_path, monkeypatch, capsys):
    from mergeline.forge.transport import Transport

    asked = []
    ask = Transport._respond
    monkeypatch.setattr(
        Transport, "_respond", lambda self, *a: asked.append(a[:2]) or ask(self, *a)
    )
    with housed(tmp_path, CLOSED, monkeypatch) as clone:
        seen(clone, capsys, 0)
    assert len(asked) == len(set(asked))
    assert len(asked) <= 41
