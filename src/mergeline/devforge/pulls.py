"""Pull requests over the bare repository: opened, followed, merged, found by commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from mergeline.devforge import merging
from mergeline.devforge.clock import written
from mergeline.devforge.following import Follower
from mergeline.devforge.git import GitError
from mergeline.devforge.judge import Judge
from mergeline.devforge.refusal import (
    Refusal,
    broken_rule,
    invalid_field,
    not_found,
    not_mergeable,
    unknown_commit,
)
from mergeline.devforge.state import Event, Pull

if TYPE_CHECKING:
    from mergeline.devforge.accounts import Accounts
    from mergeline.devforge.clock import Clock
    from mergeline.devforge.config import ForgeConfig, User
    from mergeline.devforge.git import BareRepository
    from mergeline.devforge.state import State

BASE_MOVED = "Base branch was modified. Review and try the merge again."
HEAD_MOVED = "Head branch was modified. Review and try the merge again."


class Pulls:
    """The pull requests of the repository."""

    def __init__(
        self,
        config: ForgeConfig,
        accounts: Accounts,
        repository: BareRepository,
        state: State,
        clock: Clock,
    ) -> None:
        self._config = config
        self._accounts = accounts
        self._repository = repository
        self._state = state
        self._clock = clock
        self._follower = Follower(config, accounts, repository, state)
        self._judge = Judge(config, repository, state)

    def now(self) -> str:
        """The time, as GitHub writes it."""
        return written(self._clock())

    def get(self, number: int) -> Pull:
        """One pull request, or 404."""
        pull = self._state.get(Pull, number)
        if pull is None:
            raise not_found()
        return pull

    def all(self) -> list[Pull]:
        """Every pull request, the newest first."""
        return self._state.all(Pull)[::-1]

    def open(self, author: User, *, title: str, body: str | None, head: str, base: str) -> Pull:
        """Open a pull request between two branches of the repository."""
        branches = self._repository.branches()
        owner, _, name = head.rpartition(":")
        if name not in branches or owner not in ("", self._config.owner):
            raise invalid_field("PullRequest", "head")
        if base not in branches:
            raise invalid_field("PullRequest", "base")
        self._refuse_second(name, base)
        if not self._repository.between(branches[base], branches[name]):
            raise broken_rule("PullRequest", f"No commits between {base} and {name}")
        now = self.now()
        pull = self._state.add(
            Pull(
                title=title,
                body=body,
                author=author.login,
                base_ref=base,
                base_sha=branches[base],
                head_ref=name,
                head_sha=branches[name],
                pushed_by=self._follower.pusher(branches[name]),
                created_at=now,
                updated_at=now,
            )
        )
        self._repository.update_ref(f"refs/pull/{pull.number}/head", pull.head_sha)
        return pull

    def edit(self, pull: Pull, *, title: str | None, body: str | None, state: str | None) -> Pull:
        """Change the title, the body, or whether it is open."""
        edited = replace(
            pull,
            title=pull.title if title is None else title,
            body=pull.body if body is None else body,
            updated_at=self.now(),
        )
        if state == "closed" and pull.state == "open":
            edited = replace(edited, state="closed", closed_at=self.now())
        if state == "open" and pull.state == "closed":
            edited = self._reopened(edited)
        return self._state.save(edited)

    def point(self, pull: Pull, base: str, user: User) -> Pull:
        """Let an open pull request go into another branch; reviews stay."""
        branches = self._repository.branches()
        if base not in branches:
            raise invalid_field("PullRequest", "base")
        if pull.state != "open":
            raise broken_rule(
                "PullRequest", "Cannot change the base branch of a closed pull request."
            )
        self._refuse_second(pull.head_ref, base)
        now = self.now()
        self._state.add(
            Event(number=pull.number, actor=user.login, event="base_ref_changed", created_at=now)
        )
        return self._state.save(
            replace(pull, base_ref=base, base_sha=branches[base], updated_at=now)
        )

    def commits(self, pull: Pull) -> list[str]:
        """The commits that a pull request brings, the oldest first."""
        if pull.merged_at:
            return list(pull.pushed)
        base = self._repository.branches().get(pull.base_ref, pull.base_sha)
        return self._repository.between(base, pull.head_sha)

    def mergeable(self, pull: Pull) -> bool | None:
        """Whether it merges without a conflict; None once it is closed."""
        base = self._repository.branches().get(pull.base_ref)
        if pull.state != "open" or base is None:
            return None
        try:
            return self._repository.merge_tree(base, pull.head_sha) is not None
        except GitError:
            return False

    def blocked_because(self, pull: Pull, merger: User | None = None) -> str | None:
        """What the guards of the base branch still ask for, of one merger or of everybody."""
        return self._judge.blocked_because(pull, merger)

    def merge(
        self,
        pull: Pull,
        merger: User,
        *,
        sha: str | None,
        method: str,
        title: str | None = None,
        message: str | None = None,
    ) -> Pull:
        """Merge, and move the base branch only if nobody else has moved it meanwhile."""
        base = self._repository.branches().get(pull.base_ref)
        if merger.role == "read":
            raise Refusal(403, "Must have push access to Repository.")
        if pull.state != "open" or base is None:
            raise not_mergeable(merging.CONFLICT)
        if sha is not None and sha != pull.head_sha:
            raise Refusal(409, HEAD_MOVED)
        if not self._judge.allows(pull, merger, method):
            raise not_mergeable(merging.NOT_ALLOWED[method])
        if blocked := self.blocked_because(pull, merger):
            raise not_mergeable(blocked)
        now = self.now()
        merge = merging.Merge(
            pull=pull,
            base=base,
            label=f"{self._config.owner}:{pull.head_ref}",
            author=self._accounts.signature(pull.author, now),
            merger=self._accounts.signature(merger.login, now),
            now=now,
            title=title,
            message=message,
        )
        return self._land(merge, merger, self._made(merge, method))

    def of_commit(self, name: str) -> list[Pull]:
        """The pull requests that a commit belongs to.

        For a commit of the default branch, those that brought it; for another one, those that
        hold it (https://docs.github.com/en/rest/commits/commits).
        """
        sha = self._repository.resolve(name)
        if sha is None:
            raise unknown_commit(name)
        merged = [p for p in self.all() if sha in (*p.pushed, *p.rewritten, p.merge_commit_sha)]
        tip = self._repository.branches().get(self._config.default_branch)
        if tip and self._repository.is_ancestor(sha, tip):
            return merged
        return [p for p in self.all() if p in merged or (not p.merged_at and self._holds(p, sha))]

    def follow(self) -> None:
        """Let every open pull request see where its branches are now."""
        self._follower.follow(self.now())

    def _reopened(self, pull: Pull) -> Pull:
        branches = self._repository.branches()
        gone = pull.head_ref not in branches or pull.base_ref not in branches
        if pull.merged_at or gone:
            raise broken_rule("PullRequest", "state cannot be changed.")
        self._refuse_second(pull.head_ref, pull.base_ref)
        return replace(pull, state="open", closed_at=None)

    def _refuse_second(self, head: str, base: str) -> None:
        for pull in self._state.all(Pull):
            if pull.state == "open" and (pull.head_ref, pull.base_ref) == (head, base):
                label = f"{self._config.owner}:{head}"
                raise broken_rule("PullRequest", f"A pull request already exists for {label}.")

    def _made(self, merge: merging.Merge, method: str) -> list[str]:
        try:
            return merging.METHODS[method](self._repository, merge)
        except GitError as error:
            raise not_mergeable(merging.CONFLICT) from error

    def _land(self, merge: merging.Merge, merger: User, made: list[str]) -> Pull:
        pull = merge.pull
        pushed = tuple(self._repository.between(merge.base, pull.head_sha))
        if not self._repository.update_ref(f"refs/heads/{pull.base_ref}", made[-1], merge.base):
            raise not_mergeable(BASE_MOVED)
        return self._state.save(
            replace(
                pull,
                state="closed",
                base_sha=merge.base,
                closed_at=merge.now,
                merged_at=merge.now,
                updated_at=merge.now,
                merged_by=merger.login,
                merge_commit_sha=made[-1],
                pushed=pushed,
                rewritten=tuple(made),
            )
        )

    def _holds(self, pull: Pull, sha: str) -> bool:
        return sha in self.commits(pull)
