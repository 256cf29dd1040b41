"""How much is read of the files that people write."""

from __future__ import annotations

# People review what people write; a file of more than a megabyte holds something else.
MAX_BYTES = 1_000_000
_ENDINGS = (".yaml", ".yml", ".py", ".rego")


def most_read(path: str) -> int:
    """Return how many bytes are read of a file: one more than it may have; -1, all, of others.

    So a file of any size is refused, by whoever looks into it, before it is in memory.
    """
    return MAX_BYTES + 1 if path.endswith(_ENDINGS) else -1


def too_large(content: bytes) -> str | None:
    """Say that what was read of a file is more than it may have; None if it is not."""
    if len(content) <= MAX_BYTES:
        return None
    return f"the file has more than {MAX_BYTES:,} bytes, the most for one that people write"
