"""What `apply` writes down when it has made an environment so: on the version, in MLflow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import msgspec

from mergeline.digest import canonical_json
from mergeline.promotion.approvals import Approval, Rejected
from mergeline.registry.names import DEPLOYMENT, HOLD

if TYPE_CHECKING:
    from mergeline.registry.facts import RegisteredVersion

_KEYS = {"deployment": DEPLOYMENT, "hold": HOLD}
Record = Literal["deployment", "hold"]


class Deployed(msgspec.Struct, frozen=True, kw_only=True):
    """A version was put into an environment.

    The fields with a default are missing from what older versions of Mergeline wrote.

    Attributes:
        commit: the merged commit that asked for it.
        pull_request: through which that commit came.
        author: of the pull request.
        approved_by: the logins whose approvals counted.
        applied_at: when, RFC 3339 in UTC; of one that was restored, when it was merged.
        change: how it came: promotion, rollback, hold (the release stayed), emergency.
        approvals: those that counted: who, of which commit, when, for which of the teams asked.
        rejected: those that did not count, and why.
        policies: the digest of the policies that decided.
        waived: the rules that an emergency set aside.
        issue: the number of the issue that follows an emergency up.
        earlier: the commits by which it had been put there before.
        restored_at: when it was restored after the registry was lost, from what Git and the forge
            can prove; when it had been applied is not known then.
    """

    commit: str
    pull_request: int
    author: str
    approved_by: tuple[str, ...]
    applied_at: str
    change: str = "promotion"
    approvals: tuple[Approval, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    policies: str | None = None
    waived: tuple[str, ...] = ()
    issue: int | None = None
    earlier: tuple[str, ...] = ()
    restored_at: str | None = None

    @property
    def commits(self) -> set[str]:
        """Every commit by which it was put there."""
        return {self.commit, *self.earlier}

    def as_tags(self, environment: str, record: Record = "deployment") -> dict[str, str]:
        """Return it as tags of a version: one of its commit, which stays, and the newest one."""
        text = canonical_json(msgspec.to_builtins(self)).decode()
        return {_key(environment, record, self.commit): text, _key(environment, record): text}

    def since(self, moment: datetime) -> datetime:
        """Return from when on it counts as applied, for what is merged at a moment.

        What was merged before the registry was lost is judged again by when it was asked for.
        For what comes after, only what was seen to be there counts: unknown is no.
        """
        restored = _moment(self.restored_at) if self.restored_at else None
        return restored if restored and restored < moment else _moment(self.applied_at)


def deployed(
    version: RegisteredVersion | None,
    environment: str,
    record: Record = "deployment",
    commit: str | None = None,
) -> Deployed | None:
    """Return what is written down about a version in an environment.

    None as well where the tag cannot be read: somebody has edited it, and unknown is no.

    Args:
        version: the version, or None.
        environment: where.
        record: of the release, or of its hold.
        commit: by which it was put there; None: the last one.
    """
    text = version.tags.get(_key(environment, record, commit)) if version else None
    if text is None:
        return None
    try:
        found = msgspec.json.decode(text, type=Deployed)
        _ = [_moment(text) for text in (found.applied_at, found.restored_at) if text is not None]
    except (msgspec.DecodeError, ValueError):
        return None
    return found


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _key(environment: str, record: Record, commit: str | None = None) -> str:
    return ".".join(part for part in (_KEYS[record], environment, commit) if part)
