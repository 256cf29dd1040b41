"""The forge: what Mergeline asks of GitHub, one method a question."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

import msgspec

from mergeline.errors import RefusedError, ToolError
from mergeline.forge import answers
from mergeline.forge.failures import AnswerError, UnreadableError
from mergeline.forge.transport import Transport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from mergeline.forge.settings import ForgeSettings
    from mergeline.forge.types import (
        Comment,
        CommitStatus,
        MergeMethod,
        PullRequest,
        PullRequestCommit,
        PullRequestState,
        Review,
        ReviewEvent,
        StatusState,
    )

T = TypeVar("T")

# GitHub lists no more than these of one pull request (its documentation of the two endpoints).
LISTED_COMMITS = 250
LISTED_FILES = 3000
LONGEST_DESCRIPTION = 140
# 405: not mergeable; 409: the head moved; 422: what was asked breaks a rule of GitHub's.
_REFUSALS = frozenset({405, 409, 422})
_NOT_YET_KNOWN = frozenset({404, 422})
_DELAYS_AFTER_MERGE = (0.5, 1.0, 2.0, 4.0)


class Forge:
    """GitHub, GitHub Enterprise, or the development forge.

    Every method raises ToolError when the question could not be answered (network, token,
    permission, not found, a fault of the forge), and a method that changes something raises
    RefusedError, carrying the forge's own words, when the answer is no.
    """

    def __init__(
        self,
        settings: ForgeSettings,
        *,
        timeout: float = 30.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Nothing is opened before the first question.

        Args:
            settings: which forge, repository and token.
            timeout: the seconds that each request may take.
            sleep: waits between attempts.
        """
        self.settings = settings
        self._transport = Transport(settings, timeout=timeout, sleep=sleep)
        self._repository = f"/repos/{settings.repository}"

    def __enter__(self) -> Forge:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._transport.close()

    def login(self) -> str:
        """Whose token it is. A token of an App or of a workflow is nobody's: ToolError."""
        name = self._read(answers.login, self._transport.ask("GET", "/user"))
        if name is None:
            raise UnreadableError(self.settings, "GET /user", "no login")
        return name

    def default_branch(self) -> str:
        """The branch that the repository's pull requests go to."""
        return self._read(answers.default_branch, self._get(""))

    # Pull requests

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""
        return self._read(answers.pull_request, self._get(f"/pulls/{number}"))

    def pull_requests(
        self,
        *,
        head: str | None = None,
        base: str | None = None,
        state: Literal["open", "closed", "all"] = "open",
    ) -> list[PullRequest]:
        """The pull requests from one branch of this repository, into one branch, in a state.

        Args:
            head: the name of a branch of this repository.
            base: the name of the branch to merge into.
            state: which ones.

        Returns:
            The newest first.
        """
        params: dict[str, str | int] = {"state": state}
        if head is not None:
            params["head"] = f"{self.settings.owner}:{head}"
        if base is not None:
            params["base"] = base
        return self._list(answers.pull_request, "/pulls", params=params)

    def create_pull_request(self, *, title: str, body: str, head: str, base: str) -> PullRequest:
        """Open a pull request from a branch of this repository."""
        content: dict[str, object] = {"title": title, "body": body, "head": head, "base": base}
        return self._read(answers.pull_request, self._change("POST", "/pulls", content))

    def update_pull_request(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: PullRequestState | None = None,
    ) -> PullRequest:
        """Change what is given and leave the rest."""
        given = {"title": title, "body": body, "state": state}
        content: dict[str, object] = {
            key: value for key, value in given.items() if value is not None
        }
        return self._read(answers.pull_request, self._change("PATCH", f"/pulls/{number}", content))

    def merge_pull_request(self, number: int, *, sha: str, method: MergeMethod = "merge") -> str:
        """Merge, if the head is still `sha` and the base branch's protection allows it.

        Returns:
            The sha of the commit that the base branch now points to.

        Raises:
            RefusedError: not mergeable, or the head has moved.
        """
        answer = self._change("PUT", f"/pulls/{number}/merge", {"sha": sha, "merge_method": method})
        merged = self._read(answers.merge_sha, answer)
        if merged is None:
            raise RefusedError(f"the forge did not merge pull request {number}")
        return merged

    def pull_requests_of_commit(self, sha: str) -> list[PullRequest]:
        """The pull requests that brought a commit, by merge, squash or rebase.

        GitHub may not know a commit yet right after its merge, so a few 404 and 422 are waited
        out. An empty list is an answer: the commit came without a pull request.
        """
        path = f"/commits/{quote(sha, safe='')}/pulls"
        for delay in _DELAYS_AFTER_MERGE:
            try:
                return self._list(answers.pull_request, path)
            except AnswerError as error:
                if error.status not in _NOT_YET_KNOWN:
                    raise
            self._transport.sleep(delay)
        return self._list(answers.pull_request, path)

    def files(self, number: int) -> list[str]:
        """The paths that a pull request changes; a renamed file counts under its new one.

        Raises:
            ToolError: there are more than GitHub lists, so the answer would not be whole.
        """
        paths = self._list(answers.filename, f"/pulls/{number}/files")
        if len(paths) >= LISTED_FILES:
            _, total = self._read(answers.totals, self._get(f"/pulls/{number}"))
            _require_whole(number, "changed files", len(paths), total)
        return paths

    def commits(self, number: int) -> list[PullRequestCommit]:
        """The commits of a pull request, the oldest first.

        Raises:
            ToolError: there are more than GitHub lists, so the answer would not be whole.
        """
        commits = self._list(answers.pull_request_commit, f"/pulls/{number}/commits")
        if len(commits) >= LISTED_COMMITS:
            total, _ = self._read(answers.totals, self._get(f"/pulls/{number}"))
            _require_whole(number, "commits", len(commits), total)
        return commits

    # Reviews and comments

    def reviews(self, number: int) -> list[Review]:
        """The reviews of a pull request, the oldest first."""
        return self._list(answers.review, f"/pulls/{number}/reviews")

    def create_review(
        self, number: int, *, event: ReviewEvent, body: str = "", commit_id: str | None = None
    ) -> Review:
        """Review a pull request, at its head or at the commit given."""
        content: dict[str, object] = {"event": event, "body": body}
        if commit_id is not None:
            content["commit_id"] = commit_id
        return self._read(answers.review, self._change("POST", f"/pulls/{number}/reviews", content))

    def comments(self, number: int) -> list[Comment]:
        """The comments of a conversation, the oldest first."""
        return self._list(answers.comment, f"/issues/{number}/comments")

    def create_comment(self, number: int, body: str) -> Comment:
        """Add a comment."""
        path = f"/issues/{number}/comments"
        return self._read(answers.comment, self._change("POST", path, {"body": body}))

    def update_comment(self, comment_id: int, body: str) -> Comment:
        """Replace the text of a comment."""
        path = f"/issues/comments/{comment_id}"
        return self._read(answers.comment, self._change("PATCH", path, {"body": body}))

    # Commit statuses

    def set_status(
        self,
        sha: str,
        *,
        context: str,
        state: StatusState,
        description: str,
        target_url: str | None = None,
    ) -> CommitStatus:
        """Set the status of one context on a commit; a long description is cut to fit."""
        content: dict[str, object] = {
            "context": context,
            "state": state,
            "description": _cut(description),
        }
        if target_url is not None:
            content["target_url"] = target_url
        path = f"/statuses/{quote(sha, safe='')}"
        return self._read(answers.commit_status, self._change("POST", path, content))

    def statuses(self, sha: str) -> list[CommitStatus]:
        """The latest status of each context on a commit."""
        path = f"/commits/{quote(sha, safe='')}/status"
        return self._list(answers.commit_status, path, key="statuses")

    # How it is asked

    def _get(self, path: str) -> object:
        return self._transport.ask("GET", self._repository + path)

    def _change(self, method: str, path: str, content: dict[str, object]) -> object:
        try:
            return self._transport.ask(method, self._repository + path, body=content)
        except AnswerError as error:
            if error.status in _REFUSALS:
                raise error.refusal() from error
            raise

    def _list(
        self,
        reader: Callable[[object], T],
        path: str,
        *,
        params: dict[str, str | int] | None = None,
        key: str | None = None,
    ) -> list[T]:
        elements: Iterable[object] = self._transport.pages(
            self._repository + path, params=params, key=key
        )
        return [self._read(reader, element) for element in elements]

    def _read(self, reader: Callable[[object], T], data: object) -> T:
        try:
            return reader(data)
        except msgspec.ValidationError as error:
            kind = reader.__name__.replace("_", " ")
            raise UnreadableError(self.settings, f"with a {kind}", str(error)) from error


def _require_whole(number: int, what: str, listed: int, total: int) -> None:
    if total > listed:
        raise ToolError(
            f"pull request {number} has {total} {what}, of which GitHub lists {listed}",
            hint="split the pull request",
        )


def _cut(description: str) -> str:
    if len(description) <= LONGEST_DESCRIPTION:
        return description
    return description[: LONGEST_DESCRIPTION - 1] + "…"
