"""What a source gave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from mergeline.pipeline.data_store import Receipt


@dataclass(frozen=True, slots=True)
class Taken:
    """Data, with the bytes they were read from.

    Attributes:
        frame: the data.
        content: the digest of the bytes; None: there were none, as of a function's answer.
        receipt: what is known of bytes in the content-addressed store; None: they are not there.
    """

    frame: pd.DataFrame
    content: str | None = None
    receipt: Receipt | None = None
