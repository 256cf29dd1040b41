"""Shared libraries of the system that a Python package needs, and that the system lacks."""

from __future__ import annotations

import re

from mergeline.errors import ToolError

# What a library comes with: on Debian and Ubuntu, on Fedora, on Alpine.
_PACKAGES = {
    "libatomic.so": ("libatomic1", "libatomic", "libatomic"),
    "libffi.so": ("libffi8", "libffi", "libffi"),
    "libgcc_s.so": ("libgcc-s1", "libgcc", "libgcc"),
    "libgfortran.so": ("libgfortran5", "libgfortran", "libgfortran"),
    "libgomp.so": ("libgomp1", "libgomp", "libgomp"),
    "libquadmath.so": ("libquadmath0", "libquadmath", "libquadmath"),
    "libsqlite3.so": ("libsqlite3-0", "sqlite-libs", "sqlite-libs"),
    "libstdc++.so": ("libstdc++6", "libstdc++", "libstdc++"),
    "libz.so": ("zlib1g", "zlib", "zlib"),
}
# As glibc's loader says it, and as musl's does.
_ABSENT = re.compile(
    r"([^\s:/]+\.so[.\d]*): cannot open shared object file"
    r"|Error loading shared library ([^\s:/]+)"
)
_TOO_OLD = re.compile(r"version [`']((?:GLIBC|GLIBCXX|CXXABI)_[\d.]+)' not found")


def missing_shared_library(error: BaseException) -> ToolError | None:
    """Return the error that names the library and what brings it; None if none is missing.

    Args:
        error: what importing a package raised; what it was raised from is looked at too.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ImportError | OSError) and (said := _read(str(cause))):
            return said
        cause = cause.__cause__
    return None


def _read(text: str) -> ToolError | None:
    if found := _ABSENT.search(text):
        library = found[1] or found[2]
        return ToolError(f"this system has no {library}", hint=_hint(library))
    if found := _TOO_OLD.search(text):
        message = f"this system's libraries are too old: {found[1]} is needed"
        return ToolError(message, hint="use a newer release of the system, or a newer image")
    return None


def _hint(library: str) -> str:
    packages = _PACKAGES.get(library[: library.find(".so") + 3])
    if packages is None:
        return f"install the package that brings it: apt-file search {library}"
    debian, fedora, alpine = packages
    return (
        f"apt-get install {debian} on Debian and Ubuntu, "
        f"dnf install {fedora} on Fedora, apk add {alpine} on Alpine"
    )
