"""Validates the models of a work tree, and those that have not changed without reading them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.commands.surroundings import surroundings
from mergeline.commands.verdicts import Verdict, VerdictStore, row
from mergeline.findings import in_order
from mergeline.specs.check import check, require_models
from mergeline.specs.listing import list_folders
from mergeline.specs.repository import MODELS
from mergeline.specs.snapshot import Snapshot
from mergeline.specs.types.features import SklearnTransform

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mergeline.commands.session import Session
    from mergeline.findings import Finding
    from mergeline.specs.listing import Folder
    from mergeline.specs.repository import ModelFolder, Repository
    from mergeline.specs.tree import Tree

# So many models are read, checked and forgotten at a time: memory does not grow with their number.
_BATCH = 64
# Their classes are known by the versions of what is installed; those of others, which may be
# installed from a checkout, are not.
_KNOWN_PACKAGE = "sklearn."


@dataclass(slots=True)
class Validation:
    """What one validation knows and found.

    Attributes:
        session: what the command works with.
        policies: the tree that holds the policies.
        known: the verdicts that may be used.
        verdicts: those that may be used the next time.
        findings: what was found.
        aside: findings that concern no model, so that nothing may be kept.
    """

    session: Session
    policies: Tree
    known: Mapping[str, Verdict] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    aside: bool = False
    _there: dict[str, bool] = field(default_factory=dict)

    def take(self, folders: Mapping[str, Folder]) -> None:
        """Validate the models of some folders."""
        changed = {}
        for name, folder in folders.items():
            verdict = self.known.get(name)
            unchanged = verdict and folder.stamp and verdict.stamp == folder.stamp
            if verdict and unchanged and self._is_there(verdict.lockfile):
                self._keep(name, verdict)
            else:
                changed[name] = folder
        for batch in _batches(changed):
            self._read(batch)

    def _keep(self, name: str, verdict: Verdict) -> None:
        self.verdicts[name] = verdict
        self.findings += verdict.findings

    def _is_there(self, path: str) -> bool:
        if path not in self._there:
            try:
                self.session.work_tree.read(path)
            except OSError:
                self._there[path] = False
            else:
                self._there[path] = True
        return self._there[path]

    def _read(self, folders: Mapping[str, Folder]) -> None:
        """Look at the content of some folders, and check those that it says are new."""
        tree = Snapshot(self.session.work_tree, folders)
        digests = {name: tree.digest(name) for name in folders}
        fresh = {}
        for name, folder in folders.items():
            verdict = self.known.get(name)
            if verdict and verdict.digest == digests[name] and self._is_there(verdict.lockfile):
                self._keep(
                    name, Verdict(folder.stamp, verdict.digest, verdict.lockfile, verdict.rows)
                )
            else:
                fresh[name] = folder
        if fresh:
            self._check(tree.only(fresh), fresh, digests)

    def _check(
        self, tree: Tree, folders: Mapping[str, Folder], digests: Mapping[str, str | None]
    ) -> None:
        repository, findings = check(tree, only=folders.keys())
        found = [*findings, *judged(self.session, repository, self.policies)]
        self.findings += found
        by_model: dict[str, list[Finding]] = {name: [] for name in folders}
        for finding in found:
            top, _, below = finding.location.file.partition("/")
            name = below.partition("/")[0]
            if top == MODELS and name in by_model:
                by_model[name].append(finding)
            else:
                self.aside = True
        for name, model in repository.models.items():
            digest = digests[name]
            lockfile = model.training.environment.lockfile
            if digest and _is_knowable(model) and self._is_there(lockfile):
                rows = [row(finding) for finding in by_model[name]]
                self.verdicts[name] = Verdict(folders[name].stamp, digest, lockfile, rows)


def validate(
    session: Session, policies: Tree, only: Collection[str], *, cached: bool
) -> tuple[list[Finding], int]:
    """Validate models by specs and policies.

    Args:
        session: what the command works with.
        policies: the tree that holds the policies.
        only: the names of the models; empty: all.
        cached: may verdicts be used that were found before, and kept for the next time?

    Returns:
        The findings in order, and the number of the models that were looked at.

    Raises:
        UsageError: there is no model of a name in `only`.
        ToolError: something cannot be read, or the policies cannot answer.
    """
    folders = list_folders(session.root, MODELS)
    if only:
        require_models(session.work_tree, set(only) - set(folders))
        folders = {name: folder for name, folder in folders.items() if name in only}
    validation = Validation(session, policies)
    if not folders:
        repository, findings = check(session.work_tree)
        findings += judged(session, repository, policies)
        return in_order(findings), len(repository.names)
    store = _store(session, policies) if cached else None
    if store is not None:
        validation.known = store.load()
    validation.take(folders)
    if store is not None and not validation.aside:
        _save(store, validation, all_of_them=not only)
    return in_order(validation.findings), len(folders)


def judged(session: Session, repository: Repository, policies: Tree) -> list[Finding]:
    """Return what the policies say of the models of a repository.

    Raises:
        ToolError: they cannot answer.
    """
    from mergeline.promotion.judgement import judge_model

    engine = session.policies(policies)
    return [
        finding
        for model in repository.models.values()
        for finding in judge_model(engine, model, repository)
    ]


def _store(session: Session, policies: Tree) -> VerdictStore | None:
    """Return where verdicts are kept; None if they depend on more than can be known."""
    from mergeline.policy.choose import PolicySettings

    if PolicySettings.from_environment(session.settings.environ).engine != "embedded":
        return None
    try:
        key = surroundings(session.work_tree, policies)
    except OSError:
        return None
    return VerdictStore(session.settings.state, key, session.settings.environ) if key else None


def _save(store: VerdictStore, validation: Validation, *, all_of_them: bool) -> None:
    verdicts = validation.verdicts
    if not all_of_them:
        verdicts = {**validation.known, **verdicts}
    if verdicts != validation.known:
        store.save(verdicts)


def _is_knowable(model: ModelFolder) -> bool:
    """Tell whether all classes that a model names come from a package known by its version."""
    transforms = [feature.transform for feature in model.features.features]
    classes = [each.class_ for each in transforms if isinstance(each, SklearnTransform)]
    return all(path.startswith(_KNOWN_PACKAGE) for path in (model.training.estimator, *classes))


def _batches(folders: Mapping[str, Folder]) -> Iterator[dict[str, Folder]]:
    names = list(folders)
    for start in range(0, len(names), _BATCH):
        yield {name: folders[name] for name in names[start : start + _BATCH]}
