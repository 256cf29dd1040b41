"""Sources whose bytes are fetched once, kept in the content-addressed store, and read there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from mergeline.digest import digest_json
from mergeline.errors import ToolError
from mergeline.pipeline.data_store import Receipt
from mergeline.pipeline.fetch_log import FetchRecord, without_credentials, write_record
from mergeline.pipeline.origin import Origin, end_of
from mergeline.pipeline.retention import data_store, expire
from mergeline.pipeline.sources.own_credential import require_own_credential, say_who_may_read
from mergeline.pipeline.sources.table import check_format, failed, read_table
from mergeline.pipeline.sources.taken import Taken

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from mergeline.pipeline.context import Context
    from mergeline.pipeline.data_store import DataStore


class AbsentError(LookupError):
    """The source was asked, and has no such file; the message says what is not there."""


class Fetcher(Protocol):
    """A module that knows one type of source."""

    KEY: str

    def inputs(self, context: Context, source: Any) -> Mapping[str, Any]:
        """Return what the data depends on, the spec apart; cheap."""

    def uri(self, context: Context, source: Any) -> str:
        """Return an address that names the data to people."""

    def file_name(self, source: Any) -> str:
        """Return the name of the file, which tells the format."""

    def fetch(self, context: Context, source: Any, file: Path) -> None:
        """Write the bytes to a new file, holding no more of them in memory than a part.

        Raises:
            AbsentError: the source has no such file.
            StepFailedError: the answer is no.
            ToolError: it does not answer.
        """


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes in the store.

    Attributes:
        file: where they are.
        receipt: what is known of them.
        asked: was the source asked for them just now?
    """

    file: Path
    receipt: Receipt
    asked: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """Reads through the store."""

    fetcher: Fetcher

    def inputs(self, context: Context, source: Any) -> Mapping[str, Any]:
        """Return what the source depends on; the declared digest pins what it gives."""
        return self.fetcher.inputs(context, source)

    def uri(self, context: Context, source: Any) -> str:
        """Return an address that names the data to people."""
        return self.fetcher.uri(context, source)

    def read(self, context: Context, source: Any) -> Taken:
        """Return the data: from the store if it has the declared dataset of this source.

        Raises:
            StepFailedError: there is no such file, or it cannot be read.
            ToolError: the source does not answer, or must not be asked.
        """
        name, key = self.fetcher.file_name(source), self.fetcher.KEY
        check_format(context, name, key)
        expire(context.state, context.clock(), context.model.data.datasets[0])
        there = self._kept(context) or self._waiting(context)
        if there is None and context.fetched_only:
            raise _not_fetched(context)
        there = there or self._fetched(context, source)
        if not context.fetched_only:
            # If they are not what is wanted, the source is asked again the next time.
            _store(context).forget(_key(context, None))
        frame = read_table(context, there.file, name, key)
        return Taken(frame, there.receipt.content, there.receipt)

    def fetch(self, context: Context, source: Any) -> Bytes:
        """Bring the bytes into the store, unless it has the declared dataset of this source.

        What they say is not looked at: no value is read, and no code of the model runs.

        Raises:
            StepFailedError: there is no such file.
            ToolError: the source does not answer.
        """
        check_format(context, self.fetcher.file_name(source), self.fetcher.KEY)
        expire(context.state, context.clock(), context.model.data.datasets[0])
        there = self._kept(context)
        if there is None:
            there = self._fetched(context, source)
            await_reading(context, there.receipt)
        return there

    def _kept(self, context: Context) -> Bytes | None:
        digest = context.model.data.datasets[0].digest
        found = _held(context, digest)
        # The receipt is a file like others: what it says is compared, never believed.
        return found if found is not None and found.receipt.dataset == digest else None

    def _waiting(self, context: Context) -> Bytes | None:
        """Return what was fetched and not read yet: its dataset is not known."""
        return _held(context, None)

    def _fetched(self, context: Context, source: Any) -> Bytes:
        require_own_credential(context)
        store = _store(context)
        with store.work() as folder:
            file = folder / "fetched"
            try:
                self.fetcher.fetch(context, source, file)
            except AbsentError as error:
                message, hint = str(error), "mend the address, or put the file there"
                raise failed(context, "data-not-found", message, self.fetcher.KEY, hint) from None
            except ToolError as error:
                raise say_who_may_read(context, error) from None
            content, path = store.keep(file)
        record = record_of(context, content, "source")
        write_record(context.state, record)
        return Bytes(path, receipt_of(context, content, record, context.clock()), asked=True)


