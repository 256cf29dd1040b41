"""The bytes of a bundle: a zip whose every byte follows from the files in it."""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

SUMS = "SHA256SUMS"
_WHEN = (1980, 1, 1, 0, 0, 0)


class NotABundleError(Exception):
    """The bytes are no bundle, or not those that were written; says why."""


# What zipfile raises of bytes that are no archive, or one that was changed.
_UNREADABLE = (
    zipfile.BadZipFile,
    EOFError,
    NotImplementedError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
)


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the zip of some files, with the SHA-256 of each in `SHA256SUMS`.

    In the order of their names, uncompressed, all of 1980: equal files give equal bytes, so a byte
    that was changed anywhere, in a header too, is seen.
    """
    whole = {**files, SUMS: _sums(files)}
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(whole):
            info = zipfile.ZipInfo(name, _WHEN)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, whole[name])
    return target.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the files of a bundle.

    Raises:
        NotABundleError: it is none, or a byte of it was changed.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise NotABundleError("a file in it is compressed; a bundle's are not")
            files = {name: archive.read(name) for name in archive.namelist()}
    except _UNREADABLE as error:
        raise NotABundleError(f"it cannot be read: {error}") from None
    sums = files.pop(SUMS, None)
    if sums is None:
        raise NotABundleError(f"there is no {SUMS} in it")
    if sums != _sums(files):
        raise NotABundleError(f"its files are not those of {SUMS}")
    if packed(files) != content:
        raise NotABundleError("its bytes are not those that were written")
    return files


def _sums(files: Mapping[str, bytes]) -> bytes:
    """As sha256sum writes them, and `sha256sum --check` reads them."""
    lines = (f"{hashlib.sha256(files[name]).hexdigest()}  {name}\n" for name in sorted(files))
    return "".join(lines).encode()
