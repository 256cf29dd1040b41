"""A function of the model folder that returns a DataFrame."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes
from mergeline.errors import ToolError
from mergeline.pipeline.functions import UnknownFunctionError, unknown
from mergeline.pipeline.model_code import child, code_of, made
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
    """Call the function with its parameters, in a child that reaches neither network nor files.

    Raises:
        StepFailedError: there is no such function.
        ToolError: it raised, or gave no DataFrame.
    """
    model, place = context.model, ("datasets", 0, "source", "function")
    document = model.documents["data.yaml"]
    with child(context, "source:Source", source.function) as sandbox:
        try:
            code = code_of([source.function], model.files)
            made(sandbox, code, source.function, model.path)
        except UnknownFunctionError as error:
            raise unknown(error, document, place) from None
        kind, tables = sandbox.call("frame", source.parameters)
    if "frame" not in tables:
        message = f"{source.function} must return a pandas DataFrame, not {kind}"
        raise ToolError(message, location=document.locate(place))
    return Taken(tables["frame"])
