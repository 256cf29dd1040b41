from __future__ import annotations

import pytest

from mergeline.plan.versions import Version, precedence


def test_precedence_is_the_example_of_the_specification():
    ordered = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
        "1.9.0",
        "1.10.0",
        "2.0.0",
    ]
    assert sorted(set(ordered), key=precedence) == ordered
    assert precedence("1.0.0+a-b") == precedence("1.0.0")


@pytest.mark.parametrize(
    ("before", "required", "least"),
    [
        ("1.4.2", "major", "2.0.0"),
        ("1.4.2", "minor", "1.5.0"),
        ("1.4.2", "patch", "1.4.3"),
        ("0.4.2", "major", "0.5.0"),
        ("0.4.2", "minor", "0.5.0"),
        ("1.0.0-rc.1", "minor", "1.0.0"),
        ("1.1.0-rc.1", "minor", "1.1.0"),
        ("1.1.1-rc.1", "minor", "1.2.0"),
        ("1.1.0-rc.1", "major", "2.0.0"),
        ("0.2.0-rc.1", "major", "0.2.0"),
        ("0.2.1-rc.1", "major", "0.3.0"),
        ("1.4.2", None, None),
        (None, "minor", None),
    ],
)
def test_least_version(before, required, least):
    assert Version(before, "9.0.0", required).least == least


@pytest.mark.parametrize(
    ("before", "after", "required", "fits"),
    [
        ("0.1.0", "0.2.0", "minor", True),
        ("0.1.0", "0.1.1", "minor", False),
        ("0.1.0", "0.1.0", "patch", False),
        ("0.1.0", "0.1.0", None, True),
        ("1.1.0", "1.2.0-rc.1", "minor", True),
        ("1.2.0-rc.1", "1.2.0-rc.2", "minor", True),
        ("1.2.0-rc.2", "1.2.0-rc.1", "minor", False),
        (None, "0.1.0", "major", True),
    ],
)
def test_fits(before, after, required, fits):
    assert Version(before, after, required).fits is fits
