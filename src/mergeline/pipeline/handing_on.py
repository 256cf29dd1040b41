"""Bytes of a dataset on their way from the step that fetched them to the one that reads them.

A folder holds the bytes, named by their SHA-256, and MODEL.receipt.json. Whoever takes them
believes neither: the bytes are verified against their name, the dataset against data.yaml when it
is read.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import msgspec

from mergeline.digest import digest_file
from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.pipeline.fetch_log import FetchRecord, write_record
from mergeline.pipeline.retention import data_store
from mergeline.pipeline.sources.stored import await_reading, receipt_of, record_of
from mergeline.specs.types.scalars import Digest

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.sources.stored import Bytes


class Note(msgspec.Struct, frozen=True, kw_only=True):
    """What goes along with the bytes.

    Attributes:
        model: for which model they were fetched.
        dataset: the name of the dataset.
        content: their SHA-256.
        size: their number.
        fetched: when they were fetched; the retention counts from then.
        fetch: who fetched them; None: not known.
    """

    model: str
    dataset: str
    content: Digest
    size: int
    fetched: Annotated[datetime, msgspec.Meta(tz=True)]
    fetch: FetchRecord | None


def hand_on(context: Context, there: Bytes, folder: Path) -> None:
    """Write the bytes and their note into a folder that only this user may look into.

    Raises:
        ToolError: the folder cannot be written.
    """
    receipt = there.receipt
    note = Note(
        model=context.model.name,
        dataset=receipt.name,
        content=receipt.content,
        size=there.file.stat().st_size,
        fetched=receipt.fetched,
        fetch=receipt.fetch,
    )
    try:
        if not folder.is_dir():
            folder.mkdir(parents=True, mode=0o700)
        target = folder / receipt.content.removeprefix("sha256:")
        shutil.copyfile(there.file, target)
        target.chmod(0o600)
        (folder / _note(context)).write_bytes(msgspec.json.encode(note) + b"\n")
    except OSError as error:
        raise ToolError(f"{folder} cannot be written: {error.strerror}") from None


def take_from(context: Context, folder: Path) -> Note:
    """Bring bytes that were handed on into the store.

    Raises:
        UsageError: the folder has none for this model.
        RefusedError: they are not what their name says, of another dataset, or too old.
    """
    note = _read(context, folder)
    dataset, now = context.model.data.datasets[0], context.clock()
    if note.dataset != dataset.name:
        raise RefusedError(
            f"{folder} has the dataset {note.dataset}, {context.model.name} reads {dataset.name}"
        )
    since = min(note.fetched, now)
    receipt = receipt_of(context, note.content, note.fetch, since)
    source = folder / note.content.removeprefix("sha256:")
    if receipt.origin.must_go(now, dataset, public=dataset.public):
        source.unlink(missing_ok=True)
        raise RefusedError(
            f"the data in {folder} were fetched at {since:%Y-%m-%dT%H:%M:%SZ} and may be kept for "
            f"{dataset.retention}: they are deleted",
            hint=f"mergeline fetch {context.model.name}",
        )
    store = data_store(context.state, public=dataset.public)
    with store.work() as work:
        try:
            shutil.copyfile(source, work / "taken")
        except OSError as error:
            raise UsageError(f"{source} cannot be read: {error.strerror}") from None
        found = digest_file(work / "taken")
        if found != note.content:
            raise RefusedError(
                f"{source} holds bytes with SHA-256 {found.removeprefix('sha256:')}",
                hint="hand the data on again: mergeline fetch MODEL --to FOLDER",
            )
        store.keep(work / "taken")
    await_reading(context, receipt)
    write_record(context.state, record_of(context, note.content, "folder"))
    return note


def _read(context: Context, folder: Path) -> Note:
    hint = f"write it with: mergeline fetch {context.model.name} --to FOLDER"
    path = folder / _note(context)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Note)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}", hint=hint) from None
    except msgspec.DecodeError as error:
        raise UsageError(f"{path} is not a receipt: {error}", hint=hint) from None


def _note(context: Context) -> str:
    return f"{context.model.name}.receipt.json"
