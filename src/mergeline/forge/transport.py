"""Requests to GitHub's REST API: the only module that imports githubkit, on the first request."""

from __future__ import annotations

import ssl
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from mergeline.forge.failures import AnswerError, UnreachableError, UnreadableError, answer_text
from mergeline.forge.settings import is_loopback
from mergeline.forge.waiting import rate_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from githubkit import GitHub, Response

    from mergeline.forge.settings import ForgeSettings

PAGE_SIZE = 100
_NO_CONTENT = 204
_MOST_REDIRECTS = 5
# Later versions of the API leave out `merge_commit_sha`, and GitHub Enterprise Server knows
# this one (https://docs.github.com/en/rest/about-the-rest-api/breaking-changes).
_HEADERS = {"X-GitHub-Api-Version": "2022-11-28"}
_RETRY_DELAYS = (0.5, 1.0, 2.0)
# In seconds, for one attempt; who has to wait longer is told until when.
LONGEST_WAIT = 60.0
# Asking again must not do a thing twice: a POST or a merge may have been done before the fault.
_SAFE_TO_REPEAT = frozenset({"GET", "PATCH"})


def _certificates(api_url: str) -> ssl.SSLContext | bool:
    """The usual ones for https; none for http, as reading them takes 25 ms."""
    return api_url.startswith("https:") or ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Transport:
    """Sends one request at a time and reads JSON; keeps its connection until closed.

    Attributes:
        calls: how many requests have been sent, each attempt and each page counted.
    """

    def __init__(
        self,
        settings: ForgeSettings,
        *,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.settings = settings
        self.sleep = sleep
        self._now = now
        self.calls = 0
        self._timeout = timeout
        self._open = ExitStack()
        self._github: GitHub[Any] | None = None

    def close(self) -> None:
        """Close the connection; a later request opens a new one."""
        self._open.close()
        self._github = None

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> object:
        """Send a request and return the answer's JSON.

        Raises:
            AnswerError: the forge answered with an error.
            UnreachableError: the forge could not be asked.
            UnreadableError: the answer is not JSON.
        """
        return self._json(self._respond(method, path, params, body), f"{method} {path}")

    def pages(
        self,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        key: str | None = None,
        cursors: bool = False,
    ) -> Iterator[object]:
        """Every element of a paginated list; `key` names the list within an object.

        Pages have numbers, or with `cursors` each names where the next one goes on.
        """
        page = 0
        more = True
        place: dict[str, str | int] = {}
        while more:
            page += 1
            place = place if cursors else {"page": page}
            query = {**(params or {}), "per_page": PAGE_SIZE, **place}
            response = self._respond("GET", path, query, None)
            answer = self._json(response, f"GET {path}")
            elements = answer.get(key) if key and isinstance(answer, dict) else answer
            if not isinstance(elements, list):
                raise UnreadableError(self.settings, f"GET {path}", "not a list")
            yield from elements
            # The page is counted here rather than followed by its address, and of that address
            # the cursor alone is taken, so that the token goes to no other host than the
            # configured one.
            following = response.raw_response.links.get("next")
            more = bool(elements) and following is not None
            if cursors and following is not None:
                place = {"after": _cursor(following["url"])}

    def _respond(
        self,
        method: str,
        path: str,
        params: Mapping[str, str | int] | None,
        body: Mapping[str, object] | None,
    ) -> Response[Any, Any]:
        from githubkit.exception import GitHubException

        question = f"{method} {path}"
        delays = iter(_RETRY_DELAYS)
        while True:
            self.calls += 1
            try:
                answer = self._connected().request(
                    method,
                    path,
                    params=dict(params) if params else None,
                    json=dict(body) if body is not None else None,
                    headers=_HEADERS,
                )
                return self._followed(answer, question, body)
            # githubkit fails with ValueError on a Retry-After that is no number.
            except (GitHubException, ValueError) as exception:
                failure = self._failure(exception, question)
                delay = _pause(failure, method, next(delays, None))
                if delay is None:
                    raise failure from exception
                self.sleep(delay)

    def _followed(
        self, answer: Response[Any, Any], question: str, body: Mapping[str, object] | None
    ) -> Response[Any, Any]:
        """Follow a redirect, as of a renamed repository, but to the configured host alone."""
        for _ in range(_MOST_REDIRECTS):
            following = answer.raw_response.next_request
            if following is None:
                return answer
            if _origin(str(following.url)) != _origin(self.settings.api_url):
                reason = f"a redirect to {following.url.host}, which is another host"
                raise UnreadableError(self.settings, question, reason)
            self.calls += 1
            answer = self._connected().request(
                following.method,
                str(following.url),
                json=dict(body) if body is not None and following.method != "GET" else None,
                headers=_HEADERS,
            )
        raise UnreadableError(self.settings, question, "one redirect after the other")

    def _connected(self) -> GitHub[Any]:
        if self._github is None:
            from githubkit import GitHub

            github: GitHub[Any] = GitHub(
                self.settings.token,
                base_url=self.settings.api_url,
                user_agent="mergeline",
                timeout=self._timeout,
                http_cache=False,
                auto_retry=False,
                follow_redirects=False,
                # A proxy must not stand between this machine and itself.
                trust_env=not is_loopback(self.settings.api_url),
                ssl_verify=_certificates(self.settings.api_url),
            )
            # Entering keeps one connection for all requests.
            self._github = self._open.enter_context(github)
        return self._github

    def _json(self, response: Response[Any, Any], question: str) -> object:
        if response.status_code == _NO_CONTENT:
            return None
        try:
            answer: object = response.json()
        except ValueError as error:
            raise UnreadableError(self.settings, question, "not JSON") from error
        return answer

    def _failure(self, exception: Exception, question: str) -> AnswerError | UnreachableError:
        from githubkit.exception import RequestError, RequestFailed
        from httpx import ConnectError, ConnectTimeout

        if isinstance(exception, RequestFailed):
            return self._refusal(exception.response, question)
        cause = exception.exc if isinstance(exception, RequestError) else exception
        reason = str(cause) or type(cause).__name__
        unsent = isinstance(cause, ConnectError | ConnectTimeout)
        return UnreachableError(self.settings, question, reason, lost=not unsent)

    def _refusal(self, response: Response[Any, Any], question: str) -> AnswerError:
        try:
            body = response.json()
        except ValueError:
            body = None
        text = answer_text(body, response.reason_phrase or "no explanation")
        status, now = response.status_code, self._now()
        wait = rate_limit(status, response.headers, text, now)
        again_at = None if wait is None else datetime.fromtimestamp(now + wait, UTC)
        return AnswerError(self.settings, question, status, text, wait=wait, again_at=again_at)


def _pause(
    failure: AnswerError | UnreachableError, method: str, delay: float | None
) -> float | None:
    """How long to wait before asking again, in seconds; None to give up."""
    if delay is None:
        return None
    if failure.lost:
        return delay if method in _SAFE_TO_REPEAT else None
    if isinstance(failure, UnreachableError):
        return delay
    if failure.wait is None or failure.wait > LONGEST_WAIT:
        return None
    return max(failure.wait, delay)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual


def _cursor(url: str) -> str:
    """Return where the next page goes on; empty if the address does not say so."""
    return next(iter(parse_qs(urlsplit(url).query).get("after", [])), "")
