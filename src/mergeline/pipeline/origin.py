"""From which data something was made, and until when it may be kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from mergeline.specs.types.data import Dataset


class Origin(msgspec.Struct, frozen=True, kw_only=True):
    """The data that something was made from.

    Attributes:
        dataset: the name of the dataset.
        fetched: when its rows came to this machine.
        expires: when they must be gone, as data.yaml said it then; None: never.
    """

    dataset: str
    fetched: datetime
    expires: datetime | None

    def must_go(self, now: datetime, dataset: Dataset | None, *, public: bool) -> bool:
        """Tell whether something that was made from these data must be deleted.

        Args:
            now: the time.
            dataset: a dataset as data.yaml describes it now: a shorter retention counts at once.
            public: does it lie where only public data may? Then it goes with a private dataset.
        """
        ends = [self.expires]
        if dataset is not None and dataset.name == self.dataset:
            if public and not dataset.public:
                return True
            ends.append(end_of(dataset.retention, self.fetched))
        return any(end is not None and end <= now for end in ends)


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def end_of(retention: str | None, start: datetime) -> datetime | None:
    """Return when a retention such as `90d` ends; None: never."""
    if retention is None:
        return None
    try:
        return start + timedelta(**{_UNITS[retention[-1]]: int(retention[:-1])})
    except OverflowError:
        return None
