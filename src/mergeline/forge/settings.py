"""Where the forge is, which repository it holds, and the token: resolved once."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mergeline.errors import UsageError
from mergeline.forge.remote import api_url_of, parse_remote

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_API_URL = "https://api.github.com"
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}/(?!\.{1,2}\Z)[A-Za-z0-9._-]{1,100}")
_TOKEN = re.compile(r"[!-~]+")
_HINT = (
    "set GITHUB_REPOSITORY=owner/name, or run: git config mergeline.repository owner/name, "
    "or give the clone an `origin` on GitHub"
)


@dataclass(frozen=True, slots=True)
class ForgeSettings:
    """The forge that a clone belongs to.

    Attributes:
        api_url: the base URL of the REST API, without a trailing slash.
        repository: owner/name.
        token: a personal, App or workflow token; None asks as nobody. Never part of a repr.
    """

    api_url: str
    repository: str
    token: str | None = field(default=None, repr=False)

    @classmethod
    def resolve(
        cls, environ: Mapping[str, str], git_config: Mapping[str, str], remote_url: str | None
    ) -> ForgeSettings:
        """Take each setting from the first place that has it.

        Args:
            environ: the environment: GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_REPOSITORY,
                GITHUB_TOKEN, GH_TOKEN.
            git_config: Git's configuration, this clone's too: mergeline.apiurl,
                mergeline.repository. No commit can bring it.
            remote_url: the URL of the remote `origin`, if there is one. It may name the repository,
                and github.com; another host must be configured, because the token goes there.

        Raises:
            UsageError: no repository was found, a setting is malformed, or only `origin` names
                the host.
        """
        remote = parse_remote(remote_url) if remote_url else None
        api_url = _first(
            environ.get("GITHUB_API_URL"),
            git_config.get("mergeline.apiurl"),
            _api_of(environ.get("GITHUB_SERVER_URL")),
        )
        repository = _first(
            environ.get("GITHUB_REPOSITORY"), git_config.get("mergeline.repository")
        )
        if remote is not None:
            if api_url is None and not remote.on_github:
                api = api_url_of(remote.host)
                raise UsageError(
                    f"the remote `origin` is on {remote.host}, which is not configured as a GitHub "
                    "of yours: no token is sent there",
                    hint=f"if it is: git config --global mergeline.apiurl {api}",
                )
            repository = repository or remote.repository
        return cls(
            api_url=_checked_api_url(api_url or DEFAULT_API_URL),
            repository=_checked_repository(repository),
            token=_checked_token(environ),
        )

    @property
    def owner(self) -> str:
        """The user or organisation that owns the repository."""
        return self.repository.partition("/")[0]


def _first(*candidates: str | None) -> str | None:
    return next((text.strip() for text in candidates if text and text.strip()), None)


def _api_of(server_url: str | None) -> str | None:
    """Return the API of the server that GitHub's workflows name; None: they name none."""
    if not (server_url or "").strip():
        return None
    text = str(server_url).strip().rstrip("/")
    scheme, _, host = text.partition("://")
    return api_url_of(host.lower()) if scheme == "https" and "/" not in host else text


def is_loopback(url: str) -> bool:
    """Tell whether a URL names this machine, by an address or as `localhost`."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _checked_api_url(text: str) -> str:
    try:
        parts = urlsplit(text)
        well_formed = bool(parts.scheme in ("http", "https") and parts.hostname)
        parts.port  # noqa: B018 - reading the port is what checks it
    except ValueError:
        well_formed = False
    if not well_formed or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise UsageError(
            f"the forge's API URL is not an http(s) URL: {_without_secrets(text)!r}",
            hint=f"set GITHUB_API_URL, for example to {DEFAULT_API_URL}",
        )
    if parts.username or parts.password or parts.query or parts.fragment:
        raise UsageError(
            "the forge's API URL must hold no user, password, query or fragment",
            hint="put the token into GITHUB_TOKEN",
        )
    if parts.scheme == "http" and not is_loopback(text):
        raise UsageError(
            f"the forge's API URL is not encrypted: {text}",
            hint="use https: by http, anybody on the way reads the token and writes the answers",
        )
    return text.rstrip("/")


def _without_secrets(text: str) -> str:
    return re.sub(r"[^/@\s]*@", "***@", text)


def _checked_repository(text: str | None) -> str:
    if text is None:
        raise UsageError(
            "which repository on GitHub this clone belongs to is not known", hint=_HINT
        )
    if not _REPOSITORY.fullmatch(text):
        raise UsageError(
            f"not a repository in the form owner/name: {_without_secrets(text)!r}", hint=_HINT
        )
    return text


def _checked_token(environ: Mapping[str, str]) -> str | None:
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        token = (environ.get(name) or "").strip()
        if token and not _TOKEN.fullmatch(token):
            raise UsageError(
                f"{name} holds characters that no token has",
                hint=f"set {name} to the token alone, on one line",
            )
        if token:
            return token
    return None
