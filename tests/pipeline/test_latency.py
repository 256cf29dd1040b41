from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mergeline.pipeline.latency import Measured, measure, otherwise_alone, percentile
from mergeline.pipeline.predictions import Predictions


class Busy:
    """A machine on which every second call takes a second longer, and so does row 7."""

    def __init__(self) -> None:
        self.now, self.calls = 0.0, 0

    def clock(self) -> float:
        return self.now

    def predict(self, one: pd.DataFrame, _past: None) -> Predictions:
        self.calls += 1
        self.now += 0.005 + (1.0 if self.calls % 2 else 0.0) + (1.0 if one.index[0] == 7 else 0.0)
        return Predictions(one["x"].to_numpy())


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
    def alone(*values: object, probability: float | None = None) -> list[Predictions]:
        share = None if probability is None else np.array([[1 - probability, probability]])
        return [Predictions(np.array([value]), share) for value in values]

    whole = Predictions(np.array([1.0, 2.0, 3.0]))
    said = [alone(1.0, 2.0, 3.0), alone(1.0, 2.0 + 1e-12, 3.0)]
    assert otherwise_alone(Measured([], [0, 1, 2], said), whole) is None
    assert otherwise_alone(Measured([], [0, 1, 2], [*said, alone(1.0, 2.5, 3.0)]), whole) == 1
    words = Predictions(np.array(["a", "b"]))
    assert otherwise_alone(Measured([], [1, 0], [alone("b", "a")]), words) is None
    assert otherwise_alone(Measured([], [1, 0], [alone("b", "b")]), words) == 0
    # The same class, but surer of it.
    sure = Predictions(np.array([0, 0]), np.array([[0.6, 0.4], [0.9, 0.1]]))
    assert otherwise_alone(Measured([], [1], [alone(0, probability=0.1)]), sure) is None
    assert otherwise_alone(Measured([], [0], [alone(0, probability=0.1)]), sure) == 0
    assert otherwise_alone(Measured([], [0], [alone(0)]), sure) == 0


def test_the_rows_are_taken_from_all_of_the_test_set():
    test = SimpleNamespace(rows=pd.DataFrame({"x": range(1000)}), time=None)
    machine = Busy()
    assert measure(lambda: nullcontext(machine), test, machine.clock).places == list(
        range(0, 1000, 20)
    )


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
