"""Write the JSON Schema files: `python -m mergeline.specs.schemas`."""

from __future__ import annotations

from pathlib import Path

from mergeline.specs.kinds import ALL_KINDS
from mergeline.specs.schemas import schema_file, schema_text


def write(folder: Path) -> None:
    """Write the schema of each kind into a folder."""
    for kind in ALL_KINDS:
        (folder / schema_file(kind)).write_text(schema_text(kind), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent)
