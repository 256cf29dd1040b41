"""Whether a pull request may be merged: the facts, put to every layer over its base branch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge import codeowners
from mergeline.devforge.layers import layers_over
from mergeline.devforge.protection import Facts, blocked_because
from mergeline.devforge.state import Review, Status

if TYPE_CHECKING:
    from mergeline.devforge.config import ForgeConfig, User
    from mergeline.devforge.git import BareRepository
    from mergeline.devforge.state import Pull, State


class Judge:
    """Reads CODEOWNERS from the base branch, so that a pull request cannot change its own judge."""

    def __init__(self, config: ForgeConfig, repository: BareRepository, state: State) -> None:
        self._config = config
        self._repository = repository
        self._state = state

    def blocked_because(self, pull: Pull, merger: User | None) -> str | None:
        """The first reason not to merge.

        Args:
            pull: an open pull request.
            merger: who would go past what lets them pass; None asks for everybody.
        """
        layers = layers_over(self._config, pull.base_ref)
        held = [layer for layer in layers if not layer.lets_pass(merger, "merge")]
        if not held:
            return None
        facts = self._facts(pull)
        reasons = (blocked_because(layer.rules, facts) for layer in held)
        return next(filter(None, reasons), None)

    def allows(self, pull: Pull, merger: User, method: str) -> bool:
        """Whether the repository and the layers allow a way of merging."""
        return method in self._config.merge_methods and all(
            method in layer.methods or layer.lets_pass(merger, "merge")
            for layer in layers_over(self._config, pull.base_ref)
        )

    def _facts(self, pull: Pull) -> Facts:
        base = self._repository.branches().get(pull.base_ref, pull.base_sha)
        return Facts(
            author=pull.author,
            reviews=[r for r in self._state.all(Review) if r.number == pull.number],
            statuses=[s for s in self._state.all(Status) if s.sha == pull.head_sha],
            writers={user.login for user in self._config.users if user.role != "read"},
            head=pull.head_sha,
            pusher=pull.pushed_by,
            owners=self._owners(pull, base),
            up_to_date=self._repository.is_ancestor(base, pull.head_sha),
        )

    def _owners(self, pull: Pull, base: str) -> dict[str, frozenset[str]]:
        lines = codeowners.read_codeowners(self._codeowners(base))
        changed = self._repository.files(base, pull.head_sha) if lines else []
        paths = {path for file in changed for path in (file.path, file.previous) if path}
        written = {codeowners.owners_of(lines, path) for path in sorted(paths)}
        found = {" ".join(owners): self._logins(owners) for owners in sorted(written)}
        # GitHub passes over owners who are not there or may not write.
        return {words: logins for words, logins in found.items() if logins}

    def _codeowners(self, base: str) -> str:
        texts = (self._repository.text(base, place) for place in codeowners.PLACES)
        return next((text for text in texts if text is not None), "")

    def _logins(self, owners: tuple[str, ...]) -> frozenset[str]:
        """Those with write access whom @login, @organisation/team or an address means."""
        team = f"@{self._config.owner}/"
        members = {
            login
            for owner in owners
            if owner.startswith(team)
            for login in self._config.teams.get(owner.removeprefix(team), ())
        }
        return frozenset(
            user.login
            for user in self._config.users
            if user.role != "read"
            and (user.login in members or {f"@{user.login}", user.email} & set(owners))
        )
