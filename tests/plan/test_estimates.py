"""What the runs of a plan take and cost, and what is honestly unknown."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.plan.workbench import SPECS, TUNABLES, Clone, Files, edited, model_files, release

from mergeline.cli import main
from mergeline.pipeline.result import RunResult, StepResult, write_result
from mergeline.plan.estimates import Estimate, PastRun, estimate_of, total_of
from mergeline.plan.outlook import Action
from mergeline.plan.prices import Price, price_of
from mergeline.report.plan_phrases import budget_text, estimate_text, total_text
from mergeline.specs.repository import load_repository
from mergeline.specs.types.training import Resources

TUNED: dict[str, Any] = TUNABLES["organization"]
TRAIN, RELEASE = Action("train", "t", "r"), Action("release", "t", "r")
HERE = PastRun(60.0, "the run of today on this machine")


def estimated(actions, *, here=None, tunables=TUNED, releases=None, **edits):
    specs = edited({key.replace("__", "."): value for key, value in edits.items()}, SPECS)
    files = model_files(specs, **(releases or {}))
    repository = load_repository(Files(files))
    assert repository.findings == ()
    return estimate_of(repository.models["churn"], actions, tunables, lambda _: here)


def prices(**given: object) -> dict[str, Any]:
    return {"prices": {**TUNED["prices"], **given}}


def test_without_a_run_there_is_no_estimate():
    assert estimated([Action("validate", "t", "r"), Action("promote", "t", "r")]) is None


def test_a_candidate_and_its_release_are_two_runs():
    estimate = estimated([TRAIN, RELEASE], here=HERE)
    assert (estimate.runs, estimate.seconds) == (2, 120.0)
    # One core at 0.04 and two GiB at 0.01 an hour, for two minutes.
    assert estimate.cost == pytest.approx(2 / 60 * 0.06)
    assert estimate_text(estimate) == (
        "2 runs: 2 min 0 s as the run of today on this machine, "
        "0.002 EUR (cpu 1, memory 2Gi, gpu 0: 0.06 EUR an hour)"
    )


def test_the_newest_release_that_says_it_comes_before_this_machine():
    first, second, third = release("0.9.0"), release("0.10.0"), release("0.11.0")
    second["training"]["seconds"] = 30.0
    third["training"]["seconds"] = None
    named = {"v0_9_0": first, "v0_10_0": second, "v0_11_0": third}
    assert estimated([TRAIN], here=HERE, releases=named).past == PastRun(30.0, "release 0.10.0")


def test_what_is_unknown_is_said():
    estimate = estimated([TRAIN])
    assert (estimate.seconds, estimate.cost, estimate.fits) == (None, None, None)
    assert "unknown, as it never ran here and no release says" in estimate_text(estimate)
    assert budget_text(estimate) is None
    unpriced = estimated([TRAIN], here=HERE, tunables={})
    assert (unpriced.seconds, unpriced.cost) == (60.0, None)
    said = "cost unknown, as policies/data.yaml of the base has no organization.prices.currency"
    assert said in estimate_text(unpriced)


@pytest.mark.parametrize(
    ("resources", "tunables", "per_hour"),
    [
        (Resources(cpu=2, memory="4Gi"), TUNED, 0.12),
        (Resources(cpu=2, memory="512Mi"), TUNED, 0.085),
        (Resources(gpu=2), TUNED, 4.06),
        (Resources(gpu=2, runner="large"), TUNED, 3.6),
        (Resources(runner="large", spot=True), TUNED, 1.8),
        (Resources(runner="large", spot=True), prices(spot_discount=None), 3.6),
        (Resources(runner="large", spot=True), prices(spot_discount=3), 3.6),
        (Resources(), prices(per_hour={"cpu": 1}), None),
        (Resources(gpu=1), prices(per_hour={"cpu": 1, "memory_gib": 0}), None),
        (Resources(), prices(per_hour={"cpu": 1, "memory_gib": 0}), 1),
        (Resources(), prices(per_hour={"cpu": -1, "memory_gib": 0}), None),
        (Resources(), prices(per_hour={"cpu": True, "memory_gib": 0}), None),
        (Resources(), prices(per_hour={"cpu": float("nan"), "memory_gib": 0}), None),
        (Resources(), prices(currency=None), None),
        (Resources(), {"prices": [1]}, None),
    ],
)
def test_the_price_of_an_hour(resources, tunables, per_hour):
    price = price_of(resources, tunables)
    assert price.per_hour == (None if per_hour is None else pytest.approx(per_hour))
    assert per_hour is not None or "organization.prices" in price.source


BUDGET = {"per_run": 0.001, "per_month": 1}
TRIGGER = {
    "triggers": [{"on": "drift", "reason": "The customers of today are others."}],
    "cooldown": "1d",
}


@pytest.mark.parametrize(
    ("edits", "exceeds", "said"),
    [
        ({}, (), None),
        ({"training__budget": BUDGET}, (), "within budget: 0.001 of 0.001 EUR a run"),
        (
            {"training__budget": {**BUDGET, "per_run": 0.0009}},
            ("per_run",),
            "over budget: 0.001 of 0.0009 EUR a run",
        ),
        (
            {"training__budget": {**BUDGET, "per_month": 0.01}, "monitoring__retraining": TRIGGER},
            ("per_month",),
            "over budget: 0.001 of 0.001 EUR a run, "
            "0.03 of 0.01 EUR a month of retraining at the most",
        ),
        (
            {"training__budget": {**BUDGET, "currency": "USD", "per_run": 0}},
            (),
            "budget in USD, prices in EUR: not compared",
        ),
    ],
)
def test_the_budget(edits, exceeds, said):
    estimate = estimated([TRAIN], here=HERE, **edits)
    assert (estimate.exceeds, budget_text(estimate)) == (exceeds, said)
    budget = estimate.as_json()["budget"]
    assert budget is None or budget["exceeds"] == list(exceeds)


@given(
    st.lists(
        st.tuples(st.sampled_from(["EUR", "USD"]), st.one_of(st.none(), st.floats(0, 1e5))),
        max_size=6,
    )
)
def test_the_total_is_the_sum_of_what_is_known(rows):
    made = {
        f"m{number}": Estimate(
            1,
            None if seconds is None else PastRun(seconds, "x"),
            Price(0.06, currency, "x"),
        )
        for number, (currency, seconds) in enumerate(rows)
    }
    total = total_of(made)
    assert total.runs == len(rows)
    assert total.seconds == pytest.approx(sum(seconds or 0 for _, seconds in rows))
    assert list(total.unknown) == [
        f"m{n}" for n, (_, seconds) in enumerate(rows) if seconds is None
    ]
    for currency in ("EUR", "USD"):
        wanted = sum(seconds or 0 for one, seconds in rows if one == currency) / 3600 * 0.06
        assert total.costs.get(currency, 0.0) == pytest.approx(wanted)
    assert total_text(total).startswith("estimate: ")


def test_the_run_on_this_machine_is_found(clone: Clone, capsys):
    steps = [("data", 1.0, "cached"), ("train", 4.0, "ran"), ("evaluate", 5.0, "failed")]
    result = RunResult(
        model="churn",
        version="0.1.0",
        task="classification",
        risk="high",
        outcome="failed",
        started="2024-09-12T10:00:00Z",
        seconds=0.1,
        commit=None,
        clean=True,
        steps=tuple(StepResult(name=n, seconds=s, status=status) for n, s, status in steps),
        findings=(),
        champion=None,
    )
    write_result(result, clone.root / ".mergeline/runs/churn")
    clone.write(model_files(edited({"training.random_seed": 2})))
    words = ["-C", str(clone.root), "plan", "--base", "main", "--format", "json"]
    assert main(words) == 0
    answer = json.loads(capsys.readouterr().out)
    [model] = answer["models"]
    assert model["estimate"] == {
        "runs": 1,
        "seconds": 10.0,
        "seconds_source": "the run of 2024-09-12T10:00:00Z on this machine",
        "cost": 0.0002,
        "currency": "EUR",
        "price_source": "cpu 1, memory 2Gi, gpu 0: 0.06 EUR an hour",
        "monthly_runs": None,
        "budget": None,
    }
    assert answer["estimate"] == {
        "runs": 1,
        "seconds": 10.0,
        "costs": {"EUR": 0.0002},
        "unknown": [],
    }
    (clone.root / ".mergeline/runs/churn/result.json").write_text("[]")
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["digest"] == answer["digest"]
