"""What one job hands to the next, changed so that its digests still fit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mergeline.digest import digest_file, digest_json
from mergeline.pipeline.handover import MANIFEST

if TYPE_CHECKING:
    from pathlib import Path


def resealed(folder: Path) -> str:
    """Write the digest of each file anew; the digest of all of them."""
    files = {
        path.relative_to(folder).as_posix(): digest_file(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MANIFEST
    }
    (folder / MANIFEST).write_text(json.dumps({"files": files}))
    return digest_json(files)
