"""Pull requests and their reviews."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from mergeline.errors import RefusedError, ToolError
from mergeline.forge import answers
from mergeline.forge.asking import Asking
from mergeline.forge.failures import AnswerError

if TYPE_CHECKING:
    from mergeline.forge.types import (
        Event,
        MergeMethod,
        PullRequest,
        PullRequestCommit,
        PullRequestState,
        Push,
        Review,
        ReviewEvent,
    )

# GitHub lists no more than these of one pull request (its documentation of the two endpoints).
LISTED_COMMITS = 250
LISTED_FILES = 3000
_NOT_YET_KNOWN = frozenset({404, 422})
_DELAYS_AFTER_MERGE = (0.5, 1.0, 2.0, 4.0)


class PullRequests(Asking):
    """What is asked of pull requests."""

    def pull_request(self, number: int) -> PullRequest:
        """One pull request."""
        return self._read(answers.pull_request, self._get(f"/pulls/{number}"))

    def pull_requests(
        self,
        *,
        head: str | None = None,
        base: str | None = None,
        state: Literal["open", "closed", "all"] = "open",
        most: int | None = None,
    ) -> list[PullRequest]:
        """The pull requests from one branch, into one branch, in a state.

        Args:
            head: the name of a branch of this repository; `OWNER:BRANCH` for one of a fork.
            base: the name of the branch to merge into.
            state: which ones.
            most: stop at so many.

        Returns:
            The newest first.
        """
        params: dict[str, str | int] = {"state": state}
        if head is not None:
            params["head"] = head if ":" in head else f"{self.settings.owner}:{head}"
        if base is not None:
            params["base"] = base
        return self._list(answers.pull_request, "/pulls", params=params, most=most)

    def create_pull_request(self, *, title: str, body: str, head: str, base: str) -> PullRequest:
        """Open a pull request from a branch of this repository.

        A branch has one open pull request into another at most, so if the answer is lost, the
        one that is there then is the answer.
        """
        content: dict[str, object] = {"title": title, "body": body, "head": head, "base": base}
        return self._once(
            lambda: self._read(answers.pull_request, self._change("POST", "/pulls", content)),
            lambda: next(iter(self.pull_requests(head=head, base=base, most=1)), None),
        )

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
        content: dict[str, object] = {"sha": sha, "merge_method": method}
        merged = self._once(
            lambda: self._merged(number, content),
            lambda: self._merge_of(number, sha),
        )
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

    def files(self, number: int, *, most: int | None = None) -> list[str]:
        """The paths that a pull request changes; a renamed file counts under its new one.

        Args:
            number: of the pull request.
            most: stop at so many; what is left out is then the caller's to think of.

        Raises:
            ToolError: there are more than GitHub lists, so the answer would not be whole.
        """
        paths = self._list(answers.filename, f"/pulls/{number}/files", most=most)
        if most is None and len(paths) >= LISTED_FILES:
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

    def reviews(self, number: int) -> list[Review]:
        """The reviews of a pull request, the oldest first."""
        return self._list(answers.review, f"/pulls/{number}/reviews")

    def pushes(self, pull_request: PullRequest) -> list[Push]:
        """The pushes to the branch of a pull request, the newest first, also those before it.

        GitHub knows of each whose token it carried; names in commits are anybody's to choose.

        Raises:
            ToolError: also where the branch was in a fork that is gone.
        """
        if pull_request.head_repository is None:
            raise ToolError(
                f"who pushed to pull request {pull_request.number} is not known: the fork that "
                "it came from is gone",
                hint="open it again from a branch of this repository",
            )
        path = f"/repos/{pull_request.head_repository}/activity"
        ref = f"refs/heads/{pull_request.head_ref}"
        return self._read_all(answers.push, path, params={"ref": ref}, cursors=True)

    def events(self, number: int) -> list[Event]:
        """What happened to a pull request, the oldest first."""
        return self._list(answers.event, f"/issues/{number}/events")

    def create_review(
        self, number: int, *, event: ReviewEvent, body: str = "", commit_id: str | None = None
    ) -> Review:
        """Review a pull request, at its head or at the commit given."""
        content: dict[str, object] = {"event": event, "body": body}
        if commit_id is not None:
            content["commit_id"] = commit_id
        return self._read(answers.review, self._change("POST", f"/pulls/{number}/reviews", content))

    def _merged(self, number: int, content: dict[str, object]) -> str | None:
        answer = self._change("PUT", f"/pulls/{number}/merge", content)
        return self._read(answers.merge_sha, answer)

    def _merge_of(self, number: int, sha: str) -> str | None:
        """The merge of a head, if it was made."""
        found = self.pull_request(number)
        return found.merge_commit_sha if found.head_sha == sha else None


def _require_whole(number: int, what: str, listed: int, total: int) -> None:
    if total > listed:
        raise ToolError(
            f"pull request {number} has {total} {what}, of which GitHub lists {listed}",
            hint="split the pull request",
        )
