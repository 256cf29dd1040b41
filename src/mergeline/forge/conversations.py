"""Issues, labels, and the comments that issues and pull requests have alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mergeline.forge import answers
from mergeline.forge.asking import Asking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mergeline.forge.types import Comment, Issue, PullRequestState


class Conversations(Asking):
    """What is asked of issues and of comments."""

    def issue(self, number: int) -> Issue:
        """One issue; a pull request is one too."""
        return self._read(answers.issue, self._get(f"/issues/{number}"))

    def issues(
        self,
        *,
        labels: Sequence[str] = (),
        state: Literal["open", "closed", "all"] = "open",
        creator: str | None = None,
    ) -> list[Issue]:
        """The issues, without the pull requests that GitHub lists among them.

        Args:
            labels: each of them is on the issue.
            state: which ones.
            creator: the login of who opened it.

        Returns:
            The newest first.
        """
        params: dict[str, str | int] = {"state": state}
        if labels:
            params["labels"] = ",".join(labels)
        if creator is not None:
            params["creator"] = creator
        found = self._list(answers.issue, "/issues", params=params)
        return [issue for issue in found if not issue.is_pull_request]

    def create_issue(self, *, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Open an issue; a label that the repository does not know is made.

        If the answer is lost, an open issue with this title, text and labels is the answer; only
        who may write can label one, so an issue without labels is not looked for.
        """
        content: dict[str, object] = {"title": title, "body": body, "labels": list(labels)}
        if not labels:
            return self._opened(content)
        return self._once(lambda: self._opened(content), lambda: self._same(title, body, labels))

    def _opened(self, content: dict[str, object]) -> Issue:
        return self._read(answers.issue, self._change("POST", "/issues", content))

    def _same(self, title: str, body: str, labels: Sequence[str]) -> Issue | None:
        found = self.issues(labels=labels)
        return next((one for one in found if (one.title, one.body) == (title, body)), None)

    def update_issue(
        self,
        number: int,
        *,
        title: str | None = None,
        body: str | None = None,
        state: PullRequestState | None = None,
        labels: Sequence[str] | None = None,
    ) -> Issue:
        """Change what is given and leave the rest; the labels given replace those it has."""
        given = {"title": title, "body": body, "state": state}
        content: dict[str, object] = {k: v for k, v in given.items() if v is not None}
        if labels is not None:
            content["labels"] = list(labels)
        return self._read(answers.issue, self._change("PATCH", f"/issues/{number}", content))

    def add_labels(self, number: int, labels: Sequence[str]) -> list[str]:
        """Put labels on an issue or a pull request.

        Returns:
            The names of all labels that it has now.
        """
        path = f"/issues/{number}/labels"
        return self._read(answers.labels, self._change("POST", path, {"labels": list(labels)}))

    def comments(self, number: int) -> list[Comment]:
        """The comments of a conversation, the oldest first."""
        return self._list(answers.comment, f"/issues/{number}/comments")

    def create_comment(self, number: int, body: str) -> Comment:
        """Add a comment; it is not looked for if the answer is lost, which is then an error."""
        path = f"/issues/{number}/comments"
        return self._read(answers.comment, self._change("POST", path, {"body": body}))

    def update_comment(self, comment_id: int, body: str) -> Comment:
        """Replace the text of a comment."""
        path = f"/issues/comments/{comment_id}"
        return self._read(answers.comment, self._change("PATCH", path, {"body": body}))
