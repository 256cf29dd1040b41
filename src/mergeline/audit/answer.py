"""The auditor's question, and the answer to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.audit.checking import check_rows
from mergeline.audit.commit import is_called
from mergeline.audit.making import make_rows
from mergeline.audit.policies import policies_at
from mergeline.audit.row import NOT_CHECKED, SOURCES, Row
from mergeline.audit.timeline import Timeline, read_timeline
from mergeline.errors import UsageError
from mergeline.specs.repository import model_names

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from mergeline.audit.fetches import Fetch
    from mergeline.audit.timeline import Change
    from mergeline.findings import Finding
    from mergeline.git import GitRepository
    from mergeline.registry.facts import RegisteredVersion


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    Attributes:
        models: their names; none: all.
        environment: staging or production; None: both.
        at: what stood at a moment.
        between: what changed after the first and up to the second.
        by: a person who wrote, merged, set off or approved it.
    """

    models: tuple[str, ...] = ()
    environment: str | None = None
    at: datetime | None = None
    between: tuple[datetime, datetime] | None = None
    by: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the question for programs."""
        return {
            "models": list(self.models),
            "environment": self.environment,
            "at": self.at.isoformat() if self.at else None,
            "between": [one.isoformat() for one in self.between] if self.between else None,
            "by": self.by,
        }


@dataclass
class Answer:
    """What is answered.

    Attributes:
        ref: the branch that was read, and its newest commit.
        standing_at: the last commit that counted for `--at`; None: none was asked for, or there
            was no commit yet.
        registry: `checked`, or why it was not.
        fetches: who fetched data; None: it was not asked.
    """

    ref: str
    head: str
    rows: list[Row]
    findings: list[Finding]
    registry: str
    standing_at: str | None = None
    fetches: list[Fetch] | None = None
    sources: Mapping[str, str] = field(default_factory=lambda: SOURCES)

    def as_json(self) -> dict[str, Any]:
        """Return the answer for programs."""
        return {
            "ref": self.ref,
            "head": self.head,
            "standing_at": self.standing_at,
            "registry": self.registry,
            "sources": dict(self.sources),
            "rows": [row.as_json() for row in self.rows],
            "findings": [finding.as_json() for finding in self.findings],
            **({} if self.fetches is None else {"fetches": msgspec.to_builtins(self.fetches)}),
        }


def answer(
    git: GitRepository,
    ref: str,
    question: Question,
    lookup: Callable[[str, str], RegisteredVersion | None] | None,
    why_not: str = "",
) -> Answer:
    """Answer a question from the history of a branch, and ask the registry about the rows.

    Args:
        git: the clone.
        ref: the default branch as this clone last saw it.
        question: what is asked.
        lookup: gives the registered version of a model; None: the registry is not asked.
        why_not: why it is not asked.

    Raises:
        ToolError: the clone does not hold the history.
        UsageError: a model was never here.
    """
    timeline = read_timeline(git, ref, question.models)
    _refuse_unknown(git, ref, question.models, timeline)
    cut = timeline.cut(question.at.timestamp()) if question.at else len(timeline.commits)
    changes = [
        one
        for one in _changes(timeline, question, cut)
        if question.environment in (None, one.environment)
    ]
    made = make_rows(git, timeline, changes, lambda commit: policies_at(git, commit))
    rows, findings, registry = made.rows, made.findings, f"{NOT_CHECKED}: {why_not}"
    if lookup is not None:
        checked = check_rows(rows, made.releases, made.asked, lookup)
        rows, findings = checked.rows, [*findings, *checked.findings]
        registry = f"{NOT_CHECKED}: {checked.error.message}" if checked.error else "checked"
    if question.by:
        rows = [row for row in rows if _concerns(row, question.by)]
    standing = timeline.commits[cut - 1][0] if question.at and cut else None
    return Answer(ref, timeline.head, rows, findings, registry, standing)


def _changes(timeline: Timeline, question: Question, cut: int) -> Sequence[Change]:
    if question.at:
        return timeline.state(cut)
    if not question.between:
        return timeline.changes
    first, last = (timeline.cut(moment.timestamp()) for moment in question.between)
    return [one for one in timeline.changes if first <= one.position < last]


def _refuse_unknown(
    git: GitRepository, ref: str, models: Sequence[str], timeline: Timeline
) -> None:
    there = {one.model for one in timeline.changes}
    for name in models:
        if name in there:
            continue
        known = model_names(git.tree(ref))
        if name not in known:
            raise unknown_name("model", name, known)


def unknown_name(what: str, name: str, known: Sequence[str]) -> UsageError:
    """Return the error about a name that is not known, with the nearest one that is."""
    near = get_close_matches(name, known, n=1, cutoff=0.6)
    hint = f'did you mean "{near[0]}"?' if near else None
    return UsageError(f'{what} "{name}" is not known', hint=hint)


def _concerns(row: Row, who: str) -> bool:
    logins = [login for login in (row.dispatcher, *(row.approvers or ())) if login]
    people = [person for person in (row.author, row.merged_by) if person]
    return who.lower() in map(str.lower, logins) or any(is_called(one, who) for one in people)
