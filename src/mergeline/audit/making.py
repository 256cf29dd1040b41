"""From the history to rows: what Git alone can say of each change."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mergeline.audit.commit import Commit, read_commit
from mergeline.audit.kinds import digests_of, kinds_of
from mergeline.audit.moment import moment_text
from mergeline.audit.reading import conforming, edited
from mergeline.audit.row import Row
from mergeline.findings import Finding, Location, Severity
from mergeline.specs.types import Environment, Release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mergeline.audit.store import Store
    from mergeline.audit.timeline import Change, Recorded, Timeline


@dataclass
class Made:
    """Rows, the records behind them, and what is wrong with either.

    Attributes:
        rows: in the order of the changes.
        releases: the release records behind the rows, by model and version.
        findings: what was found on the way.
        asked: the commits that ever wanted a release in an environment, by model, environment
            and digest.
    """

    rows: list[Row] = field(default_factory=list)
    releases: dict[tuple[str, str], Release] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    asked: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)


def make_rows(
    git: Store,
    timeline: Timeline,
    changes: Sequence[Change],
    policies_of: Callable[[str], str | None],
) -> Made:
    """Make a row of each change.

    Args:
        git: the clone, or what a bundle holds of one.
        timeline: the history that the changes are of.
        changes: those to show.
        policies_of: gives the digest of the policies of a commit; None: they cannot be read.

    Raises:
        ToolError: Git does not answer.
    """
    return _Maker(git, timeline, policies_of).make(changes)


class _Maker:
    """Asks Git for many objects at once: three times, however many rows there are."""

    def __init__(
        self,
        git: Store,
        timeline: Timeline,
        policies_of: Callable[[str], str | None],
    ) -> None:
        self._git = git
        self._timeline = timeline
        self._policies_of = policies_of
        self._made = Made()
        self._contents: dict[str, bytes] = {}
        self._policies: dict[str, str | None] = {}

    def make(self, changes: Sequence[Change]) -> Made:
        with ThreadPoolExecutor(1) as pool:
            # Git reads what the kinds follow from while we read files.
            kinds = pool.submit(self._kinds, changes)
            return self._make(changes, kinds)

    def _make(self, changes: Sequence[Change], waiting: Future[dict[Change, str]]) -> Made:
        self._bring([change.commit for change in changes])
        self._bring([change.blob for change in changes if change.blob])
        commits = {one.commit: read_commit(self._contents[one.commit]) for one in changes}
        states = {change: self._state(change) for change in changes}
        records = {change: self._recorded(change, states[change]) for change in changes}
        self._bring(
            [
                *(one.blob for one in records.values() if one and one.blob),
                *(commit.parents[-1] for commit in commits.values() if commit.parents),
            ]
        )
        kinds = waiting.result()
        trees = self._policy_trees(commits)
        for change in changes:
            commit, state = commits[change.commit], states[change]
            release = self._release(change, state, records[change])
            kind = "emergency" if state and state.emergency else kinds[change]
            policies = self._policies_at(commit, trees)
            self._made.rows.append(self._row(change, commit, state, release, kind, policies))
            self._clock(change)
        return self._made

    def _kinds(self, changes: Sequence[Change]) -> dict[Change, str]:
        shown = {(one.model, one.environment) for one in changes}
        whole = [one for one in self._timeline.changes if (one.model, one.environment) in shown]
        digests = digests_of(self._git, whole)
        for one, digest in digests.items():
            key = (one.model, one.environment, digest)
            self._made.asked.setdefault(key, set()).add(one.commit)
        return kinds_of(whole, digests)

    def _bring(self, names: Sequence[str]) -> None:
        wanted = sorted({*names} - self._contents.keys())
        for name, found in zip(wanted, self._git.stored(wanted), strict=True):
            if found is not None:
                self._contents[name] = found.content

    def _state(self, change: Change) -> Environment | None:
        if change.blob is None:
            return None
        state = conforming(self._contents.get(change.blob, b""), Environment)
        if state is None:
            self._note(
                _broken("state-unreadable", change, "it cannot be read as an environment's file")
            )
        return state

    def _recorded(self, change: Change, state: Environment | None) -> Recorded | None:
        if state is None:
            return None
        return self._timeline.record(change.model, state.version, change.position)

    def _release(
        self, change: Change, state: Environment | None, record: Recorded | None
    ) -> Release | None:
        if state is None:
            return None
        content = self._contents.get(record.blob or "") if record else None
        if record is None or content is None:
            self._note(
                _broken("record-missing", change, f"there is no record of release {state.version}")
            )
            return None
        key = (change.model, state.version)
        if key not in self._made.releases:
            release = conforming(content, Release)
            problem = edited(release, self._timeline.records[key])
            if problem:
                self._note(_broken("release-edited", change, problem, record.path))
            if release is None:
                return None
            self._made.releases[key] = release
        release = self._made.releases[key]
        if release.digest != state.digest:
            message = f"it wants {state.digest[:19]}…, and the record has {release.digest[:19]}…"
            self._note(_broken("release-mismatch", change, message))
        return release

    def _policy_trees(self, commits: Mapping[str, Commit]) -> dict[str, str]:
        """Return the identifier of policies/ of the first parent of each commit."""
        parents = sorted({one.parents[0] for one in commits.values() if one.parents})
        found = self._git.stored([f"{parent}:policies" for parent in parents])
        return {parent: tree.name for parent, tree in zip(parents, found, strict=True) if tree}

    def _policies_at(self, commit: Commit, trees: Mapping[str, str]) -> str | None:
        parent = commit.parents[0] if commit.parents else ""
        tree = trees.get(parent)
        if tree is None:
            return None
        if tree not in self._policies:
            self._policies[tree] = self._policies_of(parent)
        return self._policies[tree]

    def _row(
        self,
        change: Change,
        commit: Commit,
        state: Environment | None,
        release: Release | None,
        kind: str,
        policies: str | None,
    ) -> Row:
        merge = len(commit.parents) > 1
        newest = read_commit(self._contents[commit.parents[-1]]) if merge else commit
        signature = release.signature if release else None
        return Row(
            model=change.model,
            environment=change.environment,
            version=state.version if state else None,
            digest=state.digest if state else None,
            change=kind,
            reason=state.reason if state else None,
            hold=state.hold.reason if state and state.hold else None,
            waived=state.emergency.waives if state and state.emergency else (),
            commit=change.commit,
            at=moment_text(change.seconds),
            pull_request=commit.pull_request,
            pull_request_source="git" if commit.pull_request else None,
            author=str(newest.author),
            merged_by=str(commit.author) if merge else None,
            dispatcher=newest.dispatcher,
            policies=policies,
            datasets={one.name: one.digest for one in release.datasets} if release else {},
            training_commit=release.training.commit if release else None,
            training_pull_request=release.training.pull_request if release else None,
            run_id=release.training.run_id if release else None,
            specs=release.specs if release else {},
            lockfile=release.environment.lockfile_digest if release else None,
            evaluation=release.evaluation_digest if release else None,
            artifact=release.artifact.digest if release else None,
            signer=signature.signer if signature else None,
            signature=signature.bundle if signature else None,
        )

    def _clock(self, change: Change) -> None:
        problem = self._timeline.backwards(change)
        if problem:
            hint = "the order of commits counts; ask the forge when it was merged"
            place = Location(change.path)
            self._note(Finding("clock-backwards", Severity.WARNING, problem, place, hint))

    def _note(self, finding: Finding) -> None:
        self._made.findings.append(finding)


def _broken(rule: str, change: Change, message: str, path: str | None = None) -> Finding:
    """Say what is wrong with a file as a commit left it."""
    file = path or change.path
    text = f"{message} (commit {change.commit[:10]})"
    hint = f"see git log --first-parent {file}"
    return Finding(rule, Severity.ERROR, text, Location(file), hint)
