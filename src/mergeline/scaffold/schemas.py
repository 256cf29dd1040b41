"""Where an editor finds the JSON Schemas of a repository's specs."""

from __future__ import annotations

import json

from mergeline.specs.kinds import ALL_KINDS, MODEL_KINDS, Kind
from mergeline.specs.schemas import schema_file, schema_text
from mergeline.specs.writing import SCHEMAS


def schema_files() -> dict[str, bytes]:
    """Return the JSON Schemas of all kinds, by path from the repository's root."""
    return {f"{SCHEMAS}/{schema_file(kind)}": schema_text(kind).encode() for kind in ALL_KINDS}


def editor_settings() -> bytes:
    """Return `.vscode/settings.json`: which schema is for which file, by its path.

    The `yaml-language-server` line of a file says the same; this is for files without one.
    """
    settings = {
        "yaml.schemas": {f"{SCHEMAS}/{schema_file(kind)}": [_glob(kind)] for kind in ALL_KINDS}
    }
    return (json.dumps(settings, indent=2) + "\n").encode()


def _glob(kind: Kind) -> str:
    return f"models/*/{kind.path}" if kind in MODEL_KINDS else kind.path
