"""The digest of a packaged model, computed from the files that are there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mergeline.digest import digest_file, digest_json
from mergeline.errors import ToolError

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"


def package_digest(folder: Path) -> str:
    """Return the digest of a package: over the name and content of each file it lists.

    A file that was changed or is gone changes the digest; what a registry puts beside the
    listed files does not.

    Raises:
        ToolError: the manifest cannot be read.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())["files"]
        there = {name: folder / name for name in sorted(manifest) if (folder / name).is_file()}
        return digest_json({name: digest_file(path) for name, path in there.items()})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ToolError(f"the packaged model has no readable {MANIFEST}: {error}") from None
