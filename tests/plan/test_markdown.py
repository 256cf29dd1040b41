from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeline.plan.changes import SemanticChange
from mergeline.plan.plan import ModelPlan, Plan
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


@settings(max_examples=100, deadline=None)
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


def test_what_is_left_out_is_counted():
    made = tuple(
        ModelPlan(f"m-{n}", "modified", VERSION, None, None, changes(9, "x")) for n in range(9)
    )
    shown = plan_markdown(Plan("0" * 40, None, made), limit=1_000)
    assert len(shown) <= 1_000
    listed = shown.count("###")
    assert f"\n{9 - listed} more not shown here" in shown
