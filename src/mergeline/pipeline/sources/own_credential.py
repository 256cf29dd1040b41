"""Data that are not public are read with a credential of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import ToolError
from mergeline.libraries import MissingLibraryError
from mergeline.specs.credentials import credential_of

if TYPE_CHECKING:
    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import Dataset


def require_own_credential(context: Context) -> None:
    """Look whether the environment holds what the source of private data is read with.

    Raises:
        ToolError: it does not; the message says who may read them, and what to set.
    """
    dataset = context.model.data.datasets[0]
    credential = credential_of(dataset.source)
    if dataset.public or credential is None or credential.is_there(context.environ):
        return
    names = (
        credential.secrets if credential.all_needed else (*credential.secrets, *credential.others)
    )
    lacking = [name for name in names if not context.environ.get(name)]
    shown = " and ".join(lacking) if credential.all_needed else f"{lacking[0]} or the like"
    raise ToolError(
        f"the dataset {dataset.name} is not public, and the environment does not hold {shown}",
        hint=f"set it to {credential.name}, never to a shared one; {readers_text(dataset)}",
        location=context.model.documents["data.yaml"].locate(("datasets", 0, "source")),
    )


def say_who_may_read(context: Context, error: ToolError) -> ToolError:
    """Add the teams that may read private data to the error of their source."""
    dataset = context.model.data.datasets[0]
    if not dataset.public and not isinstance(error, MissingLibraryError):
        error.hint = "; ".join(part for part in (error.hint, readers_text(dataset)) if part)
    return error


def readers_text(dataset: Dataset) -> str:
    """Say who may read a dataset."""
    if not dataset.readers:
        return f"data.yaml does not say which teams may read {dataset.name}"
    return f"{', '.join(dataset.readers)} may read {dataset.name}"
