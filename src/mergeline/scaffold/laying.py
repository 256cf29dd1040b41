"""Writing files that were not there: all of them, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, ToolError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path


def lay(root: Path, files: Mapping[str, bytes], executable: Collection[str] = ()) -> list[str]:
    """Write files below a folder; those that are there with this very content stay.

    Args:
        root: the folder.
        files: path below it to content.
        executable: the paths of those that can be run.

    Returns:
        The paths that were written.

    Raises:
        RefusedError: a file is there and differs; nothing was written.
        ToolError: a file cannot be written.
    """
    missing = [path for path in files if not _lies(root / path)]
    taken = [path for path in files if path not in missing and _differs(root / path, files[path])]
    if taken:
        listed = "".join(f"\n  {path}" for path in taken)
        raise RefusedError(
            f"nothing was written, because these are there already and differ:{listed}",
            hint="move them away, or choose another folder",
        )
    for path in missing:
        write(root / path, files[path], executable=path in executable)
    return missing


def write(path: Path, content: bytes, *, executable: bool = False) -> None:
    """Write one file, and the folders above it.

    Raises:
        ToolError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(0o755 if executable else 0o644)
    except OSError as error:
        raise ToolError(f"{path} cannot be written: {error.strerror}") from None


def _lies(path: Path) -> bool:
    return path.exists() or path.is_symlink()


def _differs(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() != content
    except OSError:
        return True
