"""What a source gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Taken:
    """Data, with the bytes they were read from.

    Attributes:
        frame: the data.
        content: the digest of the bytes; None: there were none, as of a function's answer.
        stored: are the bytes in the content-addressed store?
    """

    frame: pd.DataFrame
    content: str | None = None
    stored: bool = False
