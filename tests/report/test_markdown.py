"""Nothing that a user wrote gets out of its code: read back by a Markdown parser."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from mergeline.report.comment import comment_markdown
from mergeline.report.markdown import cell, html_code, table
from mergeline.report.standing import standing_of
from report import samples

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OURS = re.compile(r"</?(details|summary|code)>|<!-- mergeline:comment -->")
WORDS = st.text(alphabet="ab1 `\\|<>@#*_[]()!&;:/.-\n\r\t\x1b\u202e'\"", max_size=25)


def tokens(text):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def hold(text):
    """Hold that outside of code there is nothing but what Mergeline wrote."""
    for token in tokens(text):
        assert token.type not in {"link_open", "image", "html_inline"}, token
        if token.type == "text":
            assert not re.search(r"[@#|<`]", token.content), token
        if token.type == "html_block":
            outside = re.sub(r"<code>[^<>]*</code>", "", token.content)
            assert "<" not in OURS.sub("", outside), token
            assert "@" not in outside


@given(WORDS, WORDS)
def test_a_cell_stays_one_cell(one, other):
    text = table(["A", "B"], [[cell(one), cell(other)]])
    found = list(tokens(text))
    assert sum(token.type == "td_open" for token in found) == 2
    assert sum(token.type == "code_inline" for token in found) == 2
    hold(text)


@given(WORDS)
def test_a_summary_holds_no_element_but_code(text):
    inner = html_code(text).removeprefix("<code>").removesuffix("</code>")
    assert not re.search(r"[<>\n\"]", inner)
    assert "\x1b" not in unescape(inner)


@settings(max_examples=settings().max_examples * 3 // 5)
@given(WORDS, WORDS)
def test_nothing_gets_out_of_a_comment(name, message):
    part = {"column": name, "value": message}
    found = samples.issue(message, rule=name, file=f"models/churn/{name}", hint=message)
    gates = (samples.gate(name=name, slice=part, passed=False), samples.gate("latency", message))
    result = samples.passing(
        outcome="failed",
        metrics=(samples.metric(name, slice=part),),
        comparison=(samples.compared(name, slice=part),),
        gates=gates,
        findings=(found,),
    )
    plan = samples.plan_of(samples.planned(owner=name, notes=(message,)))
    judged = [samples.finding(name, message, f"policies/{name}")]
    standing = standing_of(samples.HEAD, plan, {"churn": result}, judged, message)
    hold(comment_markdown(standing))
