"""Who fetched which data: by the log of this clone, and by the runs in the registry."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from mergeline.findings import Finding, Location, Severity
from mergeline.pipeline.fetch_log import LOG, FetchRecord, read_log
from mergeline.registry.names import FETCH
from mergeline.settings import STATE
from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from mergeline.audit.answer import Question

CLONE = "this clone"
_HINT = "see who else may write there: a fetch may be missing from the answer"


class Fetch(FetchRecord, frozen=True, kw_only=True):
    """A fetch, and where it is recorded: `this clone`, or the identifiers of runs."""

    recorded: tuple[str, ...]


@dataclass
class Fetches:
    """The fetches that were asked for, oldest first, and what is wrong with their records."""

    rows: list[Fetch] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def fetches_of(
    state: Path,
    models: Iterable[str],
    question: Question,
    tags_of_runs: Callable[[str, str], Mapping[str, str]] | None,
) -> Fetches:
    """Return the fetches that a question asks for.

    Args:
        state: the folder of what the clone keeps, its log among it.
        models: the models of the repository.
        question: its models, time and person count.
        tags_of_runs: gives a tag of the runs of a model; None: the registry is not asked.

    Raises:
        ToolError: the registry does not answer.
    """
    found, log = Fetches(), read_log(state)
    places: dict[FetchRecord, list[str]] = {}
    for record in log.records:
        places.setdefault(record, []).append(CLONE)
    for number in log.damaged:
        place = Location(f"{STATE}/{LOG}", number)
        message = "the line is not the record of a fetch"
        found.findings.append(Finding("fetch-unreadable", Severity.ERROR, message, place, _HINT))
    for model in dict.fromkeys((*models, *(record.model for record in log.records))):
        if tags_of_runs is None or (question.models and model not in question.models):
            continue
        for run_id, text in tags_of_runs(model, FETCH).items():
            try:
                record = msgspec.json.decode(text, type=FetchRecord)
            except msgspec.DecodeError:
                place, message = (
                    Location(f"{MODELS}/{model}"),
                    f"run {run_id} does not say who fetched",
                )
                found.findings.append(
                    Finding("fetch-unreadable", Severity.ERROR, message, place, _HINT)
                )
                continue
            places.setdefault(record, []).append(run_id)
    found.rows = [
        Fetch(**msgspec.structs.asdict(record), recorded=tuple(where))
        for record, where in sorted(places.items(), key=lambda item: item[0].at)
        if _wanted(record, question)
    ]
    return found


def _wanted(record: FetchRecord, question: Question) -> bool:
    if question.models and record.model not in question.models:
        return False
    if question.by is not None and question.by.lower() not in record.person.lower():
        return False
    at = datetime.fromisoformat(record.at)
    if question.between is not None:
        return question.between[0] < at <= question.between[1]
    return question.at is None or at <= question.at
