"""The plan of a change: frozen, with a digest, and its JSON.

The JSON, stable within `apiVersion: mergeline.dev/v1`::

    {"base": commit, "head": commit | null, "digest": "sha256:…", "models": [
      {"name", "status": "added" | "modified" | "removed",
       "version": {"before": SemVer | null, "after": SemVer | null,
                   "required": "major" | "minor" | "patch" | null, "fits": bool},
       "risk": "low" | "medium" | "high" | null, "owner": team | null,
       "changes": [{"kind", "path", "effect", "part": as "required", "before"?, "after"?}],
       "actions": [{"kind", "title", "reason", "environment": str | null,
                    "version": SemVer | null}],
       "approvals": [{"environment", "count": int | null, "team", "reason"}],
       "notes": [str],
       "findings": [{"rule", "severity", "message", "file", "line", "column", "hint"}]}]}

`base` is the commit that the head is compared with; `head` is null for a work tree with
changes that are not committed. Models are in the order of their names, changes in the order
of a model's files. `before` (`after`) is left out where there was (is) nothing; null is a
value. `digest` covers everything but itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from mergeline.digest import digest_json
from mergeline.findings import has_errors

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.plan.approvals import Approvals
    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.outlook import Action
    from mergeline.plan.versions import Version

Status = Literal["added", "modified", "removed"]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What a change means for one model.

    Attributes:
        name: of the model.
        status: of its folder.
        version: in base and head.
        risk: in the head (the base, if removed); None: it cannot be read.
        owner: the team, likewise.
        changes: what differs in meaning.
        actions: what follows, in order.
        approvals: what the promotions among the actions need.
        notes: what is to be known besides.
        findings: what is wrong with the model's files in the head.
    """

    name: str
    status: Status
    version: Version
    risk: str | None = None
    owner: str | None = None
    changes: tuple[SemanticChange, ...] = ()
    actions: tuple[Action, ...] = ()
    approvals: tuple[Approvals, ...] = ()
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plan of the model as JSON values."""
        return {
            "name": self.name,
            "status": self.status,
            "version": {
                "before": self.version.before,
                "after": self.version.after,
                "required": self.version.required,
                "fits": self.version.fits,
            },
            "risk": self.risk,
            "owner": self.owner,
            "changes": [change.as_json() for change in self.changes],
            "actions": [action.as_json() for action in self.actions],
            "approvals": [approvals.as_json() for approvals in self.approvals],
            "notes": list(self.notes),
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class Plan:
    """What a change means.

    Attributes:
        base: the commit that the head is compared with.
        head: the commit; None: a work tree with changes that are not committed.
        models: the models that changed, by name.
    """

    base: str
    head: str | None
    models: tuple[ModelPlan, ...]

    @cached_property
    def digest(self) -> str:
        """The digest of the plan's JSON without the digest."""
        return digest_json(self._content())

    @property
    def broken(self) -> bool:
        """Does any of the models not conform?"""
        return any(has_errors(model.findings) for model in self.models)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as the JSON values that this module documents."""
        content = self._content()
        return {
            "base": self.base,
            "head": self.head,
            "digest": self.digest,
            "models": content["models"],
        }

    def _content(self) -> dict[str, Any]:
        models = [model.as_json() for model in self.models]
        return {"base": self.base, "head": self.head, "models": models}
