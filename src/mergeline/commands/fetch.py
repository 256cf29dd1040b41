"""`mergeline fetch`: bring the data of a model to this machine, and hand them on by digest."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from mergeline.commands.options import add_format, print_findings
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, UsageError
from mergeline.findings import has_errors
from mergeline.report.text import printable, say
from mergeline.specs.check import check
from mergeline.specs.tracked import check_tracked

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from datetime import datetime

    from mergeline.pipeline.stage import Stage
    from mergeline.specs.types.data import Dataset


class _Fetched(msgspec.Struct, frozen=True, kw_only=True):
    """The answer.

    Attributes:
        by: source, store or folder: from where the bytes came; null: nothing needs a fetch.
        content: the SHA-256 of the bytes.
        size: their number.
        fetched: when the source gave them.
        readers: the teams that may read them.
        to: where they were handed on, or null.
    """

    model: str
    dataset: str
    uri: str
    public: bool
    readers: tuple[str, ...]
    by: str | None = None
    content: str | None = None
    size: int | None = None
    fetched: str | None = None
    to: str | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("model", metavar="MODEL", help="the model")
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--to", type=Path, metavar="FOLDER", help="hand the bytes on: write them there, by digest"
    )
    way.add_argument(
        "--from",
        dest="source",
        type=Path,
        metavar="FOLDER",
        help="take bytes that were handed on there, and ask no source",
    )
    parser.add_argument(
        "--recipients-from",
        metavar="REF",
        help="with --to: encrypt what is not public for the recipients that policies/data.yaml of "
        "this commit names",
    )
    add_format(parser, "text", "json")


def execute(arguments: argparse.Namespace) -> int:
    """Fetch; 1 if the source has no such data, or what was handed on is refused."""
    from mergeline.commands.training import stage_of

    if arguments.recipients_from is not None and arguments.to is None:
        raise UsageError("--recipients-from goes with --to")
    session = Session(arguments)
    repository, findings = check(session.work_tree, only={arguments.model})
    findings += check_tracked(session.work_tree, session.tracked)
    subject = f"nothing was fetched for {arguments.model}"
    if has_errors(findings):
        return print_findings(findings, arguments.format, subject)
    if arguments.model not in repository.models:
        raise UsageError(
            f'there is no model "{arguments.model}"', hint="see the folders in models/"
        )
    stage = stage_of(session, session.root, arguments.model)
    _print(_fetch(session, stage, arguments), arguments.format)
    return int(ExitCode.YES)


def _fetch(session: Session, stage: Stage, arguments: argparse.Namespace) -> _Fetched:
    from mergeline.commands.training import fetch_to
    from mergeline.pipeline.fetch_log import without_credentials, write_record
    from mergeline.pipeline.handing_on import take_from
    from mergeline.pipeline.sources import fetcher, reader
    from mergeline.pipeline.sources.stored import record_of
    from mergeline.pipeline.stage import context_of

    context = replace(context_of(stage, lambda _: None), environ=session.settings.environ)
    dataset = context.model.data.datasets[0]
    answer = _Fetched(
        model=context.model.name,
        dataset=dataset.name,
        uri=without_credentials(reader(context).uri(context, dataset.source)),
        public=dataset.public,
        readers=dataset.readers,
    )
    if fetcher(context) is None:
        return answer
    if arguments.source is not None:
        note = take_from(context, arguments.directory / arguments.source)
        return msgspec.structs.replace(
            answer, by="folder", content=note.content, size=note.size, fetched=_moment(note.fetched)
        )
    to = None if arguments.to is None else arguments.directory / arguments.to
    there = fetch_to(session, stage, context.model, to, _recipients(session, dataset, arguments))
    assert there is not None, "there is something to fetch"
    if not there.asked:
        write_record(context.state, record_of(context, there.content, "store"))
    return msgspec.structs.replace(
        answer,
        by="source" if there.asked else "store",
        content=there.content,
        size=there.size,
        fetched=_moment(there.fetched),
        to=None if arguments.to is None else str(arguments.to),
    )


def _recipients(
    session: Session, dataset: Dataset, arguments: argparse.Namespace
) -> Iterable[str] | None:
    """Return for whom the bytes are encrypted; None: they are handed on as they are."""
    from mergeline.pipeline.sealing import recipients_of
    from mergeline.policy.library import PolicyLibrary

    if arguments.recipients_from is None or dataset.public:
        return None
    commit = session.git.resolve(arguments.recipients_from)
    return recipients_of(PolicyLibrary.load(session.git.tree(commit)).data)


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _print(answer: _Fetched, form: str) -> None:
    if form == "json":
        from mergeline.report.json import json_text

        say(json_text(msgspec.to_builtins(answer)))
        return
    say(printable("\n".join(_lines(answer))))


def _lines(answer: _Fetched) -> list[str]:
    who = "public" if answer.public else f"for {', '.join(answer.readers) or 'nobody who is named'}"
    lines = [f"{answer.dataset} ({who}): {answer.uri}"]
    if answer.by is None:
        return [*lines, "  nothing to fetch: a run reads it as it is"]
    came = {
        "source": "fetched from the source",
        "store": "in the data store already",
        "folder": "taken from the folder",
    }
    lines += [f"  {came[answer.by]}, {answer.size} bytes", f"  content {answer.content}"]
    return [*lines, f"  handed on in {answer.to}"] if answer.to else lines
