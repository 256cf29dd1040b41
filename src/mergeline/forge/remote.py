"""A remote's URL read as GitHub writes it: https, ssh, or ssh's short form."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_SHORT_SSH = re.compile(r"(?:[^/@:\s]+@)?(?P<host>[A-Za-z0-9.-]+):(?!//)(?P<path>[^\s]+)")
_GITHUB = frozenset({"github.com", "www.github.com", "ssh.github.com"})
_SCHEMES = frozenset({"https", "http", "ssh", "git", "git+ssh", "git+https"})
# These hosts keep Git repositories but do not speak GitHub's API.
_NOT_GITHUB = frozenset({"gitlab.com", "bitbucket.org", "codeberg.org", "ssh.dev.azure.com"})


@dataclass(frozen=True, slots=True)
class Remote:
    """The host and the repository that a remote's URL names.

    Attributes:
        host: the host, with the port of an http(s) URL that is not the usual one. A name, and no
            more: whoever can set a remote chooses it, so no token goes there because of it.
        repository: owner/name.
    """

    host: str
    repository: str

    @property
    def on_github(self) -> bool:
        """Is it on github.com?"""
        return self.host in _GITHUB


def parse_remote(url: str) -> Remote | None:
    """Read a remote's URL.

    Returns:
        None when the URL is a local path or names no repository on a GitHub host.
    """
    split = _host_and_path(url.strip())
    if split is None:
        return None
    host, path = split
    parts = [unquote(part) for part in path.strip("/").removesuffix(".git").split("/")]
    if len(parts) != 2 or not all(parts) or host in _NOT_GITHUB:
        return None
    return Remote(host=host, repository="/".join(parts))


def _host_and_path(url: str) -> tuple[str, str] | None:
    if "://" in url:
        return _split_url(url)
    short = _SHORT_SSH.fullmatch(url)
    # One letter before the colon is a drive on Windows, not a host.
    if short is None or len(short["host"]) == 1:
        return None
    return short["host"].lower(), short["path"]


def _split_url(url: str) -> tuple[str, str] | None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in _SCHEMES or not parts.hostname:
        return None
    host = parts.hostname
    # The port of an ssh URL says nothing about the API's.
    if parts.scheme in ("http", "https") and port not in (None, 80, 443):
        host = f"{host}:{port}"
    return host, parts.path


def api_url_of(host: str) -> str:
    """Return where GitHub serves the API of a host.

    github.com and GHE.com have a host of their own for it; GitHub Enterprise Server serves it
    under /api/v3 (https://docs.github.com/en/enterprise-server/rest).
    """
    if host in _GITHUB:
        return "https://api.github.com"
    if host.endswith(".ghe.com"):
        return f"https://api.{host}"
    return f"https://{host}/api/v3"
