"""Libraries that an extra of Mergeline brings: whether they are here, and the error if not.

`pip install mergeline` is the core. What trains, registers and signs is in the extra `run`;
its libraries are imported in the functions that need them, and nobody there handles that one is
missing: the command line turns what Python raises into the error of `missing_library`.
"""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.system_library import missing_shared_library

if TYPE_CHECKING:
    from collections.abc import Iterator


class MissingLibraryError(ToolError):
    """A library is not installed; the hint says what installs it."""


@cache
def is_installed(package: str) -> bool:
    """Tell whether a top-level package can be imported, without importing it."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def install_command(extra: str) -> str:
    """Return the command that installs an extra of Mergeline."""
    return f'pip install "mergeline[{extra}]"'


def missing_library(
    error: ImportError, subject: str, extra: str | None = "run"
) -> ToolError | None:
    """Return the error that says which library is missing; None if none is.

    Args:
        error: what an import raised, possibly because another import had failed.
        subject: what needs the library, at the start of the message.
        extra: the extra of Mergeline that brings it; None: no extra does.
    """
    if absent := missing_shared_library(error):
        return absent
    for name in _failed_imports(error):
        if not is_installed(name):
            # A package is not always called as what is imported from it.
            hint = install_command(extra) if extra else f"install the package that brings {name}"
            return MissingLibraryError(f"{subject} needs {name}, which is not installed", hint=hint)
    return None


def missing_distributions(extra: str) -> list[str]:
    """Return the distributions of an extra that are not installed, by name.

    Raises:
        ToolError: Mergeline itself was not installed with such an extra, but only put on the path.
    """
    from importlib.metadata import PackageNotFoundError, distribution, version

    from packaging.requirements import Requirement

    wanted = []
    with suppress(PackageNotFoundError):
        for requirement in map(Requirement, distribution("mergeline").requires or ()):
            marker = requirement.marker
            if marker and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""}):
                wanted.append(requirement.name)
    if not wanted:
        raise ToolError(
            f"what mergeline[{extra}] needs is not known: Mergeline was not installed by pip or uv",
            hint=install_command(extra),
        )
    missing = []
    for name in wanted:
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    return missing


def _failed_imports(error: BaseException | None) -> Iterator[str]:
    """Yield the top-level packages that could not be imported on the way to an error."""
    while error is not None:
        if isinstance(error, ModuleNotFoundError) and error.name:
            yield error.name.partition(".")[0]
        error = error.__cause__ or error.__context__
