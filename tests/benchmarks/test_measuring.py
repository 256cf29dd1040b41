from __future__ import annotations

import os
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from measuring import (
    Measured,
    Program,
    Sample,
    compare,
    cpu_seconds,
    peak_mebibytes,
    seconds,
    told_seconds,
)

from mergeline.errors import ToolError


def python(tmp_path, code, **env):
    return Program([sys.executable, "-c", code], tmp_path, env)


@pytest.fixture
def named(tmp_path):
    return Program(["ours"], tmp_path, {}), Program(["peer"], tmp_path, {})


def test_takes_turns_and_changes_who_goes_first(named):
    ours, peer = named
    order = []

    def once(program):
        order.append(program.command[0])
        return 1.0

    compare(ours, peer, repetitions=3, once=once)

    assert " ".join(order) == "ours peer  ours peer  peer ours  ours peer".replace("  ", " ")


def test_the_first_run_of_each_is_not_counted(named):
    ours, peer = named
    took = {"ours": iter([100.0, 1.0, 2.0, 3.0]), "peer": iter([100.0, 10.0, 20.0, 30.0])}

    measured = compare(
        ours, peer, repetitions=3, once=lambda program: next(took[program.command[0]])
    )

    assert measured == Measured(Sample((1.0, 2.0, 3.0)), Sample((10.0, 20.0, 30.0)))
    assert measured.ratio == pytest.approx(0.1)


def test_what_is_measured_once_runs_once(named):
    ours, peer = named
    order = []

    compare(ours, peer, repetitions=1, once=lambda program: order.append(program) or 1.0)

    assert order == [ours, peer]


def test_without_a_peer_there_is_no_ratio(named):
    measured = compare(named[0], None, repetitions=2, once=lambda _: 1.0)

    assert measured.peer is None
    assert measured.ratio is None


def test_a_program_is_timed_to_its_end(tmp_path):
    touched = tmp_path / "touched"

    assert seconds(python(tmp_path, "import pathlib; pathlib.Path('touched').touch()")) > 0

    assert touched.exists()


def test_a_program_sees_only_the_environment_it_is_given(tmp_path, monkeypatch):
    monkeypatch.setenv("LEAKED", "1")
    code = "import os, sys; sys.exit('LEAKED' in os.environ or os.environ['GIVEN'] != '1')"

    seconds(python(tmp_path, code, GIVEN="1", PATH=os.environ["PATH"]))


def test_a_program_that_fails_is_not_timed(tmp_path):
    program = python(tmp_path, "import sys; sys.exit('no data')")

    with pytest.raises(ToolError, match="ended with 1, so it is not timed") as caught:
        seconds(program)

    assert caught.value.hint == "no data"


def test_a_program_that_is_not_there(tmp_path):
    with pytest.raises(ToolError, match="no-such-program is not installed"):
        seconds(Program(["no-such-program"], tmp_path, {}))


@given(st.lists(st.floats(0.001, 1000), min_size=1, max_size=30))
def test_quartiles_lie_about_the_median(values):
    sample = Sample(tuple(values))
    lower, upper = sample.quartiles
    nearly = 1 + 1e-9

    assert min(values) <= lower * nearly
    assert lower <= sample.median * nearly
    assert sample.median <= upper * nearly
    assert upper <= max(values) * nearly


@pytest.mark.slow
def test_the_peak_is_that_of_the_program_alone(tmp_path):
    def held(mebibytes: int) -> float:
        code = f"x = b'x' * {mebibytes} * 1024 ** 2"
        return peak_mebibytes(Program([sys.executable, "-c", code], tmp_path, {}))

    large, small = held(300), held(1)

    assert 300 < large < 400
    assert small < 100


def test_the_peak_is_that_of_a_worker_too(tmp_path):
    worker = "x = b'x' * 300 * 1024 ** 2"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {worker!r}], check=True)"

    assert 300 < peak_mebibytes(Program([sys.executable, "-c", code], tmp_path, {})) < 400


@pytest.mark.slow
def test_processor_time_counts_work_and_not_waiting(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    assert cpu_seconds(python(tmp_path, busy)) >= 0.3
    assert cpu_seconds(python(tmp_path, "import time; time.sleep(0.6)")) < 0.5


def test_a_program_may_tell_what_it_measured_itself(tmp_path):
    assert told_seconds(python(tmp_path, "print(0.25)")) == 0.25
    with pytest.raises(ToolError, match="tells no seconds: soon"):
        told_seconds(python(tmp_path, "print('soon')"))
