"""The data step: read the source, and hold it to everything that data.yaml says."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.pipeline.json_file import write_json
from mergeline.pipeline.sources import reader
from mergeline.pipeline.sources.stored import remember
from mergeline.pipeline.step import OfInputsAlone, fail_on

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context


FETCH = "fetch.json"


class DataStep(OfInputsAlone):
    """Writes `data.parquet` (the declared columns, canonical dtypes) and `data.json`.

    `fetch.json` says who fetched the data, if somebody had to.

    Checked in this order, each only if the one before holds: columns, types and nulls as
    declared, digests where personal data are hashed; the content's digest; Great Expectations.
    Columns that are to be dropped are read and checked, and are in the digest, but not written.
    """

    name = "data"
    needs: tuple[str, ...] = ()
    volatile: frozenset[str] = frozenset({FETCH})

    def inputs(self, context: Context) -> Mapping[str, Any]:
        """Return the declaration, the source's own inputs and the environment."""
        source = context.model.data.datasets[0].source
        return {
            "datasets": context.model.documents["data.yaml"].value["datasets"],
            "source": reader(context).inputs(context, source),
            "lockfile": context.lockfile_digest,
            "python": platform.python_version(),
        }

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:  # noqa: ARG002
        """Read, check and write the data."""
        from mergeline.pipeline.columns import canonical_frame
        from mergeline.pipeline.declared import check_columns

        dataset, document = context.model.data.datasets[0], context.model.documents["data.yaml"]
        taken = reader(context).read(context, dataset.source)
        fail_on(check_columns(taken.frame, dataset, document))
        frame = canonical_frame(taken.frame, dataset.columns)
        facts = _facts(context, frame) | {"content": taken.content}
        if taken.receipt is not None:
            fetch = remember(context, taken.receipt, facts["digest"])
            if fetch is not None:
                write_json(output / FETCH, msgspec.to_builtins(fetch))
        # As it was read, it is held no longer than it must be.
        del taken
        write_json(output / "data.json", facts)
        if facts["digest"] != dataset.digest:
            fail_on([_mismatch(context, facts["digest"])])
        self._expectations(context, frame, facts, output)
        kept = [column.name for column in dataset.kept]
        frame[kept].to_parquet(output / "data.parquet", engine="pyarrow", index=False)

    def _expectations(
        self, context: Context, frame: pd.DataFrame, facts: dict[str, Any], output: Path
    ) -> None:
        from mergeline.pipeline.expectations import check_expectations

        dataset, document = context.model.data.datasets[0], context.model.documents["data.yaml"]
        checks = check_expectations(frame, dataset, document)
        write_json(output / "data.json", facts | {"checks": [check.as_json() for check in checks]})
        fail_on([check.finding(document) for check in checks if not check.success])


def _facts(context: Context, frame: pd.DataFrame) -> dict[str, Any]:
    from mergeline.pipeline.frame_digest import digest_frame

    dataset = context.model.data.datasets[0]
    return {
        "name": dataset.name,
        "uri": reader(context).uri(context, dataset.source),
        "rows": len(frame),
        "digest": digest_frame(frame, dataset.columns),
        "retention": dataset.retention,
        "columns": [
            {
                "name": column.name,
                "type": column.type,
                "nullable": column.nullable,
                "pii": column.pii,
                "pii_treatment": column.pii_treatment,
                "nulls": int(frame[column.name].isna().sum()),
            }
            for column in dataset.columns
        ],
        "checks": [],
    }


def _mismatch(context: Context, found: str) -> Finding:
    wanted = context.model.data.datasets[0].digest
    return context.model.documents["data.yaml"].finding(
        "digest-mismatch",
        f"the data has digest {found}, not {wanted}",
        ("datasets", 0, "digest"),
        hint=f"if the new data is meant, write digest: {found}",
    )
