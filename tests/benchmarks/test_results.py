from __future__ import annotations

import json

import results
from benchmark import Benchmark, Target
from measuring import Measured, Sample


def benchmark(name, target, peer="other"):
    return Benchmark(name, ours=f"mergeline {name}", peer=peer, target=target, prepare=None)


ROWS = [
    (
        benchmark("fast", Target(at_most=0.2, ratio=1.0)),
        Measured(Sample((0.1, 0.2, 0.1)), Sample((0.4, 0.5, 0.3))),
    ),
    (benchmark("alone", Target(at_most=1.0), peer=None), Measured(Sample((2.0,)), None)),
]


def test_json_has_the_documented_shape():
    assert json.loads(results.json_text(ROWS)) == [
        {"name": "fast", "unit": "s", "ours": 0.1, "peer": 0.4, "ratio": 0.25},
        {"name": "alone", "unit": "s", "ours": 2.0, "peer": None, "ratio": None},
    ]


def test_text_names_spread_ratio_and_target():
    text = results.text(ROWS, repetitions=3)

    table, legend, notes = text.split("\n\n")
    assert table.splitlines() == [
        "benchmark  ours     quartiles       peer     quartiles       ratio  target",
        "fast       0.100 s  0.100 to 0.150  0.400 s  0.350 to 0.450  0.25"
        "   <= 0.2 s, ratio <= 1  met",
        "alone      2.000 s  2.000 to 2.000  -        -               -"
        "      <= 1 s                MISSED",
    ]
    assert "  peer: other\n" in legend
    assert "  peer: none" in legend
    assert "Ratio: ours divided by the peer's; below 1, Mergeline is faster." in notes


def test_without_a_target_there_is_nothing_to_be_met():
    row = (benchmark("free", Target(), peer=None), Measured(Sample((2.0,)), None))

    assert results.text([row], repetitions=1).splitlines()[1].split()[-2:] == ["-", "-"]


def test_a_target_on_the_ratio_is_not_met_without_a_peer():
    assert not Target(ratio=1.0).met(Measured(Sample((0.1,)), None))


def test_a_target_on_the_ratio_is_not_met_by_a_slower_program():
    assert not Target(at_most=9.0, ratio=1.0).met(Measured(Sample((0.2,)), Sample((0.1,))))


def test_a_target_on_the_difference_is_held_to_the_peer():
    target = Target(more=20)

    assert target.met(Measured(Sample((30.0,)), Sample((10.0,))))
    assert not target.met(Measured(Sample((30.5,)), Sample((10.0,))))
    assert not target.met(Measured(Sample((0.1,)), None))
    assert target.text("s") == "<= peer + 20 s"
