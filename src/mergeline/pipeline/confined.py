"""How the children of a step were confined, written beside its outputs.

No digest sees it: another machine may enforce less, and the outputs are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.pipeline.json_file import write_json

if TYPE_CHECKING:
    from pathlib import Path

    from mergeline.pipeline.context import Context

CONFINED = "confined.json"


def write_confined(context: Context, folder: Path) -> None:
    """Write a row for each child, with what it did and what was enforced; none: no file."""
    if context.confined:
        rows = [{"what": what, "enforced": enforced} for what, enforced in context.confined]
        write_json(folder / CONFINED, msgspec.to_builtins(rows))
