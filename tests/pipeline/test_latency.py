from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from mergeline.pipeline.latency import measure, percentile


class Busy:
    """A machine on which every second call takes a second longer, and so does row 7."""

    def __init__(self) -> None:
        self.now, self.calls = 0.0, 0

    def clock(self) -> float:
        return self.now

    def predict(self, one: pd.DataFrame, _past: None) -> None:
        self.calls += 1
        self.now += 0.005 + (1.0 if self.calls % 2 else 0.0) + (1.0 if one.index[0] == 7 else 0.0)


def test_a_pause_of_the_machine_is_not_the_model_s_and_a_slow_row_is():
    machine = Busy()
    rows = pd.DataFrame({"x": range(30)})

    found = measure(machine, SimpleNamespace(rows=rows, time=None), machine.clock)

    assert found[0] == pytest.approx(5)
    # Thirty rows: the seventh comes twice among fifty.
    assert [number for number, one in enumerate(found) if one > 900] == [7, 37]
    assert percentile(found, 50) == pytest.approx(5)
    assert percentile(found, 99) > 900
