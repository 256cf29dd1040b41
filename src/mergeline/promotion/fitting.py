"""Does a release of another day fit the columns of today?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, ToolError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from mergeline.findings import Finding
    from mergeline.specs.document import Document
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release
    from mergeline.specs.types.data import Column

_COLUMNS = ("datasets", 0, "columns")
_HINT = "restore the column, choose another release with --to, or release a version that fits"


def misfits(
    model: ModelFolder, release: Release, package: Path, digest_of: Callable[[Path], str]
) -> list[Finding]:
    """Compare the inputs that a packaged model was sealed with to the columns of data.yaml.

    Args:
        model: the model of today.
        release: the release to come back.
        package: its files, from the registry.
        digest_of: computes the digest of a packaged model from its files.

    Raises:
        RefusedError: the package is not the released one.
        ToolError: it says nothing readable of its inputs.
    """
    if digest_of(package) != release.artifact.digest:
        raise RefusedError(
            f"the registry's model of {release.version} has not the released digest",
            hint="the artifact was changed or lost: choose another release",
        )
    try:
        inputs = json.loads((package / "signature.json").read_bytes())["inputs"]
        wanted = {row["name"]: row for row in inputs}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolError(f"the package of {release.version} has no signature: {error}") from None
    document = model.documents["data.yaml"]
    columns = {
        column.name: (index, column) for index, column in enumerate(model.data.datasets[0].columns)
    }
    return [
        finding
        for name, row in wanted.items()
        for finding in _differs(document, release.version, row, columns.get(name))
    ]


def _differs(
    document: Document, version: str, row: dict[str, Any], found: tuple[int, Column] | None
) -> Iterator[Finding]:
    name = row["name"]
    if found is None:
        message = f'{version} reads column "{name}", which is gone'
        yield document.finding("release-does-not-fit", message, _COLUMNS, hint=_HINT)
        return
    index, column = found
    place = (*_COLUMNS, index)
    if column.type != row["type"]:
        message = f'{version} reads column "{name}" as {row["type"]}; it is {column.type} now'
        yield document.finding("release-does-not-fit", message, (*place, "type"), hint=_HINT)
    if column.nullable and not row["nullable"]:
        message = f'{version} takes no nulls in column "{name}", which may hold some now'
        yield document.finding("release-does-not-fit", message, (*place, "nullable"), hint=_HINT)
