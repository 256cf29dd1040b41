"""The card of a real release in staging, and what becomes of it when its sources are harmed."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loop.world import MODEL, SPEC

if TYPE_CHECKING:
    from loop.world import Answer, World

GOLDEN = Path(__file__).parent / "golden" / "card.md"
RELEASE = f"{MODEL}@1.0.0"
# What differs from machine to machine, or from run to run.
VARYING = (
    (r"sha256:[0-9a-f]{64}", "sha256:DIGEST"),
    (r"\b[0-9a-f]{40}\b", "COMMIT"),
    (r"\b[0-9a-f]{32}\b", "RUN"),
    (r"up to [0-9a-f]{12}", "up to COMMIT"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|\+00:00)", "MOMENT"),
    (r"127\.0\.0\.1:\d+", "FORGE"),
    (r"(?m)^\| (Python|Operating system|CPU|GPU|Driver|Threads) \| .*$", r"| \1 | HERE |"),
    (r"(?m)^\| (p\d+) \| .*$", r"| \1 | TOOK |"),
    (r"(?s)\d+ packages of the lockfile.*?</details>", "PACKAGES\n\n</details>"),
    # The last digits of sums differ between processors.
    (r"-?\b0\.\d{3,}(e-\d+)?", "NUMBER"),
)


def card(world: World, *words: str, expect: int = 0) -> Answer:
    return world.mergeline("card", RELEASE, *words, expect=expect)


def evidence_file(world: World) -> Path:
    [found] = (world.clone / ".mergeline/artifacts").glob("**/evaluation.json")
    return found


def stable(text: str) -> str:
    for pattern, name in VARYING:
        text = re.sub(pattern, name, text)
    return text


@pytest.mark.slow
def test_the_card_of_a_real_release(staged: World) -> None:
    """MERGELINE_GOLDEN=write writes the file anew, to be read before it is committed."""
    found = card(staged)
    text = stable(found.out)
    if os.environ.get("MERGELINE_GOLDEN") == "write":
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")
    assert found.err == ""
    assert card(staged).out == found.out


@pytest.mark.slow
def test_the_page_of_a_real_release_has_its_plots(staged: World) -> None:
    page = card(staged, "--format", "html").out
    for name in ("ROC curve", "Precision over recall", "Calibration", "Metrics with intervals"):
        assert f'aria-label="{name}' in page
    assert page == card(staged, "--format", "html").out


@pytest.mark.slow
def test_offline_it_is_made_of_git_alone(staged: World) -> None:
    found = card(staged, "--offline")
    assert found.err == "registry not checked: --offline\n"
    assert "The evidence was not read (not checked: --offline)" in found.out
    assert "✅ met" in found.out
    told = card(staged, "--format", "json").json()
    assert told["evidence"]["status"] == told["registry"] == "checked"
    assert [row["decision"] for row in told["deployments"]] == ["allowed"]


@pytest.mark.slow
def test_a_registry_that_does_not_answer_leaves_what_git_says(
    staged: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    found = card(staged)
    assert "registry not checked: MLflow at http://127.0.0.1:9 could not" in found.err
    assert found.out.count("not checked: MLflow") >= 3


@pytest.mark.slow
@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        (lambda path: path.write_bytes(path.read_bytes().replace(b"0.9", b"1.0", 1)), "differs"),
        (lambda path: path.write_bytes(path.read_bytes()[:-100]), "differs"),
        (lambda path: path.write_bytes(b""), "differs"),
        (lambda path: path.unlink(), "missing"),
    ],
    ids=["changed", "cut", "empty", "lost"],
)
def test_evidence_that_is_not_the_released_one_is_not_shown(staged: World, harm, rule) -> None:
    harm(evidence_file(staged))
    found = card(staged, expect=1)
    assert f"error[evidence-{rule}]" in found.err
    assert "The evidence was not read (refused: " in found.out
    assert found.out.split("## ")[0].count(f"evidence-{rule}") == 1
    assert "Against the champion" not in found.out
    assert card(staged, "--offline").code == 0


def test_an_edited_record_is_a_finding(staged: World) -> None:
    path = staged.clone / SPEC / "releases/1.0.0.yaml"
    text = path.read_text()
    path.write_text(text.replace("owner: team-diagnostics", "owner: team-payments"))
    staged.git("commit", "--all", "--quiet", "--message", "An edit")
    staged.git("push", "--quiet", "origin", "main")
    found = card(staged, expect=1)
    assert "error[release-edited]" in found.err
    assert "| Owner | team-diagnostics |" in found.out
