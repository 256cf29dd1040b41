"""Checks some model folders: those whose content is known, by that, and the others afresh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.commands.verdicts import Verdict, row
from mergeline.specs.check import check
from mergeline.specs.facts import facts_of
from mergeline.specs.lockfile import MAX_LOCK_BYTES
from mergeline.specs.repository import MODELS
from mergeline.specs.snapshot import Snapshot
from mergeline.specs.tree import read_at_most
from mergeline.specs.types.features import SklearnTransform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mergeline.findings import Finding
    from mergeline.policy.engine import PolicyEngine
    from mergeline.specs.facts import Facts
    from mergeline.specs.held import Held
    from mergeline.specs.listing import Folder
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.tree import Tree

# Their classes are known by the versions of what is installed; those of others, which may be
# installed from a checkout, are not.
_KNOWN_PACKAGE = "sklearn."


@dataclass(slots=True)
class Checked:
    """What came of some model folders.

    Attributes:
        findings: all that was found, of the same models as before too.
        verdicts: what may be kept for the next time, by model.
        facts: what models have to agree on, by model; of those whose files all conform.
        aside: were there findings that concern none of the models, so that nothing may be kept?
    """

    findings: list[Finding] = field(default_factory=list)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    facts: dict[str, Facts] = field(default_factory=dict)
    aside: bool = False

    def keep(self, name: str, verdict: Verdict) -> None:
        """Take a verdict that was found before."""
        self.verdicts[name] = verdict
        self.facts[name] = verdict.facts
        self.findings += verdict.findings

    def join(self, other: Checked) -> None:
        """Take what came of other folders."""
        self.findings += other.findings
        self.verdicts |= other.verdicts
        self.facts |= other.facts
        self.aside = self.aside or other.aside


class Checker:
    """Checks model folders of one work tree with the same templates and policies."""

    def __init__(self, tree: Tree, templates: Held, policies: Callable[[], PolicyEngine]) -> None:
        self._tree = tree
        self._templates = templates
        self._policies = policies
        self._locked: dict[str, str | None] = {}

    def locked(self, path: str) -> str | None:
        """Return the digest of a lockfile, read once; None if it cannot be read or is too large."""
        if path not in self._locked:
            try:
                content = read_at_most(self._tree, path, MAX_LOCK_BYTES + 1)
            except OSError:
                self._locked[path] = None
            else:
                fits = len(content) <= MAX_LOCK_BYTES
                self._locked[path] = hashlib.sha256(content).hexdigest() if fits else None
        return self._locked[path]

    def is_locked(self, verdict: Verdict) -> bool:
        """Tell whether the lockfile that a verdict rests on is as it was."""
        return verdict.locked == self.locked(verdict.lockfile)

    def check(self, folders: Mapping[str, Folder], known: Mapping[str, Verdict]) -> Checked:
        """Look at the content of some folders, and check those that it says are new.

        Raises:
            ToolError: something cannot be read, or the policies cannot answer.
        """
        tree = Snapshot(self._tree, self._templates, folders)
        digests = {name: tree.digest(name) for name in folders}
        checked, fresh = Checked(), {}
        for name, folder in folders.items():
            verdict = known.get(name)
            same = verdict and verdict.digest == digests[name]
            if verdict and same and self.is_locked(verdict):
                checked.keep(name, verdict.stamped(folder.stamp))
            else:
                fresh[name] = folder
        if fresh:
            self._afresh(checked, tree.only(fresh), fresh, digests)
        return checked

    def _afresh(
        self,
        checked: Checked,
        tree: Snapshot,
        folders: Mapping[str, Folder],
        digests: Mapping[str, str | None],
    ) -> None:
        from mergeline.promotion.judgement import judge_model

        repository, findings = check(tree, only=folders.keys())
        engine = self._policies()
        for model in repository.models.values():
            findings += judge_model(engine, model, repository)
        checked.findings += findings
        by_model: dict[str, list[Finding]] = {name: [] for name in folders}
        for finding in findings:
            name = _model_of(finding)
            checked.aside = checked.aside or name not in by_model
            by_model.setdefault(name, []).append(finding)
        for name, model in repository.models.items():
            facts = checked.facts[name] = facts_of(model)
            digest, lockfile = digests[name], model.training.environment.lockfile
            locked = self.locked(lockfile)
            if digest and locked and _is_knowable(model):
                rows = [row(finding) for finding in by_model[name]]
                checked.verdicts[name] = Verdict(
                    folders[name].stamp, digest, lockfile, locked, rows, facts
                )


def _model_of(finding: Finding) -> str:
    top, _, below = finding.location.file.partition("/")
    return below.partition("/")[0] if top == MODELS else ""


def _is_knowable(model: ModelFolder) -> bool:
    """Tell whether a model depends on its folder alone, and on packages known by version.

    Features that it shares stand in other folders.
    """
    transforms = [feature.transform for feature in model.features.features]
    classes = [each.class_ for each in transforms if isinstance(each, SklearnTransform)]
    if model.features.shared:
        return False
    return all(path.startswith(_KNOWN_PACKAGE) for path in (model.training.estimator, *classes))
