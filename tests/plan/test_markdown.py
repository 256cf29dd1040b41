from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergeline.findings import Finding, Location, Severity
from mergeline.plan.changes import SemanticChange
from mergeline.plan.estimates import Estimate, PastRun
from mergeline.plan.neighbours import Neighbour
from mergeline.plan.outlook import Action
from mergeline.plan.plan import ModelPlan, Plan
from mergeline.plan.prices import Price
from mergeline.plan.rules import PolicyChange
from mergeline.plan.versions import Version
from mergeline.report.plan_markdown import LIMIT, code, plan_markdown, prose

VERSION = Version("0.1.0", "0.2.0")


def changes(count: int, value: str) -> tuple[SemanticChange, ...]:
    return tuple(
        SemanticChange(
            "training.hyperparameters", f"/training/hyperparameters/p{n}", value, n, "training"
        )
        for n in range(count)
    )


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("C", "`C`"),
        ("a `b` c", "``a `b` c``"),
        ("`", "`` ` ``"),
        ("", "` `"),
        ("two\nlines", "`two\\nlines`"),
        ("@team <b> | [x](y) &amp;", "`@team <b> | [x](y) &amp;`"),
        ("\x1b[31m", "`\\x1b[31m`"),
    ],
)
def test_code(text, span):
    assert code(text) == span


@given(st.text(alphabet="`a \n\\|<@", max_size=20))
def test_a_code_span_ends_where_it_should(text):
    span = code(text)
    fence = span[: len(span) - len(span.lstrip("`"))]
    inner = span[len(fence) : -len(fence)]
    assert span.endswith(fence)
    assert "\n" not in inner
    runs = {len(run) for run in "".join(c if c == "`" else " " for c in inner).split()}
    assert len(fence) not in runs
    assert not inner.startswith("`")
    assert not inner.endswith("`")


@pytest.mark.parametrize(
    "text", ["@ops", "see www.x.com", "a/b", "GH-1", "#1", "*x*", "<b>", "a|b", "1. x", "- x", "é"]
)
def test_prose_is_plain_only_if_harmless(text):
    assert prose(text) == f"`{text}`"
    assert prose("release 0.2.0 on merge") == "release 0.2.0 on merge"


@pytest.mark.slow
@pytest.mark.parametrize("count", [3, 300, 3_000])
@pytest.mark.parametrize("models", [1, 40, 400])
def test_a_long_plan_is_cut_between_lines(count, models):
    value = "`@<|" * 40
    same = changes(count, value)
    made = [ModelPlan(f"m-{n}", "modified", VERSION, "high", "t", same) for n in range(models)]
    shown = plan_markdown(Plan("0" * 40, None, tuple(made)))
    assert len(shown) <= LIMIT
    assert shown.count("<details>") == shown.count("</details>") >= 1
    assert shown.startswith(f"**{models} model")
    if count * models > 3_000:
        assert "more" in shown.splitlines()[-1] or "- and " in shown


@pytest.mark.parametrize("reached", [0, 1_000])
@pytest.mark.parametrize("stopped", [0, 1])
def test_a_thousand_models_fit_what_stops_the_merge_first(reached, stopped):
    long = "`@<|" * 50
    trained = (Action("train", "train a candidate", long),)
    past = Estimate(2, PastRun(60.0, long), Price(3.6, "EUR", long))
    others = tuple(Neighbour(n, long, "bo", "u", frozenset()) for n in range(30))
    models = [
        ModelPlan(
            f"m-{n:04}",
            "modified",
            VERSION,
            "high",
            "t",
            changes(9, long),
            trained,
            estimate=past,
            pull_requests=others,
        )
        for n in range(1_000 - stopped)
    ]
    finding = Finding("missing-file", Severity.ERROR, long, Location("models/z/data.yaml"))
    models += [ModelPlan("z", "modified", VERSION, findings=(finding,))] * stopped
    models += [
        ModelPlan(f"r-{n:04}", "reached", VERSION, reasons=(f"{long} {n % 7} changed",))
        for n in range(reached)
    ]
    change = PolicyChange(tuple(f"policies/{long}{n}.rego" for n in range(99)), unjudged=long)
    shown = plan_markdown(Plan("0" * 40, None, tuple(models), change))
    assert len(shown) <= LIMIT
    assert shown.startswith("**1,000 models changed")
    assert shown.count("<details>") == shown.count("</details>") >= 1
    assert (shown.split("\n### ")[1].startswith("`z`")) == bool(stopped)
    listed = shown.count("\n### ")
    assert 1 < listed < 1_000
    assert f"\n{1_000 - listed + reached} more not shown here" in shown
    assert "- estimate: " in shown.splitlines()[-1]


def test_what_is_left_out_is_counted():
    made = tuple(
        ModelPlan(f"m-{n}", "modified", VERSION, None, None, changes(9, "x")) for n in range(9)
    )
    shown = plan_markdown(Plan("0" * 40, None, made), limit=1_000)
    assert len(shown) <= 1_000
    listed = shown.count("###")
    assert f"\n{9 - listed} more not shown here" in shown
