"""A CSV or Parquet file that DVC keeps, fetched by the `dvc` program.

The program, not the library: DVC pins much of what Mergeline's own environment pins otherwise.
"""

from __future__ import annotations

import hashlib
import posixpath
import shutil
import sys
from configparser import ParsingError, RawConfigParser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from mergeline.digest import digest_bytes
from mergeline.errors import RefusedError, ToolError
from mergeline.libraries import install_command
from mergeline.pipeline.sources.own_credential import readers_text
from mergeline.pipeline.sources.table import failed
from mergeline.process import run

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import DvcSource

KEY = "pointer"
_CONFIG = ".dvc/config"
# The options of DVC's remotes that hold a credential.
_CREDENTIALS = frozenset(
    (
        *("access_key_id", "secret_access_key", "session_token", "password", "token"),
        *("account_key", "sas_token", "connection_string", "client_secret", "key_passphrase"),
        *("gdrive_client_secret", "oss_key_id", "oss_key_secret", "passphrase"),
    )
)
# Seconds for the largest of files; a job has a limit of its own.
_PATIENCE = 6 * 3600.0


class _Out(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `dvc add` writes of a file; other keys name remotes, repositories or options."""

    path: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_. -]*$(?!\n)")]
    md5: str = ""
    size: int = 0
    hash: Literal["md5"] = "md5"
    desc: str = ""


class _Pointer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    outs: list[_Out]
    wdir: str = "."
    desc: str = ""


def inputs(context: Context, source: DvcSource) -> Mapping[str, Any]:
    """Return the digest of the pointer."""
    return {"pointer": digest_bytes(context.model.files.get(source.pointer, b""))}


def uri(context: Context, source: DvcSource) -> str:
    """Return the pointer's path from the repository's root."""
    return f"dvc://{context.model.path}/{source.pointer}"


def file_name(source: DvcSource) -> str:
    """Return the name of the file that the pointer stands for."""
    return source.pointer.rpartition("/")[2].removesuffix(".dvc")


def fetch(context: Context, source: DvcSource, file: Path) -> None:
    """Let DVC write the file that the pointer names, from its cache or its remote.

    Raises:
        StepFailedError: the pointer is none, or DVC gave other bytes than it names.
        RefusedError: the repository holds a credential for data that are not public.
        ToolError: there is no `dvc`, or it cannot give the file.
    """
    out = _out(context, source)
    _refuse_shared_credential(context)
    folder = posixpath.dirname(f"{context.model.path}/{source.pointer}")
    path = posixpath.join(folder, out.path)
    command = [_program(context), "get", "--quiet", ".", path, "--out", str(file)]
    environ = {**context.environ, "DVC_NO_ANALYTICS": "1"}
    done = run(command, cwd=context.root, env=environ, timeout=_PATIENCE)
    if done.status or not file.is_file():
        said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
        hint = "was it pushed, and does the environment hold the remote's credentials?"
        raise ToolError(f"dvc cannot give {path}: {said.removeprefix('ERROR: ')}", hint=hint)
    with file.open("rb") as content:
        # DVC's own name for the content, which guards against nobody's malice.
        found = hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False))
    if found.hexdigest() != out.md5:
        message = f"dvc gave bytes with MD5 {found.hexdigest()}, {source.pointer} names {out.md5}"
        hint = "push the file that the pointer was made for"
        raise failed(context, "pointer-mismatch", message, KEY, hint)


def _refuse_shared_credential(context: Context) -> None:
    """Look for a credential in the settings of DVC's that the repository shares."""
    dataset = context.model.data.datasets[0]
    if dataset.public:
        return
    settings = RawConfigParser(strict=False)
    try:
        settings.read(context.root / _CONFIG, encoding="utf-8")
    except (OSError, ValueError, ParsingError):
        return
    for section in settings.sections():
        options = {name.strip(): value for name, value in settings[section].items()}
        found = sorted(_CREDENTIALS & options.keys())
        if urlsplit(options.get("url", "")).password:
            found.append("url with a password")
        for key in found:
            raise RefusedError(
                f"{_CONFIG} holds {key}, and the dataset {dataset.name} is not public",
                hint="take it out and have it made invalid; each person sets their own with dvc "
                f"remote modify --local; {readers_text(dataset)}",
            )


def _out(context: Context, source: DvcSource) -> _Out:
    import yaml

    hint = f"make it with: dvc add {file_name(source)}"
    try:
        content = yaml.safe_load(context.model.files[source.pointer])
        pointer = msgspec.convert(content, _Pointer)
        [out] = pointer.outs
    except (KeyError, ValueError, yaml.YAMLError):
        message = f"{source.pointer} is no pointer of DVC's to one file"
        raise failed(context, "unreadable-data", message, KEY, hint) from None
    if pointer.wdir != "." or out.md5.endswith(".dir"):
        message = f"{source.pointer} does not point to a file beside it"
        raise failed(context, "unreadable-data", message, KEY, hint)
    return out


def _program(context: Context) -> str:
    beside = Path(sys.executable).with_name("dvc")
    found = (
        str(beside) if beside.is_file() else shutil.which("dvc", path=context.environ.get("PATH"))
    )
    if found is None:
        raise ToolError("dvc is not installed", hint=install_command("dvc"))
    return found
