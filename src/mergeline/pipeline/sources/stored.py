"""Sources whose bytes are fetched once, kept in the content-addressed store, and read there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from mergeline.digest import digest_json
from mergeline.pipeline.data_store import Receipt
from mergeline.pipeline.origin import Origin, end_of
from mergeline.pipeline.retention import data_store, expire
from mergeline.pipeline.sources.table import check_format, failed, read_table
from mergeline.pipeline.sources.taken import Taken

if TYPE_CHECKING:
    from collections.abc import Mapping
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
            ToolError: the source does not answer.
        """
        name, key = self.fetcher.file_name(source), self.fetcher.KEY
        check_format(context, name, key)
        expire(context.state, context.clock(), context.model.data.datasets[0])
        content, file = self._kept(context) or self._fetched(context, source)
        return Taken(read_table(context, file, name, key), content, stored=True)

    def _kept(self, context: Context) -> tuple[str, Path] | None:
        store, dataset = _store(context), context.model.data.datasets[0]
        receipt = store.receipt(_key(context, dataset.digest))
        # The receipt is a file like others: what it says is compared, never believed.
        if receipt is None or receipt.dataset != dataset.digest:
            return None
        file = store.find(receipt.content)
        return None if file is None else (receipt.content, file)

    def _fetched(self, context: Context, source: Any) -> tuple[str, Path]:
        store = _store(context)
        with store.work() as folder:
            file = folder / "fetched"
            try:
                self.fetcher.fetch(context, source, file)
            except AbsentError as error:
                message, hint = str(error), "mend the address, or put the file there"
                raise failed(context, "data-not-found", message, self.fetcher.KEY, hint) from None
            return store.keep(file)


def remember(context: Context, content: str, digest: str) -> None:
    """Note which dataset the stored bytes are, so that they need not be fetched again.

    It is noted under the digest that was found, declared or not: once data.yaml has taken it
    over, the same bytes serve.
    """
    from mergeline.pipeline.sources import reader

    store, dataset = _store(context), context.model.data.datasets[0]
    key, now = _key(context, digest), context.clock()
    before = store.receipt(key)
    if before is not None and before.content == content:
        now = before.fetched
    receipt = Receipt(
        content=content,
        dataset=digest,
        name=dataset.name,
        uri=reader(context).uri(context, dataset.source),
        pii=tuple(column.name for column in dataset.columns if column.pii),
        retention=dataset.retention,
        fetched=now,
        expires=end_of(dataset.retention, now),
    )
    store.remember(key, receipt)


def origin_of(context: Context) -> Origin:
    """Return since when this machine has the data: if nothing was fetched, since now."""
    dataset, now = context.model.data.datasets[0], context.clock()
    receipt = _store(context).receipt(_key(context, dataset.digest))
    if receipt is not None and receipt.dataset == dataset.digest:
        return receipt.origin
    return Origin(dataset=dataset.name, fetched=now, expires=end_of(dataset.retention, now))


def _store(context: Context) -> DataStore:
    return data_store(context.state, public=context.model.data.datasets[0].public)


def _key(context: Context, digest: str) -> str:
    """Return the key of what a source gives: another address or query is another key."""
    from mergeline.pipeline.sources import reader

    source = context.model.data.datasets[0].source
    depends = reader(context).inputs(context, source)
    return digest_json([msgspec.to_builtins(source), dict(depends), digest])
