"""The forge: what Mergeline asks of GitHub, one method a question."""

from __future__ import annotations

from urllib.parse import quote

from mergeline.forge import answers
from mergeline.forge.checks import Checks
from mergeline.forge.conversations import Conversations
from mergeline.forge.failures import UnreadableError
from mergeline.forge.guards import Guards
from mergeline.forge.pull_requests import PullRequests


class Forge(PullRequests, Conversations, Checks, Guards):
    """GitHub, GitHub Enterprise, or the development forge.

    Every method raises ToolError when the question could not be answered (network, token,
    permission, not found, a fault of the forge), and a method that changes something raises
    RefusedError, carrying the forge's own words, when the answer is no.
    """

    def login(self) -> str:
        """Whose token it is. A token of an App or of a workflow is nobody's: ToolError."""
        name = self._read(answers.login, self._transport.ask("GET", "/user"))
        if name is None:
            raise UnreadableError(self.settings, "GET /user", "no login")
        return name

    def default_branch(self) -> str:
        """The branch that the repository's pull requests go to."""
        return self.repository().default_branch

    def branch_head(self, name: str) -> str:
        """The commit that a branch stands at."""
        return self._read(answers.branch_head, self._get(f"/branches/{quote(name, safe='')}"))

    def delete_branch(self, name: str) -> None:
        """Delete a branch; one that is gone already is refused by GitHub."""
        self._change("DELETE", f"/git/refs/heads/{name}", None)
