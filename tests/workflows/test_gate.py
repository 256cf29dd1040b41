"""The gate's script itself, run with bash for every combination of results."""

from __future__ import annotations

import itertools
import subprocess

import pytest

from .conftest import script, workflow

RESULTS = ("success", "failure", "skipped", "cancelled")
NEEDED = ("VALIDATE", "PLAN", "CANDIDATE_1", "CHECK")
# Runs the script once for each line of standard input: starting bash 1,000 times is slow.
LOOP = """
script=$1
while read -r EVENT MATRIX_1 VALIDATE PLAN CANDIDATE_1 CHECK; do
  (eval "$script") >/dev/null 2>&1 && echo pass || echo fail
done
"""


def judged(cases: list[dict[str, str]]) -> list[bool]:
    text, env = script("pull-request", "gate", "Judge the jobs")
    assert set(env) == {"EVENT", "MATRIX_1", *NEEDED}
    order = ("EVENT", "MATRIX_1", *NEEDED)
    done = subprocess.run(
        ["bash", "-c", LOOP, "gate", text],
        input="".join(" ".join(case[key] for key in order) + "\n" for case in cases),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return [line == "pass" for line in done.stdout.splitlines()]


def allowed(case: dict[str, str]) -> bool:
    """What the gate must say, in the words of its purpose."""
    may_skip = set()
    if case["MATRIX_1"] == "[]":
        may_skip.add("CANDIDATE_1")
    if case["EVENT"] == "merge_group":
        may_skip.add("CHECK")
    return all(
        case[key] == "success" or (case[key] == "skipped" and key in may_skip) for key in NEEDED
    )


@pytest.mark.parametrize("event", ["pull_request", "merge_group"])
@pytest.mark.parametrize("matrix", ["[]", '[{"model":"payment-fraud"}]'])
def test_every_combination(event: str, matrix: str) -> None:
    cases = [
        {"EVENT": event, "MATRIX_1": matrix, **dict(zip(NEEDED, results, strict=True))}
        for results in itertools.product(RESULTS, repeat=len(NEEDED))
        # One that is neither success nor skipped is enough; two of them say nothing new.
        if sum(result in ("failure", "cancelled") for result in results) <= 1
    ]
    answers = judged(cases)
    assert answers == [allowed(case) for case in cases]
    assert any(answers)


def test_a_review_is_no_excuse() -> None:
    base = dict.fromkeys(NEEDED, "success")
    case = {"EVENT": "pull_request_review", "MATRIX_1": '["a"]', **base}
    skipping = [{**case, key: "skipped"} for key in NEEDED]
    assert judged([case, *skipping]) == [True, *[False] * len(NEEDED)]


def test_no_result_and_a_strange_one_fail() -> None:
    text, _ = script("pull-request", "gate", "Judge the jobs")
    base = {"EVENT": "pull_request", "MATRIX_1": "[]"}
    for odd in ("", "neutral", "success success", "$(exit 0)"):
        env = {**base, **dict.fromkeys(NEEDED, "success"), "CHECK": odd, "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["bash", "-c", text], env=env, capture_output=True, text=True)
        assert done.returncode == 1
        assert "::error::check: " in done.stdout


def test_the_gate_needs_every_other_job_and_always_runs() -> None:
    jobs = workflow("pull-request")["jobs"]
    gate = jobs["gate"]
    assert set(gate["needs"]) == set(jobs) - {"gate"}
    assert gate["if"] == "always()"
    _, env = script("pull-request", "gate", "Judge the jobs")
    for name in gate["needs"]:
        variable = "CANDIDATE_1" if name == "candidate" else name.upper()
        assert env[variable] == f"${{{{ needs.{name}.result }}}}"
