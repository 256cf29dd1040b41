"""A card read back by real parsers: everything is there, and nothing that a user wrote is alive."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.plan.workbench import SPECS

from audit.cards import WORDS, released, specs_with
from audit.past import MODEL, Past
from mergeline.audit.card import Card, card_of
from mergeline.audit.evidence import Evidence
from mergeline.report.card.html import card_page
from mergeline.report.card.markdown import card_markdown
from mergeline.report.evidence import evidence_in
from mergeline.report.markdown import escaped
from mergeline.specs.types.release import ReleasedSignature
from report import samples
from report.test_html import Reader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
HOSTILE = "</td><script>x</script> @ada #1 [a](http://e.org) ![](x) `b` | *c* $d$ <!--"
# No spec may hold these, but what the registry says may.
UNSEEN = f"{HOSTILE} \x1b[1m \u202e"
TIMINGS = {"milliseconds": {"p50": 11.0, "p95": 12.0}}
TITLES = [
    "Model details",
    "Intended use",
    "Evaluation",
    "Against the champion",
    "Fairness",
    "Latency",
    "Limits",
    "Data",
    "Features",
    "Serving and monitoring plan",
    "Approvals and deployments",
    "Environment",
    "Digests and sources",
]


def evaluation(**given: object) -> dict:
    """evaluation.json of a candidate against a champion, as small as it can be."""
    plain = samples.passing().evaluation
    return plain | {
        "metrics": [samples.metric(rows=12)],
        "comparison": {
            "champion": {"version": "0.9.0", "digest": samples.DIGEST},
            "same_split": False,
            "metrics": [samples.compared()],
        },
        **given,
    }


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Card]:
    """Make a card of a release with given specs."""

    def card(specs: dict | None = None, found: dict | None = None) -> Card:
        past = Past(tmp_path / "clone")
        released(past, specs=specs)
        whole = card_of(past.git, "main", MODEL, "1.0.0", None, "--offline")
        return (
            whole if found is None else replace(whole, evidence=Evidence("checked", found, TIMINGS))
        )

    return card


class Titled(Reader):
    """Collects the headings of sections too."""

    def __init__(self, text: str) -> None:
        self.titles: list[str] = []
        super().__init__(text)

    def handle_data(self, data):
        super().handle_data(data)
        if self.open and self.open[-1] == "h2":
            self.titles.append(data)


def both(card: Card) -> tuple[str, str]:
    found = card.evidence.evaluation
    evidence = evidence_in(found, TIMINGS) if found else None
    return card_markdown(card, evidence), card_page(card, evidence)


def tokens(text: str):
    for token in PARSER.parse(text):
        yield token
        yield from token.children or ()


def test_both_say_the_same_in_the_same_order(made) -> None:
    text, page = both(made(found=evaluation()))
    assert re.findall(r"^## (.+)$", text, re.M) == TITLES
    reader = Titled(page)
    assert reader.open == []
    assert reader.titles == TITLES
    for said in (
        "Whom a clerk calls first.",
        "Ending a contract.",
        "Learned from one year.",
        "The old are called less.",
        "The champion was 0.9.0.",
        "The champion was trained on another split",
        "roc_auc rests on 12 rows.",
        "[0.8, 0.9]",
        "equalized_odds_difference",
    ):
        assert said in text.replace("\\", ""), said
        assert said in " ".join(reader.words), said


def test_the_page_loads_nothing_and_can_be_read_without_seeing_it(made) -> None:
    page = both(made(found=evaluation()))[1]
    reader = Reader(page)
    assert not {"script", "img", "iframe", "object", "link", "form"} & {
        tag for tag, _ in reader.tags
    }
    assert not re.search(r"url\((?!#)|@import|http-equiv=.refresh", page, re.IGNORECASE)
    assert len(reader.every("caption")) == len(reader.every("table"))
    assert len(reader.every("figcaption")) == len(reader.every("figure")) >= 3
    names = [attrs["id"] for _, attrs in reader.tags if "id" in attrs]
    assert len(names) == len(set(names))
    assert {f"#{one['aria-labelledby']}" for one in reader.every("section")} == {
        one["href"] for one in reader.every("a") if one["href"].startswith("#")
    }


def test_who_signed_is_told_where_the_record_says_so(made) -> None:
    card = made()
    assert "Signature" not in both(card)[0]
    signature = ReleasedSignature(
        method="key", signer="release-key", bundle=samples.DIGEST, provenance=samples.DIGEST
    )
    card = replace(card, release=msgspec.structs.replace(card.release, signature=signature))
    text, page = both(card)
    assert "| signer | `release-key` |" in text
    assert "release-key" in Reader(page).words


def test_equal_cards_give_equal_bytes(made) -> None:
    card = made(found=evaluation())
    assert both(card) == both(card)


def test_what_nobody_said_and_nobody_checked_is_said_so(made) -> None:
    card = made(
        specs_with(
            evaluation={
                "fairness": [
                    {
                        "metric": "demographic_parity_difference",
                        "sensitive_feature": "age",
                        "threshold": 0.1,
                    }
                ]
            }
        )
    )
    for text in both(card):
        plain = text.replace("\\", "").replace("&#39;", "'")
        assert "Nobody has said in model.yaml of this release what it is for" in plain
        assert "Nobody has named a limitation" in plain
        assert "The evidence was not read (not checked: --offline)" in plain
        assert "Approvals are not checked: --offline" in plain
        assert "the values are in the evidence" in plain


def test_what_contradicts_stands_first(made) -> None:
    card = replace(made(), findings=(samples.finding("spec-mismatch", HOSTILE),))
    text, page = both(card)
    assert "contradict each other" in text.split("##")[0]
    assert Reader(page).words.index("✗ This card rests on things that contradict each other") < 5
    hold(text)


def hold(text: str) -> None:
    """Hold that nothing but what Mergeline wrote means anything."""
    for token in tokens(text):
        assert token.type not in {"image", "html_inline", "em_open", "s_open"}, token
        if token.type == "link_open":
            assert token.attrs["href"] == "https://forge/1"
        if token.type == "text":
            assert not re.search(r"[@$]|#[0-9]", token.content), token
        if token.type == "html_block":
            outside = re.sub(r"<code>[^<>]*</code>", "", token.content)
            assert not re.sub(r"</?(details|summary)>", "", outside).count("<"), token


def hostile_specs() -> dict:
    """The specs with hostile words wherever a person may write any."""
    specs = specs_with(
        model={
            "description": HOSTILE,
            "labels": {HOSTILE: HOSTILE},
            "intended_use": {
                "primary_uses": [HOSTILE, f"# {HOSTILE}", "1. x", "- y"],
                "primary_users": [HOSTILE],
                "out_of_scope_uses": [HOSTILE],
            },
            "limitations": [HOSTILE],
            "ethical_considerations": [{"name": HOSTILE, "mitigation_strategy": HOSTILE}],
        },
        data={"target": HOSTILE},
    )
    dataset = specs["data"]["datasets"][0]
    dataset["description"] = HOSTILE
    dataset["columns"][0] |= {"name": HOSTILE, "description": HOSTILE}
    dataset["expectations"][0]["kwargs"] = {"column": HOSTILE, HOSTILE: HOSTILE}
    feature = specs["features"]["features"][0]
    feature |= {"inputs": [HOSTILE], "description": HOSTILE}
    specs["monitoring"]["retraining"] = {"triggers": [{"on": "drift", "reason": HOSTILE}]}
    return specs


def test_what_a_user_wrote_is_shown_and_means_nothing(made) -> None:
    part = {"column": UNSEEN, "value": UNSEEN}
    found = evaluation(
        metrics=[samples.metric(slice=part)],
        fairness=[samples.FAIRNESS | {"sensitive_feature": UNSEEN}],
    )
    found["comparison"]["metrics"] = [samples.compared(slice=part)]
    found["comparison"]["champion"]["version"] = UNSEEN
    card = made(hostile_specs(), found)
    assert card.findings == ()
    assert all(getattr(card.specs, name) for name in SPECS)
    links = msgspec.structs.replace(card.release.links, documentation=f"javascript:{HOSTILE}")
    card = replace(card, release=msgspec.structs.replace(card.release, links=links))
    text, page = both(card)
    hold(text)
    reader = Reader(page)
    assert reader.open == []
    assert not {"script", "img"} & {tag for tag, _ in reader.tags}
    assert not any(key.startswith("on") for _, attrs in reader.tags for key in attrs)
    assert all(one["href"].startswith(("#", "https://")) for one in reader.every("a"))
    assert " ".join(reader.words).count("<script>x</script>") >= 15
    assert not re.search("[\x1b\u202e]", text + page)


@settings(max_examples=settings().max_examples * 3)
@given(st.text(alphabet="ab1. `\\|<>@#*_[]()!&;:/=+-~$\n\t\x1b\u202e'\"", max_size=25))
def test_prose_is_read_back_as_it_was_written(text: str) -> None:
    found = list(tokens(escaped(text)))
    blocks = {token.type for token in found if token.block} - {"paragraph_open", "paragraph_close"}
    assert blocks <= {"inline"}
    inline = {token.type for token in found if not token.block}
    assert inline <= {"text", "text_special", "code_inline"}
    shown = "".join(token.content for token in found if not token.block)
    visible = text.replace("\x1b", "\\x1b").replace("\u202e", "\\x202e")
    assert shown.split() == visible.split()


@settings(max_examples=settings().max_examples * 2)
@given(
    st.text(alphabet="ab1 `\\|<>@#*_[]&-~$", max_size=15), st.text(alphabet="a`\\|@", max_size=9)
)
def test_prose_stays_in_its_cell(one: str, other: str) -> None:
    row = " | ".join(escaped(text, in_cell=True) for text in (one, other))
    found = list(tokens(f"| a | b |\n| --- | --- |\n| {row} |"))
    assert sum(token.type == "td_open" for token in found) == 2
    shown = [token for token in found if token.type == "inline"][2:]
    for text, token in zip((one, other), shown, strict=True):
        assert "".join(part.content for part in token.children).split() == text.split()


def test_words_of_a_card_are_metadata_in_a_plan() -> None:
    from mergeline.plan.effects import row_of

    for key in WORDS:
        row = row_of(("model", key))
        assert (row.effect, row.part) == ("metadata", None)
