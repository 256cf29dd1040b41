"""The models that the head's policies judge otherwise than the base's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.findings import in_order
from mergeline.plan.narrowed import narrowed
from mergeline.policy.waivers import load_waivers
from mergeline.specs.repository import load_repository, model_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mergeline.findings import Finding, Location, Severity
    from mergeline.plan.rules import PolicyChange
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree

    Judge = Callable[[ModelFolder, Repository], list[Finding]]
    # Makes the judge that holds the policies and the waivers of a tree.
    Judges = Callable[[Tree], Judge]

# The number that says which rules cannot be waived; no rule reads it.
_NOT_WAIVABLE = "organization.not_waivable"
# So many models are read, judged and forgotten at a time.
_BATCH = 32


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the judgement of a model changes with the policies.

    Attributes:
        appear: what the head's policies find and the base's do not, in order.
        vanish: what the base's find and the head's do not, in order.
    """

    appear: tuple[Finding, ...] = ()
    vanish: tuple[Finding, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "appear": [finding.as_json() for finding in self.appear],
            "vanish": [finding.as_json() for finding in self.vanish],
        }

    def __str__(self) -> str:
        sides = (("appears", self.appear), ("goes away", self.vanish))
        return ", ".join(
            f"{rule} {verb}"
            for verb, found in sides
            for rule in dict.fromkeys(f"{one.severity}[{one.rule}]" for one in found)
        )


def verdicts(
    change: PolicyChange, before: Tree, after: Tree, judges: Judges, may: Callable[[str], bool]
) -> dict[str, Verdict]:
    """Return the models of the head that its policies judge otherwise than the base's.

    Args:
        change: what changed.
        before: the files of the base.
        after: the files of the head.
        judges: makes a judge of a tree's policies and waivers.
        may: tells whether a model is asked for.

    Raises:
        ToolError: the policies of a side cannot answer.
    """
    sides = narrowed(change, before, after) if change.packages or change.values else None
    waived = _waived(change, before, after)
    concerned = [name for name in model_names(after) if (sides or name in waived) and may(name)]
    if not concerned:
        return {}
    # A waiver may be about any rule.
    old, new = (judges(tree) for tree in ((before, after) if waived or not sides else sides))
    found = {}
    for start in range(0, len(concerned), _BATCH):
        repository = load_repository(after, only=concerned[start : start + _BATCH])
        for name, model in repository.models.items():
            verdict = _compared(old(model, repository), new(model, repository))
            if verdict != Verdict():
                found[name] = verdict
    return found


def _waived(change: PolicyChange, before: Tree, after: Tree) -> set[str]:
    files = [one for tree in (before, after) for one in load_waivers(tree).files]
    every = any(name.startswith(_NOT_WAIVABLE) for name, *_ in change.values)
    return {one.spec.model for one in files if every or one.document.file in change.waivers}


def _compared(before: Iterable[Finding], after: Iterable[Finding]) -> Verdict:
    """Compare by rule, weight and place: another wording is no other verdict."""
    old = {_key(finding): finding for finding in before}
    new = {_key(finding): finding for finding in after}
    appear = in_order(finding for key, finding in new.items() if key not in old)
    vanish = in_order(finding for key, finding in old.items() if key not in new)
    return Verdict(tuple(appear), tuple(vanish))


def _key(finding: Finding) -> tuple[str, Severity, Location]:
    return finding.rule, finding.severity, finding.location
