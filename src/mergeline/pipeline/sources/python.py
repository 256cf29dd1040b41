"""A function of the model folder that returns a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes
from mergeline.errors import ToolError
from mergeline.pipeline.functions import failed, find_function
from mergeline.pipeline.sources.taken import Taken

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.pipeline.context import Context
    from mergeline.specs.types.data import PythonSource


def inputs(context: Context, source: PythonSource) -> Mapping[str, Any]:
    """Return the digest of the function's file."""
    content = context.model.files.get(source.function.partition(":")[0])
    return {"code": None if content is None else digest_bytes(content)}


def uri(context: Context, source: PythonSource) -> str:
    """Return the function's path from the repository's root."""
    return f"{context.model.path}/{source.function}"


def read(context: Context, source: PythonSource) -> Taken:
    """Call the function with its parameters.

    Raises:
        StepFailedError: there is no such function.
        ToolError: it raised, or gave no DataFrame.
    """
    import pandas as pd

    model, place = context.model, ("datasets", 0, "source", "function")
    document = model.documents["data.yaml"]
    function = find_function(model.files, source.function, model.path, document, place)
    file = f"{model.path}/{source.function.partition(':')[0]}"
    try:
        frame = function(**source.parameters)
    except Exception as error:
        raise failed(error, file, "raised an error") from error
    if not isinstance(frame, pd.DataFrame):
        raise ToolError(
            f"{source.function} must return a pandas DataFrame, not {type(frame).__name__}",
            location=document.locate(place),
        )
    return Taken(frame.reset_index(drop=True))
