"""A waiver holds from its merge on, not before; and the comment lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loop.world import MODEL, ROOT, World
from mergeline.devforge.codeowners import owners_of, read_codeowners

if TYPE_CHECKING:
    from mergeline.forge import PullRequest

WAIVER = f"""\
apiVersion: mergeline.dev/v1
kind: Waiver
rule: link-not-encrypted
model: {MODEL}
owner: team-diagnostics
reason: The runbook moves to another site this quarter.
expires: "{{expires}}"
"""


def write_waiver(world: World, expires: str) -> None:
    path = world.clone / "waivers/move.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(WAIVER.format(expires=expires))


def merged_waiver(world: World, expires: str) -> None:
    write_waiver(world, expires)
    world.push("waive")
    world.merge(world.open("waive"))


def unencrypted(world: World) -> PullRequest:
    text = (world.clone / f"models/{MODEL}/model.yaml").read_text()
    [line] = [line for line in text.splitlines() if "runbook:" in line]
    world.edit("model.yaml", line, line.replace("https:", "http:"))
    world.push("unencrypted")
    return world.open("unencrypted")


def check(world: World, pull_request: PullRequest, expect: int) -> str:
    return world.mergeline("check", "--pull-request", str(pull_request.number), expect=expect).out


def comment(world: World, pull_request: PullRequest) -> str:
    number = str(pull_request.number)
    world.mergeline("comment", "--pull-request", number, "--output", "comment.md")
    return (world.clone / "comment.md").read_text()


@pytest.mark.slow
def test_a_waiver_of_the_same_pull_request_does_not_help_it(world: World) -> None:
    write_waiver(world, "2999-12-31")
    pull_request = unencrypted(world)
    assert "error[link-not-encrypted]" in check(world, pull_request, 1)
    assert "in force" not in comment(world, pull_request)


def test_a_merged_waiver_lets_the_rule_pass_and_the_comment_lists_it(world: World) -> None:
    merged_waiver(world, "2999-12-31")
    pull_request = unencrypted(world)
    said = check(world, pull_request, 0)
    assert "warning[link-not-encrypted]" in said
    assert "waived until 2999-12-31 by waiver move (team-diagnostics: The runbook" in said
    text = comment(world, pull_request)
    assert "1 waiver in force" in text
    assert f"| `link-not-encrypted` | `{MODEL}` | `team-diagnostics` | `The runbook moves" in text


@pytest.mark.slow
def test_a_waiver_that_has_ended_is_a_no(world: World) -> None:
    merged_waiver(world, "2020-01-31")
    pull_request = unencrypted(world)
    said = check(world, pull_request, 1)
    assert "error[link-not-encrypted]" in said
    assert "error[waiver-expired]" in said
    assert "in force" not in comment(world, pull_request)


def test_waivers_belong_to_the_owners_of_the_policies() -> None:
    lines = read_codeowners((ROOT / ".github/CODEOWNERS").read_text())
    [waivers, policies, model] = [
        owners_of(lines, path)
        for path in ("waivers/move.yaml", "policies/data.yaml", f"models/{MODEL}/model.yaml")
    ]
    assert waivers
    assert waivers == policies != model
