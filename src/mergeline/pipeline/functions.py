"""Functions of a model folder, loaded from their source: in a child of the sandbox."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.libraries import missing_distributions, missing_library
from mergeline.pipeline.step import StepFailedError
from mergeline.pipeline.suggestion import suggest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mergeline.specs.document import Document, Pointer


class UnknownFunctionError(LookupError):
    """There is no such file or function.

    Attributes:
        path: as it was asked for, `file.py:function`.
        known: those that there are.
    """

    def __init__(self, message: str, path: str, known: list[str]) -> None:
        super().__init__(message, path, known)
        self.message = message
        self.path = path
        self.known = known


def load_function(files: Mapping[str, bytes], path: str, folder: str) -> Callable[..., Any]:
    """Return a function of a Python file.

    The file is run in a module of its own, which is in `sys.modules` only meanwhile (as
    dataclasses want it); no bytecode is written beside it.

    Args:
        files: content by path below the folder.
        path: as `file.py:function`.
        folder: the folder's path, for messages.

    Raises:
        UnknownFunctionError: there is no such file or function.
        ToolError: the file cannot be run.
    """
    file, _, name = path.partition(":")
    if file not in files:
        known = sorted(name for name in files if name.endswith(".py"))
        raise UnknownFunctionError(f"there is no {file} in {folder}", path, known)
    module = ModuleType(f"_mergeline_model_{file.removesuffix('.py')}")
    module.__file__ = f"{folder}/{file}"
    sys.modules[module.__name__] = module
    try:
        code = compile(files[file], module.__file__, "exec", dont_inherit=True)
        exec(code, module.__dict__)  # noqa: S102 - running the model's own code is the point
    except Exception as error:
        raise failed(error, f"{folder}/{file}", "cannot be loaded") from error
    finally:
        sys.modules.pop(module.__name__, None)
    function = getattr(module, name, None)
    if not callable(function):
        known = [key for key, value in vars(module).items() if _own(value, module)]
        message = f"there is no function {name} in {folder}/{file}"
        raise UnknownFunctionError(message, path, known)
    found: Callable[..., Any] = function
    return found


def unknown(error: UnknownFunctionError, document: Document, pointer: Pointer) -> StepFailedError:
    """Return the failure that says, where a spec names it, that there is no such function."""
    hint = suggest(error.path.partition(":")[2], error.known)
    return StepFailedError(
        [document.finding("unknown-function", error.message, pointer, hint=hint)]
    )


def failed(error: Exception, file: str, what: str) -> ToolError:
    """Return the error that says where a model's own code went wrong."""
    line = getattr(error, "lineno", None) or _line_in(error, file)
    place = Location(file, line or 1)
    hint: str | None = "run the function on its own to see more"
    if isinstance(error, ImportError):
        # The code may want what the extra brings, or a library of its own.
        missing = missing_library(error, file, "run" if missing_distributions("run") else None)
        hint = missing.hint if missing else hint
    return ToolError(f"{file} {what}: {type(error).__name__}: {error}", hint=hint, location=place)


def _line_in(error: Exception, file: str) -> int | None:
    line, frame = None, error.__traceback__
    while frame is not None:
        if frame.tb_frame.f_code.co_filename == file:
            line = frame.tb_lineno
        frame = frame.tb_next
    return line


def _own(value: Any, module: ModuleType) -> bool:
    return callable(value) and getattr(value, "__module__", None) == module.__name__
