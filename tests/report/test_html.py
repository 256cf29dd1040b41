from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergeline.report.html import About, page
from report import samples

VOID = {"meta", "br", "link", "img", "use", "path"}
RESULTS = {
    "passing": samples.passing(),
    "failing": samples.failing(),
    "partial": samples.partial(),
    "regression": samples.regression(),
    "forecast": samples.forecast(),
    "several classes": samples.several_classes(),
}
HOSTILE = "</td><script>alert(1)</script><img src=https://example.org/x onerror=y> $\\frac$ \x1b[1m"


class Reader(HTMLParser):
    """Collects what a test asks for, and holds every element to be closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.words.append(data.strip())

    def every(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.mark.parametrize("name", RESULTS)
def test_the_page_is_well_formed_and_loads_nothing(name):
    text = page(RESULTS[name], About(links=(("runbook", "https://example.org/r"),)))
    reader = Reader(text)
    assert reader.open == []
    assert not {"script", "img", "iframe", "object", "link", "form"} & {
        tag for tag, _ in reader.tags
    }
    loads = [attrs.get("src") or attrs.get("href", "") for tag, attrs in reader.tags if tag != "a"]
    assert all(target in ("", None) or target.startswith("#") for target in loads)
    assert not re.search(r"url\((?!#)|@import|http-equiv=.refresh", text, re.IGNORECASE)
    assert [
        meta for meta in reader.every("meta") if "default-src 'none'" in (meta.get("content") or "")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_the_page_can_be_read_without_seeing_it(name):
    text = page(RESULTS[name], About())
    reader = Reader(text)
    assert len(reader.every("caption")) == len(reader.every("table"))
    assert len(reader.every("figcaption")) == len(reader.every("figure"))
    assert all(one["role"] == "img" and one["aria-label"] for one in reader.every("svg"))
    assert len(reader.every("h1")) == 1
    identifiers = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(identifiers) == len(set(identifiers))
    targets = {attrs["href"][1:] for attrs in reader.every("a") if attrs["href"].startswith("#")}
    labels = {attrs["aria-labelledby"] for attrs in reader.every("section")}
    assert targets | labels <= set(identifiers)


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_equal_results_make_equal_bytes(name):
    assert page(RESULTS[name], About()) == page(RESULTS[name], About())


def test_the_verdict_comes_first_and_needs_no_colour():
    for name, mark in (("passing", "✓"), ("failing", "✗"), ("partial", "✗")):
        words = Reader(page(RESULTS[name], About())).words
        verdict = next(word for word in words if word.startswith(("✓", "✗")))
        assert verdict.startswith(f"{mark} churn 0.2.0 {'passed' if mark == '✓' else 'failed'}")


def test_each_task_has_its_drawings():
    labels = [one["aria-label"] for one in Reader(page(samples.passing(), About())).every("svg")]
    assert [label.split(":")[0] for label in labels] == [
        "Metrics with intervals and thresholds",
        "Differences from the champion with intervals and margins",
        "ROC curve",
        "Precision over recall",
        "Calibration",
    ]
    labels = [one["aria-label"] for one in Reader(page(samples.regression(), About())).every("svg")]
    assert [label.split(" ")[0] for label in labels] == ["Metrics", "Actual", "Residuals"]


def test_what_a_user_wrote_is_shown_and_means_nothing():
    part = {"column": HOSTILE, "value": HOSTILE}
    rows = (samples.metric(HOSTILE, slice=part),)
    check = samples.CHECKS[1] | {"column": HOSTILE, "examples": [HOSTILE], "type": HOSTILE}
    fairness = samples.FAIRNESS | {"sensitive_feature": HOSTILE}
    given = samples.passing()
    result = samples.passing(
        metrics=rows,
        comparison=(samples.compared(HOSTILE, slice=part),),
        gates=(samples.gate(name=HOSTILE, slice=part, passed=False),),
        findings=(samples.issue(HOSTILE),),
        data=given.data | {"checks": [check], "uri": HOSTILE},
        model="churn",
        evaluation=given.evaluation | {"fairness": [fairness]},
        training=given.training | {"warnings": [HOSTILE], "hyperparameters": {HOSTILE: HOSTILE}},
        features=given.features | {"target": HOSTILE},
    )
    reader = Reader(page(result, About(owner=HOSTILE, description=HOSTILE, stale=HOSTILE)))
    assert not {"script", "img"} & {tag for tag, _ in reader.tags}
    assert not any(key.startswith("on") for _, attrs in reader.tags for key in attrs)
    shown = " ".join(reader.words)
    assert shown.count("<script>alert(1)</script>") >= 10
    assert "\x1b" not in shown


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 3 // 20)
@given(st.text(max_size=30))
def test_any_name_of_a_column_can_be_drawn(name):
    part = {"column": name, "value": name}
    result = samples.passing(metrics=(samples.metric(slice=part),), comparison=None, champion=None)
    assert Reader(page(result, About())).open == []


def test_what_is_wrong_with_the_evidence_is_said():
    text = page(samples.passing(clean=False, same_split=False), About(stale="files have changed"))
    assert "files have changed" in text
    assert "cannot be repeated from Git" in text
    assert "another split" in text


def test_a_forecast_is_drawn_over_time_beside_the_seasonal_naive_one():
    text = page(RESULTS["forecast"], About())
    for part in ("seasonal naive", "2024-05-30", "2 series summed", "Dotted: the seasonal naive"):
        assert part in text


def test_a_confusion_matrix_has_a_row_and_a_column_a_class():
    words = Reader(page(RESULTS["several classes"], About())).words
    for name in "abc":
        assert {f"predicted {name}", f"actual {name}"} <= {word.strip() for word in words}