def record_of(
    context: Context, content: str, by: Literal["source", "store", "folder"]
) -> FetchRecord:
    """Return the record of a fetch of the model's data by whom the context names."""
    from mergeline.pipeline.sources import reader

    dataset, person = context.model.data.datasets[0], context.person
    return FetchRecord(
        at=context.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
        person=person.name,
        named_by=person.named_by,
        run=person.run,
        model=context.model.name,
        dataset=dataset.name,
        uri=without_credentials(reader(context).uri(context, dataset.source)),
        content=content,
        digest=dataset.digest,
        by=by,
    )


def receipt_of(
    context: Context, content: str, record: FetchRecord | None, since: datetime
) -> Receipt:
    """Return what is known of bytes of the source that nobody has read yet.

    Args:
        context: the run.
        content: the digest of the bytes.
        record: who fetched them; None: not known.
        since: when they were fetched.
    """
    from mergeline.pipeline.sources import reader

    dataset = context.model.data.datasets[0]
    return Receipt(
        content=content,
        dataset=None,
        name=dataset.name,
        uri=reader(context).uri(context, dataset.source),
        pii=tuple(column.name for column in dataset.columns if column.pii),
        retention=dataset.retention,
        fetched=since,
        expires=end_of(dataset.retention, since),
        fetch=record,
    )


def await_reading(context: Context, receipt: Receipt) -> None:
    """Note that the store has bytes of the source which nobody has read yet."""
    _store(context).remember(_key(context, None), receipt)


def remember(context: Context, receipt: Receipt, digest: str) -> FetchRecord | None:
    """Note which dataset the stored bytes are, so that they need not be fetched again.

    It is noted under the digest that was found, declared or not: once data.yaml has taken it
    over, the same bytes serve. Return who fetched them, if that is known.
    """
    record = receipt.fetch and msgspec.structs.replace(receipt.fetch, digest=digest)
    read = receipt_of(context, receipt.content, record, receipt.fetched)
    _store(context).remember(_key(context, digest), msgspec.structs.replace(read, dataset=digest))
    return record


def origin_of(context: Context) -> Origin:
    """Return since when this machine has the data: if nothing was fetched, since now."""
    dataset, now = context.model.data.datasets[0], context.clock()
    receipt = _store(context).receipt(_key(context, dataset.digest))
    if receipt is not None and receipt.dataset == dataset.digest:
        return receipt.origin
    return Origin(dataset=dataset.name, fetched=now, expires=end_of(dataset.retention, now))


def _held(context: Context, digest: str | None) -> Bytes | None:
    store = _store(context)
    receipt = store.receipt(_key(context, digest))
    file = None if receipt is None else store.find(receipt.content)
    return None if receipt is None or file is None else Bytes(file, receipt, asked=False)


def _not_fetched(context: Context) -> ToolError:
    dataset, name = context.model.data.datasets[0], context.model.name
    return ToolError(
        f"the data store does not have the dataset {dataset.name} of {name}, and no source may be "
        "asked",
        hint=f"run mergeline fetch {name} where its credential is, and hand the bytes on with --to",
        location=context.model.documents["data.yaml"].locate(("datasets", 0, "source")),
    )


def _store(context: Context) -> DataStore:
    return data_store(context.state, public=context.model.data.datasets[0].public)


def _key(context: Context, digest: str | None) -> str:
    """Return the key of what a source gives: another address or query is another key.

    Args:
        context: the run.
        digest: of the dataset that was read; None: of what nobody has read yet.
    """
    from mergeline.pipeline.sources import reader

    source = context.model.data.datasets[0].source
    depends = reader(context).inputs(context, source)
    return digest_json([msgspec.to_builtins(source), dict(depends), digest])
