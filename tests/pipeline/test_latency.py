from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline.latency import Measured, measure, otherwise_alone, percentile


class Busy:
    """A machine on which every second call takes a second longer, and so does row 7."""

    def __init__(self) -> None:
        self.now, self.calls = 0.0, 0

    def clock(self) -> float:
        return self.now

    def predict(self, one: pd.DataFrame, _past: None) -> SimpleNamespace:
        self.calls += 1
        self.now += 0.005 + (1.0 if self.calls % 2 else 0.0) + (1.0 if one.index[0] == 7 else 0.0)
        return SimpleNamespace(values=one["x"].to_numpy())


def test_a_pause_of_the_machine_is_not_the_model_s_and_a_slow_row_is():
    machine = Busy()
    rows = pd.DataFrame({"x": range(30)})

    test = SimpleNamespace(rows=rows, time=None)
    measured = measure(lambda: nullcontext(machine), test, machine.clock)
    found = measured.milliseconds

    assert found[0] == pytest.approx(5)
    assert len(found) == 30
    assert [number for number, one in enumerate(found) if one > 900] == [7]
    assert percentile(found, 50) == pytest.approx(5)
    assert percentile(found, 100) > 900


def test_what_is_said_of_a_row_alone_is_held_to_what_was_said_among_others():
    whole = np.array([1.0, 2.0, 3.0])
    said = [[1.0, 2.0, 3.0], [1.0, 2.0 + 1e-12, 3.0]]
    assert otherwise_alone(Measured([], [0, 1, 2], said), whole) is None
    assert otherwise_alone(Measured([], [0, 1, 2], [*said, [1.0, 2.5, 3.0]]), whole) == 1
    words = np.array(["a", "b"])
    assert otherwise_alone(Measured([], [1, 0], [["b", "a"]]), words) is None
    assert otherwise_alone(Measured([], [1, 0], [["b", "b"]]), words) == 0


REMEMBERS = """\
import time
import numpy as np
known = {}


def log_amount(frame, base):
    key = tuple(frame["amount"])
    if key not in known:
        time.sleep(0.03)
        known[key] = np.log(frame["amount"]) / np.log(base)
    return known[key]
"""


@pytest.mark.slow
def test_a_model_that_remembers_rows_is_no_quicker_for_it(work):
    work.write("models/toy/features.py", REMEMBERS)
    assert work.run("toy", fresh=True).timings["milliseconds"]["p50"] > 30
