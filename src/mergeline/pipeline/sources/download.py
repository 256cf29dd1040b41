"""Bytes from an address to a file: the only importer of fsspec.

Credentials are what fsspec's libraries find in the environment (`AWS_…`,
`GOOGLE_APPLICATION_CREDENTIALS`, `AZURE_STORAGE_…`, or `FSSPEC_S3_…` and the like).
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import MergelineError, ToolError
from mergeline.libraries import missing_library
from mergeline.pipeline.sources.stored import AbsentError
from mergeline.pipeline.sources.web import UnsafeAddressError, check_address, web_options

if TYPE_CHECKING:
    from collections.abc import Mapping

# Which extra of Mergeline brings the library of a scheme.
_EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    "lakefs": "lakefs",
    **dict.fromkeys(("abfs", "abfss", "az", "adl"), "azure"),
}
# A service that is not there is said to be so within the minute.
_S3 = {"config_kwargs": {"connect_timeout": 10, "read_timeout": 60, "retries": {"max_attempts": 2}}}


def download(
    address: str,
    file: Path,
    options: Mapping[str, Any] | None = None,
    *,
    name: str | None = None,
) -> None:
    """Write what is at an address to a new file, a part at a time.

    Args:
        address: as fsspec writes it.
        file: where it goes.
        options: of the file system, beside what the environment says.
        name: what the address is called in messages, if not as it is.

    Raises:
        AbsentError: nothing is there, or a folder.
        UnsafeAddressError: data must not be read from it, or from where it leads.
        ToolError: the library is missing, the service does not answer, refuses, or ends early.
    """
    check_address(address)
    scheme, said = address.partition("://")[0], name or address
    given = _S3 if scheme in {"s3", "s3a"} else {}
    if scheme in {"http", "https"}:
        given = web_options(address)
    try:
        if scheme == "file":
            _copy(address, file)
        else:
            _download(address, file, {**given, **(options or {})})
    except FileNotFoundError as error:
        if (unsafe := _unsafe(error)) is not None:
            raise unsafe from None
        if _unanswered(error):
            raise _no_answer(said, error) from error
        raise AbsentError(f"there is no {said}") from None
    except ImportError as error:
        extra = _EXTRAS.get(said.partition("://")[0])
        raise missing_library(error, said, extra) or error from None
    except PermissionError as error:
        hint = "let the environment hold credentials that may read it"
        raise ToolError(f"{said} must not be read: {_said(error)}", hint=hint) from None
    except (MergelineError, AbsentError, UnsafeAddressError):
        raise
    except Exception as error:
        raise _no_answer(said, error) from error


def bucket_encryption(bucket: str) -> str | None:
    """Return by which algorithm an S3 bucket encrypts what is written to it; None: by none.

    Raises:
        ToolError: the library is missing, or the service does not tell.
    """
    try:
        import fsspec

        system = fsspec.filesystem("s3", skip_instance_cache=True, **_S3)
        answer = system.call_s3("get_bucket_encryption", Bucket=bucket)
        rules = answer["ServerSideEncryptionConfiguration"]["Rules"]
        return str(rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"])
    except ImportError as error:
        raise missing_library(error, f"s3://{bucket}", "s3") or error from None
    except Exception as error:
        response = getattr(error.__cause__ or error, "response", None) or {}
        code = response.get("Error", {}).get("Code")
        if code == "ServerSideEncryptionConfigurationNotFoundError":
            return None
        raise _no_answer(f"s3://{bucket}", error) from error


def listed(address: str, options: Mapping[str, Any] | None = None) -> list[str] | None:
    """Return what lies at the top of the store that an address is in, as far as it is told.

    Args:
        address: as fsspec writes it.
        options: of the file system, beside what the environment says.

    Returns:
        Paths, without the scheme; None: the store does not tell.

    Raises:
        UnsafeAddressError: data must not be read from the address.
        ToolError: the library is missing, or the service does not answer.
    """
    from fsspec.core import url_to_fs

    check_address(address)
    scheme = address.partition("://")[0]
    given = _S3 if scheme in {"s3", "s3a"} else {}
    try:
        system, path = url_to_fs(address, skip_instance_cache=True, **given, **(options or {}))
        return [str(one) for one in system.ls(path.partition("/")[0], detail=False)]
    except (PermissionError, FileNotFoundError):
        return None
    except ImportError as error:
        raise missing_library(error, address, _EXTRAS.get(scheme)) or error from None
    except Exception as error:
        raise _no_answer(address, error) from error


def _download(address: str, file: Path, options: Mapping[str, Any]) -> None:
    from fsspec.core import url_to_fs

    # What another call has cached may be of another environment.
    system, path = url_to_fs(address, skip_instance_cache=True, **options)
    facts = system.info(path)
    if facts.get("type") == "directory":
        raise AbsentError(f"{address} is a folder, not a file")
    system.get_file(path, str(file))
    there, arrived = facts.get("size"), file.stat().st_size
    if there is not None and there != arrived:
        raise ToolError(f"of {address}, {arrived} of {there} bytes arrived", hint="try again")


def _copy(address: str, file: Path) -> None:
    """Copy a local table, judged by where it is in fact: a link may lead anywhere."""
    real = Path(address.partition("://")[2]).resolve(strict=True)
    check_address(f"file://{real}")
    if not real.is_file():
        raise AbsentError(f"{address} is a folder, not a file")
    shutil.copyfile(real, file)


def _unsafe(error: BaseException) -> UnsafeAddressError | None:
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, UnsafeAddressError):
        cause = cause.__cause__
    return cause


def _unanswered(error: FileNotFoundError) -> bool:
    """Was nobody there to say that the file is not? fsspec's HTTP calls both the same."""
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, OSError) and not isinstance(cause, FileNotFoundError):
            return True
        if getattr(cause, "status", 404) not in {404, 410}:
            return True
        cause = cause.__cause__
    return False


def _no_answer(address: str, error: Exception) -> ToolError:
    hint = "is the service up, and does the environment name it and hold its credentials?"
    return ToolError(f"{address} does not answer: {_said(error.__cause__ or error)}", hint=hint)


def _said(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0]
