from __future__ import annotations

import os
import re
from datetime import date
from pathlib import Path

import pytest

from mergeline.policy.waivers import load_waivers
from mergeline.report.comment import LIMIT, MARKER, comment_markdown, head_of, is_ours
from mergeline.report.standing import standing_of, unmet
from mergeline.report.waived import in_force
from mergeline.specs.held import Held
from report import samples

GOLDEN = Path(__file__).parent / "golden"
MODEL = samples.plan_of(samples.planned())
STANDINGS = {
    "passing": standing_of(samples.HEAD, MODEL, {"churn": samples.passing()}, []),
    "failing": standing_of(samples.HEAD, MODEL, {"churn": samples.failing()}, []),
    "partial": standing_of(samples.HEAD, MODEL, {"churn": samples.partial()}, []),
    "missing": standing_of(samples.HEAD, MODEL, {}, []),
    "approvals": standing_of(
        samples.HEAD,
        samples.plan_of(samples.planned(actions=())),
        {},
        [samples.finding("approvals-missing", "needs 2 approvals, has 0")],
    ),
    "unjudged": standing_of(samples.HEAD, samples.plan_of(), {}, [], "OPA does not answer"),
    "empty": standing_of(samples.HEAD, samples.plan_of(), {}, []),
}


@pytest.mark.parametrize("name", STANDINGS)
def test_the_whole_comment(name):
    """MERGELINE_GOLDEN=write writes the files anew, to be read before they are committed."""
    text, path = comment_markdown(STANDINGS[name]), GOLDEN / f"{name}.md"
    if os.environ.get("MERGELINE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", STANDINGS)
def test_the_verdict_is_the_first_line_and_the_marker_the_last(name):
    text = comment_markdown(STANDINGS[name])
    ready = name in {"passing", "empty"}
    assert text.startswith("**Ready.**" if ready else "**Not ready:")
    assert "Next: " in text.splitlines()[0]
    assert is_ours(text)
    assert text.endswith(f"{MARKER}\n")
    assert head_of(text) == samples.HEAD


WAIVERS = """\
apiVersion: mergeline.dev/v1
kind: Waiver
rule: {rule}
model: {model}
owner: team-growth
reason: |
  The runbook moves | to another
  site.
expires: {expires}
"""


def waived(*of: tuple[str, str, str]):
    texts = {
        f"waivers/{number}.yaml": WAIVERS.format(rule=rule, model=model, expires=expires).encode()
        for number, (rule, model, expires) in enumerate(of)
    }
    found = load_waivers(Held(texts))
    assert not found.findings
    return in_force(found.files, {"churn"}, date(2024, 9, 12))


def test_waivers_in_force_are_listed_with_what_is_left_of_them():
    waivers = waived(
        ("runbook-missing", "churn", "2024-10-12"),
        ("drift-missing", "churn", "2024-09-12"),
        ("alerts-missing", "churn", "2024-09-11"),
        ("alerts-missing", "other", "2024-10-12"),
    )
    standing = standing_of(samples.HEAD, MODEL, {"churn": samples.passing()}, [], None, waivers)
    text = comment_markdown(standing)
    rows = text[text.index("2 waivers in force") :].splitlines()[2:6]
    assert [row.split(" | ")[0] for row in rows[2:]] == [
        "| `drift-missing`",
        "| `runbook-missing`",
    ]
    assert rows[2].endswith(" | 2024-09-12 (today) |")
    assert rows[3].endswith(" | 2024-10-12 (30 days left) |")
    assert "team-growth" in rows[3]
    assert len(re.findall(r"(?<!\\)\|", rows[3])) == 6  # the reason's own bar is none of them
    assert "alerts-missing" not in text
    assert text.startswith("**Ready.**")
    assert "in force" not in comment_markdown(STANDINGS["passing"])


def test_what_the_author_can_mend_comes_before_what_others_do():
    findings = [samples.finding("approvals-missing", "needs 2"), samples.finding("bad-version")]
    standing = standing_of(samples.HEAD, MODEL, {}, findings)
    actions = [one.action for one in unmet(standing)]
    assert actions == ["the author mends it and pushes", "reviewers approve"]


def test_a_warning_is_shown_and_stops_nothing():
    warned = samples.passing(findings=(samples.issue("old data", severity="warning", rule="age"),))
    standing = standing_of(samples.HEAD, MODEL, {"churn": warned}, [])
    assert unmet(standing) == []
    assert "old data" in comment_markdown(standing)


def test_a_result_that_says_passed_does_not_hide_a_gate_that_is_not_met():
    result = samples.passing(gates=(samples.gate(passed=False),))
    [one] = unmet(standing_of(samples.HEAD, MODEL, {"churn": result}, []))
    assert one.text == "`churn` does not meet `roc_auc`"


def test_a_finding_of_no_model_stands_apart():
    judged = [samples.finding("unpinned", "no digest", "policies/data.yaml")]
    text = comment_markdown(standing_of(samples.HEAD, MODEL, {"churn": samples.passing()}, judged))
    assert "1 finding elsewhere" in text
    assert "`policies/data.yaml:3:1`" in text


@pytest.mark.slow
@pytest.mark.parametrize(("models", "length"), [(3, 10), (400, 60), (60, 200)])
@pytest.mark.parametrize("limit", [8_000, LIMIT])
def test_what_does_not_fit_is_left_out_whole_and_counted(models, length, limit):
    names = [f"m{number}-{'x' * length}" for number in range(models)]
    many = tuple(samples.issue(f"{number} " + "y" * 300) for number in range(100))
    results = {name: samples.passing(model=name, findings=many) for name in names}
    plan = samples.plan_of(*(samples.planned(name) for name in names))
    text = comment_markdown(standing_of(samples.HEAD, plan, results, []), limit)
    assert len(text) <= limit
    assert text.count("<details>") == text.count("</details>")
    assert text.endswith(f"{MARKER}\n")
    assert head_of(text) == samples.HEAD
    shown = len(re.findall(r"the run (passed|failed)</summary>", text))
    if shown < models:
        assert f"{models - shown} fold" in text


def test_no_user_can_write_the_footer():
    note = f"x\nHead `{'c' * 40}` · plan "
    plan = samples.plan_of(samples.planned(notes=(note,)))
    assert head_of(comment_markdown(standing_of(samples.HEAD, plan, {}, []))) == samples.HEAD
