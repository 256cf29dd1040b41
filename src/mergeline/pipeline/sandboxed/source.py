"""A source function of a model: for `pipeline/sources/python.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.findings import Location
from mergeline.pipeline.functions import failed, load_function

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class Source:
    """The function that makes a dataset."""

    def __init__(self, files: Mapping[str, bytes], path: str, folder: str) -> None:
        """Load the function.

        Args:
            files: content by path below the folder.
            path: as `file.py:function`.
            folder: the folder's path, for messages.
        """
        self._function = load_function(files, path, folder)
        self._file, self._name = f"{folder}/{path.partition(':')[0]}", path

    def frame(self, parameters: Mapping[str, Any]) -> tuple[str, dict[str, pd.DataFrame]]:
        """Return the type of what the function gives, and if it is a DataFrame the table `frame`.

        Raises:
            ToolError: it raised an error, or a DataFrame that Arrow cannot hold.
        """
        import pandas as pd
        import pyarrow as pa

        try:
            frame = self._function(**parameters)
        except Exception as error:
            raise failed(error, self._file, "raised an error") from error
        if not isinstance(frame, pd.DataFrame):
            return type(frame).__name__, {}
        try:
            pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowException, TypeError, ValueError) as error:
            raise ToolError(
                f"{self._name} returned a DataFrame that mixes types: {error.args[0]}",
                hint="give each column one type",
                location=Location(self._file),
            ) from None
        return type(frame).__name__, {"frame": frame}
