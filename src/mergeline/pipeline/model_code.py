"""A child of the sandbox for a model's code, within the limits that training.yaml sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.errors import ToolError
from mergeline.pipeline.functions import UnknownFunctionError
from mergeline.sandbox import Limits, Sandbox, SandboxError
from mergeline.specs.types.scalars import seconds_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mergeline.pipeline.context import Context

_UNITS = {"Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40}


def child(context: Context, kind: str, what: str, readable: Iterable[Path] = ()) -> Sandbox:
    """Start a child for a model, and note how it is confined.

    Args:
        context: the run.
        kind: the class of `mergeline.pipeline.sandboxed`, as `module:Class`.
        what: what it does, for messages.
        readable: what it may read beside the libraries.
    """
    kind = f"mergeline.pipeline.sandboxed.{kind}"
    found = Sandbox(kind, limits=limits_of(context), readable=readable, what=what)
    context.confined.append((what, found.enforced))
    return found


def limits_of(context: Context) -> Limits:
    """Return what a child of a model may take, as training.yaml says it, and say."""
    resources = context.model.training.resources
    memory = int(resources.memory[:-2]) * _UNITS[resources.memory[-2:]]
    silent = not context.model.data.datasets[0].quotable
    return Limits(memory=memory, seconds=seconds_of(resources.timeout), silent=silent)


def code_of(paths: Iterable[str], files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of some functions: a child sees no more of the model's folder.

    Args:
        paths: of the functions, as `file.py:function`.
        files: content by path below the model's folder.
    """
    named = {path.partition(":")[0] for path in paths}
    # If one is missing, the others tell what was meant.
    return {name: files[name] if name in named else b"" for name in files if name.endswith(".py")}


def made(sandbox: Sandbox, *arguments: Any) -> None:
    """Make the object of a child that loads functions.

    Raises:
        UnknownFunctionError: one is not there.
        ToolError: a file cannot be run.
    """
    try:
        sandbox.call(*arguments)
    except SandboxError as error:
        try:
            message, path, known = msgspec.convert(error.arguments, tuple[str, str, list[str]])
        except msgspec.ValidationError:
            raise ToolError(f"the model's code raised {error}") from None
        raise UnknownFunctionError(message, path, known) from None
