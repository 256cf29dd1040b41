"""A promotion as policies see it: what is asked, what is there, who agreed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.promotion.documents import timestamp
from mergeline.registry.twin import differing

if TYPE_CHECKING:
    from datetime import datetime

    from mergeline.promotion.provenance import Provenance
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Environment, Release
    from mergeline.specs.types.environment import Emergency, Hold
    from mergeline.specs.types.scalars import Risk


@dataclass(frozen=True, slots=True)
class Previous:
    """Where the release has to have been before: the environment below, at that time.

    Attributes:
        version: the SemVer that Git wanted there.
        digest: the release digest that Git wanted there.
        verified: had `apply` made it so?
        soaked_seconds: since when, in seconds; 0 if it had not.
    """

    version: str
    digest: str
    verified: bool
    soaked_seconds: int


@dataclass(frozen=True, slots=True)
class Case:
    """All facts that a promotion is decided on.

    Attributes:
        model: the specs with the promotion in them.
        environment: the environment that changes.
        risk: the highest that the specs say, before the change and with it, and the release.
        desired: what the promotion asks for there.
        current: what Git last wanted there before; None: never anything.
        standing_hold: that of what `apply` made so last, which may have been lifted unapproved.
        registered: the version in the registry; None: there is none.
        provenance: the pull request and its approvals; None: a direct push.
        merged: is the pull request merged (or, for a preview, taken as merged)?
        previous: the environment below; None: nothing was ever there.
        evidence_age_seconds: from the training commit to the merge.
        verified: has `apply` made the release so in this environment before, as Git asked?
        rollback: does an earlier release come back that was verified here?
        moment: when it was, or would be, merged.
        teams_asked: those that the policies of the base want an approval of; None: there is no
            base to say so.
    """

    model: ModelFolder
    environment: str
    risk: Risk
    desired: Environment
    current: Environment | None
    standing_hold: Hold | None
    registered: RegisteredVersion | None
    provenance: Provenance | None
    merged: bool
    previous: Previous | None
    evidence_age_seconds: int
    verified: bool
    rollback: bool
    moment: datetime
    teams_asked: tuple[str, ...] | None
    signers: tuple[str, ...] | None

    @property
    def settled(self) -> bool:
        """Is the release, verified, there already, so that only the hold changes?"""
        current = self.current
        return self.verified and current is not None and current.digest == self.desired.digest

    @property
    def emergency(self) -> Emergency | None:
        """The emergency that this change declares; one that it leaves in the file is none."""
        before = self.current.emergency if self.current else None
        declared = self.desired.emergency
        return None if self.settled or declared == before else declared

    @property
    def change(self) -> str:
        """What kind of change it is, for the record."""
        if self.settled:
            return "hold"
        if self.emergency:
            return "emergency"
        return "rollback" if self.rollback else "promotion"

    @property
    def release(self) -> Release | None:
        """The release record that the promotion names, if there is one."""
        return self.model.releases.get(self.desired.version)

    def as_input(self) -> dict[str, Any]:
        """Return the input of the policies of package `mergeline.promotion`."""
        absent: dict[str, Any] = {"pull_request": None, "approvals": [], "rejected_approvals": []}
        people = self.provenance.as_input(merged=self.merged) if self.provenance else absent
        return {
            "model": self.model.name,
            "environment": self.environment,
            "version": self.desired.version,
            "risk": self.risk,
            "teams_asked": None if self.teams_asked is None else list(self.teams_asked),
            "signers": None if self.signers is None else list(self.signers),
            "specs": self.model.as_input(),
            "release": _plain(self.release),
            "desired": _plain(self.desired),
            "current": _plain(self.current),
            "standing_hold": _plain(self.standing_hold),
            "registry": self._registry(),
            "previous_environment": _plain(self.previous),
            "verified_here": self.verified,
            "rollback": self.rollback,
            "moment": timestamp(self.moment),
            "evidence_age_seconds": self.evidence_age_seconds,
            **people,
        }

    def _registry(self) -> dict[str, Any] | None:
        if self.registered is None:
            return None
        release = self.release
        missing = differing(release, self.registered.tags) if release else []
        return {
            "version": self.registered.version,
            "digest": self.registered.digest,
            "complete": release is not None and not missing,
            "missing": missing,
        }


def _plain(value: Any) -> Any:
    return None if value is None else msgspec.to_builtins(value)
