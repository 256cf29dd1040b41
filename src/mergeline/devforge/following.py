"""Open pull requests follow their branches: pushes, deletions, and heads that land directly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mergeline.devforge.layers import layers_over
from mergeline.devforge.state import Pull, Review

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.config import ForgeConfig
    from mergeline.devforge.git import BareRepository
    from mergeline.devforge.state import State


class Follower:
    """Compares the branches with what was seen last.

    GitHub hears of every push; the forge looks when it is next asked something.
    """

    def __init__(
        self,
        config: ForgeConfig,
        accounts: Accounts,
        repository: BareRepository,
        state: State,
    ) -> None:
        self._config = config
        self._accounts = accounts
        self._repository = repository
        self._state = state
        self._seen: dict[str, str] = {}

    def follow(self, now: str) -> None:
        """Let every open pull request see where its branches are now."""
        branches = self._repository.branches()
        if branches == self._seen:
            return
        for pull in self._state.all(Pull):
            if pull.state == "open":
                base, head = branches.get(pull.base_ref), branches.get(pull.head_ref)
                self._state.save(self._followed(pull, base, head, now))
        self._seen = branches

    def pusher(self, sha: str) -> str | None:
        """Who pushed a commit: as was said on the push, else whoever committed it."""
        (commit,) = self._repository.commits([sha])
        committer = self._accounts.of_email(commit.committer.email)
        return self._repository.pusher(sha) or (committer.login if committer else None)

    def _followed(self, pull: Pull, base: str | None, head: str | None, now: str) -> Pull:
        if base is not None and self._landed_directly(pull, base, head or pull.head_sha):
            return self._marked_merged(pull, base, head or pull.head_sha, now)
        if base is None or head is None:
            return _closed(pull, now)
        if head == pull.head_sha:
            return pull
        return self._pushed(pull, base, head, now)

    def _landed_directly(self, pull: Pull, base: str, head: str) -> bool:
        """Whether the head, with nothing of it taken back, was pushed to the base branch."""
        holds = self._repository.is_ancestor
        return (
            holds(pull.head_sha, base)
            and (head == pull.head_sha or holds(pull.head_sha, head))
            and (head == pull.head_sha or holds(head, base))
        )

    def _marked_merged(self, pull: Pull, base: str, head: str, now: str) -> Pull:
        """GitHub calls this merged too: nobody merged it, and protection had no say.

        The commit that brought the head is taken for its merge, whatever else is in there.
        """
        return replace(
            _closed(pull, now),
            head_sha=head,
            merged_at=now,
            merge_commit_sha=self._repository.landing(head, base),
            pushed=tuple(self._repository.between(pull.base_sha, head)),
        )

    def _pushed(self, pull: Pull, base: str, head: str, now: str) -> Pull:
        self._repository.update_ref(f"refs/pull/{pull.number}/head", head)
        pusher = self.pusher(head)
        moved = replace(pull, head_sha=head, base_sha=base, pushed_by=pusher, updated_at=now)
        layers = layers_over(self._config, pull.base_ref)
        if any(layer.rules.dismiss_stale_reviews for layer in layers):
            self._dismiss_stale(moved)
        return _closed(moved, now) if self._repository.is_ancestor(head, base) else moved

    def _dismiss_stale(self, pull: Pull) -> None:
        for review in self._state.all(Review):
            stale = review.commit_id != pull.head_sha and review.state == "APPROVED"
            if review.number == pull.number and stale:
                self._state.save(replace(review, state="DISMISSED"))


def _closed(pull: Pull, now: str) -> Pull:
    return replace(pull, state="closed", closed_at=now, updated_at=now)
