"""The plan of a change: frozen, with a digest, and its JSON.

The JSON, stable within `apiVersion: mergeline.dev/v1`::

    {"base": commit, "head": commit | null, "digest": "sha256:…",
     "policies": null | {"files": [str], "packages": [str],
                         "values": [{"name", "before", "after"}], "unjudged": str | null},
     "models": [
      {"name", "status": "added" | "modified" | "removed" | "reached",
       "version": {"before": SemVer | null, "after": SemVer | null,
                   "required": "major" | "minor" | "patch" | null, "fits": bool},
       "risk": "low" | "medium" | "high" | null, "owner": team | null,
       "reasons": [str],
       "changes": [{"kind", "path", "effect", "part": as "required", "before"?, "after"?}],
       "actions": [{"kind", "title", "reason", "environment": str | null,
                    "version": SemVer | null}],
       "approvals": [{"environment", "count": int | null, "team", "teams": [team] | null,
                      "reason"}],
       "verdict": null | {"appear": [finding], "vanish": [finding]},
       "notes": [str],
       "findings": [{"rule", "severity", "message", "file", "line", "column", "hint"}],
       "estimate": null | {"runs": int, "seconds": float | null, "seconds_source": str | null,
                           "cost": float | null, "currency": str | null, "price_source": str,
                           "monthly_runs": int | null,
                           "budget": null | {"currency", "per_run", "per_month",
                                             "exceeds": ["per_run" | "per_month"],
                                             "fits": bool | null}},
       "pull_requests": [{"number", "title", "author", "url"}]}],
     "estimate": {"runs": int, "seconds": float, "costs": {currency: float},
                  "unknown": [name]},
     "pull_requests": {"known": bool, "note": str | null}}

`base` is the commit that the head is compared with; `head` is null for a work tree with
changes that are not committed. Models are in the order of their names, changes in the order
of a model's files. `before` (`after`) is left out where there was (is) nothing; null is a
value. A `reached` model means what it meant; `reasons` says what outside of its folder reaches
it, and `verdict` which findings its specs get or lose by changed policies.

`digest` covers what follows from Git: not itself, and neither `estimate` nor `pull_requests`,
which depend on where and when one asks.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from mergeline.digest import digest_json
from mergeline.findings import has_errors
from mergeline.plan.estimates import total_of
from mergeline.plan.neighbours import UNKNOWN

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.plan.approvals import Approvals
    from mergeline.plan.changes import SemanticChange
    from mergeline.plan.estimates import Estimate, Total
    from mergeline.plan.neighbours import Neighbour, Neighbours
    from mergeline.plan.outlook import Action
    from mergeline.plan.rules import PolicyChange
    from mergeline.plan.verdicts import Verdict
    from mergeline.plan.versions import Version

Status = Literal["added", "modified", "removed", "reached"]


@dataclass(frozen=True, slots=True)
class ModelPlan:
    """What a change means for one model.

    Attributes:
        name: of the model.
        status: of its folder; reached: it means what it meant, but something else reaches it.
        version: in base and head.
        risk: in the head (the base, if removed); None: it cannot be read.
        owner: the team, likewise.
        changes: what differs in meaning.
        actions: what follows, in order.
        approvals: what the promotions among the actions need.
        notes: what is to be known besides.
        findings: what is wrong with the model's files in the head.
        reasons: what outside of its folder reaches it.
        verdict: how changed policies judge it; None: as before.
        estimate: what its runs take and cost; None: there are none.
        pull_requests: the others that change it too.
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
    reasons: tuple[str, ...] = ()
    verdict: Verdict | None = None
    estimate: Estimate | None = None
    pull_requests: tuple[Neighbour, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the plan of the model as JSON values."""
        return {
            **self.content(),
            "estimate": self.estimate.as_json() if self.estimate else None,
            "pull_requests": [one.as_json() for one in self.pull_requests],
        }

    def content(self) -> dict[str, Any]:
        """Return what follows from Git alone, as JSON values."""
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
            "reasons": list(self.reasons),
            "changes": [change.as_json() for change in self.changes],
            "actions": [action.as_json() for action in self.actions],
            "approvals": [approvals.as_json() for approvals in self.approvals],
            "verdict": self.verdict.as_json() if self.verdict else None,
            "notes": list(self.notes),
            "findings": [finding.as_json() for finding in self.findings],
        }


@dataclass(frozen=True)
class Plan:
    """What a change means.

    Attributes:
        base: the commit that the head is compared with.
        head: the commit; None: a work tree with changes that are not committed.
        models: the models that changed or are reached, by name.
        policies: what changed in what judges; None: nothing.
        neighbours: what is known of other open pull requests.
    """

    base: str
    head: str | None
    models: tuple[ModelPlan, ...]
    policies: PolicyChange | None = None
    neighbours: Neighbours = UNKNOWN

    @cached_property
    def digest(self) -> str:
        """The digest of what follows from Git alone."""
        return digest_json(self._content([model.content() for model in self.models]))

    @property
    def broken(self) -> bool:
        """Does any of the models not conform?"""
        return any(has_errors(model.findings) for model in self.models)

    @cached_property
    def total(self) -> Total:
        """What the runs of all models take and cost."""
        return total_of({one.name: one.estimate for one in self.models if one.estimate})

    def beside(self, neighbours: Neighbours) -> Plan:
        """Return the plan with what is known of other open pull requests."""
        models = tuple(
            replace(model, pull_requests=neighbours.of(model.name)) for model in self.models
        )
        return replace(self, models=models, neighbours=neighbours)

    def as_json(self) -> dict[str, Any]:
        """Return the plan as the JSON values that this module documents."""
        content = self._content([model.as_json() for model in self.models])
        return {
            "base": self.base,
            "head": self.head,
            "digest": self.digest,
            **content,
            "estimate": self.total.as_json(),
            "pull_requests": self.neighbours.as_json(),
        }

    def _content(self, models: list[dict[str, Any]]) -> dict[str, Any]:
        policies = self.policies.as_json() if self.policies else None
        return {"base": self.base, "head": self.head, "policies": policies, "models": models}
