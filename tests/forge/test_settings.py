from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.errors import UsageError
from mergeline.forge import ForgeSettings
from mergeline.forge.remote import parse_remote

GITHUB = "https://api.github.com"
ENTERPRISE = "https://github.acme.example/api/v3"


@pytest.mark.parametrize(
    ("url", "api_url", "repository"),
    [
        ("https://github.com/acme/models", GITHUB, "acme/models"),
        ("https://github.com/acme/models.git", GITHUB, "acme/models"),
        ("https://github.com/acme/models.git/", GITHUB, "acme/models"),
        ("https://GitHub.com/Acme/Models", GITHUB, "Acme/Models"),
        ("https://www.github.com/acme/models", GITHUB, "acme/models"),
        ("https://x-access-token:s3cret@github.com/acme/models.git", GITHUB, "acme/models"),
        ("https://github.com:443/acme/models.git", GITHUB, "acme/models"),
        ("git@github.com:acme/models.git", GITHUB, "acme/models"),
        ("github.com:acme/models", GITHUB, "acme/models"),
        ("git@github.com:/acme/models.git", GITHUB, "acme/models"),
        ("org-123@github.com:acme/models.git", GITHUB, "acme/models"),
        ("ssh://git@github.com/acme/models.git", GITHUB, "acme/models"),
        ("ssh://git@ssh.github.com:443/acme/models.git", GITHUB, "acme/models"),
        ("git://github.com/acme/models.git", GITHUB, "acme/models"),
        ("https://github.com/acme/dotted.name.git", GITHUB, "acme/dotted.name"),
        ("https://github.com/acme/models.git.git", GITHUB, "acme/models.git"),
        ("https://github.acme.example/acme/models.git", ENTERPRISE, "acme/models"),
        ("git@github.acme.example:acme/models.git", ENTERPRISE, "acme/models"),
        ("ssh://git@github.acme.example:2222/acme/models", ENTERPRISE, "acme/models"),
        (
            "https://github.acme.example:8443/acme/models",
            "https://github.acme.example:8443/api/v3",
            "acme/models",
        ),
        ("https://acme.ghe.com/acme/models", "https://api.acme.ghe.com", "acme/models"),
        ("https://github.com/acme", None, None),
        ("https://github.com/acme/models/tree/main", None, None),
        ("https://github.com//models", None, None),
        ("https://gitlab.com/acme/models.git", None, None),
        ("git@bitbucket.org:acme/models.git", None, None),
        ("/srv/git/acme/models.git", None, None),
        ("../models.git", None, None),
        ("file:///srv/git/acme/models.git", None, None),
        ("C:/acme/models.git", None, None),
        ("https://[broken/acme/models", None, None),
        ("https://github.com:port/acme/models", None, None),
        ("", None, None),
    ],
)
def test_remote(url: str, api_url: str | None, repository: str | None) -> None:
    remote = parse_remote(url)
    if repository is None:
        assert remote is None
    else:
        assert remote is not None
        assert (remote.api_url, remote.repository) == (api_url, repository)


@given(st.text(max_size=60))
def test_remote_of_any_text_is_read_or_passed_over(text: str) -> None:
    remote = parse_remote(text)
    assert remote is None or remote.repository.count("/") >= 1


def test_the_environment_comes_before_git_and_git_before_the_remote() -> None:
    environ = {"GITHUB_API_URL": "https://one.example/", "GITHUB_REPOSITORY": "one/one"}
    config = {"mergeline.apiurl": "https://two.example", "mergeline.repository": "two/two"}
    remote = "https://github.acme.example/three/three"
    cases = [
        (environ, config, "https://one.example", "one/one"),
        ({}, config, "https://two.example", "two/two"),
        ({}, {}, ENTERPRISE, "three/three"),
        ({"GITHUB_REPOSITORY": " "}, {}, ENTERPRISE, "three/three"),
    ]
    for env, git, api_url, repository in cases:
        found = ForgeSettings.resolve(env, git, remote)
        assert (found.api_url, found.repository) == (api_url, repository)


def test_the_api_is_githubs_by_default() -> None:
    found = ForgeSettings.resolve({"GITHUB_REPOSITORY": "acme/models"}, {}, "/srv/models.git")
    assert found == ForgeSettings(GITHUB, "acme/models", None)
    assert found.owner == "acme"


def test_the_token() -> None:
    names = {"GITHUB_REPOSITORY": "acme/models", "GH_TOKEN": "second\n"}
    assert ForgeSettings.resolve(names, {}, None).token == "second"
    both = ForgeSettings.resolve({**names, "GITHUB_TOKEN": "first"}, {}, None)
    assert both.token == "first"
    assert "first" not in repr(both)
    assert "first" not in str(both)


def test_a_token_that_cannot_be_one_is_refused_unseen() -> None:
    names = {"GITHUB_REPOSITORY": "acme/models", "GITHUB_TOKEN": "two\nlines"}
    with pytest.raises(UsageError) as caught:
        ForgeSettings.resolve(names, {}, None)
    assert "GITHUB_TOKEN" in caught.value.message
    assert "lines" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("remote", [None, "/srv/models.git", "https://gitlab.com/acme/models"])
def test_no_repository_is_a_usage_error(remote: str | None) -> None:
    with pytest.raises(UsageError, match="not known") as caught:
        ForgeSettings.resolve({}, {}, remote)
    assert "GITHUB_REPOSITORY=owner/name" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "name",
    [
        "acme",
        "acme/",
        "/models",
        "acme/models/x",
        "ac me/models",
        "acme/..",
        "acme/mo?dels",
        "a/b\n/c",
    ],
)
def test_a_malformed_repository_is_a_usage_error(name: str) -> None:
    with pytest.raises(UsageError, match="owner/name"):
        ForgeSettings.resolve({"GITHUB_REPOSITORY": name}, {}, None)


def test_a_secret_in_a_repository_is_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        ForgeSettings.resolve({"GITHUB_REPOSITORY": "https://me:s3cret@github.com/a"}, {}, None)
    assert "s3cret" not in caught.value.message


@pytest.mark.parametrize(
    "url", ["api.github.com", "ftp://x", "https://", "https://a:b", "https://a b/", "https://[x"]
)
def test_a_malformed_api_url_is_a_usage_error(url: str) -> None:
    with pytest.raises(UsageError, match="http") as caught:
        ForgeSettings.resolve({"GITHUB_API_URL": url, "GITHUB_REPOSITORY": "acme/models"}, {}, None)
    assert "GITHUB_API_URL" in (caught.value.hint or "")


def test_an_api_url_with_a_secret_is_refused_unseen() -> None:
    environ = {"GITHUB_API_URL": "https://u:s3cret@x.example", "GITHUB_REPOSITORY": "a/b"}
    with pytest.raises(UsageError) as caught:
        ForgeSettings.resolve(environ, {}, None)
    assert "s3cret" not in caught.value.message
