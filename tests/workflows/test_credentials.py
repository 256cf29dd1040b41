"""Credentials by the identity of a run: which job gets which, and from where."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from mergeline.errors import UsageError
from mergeline.plan.approvals import load_tunables
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree
from mergeline.workflows import find_templates, render, values_of
from mergeline.workflows.credentials import (
    Aws,
    Azure,
    Credentials,
    Google,
    Vault,
    credentials_of,
)
from mergeline.workflows.uses import uses_of

from .conftest import ROOT
from .test_linters import CALL, TRIGGER, findings, lint

if TYPE_CHECKING:
    from pathlib import Path

VAULT = {
    "address": "https://vault.example.org:8200",
    "role": "models",
    "namespace": "ml/prod",
    "secrets": {
        "MLFLOW_TRACKING_USERNAME": "secret/data/mlflow user",
        "MLFLOW_TRACKING_PASSWORD": "secret/data/mlflow password",
        "MERGELINE_SIGNING_KEY": "secret/data/signing key",
        "MERGELINE_SIGNING_KEY_PASSWORD": "secret/data/signing pin",
        "MERGELINE_APP_PRIVATE_KEY": "secret/data/app private-key",
    },
}
CLOUDS = {
    "aws": {"role": "arn:aws:iam::123456789012:role/models", "region": "eu-central-1"},
    "google": {
        "provider": "projects/1/locations/global/workloadIdentityPools/github/providers/models",
        "service_account": "models@acme.iam.gserviceaccount.com",
    },
    "azure": {"client": "0a1b", "tenant": "2c3d", "subscription": "4e5f"},
}
SIGNERS = [{"name": "a", "public_key": "PEM"}]
# The jobs that get credentials: their workflow, their key, and the environment they name.
ACTING = {
    "fetch": ("release-model", "fetch", "${{ inputs.data_environment || 'data' }}"),
    "register": ("release-model", "register", "release"),
    "apply": ("apply", "apply", "${{ matrix.environment }}"),
    "drift": ("drift", "drift", "drift"),
}
BECOME_THE_APP = ("register", "apply", "drift")


def rendered(credentials: dict, signers: list[dict] = SIGNERS) -> dict[str, str]:
    tree = WorkingTree(ROOT)
    tunables = {
        **load_tunables(tree),
        "credentials": credentials,
        "signing": {"required": {"production": ["high"]}, "signers": signers},
    }
    values, findings = values_of(load_repository(tree), tunables)
    assert findings == []
    return render(find_templates(ROOT), values)


def job(texts: dict[str, str], name: str) -> dict:
    workflow, key, environment = ACTING[name]
    found = yaml.safe_load(texts[f".github/workflows/{workflow}.yml"])["jobs"][key]
    assert found["environment"] == environment
    return found


def login(found: dict, identifier: str) -> list[dict]:
    return [
        step
        for step in found["steps"]
        if identifier in (step.get("id"), step.get("uses", "").partition("@")[0])
    ]


def given(step: dict) -> dict[str, str]:
    rows = [line.removesuffix(" ;").split(" | ") for line in step["with"]["secrets"].splitlines()]
    return {name: place for place, name in rows}


def test_vault_gives_each_job_what_it_needs_and_no_more() -> None:
    texts = rendered({"vault": VAULT})
    account = {"MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"}
    app = {"MERGELINE_APP_PRIVATE_KEY"}
    keys = {"MERGELINE_SIGNING_KEY", "MERGELINE_SIGNING_KEY_PASSWORD"}
    needs = {
        "fetch": account,
        "register": account | app | keys,
        "apply": account | app,
        "drift": account | app,
    }
    for name, (workflow, _, role) in ACTING.items():
        [step] = login(job(texts, name), "vault")
        assert re.fullmatch(r"hashicorp/vault-action@[0-9a-f]{40}", step["uses"])
        assert step["with"]["role"] == f"models-{role}"
        assert step["with"]["method"] == "jwt"
        assert step["with"]["jwtGithubAudience"] == VAULT["address"]
        assert step["with"]["exportEnv"] is False
        assert given(step) == {one: VAULT["secrets"][one] for one in needs[name]}
        more = {"pull-requests": "read"} if name == "fetch" else {}
        permissions = {"contents": "read", "id-token": "write"} | more
        assert job(texts, name)["permissions"] == permissions
        assert "secrets." not in texts[f".github/workflows/{workflow}.yml"]


def test_no_other_job_gets_any() -> None:
    """Of pull requests, above all, which run code that nobody has reviewed."""
    texts = rendered({"vault": VAULT, **CLOUDS})
    for path, text in texts.items():
        if not path.endswith(".yml"):
            continue
        name = path.rpartition("/")[2].removesuffix(".yml")
        for key, found in yaml.safe_load(text)["jobs"].items():
            acts = (name, key) in {one[:2] for one in ACTING.values()}
            text = str(found)
            # A call hands it on: its jobs have no more than it has.
            calls = (name, key) == ("release", "release")
            assert ("id-token" in found.get("permissions", {})) is (acts or calls)
            for action in ("vault-action", "configure-aws", "google-github", "azure/login"):
                assert (action in text) is acts
            assert ("steps.vault.outputs" in text) is acts


def test_clouds_are_logged_in_to_by_pinned_actions() -> None:
    texts = rendered(CLOUDS)
    for name in ACTING:
        found = job(texts, name)
        [aws] = login(found, "aws-actions/configure-aws-credentials")
        assert aws["with"] == {
            "role-to-assume": CLOUDS["aws"]["role"],
            "aws-region": "eu-central-1",
        }
        [google] = login(found, "google-github-actions/auth")
        assert google["with"]["workload_identity_provider"] == CLOUDS["google"]["provider"]
        [azure] = login(found, "azure/login")
        assert set(azure["with"]) == {"client-id", "tenant-id", "subscription-id"}
        assert found["permissions"]["id-token"] == "write"
    # The accounts of MLflow are secrets still.
    assert "secrets.MLFLOW_TRACKING_PASSWORD" in texts[".github/workflows/drift.yml"]


def test_a_token_takes_the_place_of_an_account() -> None:
    secrets = {"MLFLOW_TRACKING_TOKEN": "secret/data/mlflow token"}
    texts = rendered({"vault": {**VAULT, "secrets": secrets}})
    for name in ACTING:
        text = str(job(texts, name))
        assert "'MLFLOW_TRACKING_TOKEN': '${{ steps.vault.outputs.MLFLOW_TRACKING_TOKEN }}'" in text
        assert "MLFLOW_TRACKING_PASSWORD" not in text
        # What Vault does not keep is a secret of the environment.
        key = "'private-key': '${{ secrets.MERGELINE_APP_PRIVATE_KEY }}'"
        assert (key in text) is (name in BECOME_THE_APP)


def test_a_job_that_vault_keeps_nothing_for_does_not_ask_it() -> None:
    secrets = {"MERGELINE_SIGNING_KEY": "secret/data/signing key"}
    texts = rendered({"vault": {**VAULT, "secrets": secrets}})
    assert login(job(texts, "register"), "vault")
    for name in ("fetch", "drift"):
        assert not login(job(texts, name), "vault")
        assert "id-token" not in job(texts, name)["permissions"]
    # Nobody signs with a key: then nobody asks for one.
    texts = rendered({"vault": {**VAULT, "secrets": secrets}}, signers=[])
    assert not login(job(texts, "register"), "vault")


def test_what_has_to_be_set_on_github() -> None:
    uses = uses_of(rendered({"vault": VAULT}))
    assert {name for names in uses.secrets.values() for name in names} == set()
    assert "MERGELINE_APP_PRIVATE_KEY" in uses.vault["drift"]
    acting = {"release", "staging", "production", "drift"}
    assert set(uses.vault) == acting | {"data", "data-generated-payments"}
    assert uses.vault["data"] == {"MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD"}


def test_the_linters_find_nothing(actionlint: str, tmp_path: Path) -> None:
    for path, text in rendered({"vault": VAULT, **CLOUDS}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    done = lint(actionlint, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert findings(tmp_path / ".github") == [TRIGGER, *CALL]


@pytest.mark.parametrize("tunables", [{}, {"credentials": None}, {"credentials": {}}])
def test_without_them_all_comes_from_secrets(tunables: dict) -> None:
    assert credentials_of(tunables) == Credentials()


@pytest.mark.parametrize(
    "credentials",
    [
        {"vault": {**VAULT, "address": "http://vault.example.org"}},
        {"vault": {**VAULT, "address": "https://vault.example.org/\n- run: id"}},
        {"vault": {**VAULT, "role": "${{ github.head_ref }}"}},
        {"vault": {**VAULT, "role": "models\n"}},
        {"vault": {**VAULT, "secrets": {"PATH": "secret/data/x y"}}},
        {"vault": {**VAULT, "secrets": {"MERGELINE_SIGNING_KEY": "secret/data/x y | PATH ; a b"}}},
        {"vault": {**VAULT, "token": "s.123"}},
        {"aws": {"role": "arn:aws:iam::1:role/${{ x }}", "region": "eu-central-1"}},
        {"aws": {"role": "r"}},
        {"google": {"provider": "p'", "service_account": "s"}},
        "vault",
    ],
)
def test_what_is_more_than_a_plain_word_reaches_no_workflow(credentials: object) -> None:
    with pytest.raises(UsageError, match=r"organization\.credentials .* cannot be read"):
        credentials_of({"credentials": credentials})


def test_the_guide_shows_what_can_be_read() -> None:
    page = (ROOT / "docs/github.md").read_text()
    [example] = re.findall(
        r"^```yaml\n(organization:\n  credentials:\n.*?)^```$", page, re.M | re.S
    )
    found = credentials_of(yaml.safe_load(example)["organization"])
    assert found.vault is not None
    assert found.aws is not None
    for name in Vault.__struct_fields__[3:]:
        assert f"`vault.{name}`" in page
    for name, cloud in (("aws", Aws), ("google", Google), ("azure", Azure)):
        for key in cloud.__struct_fields__:
            assert f"`{name}.{key}`" in page
