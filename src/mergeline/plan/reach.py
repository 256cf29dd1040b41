"""What a change reaches beyond the folders that it touches, and why."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mergeline.errors import MergelineError
from mergeline.plan.sharing import sharers

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from mergeline.plan.affected import Reasons
    from mergeline.plan.knowledge import Knowledge
    from mergeline.plan.rules import PolicyChange
    from mergeline.plan.sides import Side
    from mergeline.plan.verdicts import Verdict
    from mergeline.specs.tree import Tree

_NOT_ASKED = "the models were not judged by the changed policies"


@dataclass(slots=True)
class Reach:
    """The models that a change reaches.

    Attributes:
        reasons: by model, what outside of its folder reaches it; nothing: its folder changed.
        sharers: the models that share a dataset or a feature which others changed.
        verdicts: the models that changed policies judge otherwise.
        policies: what changed in the policies; None: nothing.
    """

    reasons: dict[str, Reasons]
    sharers: frozenset[str] = frozenset()
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    policies: PolicyChange | None = None

    def share(self, before: Side, after: Side, listed: Tree) -> None:
        """Add the models that share what the models so far changed.

        Args:
            before: the base's side of the models so far.
            after: the head's side of them.
            listed: the files of the head.
        """
        found = sharers(before, after, set(self.reasons), listed)
        self.sharers = frozenset(found)
        for name, reasons in found.items():
            self._add(name, reasons)

    def judge(
        self,
        files: Collection[str],
        before: Tree,
        after: Tree,
        knows: Knowledge,
        may: Callable[[str], bool],
    ) -> None:
        """Add the models that changed policies judge otherwise.

        What cannot be judged is said, and is no error: the plan is no judgement.

        Args:
            files: the changed files that judge models; none: nothing is added.
            before: the files of the base.
            after: the files of the head.
            knows: makes the judges.
            may: tells whether a model is asked for.
        """
        from mergeline.plan.rules import PolicyChange, policy_change
        from mergeline.plan.verdicts import verdicts

        self.policies = PolicyChange(tuple(files), unjudged=_NOT_ASKED)
        try:
            change = policy_change(tuple(files), before, after)
            self.policies = replace(change, unjudged=_NOT_ASKED)
            if knows.judges is None:
                return
            self.verdicts = verdicts(change, before, after, knows.judges, may)
            self.policies = change
        except MergelineError as error:
            self.policies = replace(self.policies, unjudged=error.message)
        more = f" and {len(files) - 1} more" if len(files) > 1 else ""
        for name, verdict in self.verdicts.items():
            self._add(name, (f"{next(iter(files))}{more} changed: {verdict}",))

    def _add(self, name: str, reasons: Reasons) -> None:
        self.reasons[name] = (*self.reasons.get(name, ()), *reasons)
