from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.errors import UsageError
from mergeline.forge import ForgeSettings
from mergeline.forge.remote import parse_remote

GITHUB = "https://api.github.com"
ENTERPRISE = "https://github.acme.example/api/v3"
IN_ENTERPRISE = "https://github.acme.example/three/three"


@pytest.mark.parametrize(
    ("url", "host", "repository"),
    [
        ("https://github.com/acme/models", "github.com", "acme/models"),
        ("https://github.com/acme/models.git", "github.com", "acme/models"),
        ("https://github.com/acme/models.git/", "github.com", "acme/models"),
        ("https://GitHub.com/Acme/Models", "github.com", "Acme/Models"),
        ("https://www.github.com/acme/models", "www.github.com", "acme/models"),
        ("https://x-access-token:s3cret@github.com/acme/models.git", "github.com", "acme/models"),
        ("https://github.com:443/acme/models.git", "github.com", "acme/models"),
        ("git@github.com:acme/models.git", "github.com", "acme/models"),
        ("github.com:acme/models", "github.com", "acme/models"),
        ("git@github.com:/acme/models.git", "github.com", "acme/models"),
        ("org-123@github.com:acme/models.git", "github.com", "acme/models"),
        ("ssh://git@github.com/acme/models.git", "github.com", "acme/models"),
        ("ssh://git@ssh.github.com:443/acme/models.git", "ssh.github.com", "acme/models"),
        ("git://github.com/acme/models.git", "github.com", "acme/models"),
        ("https://github.com/acme/dotted.name.git", "github.com", "acme/dotted.name"),
        ("https://github.com/acme/models.git.git", "github.com", "acme/models.git"),
        ("https://github.acme.example/acme/models.git", "github.acme.example", "acme/models"),
        ("git@github.acme.example:acme/models.git", "github.acme.example", "acme/models"),
        ("ssh://git@github.acme.example:2222/acme/models", "github.acme.example", "acme/models"),
        (
            "https://github.acme.example:8443/acme/models",
            "github.acme.example:8443",
            "acme/models",
        ),
        ("https://acme.ghe.com/acme/models", "acme.ghe.com", "acme/models"),
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
def test_remote(url: str, host: str | None, repository: str | None) -> None:
    remote = parse_remote(url)
    if repository is None:
        assert remote is None
    else:
        assert remote is not None
        assert (remote.host, remote.repository) == (host, repository)


@given(st.text(max_size=60))
def test_remote_of_any_text_is_read_or_passed_over(text: str) -> None:
    remote = parse_remote(text)
    assert remote is None or remote.repository.count("/") >= 1


def test_the_environment_comes_before_git_and_the_repository_may_come_from_the_remote() -> None:
    environ = {"GITHUB_API_URL": "https://one.example/", "GITHUB_REPOSITORY": "one/one"}
    config = {"mergeline.apiurl": "https://two.example", "mergeline.repository": "two/two"}
    api = {"mergeline.apiurl": ENTERPRISE}
    cases = [
        (environ, config, "https://one.example", "one/one"),
        ({}, config, "https://two.example", "two/two"),
        ({}, api, ENTERPRISE, "three/three"),
        ({"GITHUB_REPOSITORY": " "}, api, ENTERPRISE, "three/three"),
        ({"GITHUB_SERVER_URL": "https://github.acme.example/"}, {}, ENTERPRISE, "three/three"),
        ({"GITHUB_SERVER_URL": "https://github.com"}, {}, GITHUB, "three/three"),
        (
            {"GITHUB_SERVER_URL": "https://acme.ghe.com"},
            {},
            "https://api.acme.ghe.com",
            "three/three",
        ),
    ]
    for env, git, api_url, repository in cases:
        found = ForgeSettings.resolve(env, git, IN_ENTERPRISE)
        assert (found.api_url, found.repository) == (api_url, repository)


@pytest.mark.parametrize(
    "remote",
    [
        IN_ENTERPRISE,
        "https://github.com.evil.example/acme/models",
        "https://github.com@evil.example/acme/models",
        "https://github.com:8443/acme/models",
        "https://github.com./acme/models",
        "https://evil.ghe.com/acme/models",
        "https://127.0.0.1:8443/acme/models",
        "git@evil.example:acme/models.git",
        "gh:acme/models",
    ],
)
def test_no_host_is_asked_because_a_remote_names_it(remote: str) -> None:
    for environ in ({}, {"GITHUB_REPOSITORY": "acme/models"}):
        with pytest.raises(UsageError, match="no token is sent there") as caught:
            ForgeSettings.resolve({"GITHUB_TOKEN": "t0ken", **environ}, {}, remote)
        assert "git config --global mergeline.apiurl https://" in (caught.value.hint or "")
        assert "t0ken" not in f"{caught.value.message} {caught.value.hint}"


@pytest.mark.parametrize("url", ["http://api.github.com", "http://10.0.0.1", "http://x.localhost"])
def test_nothing_is_asked_unencrypted_of_another_machine(url: str) -> None:
    with pytest.raises(UsageError, match="not encrypted"):
        ForgeSettings.resolve({"GITHUB_API_URL": url, "GITHUB_REPOSITORY": "acme/models"}, {}, None)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://[::1]:1", "http://localhost:1"])
def test_this_machine_may_be_asked_unencrypted(url: str) -> None:
    environ = {"GITHUB_API_URL": url, "GITHUB_REPOSITORY": "acme/models"}
    assert ForgeSettings.resolve(environ, {}, None).api_url == url


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
