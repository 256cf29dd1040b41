"""What Git alone answers, on a real history."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.plan.workbench import spec_text

from audit.past import MODEL, record
from mergeline.audit.answer import Question, answer
from mergeline.audit.moment import parse_moment
from mergeline.errors import ToolError, UsageError
from mergeline.git import GitRepository
from mergeline.policy.library import PolicyLibrary
from mergeline.report.audit import answer_text

if TYPE_CHECKING:
    from audit.past import Past
    from mergeline.audit.answer import Answer

STATE = f"models/{MODEL}/environments/production.yaml"


def ask(past: Past, at: str = "", **question: object) -> Answer:
    if at:
        question["at"] = parse_moment(at)
    return answer(past.git, "main", Question(**question), None, "not asked")


def versions(past: Past, at: str = "", **question: object) -> list[tuple[str, str | None]]:
    return [(row.change, row.version) for row in ask(past, at, **question).rows]


@pytest.mark.parametrize(
    ("at", "version"),
    [
        ("2024-09-10T11:59:59Z", None),
        ("2024-09-10T12:00:00Z", "1.0.0"),
        ("2024-09-12T11:59:59Z", "1.0.0"),
        ("2024-09-12T14:00+02:00", "1.1.0"),
        ("2024-09-14T12:00Z", "1.0.0"),
        ("2030-01-01T00:00Z", "1.0.0"),
    ],
)
def test_what_stood_at_a_moment(story: Past, at: str, version: str | None) -> None:
    assert [row.version for row in ask(story, at).rows] == ([version] if version else [])


def test_a_row_names_what_and_who_and_by_which_policies(story: Past) -> None:
    [row] = ask(story, "2024-09-13T00:00Z", models=(MODEL,)).rows
    made = record("1.1.0")
    assert row.digest == made["digest"]
    assert row.commit == story.git.first_parents("main")[-2][0]
    assert (row.pull_request, row.pull_request_source) == (2, "git")
    assert (row.author, row.merged_by) == (
        "Margaret <margaret@example.org>",
        "Grace <grace@example.org>",
    )
    assert row.datasets == {"customers": made["datasets"][0]["digest"]}
    assert (row.training_commit, row.run_id) == ("0" * 40, "r")
    assert row.policies == PolicyLibrary.load(story.git.tree(f"{row.commit}^")).digest
    assert (row.decision, row.approvers, row.registry) == ("not checked", None, "not checked")


def test_as_text_none_is_told_from_unknown_and_each_digest_has_its_line(story: Past) -> None:
    text = answer_text(ask(story, "2024-09-13T00:00Z", models=(MODEL,)), whole=True)
    lines = text.splitlines()

    assert "  hold: -" in lines
    assert "  approvers: ?" in lines
    digest = record("1.1.0")["datasets"][0]["digest"]
    assert lines[lines.index("  datasets:") + 1] == f"    customers: {digest}"


def test_what_changed_between_and_what_kind_of_change_it_was(story: Past) -> None:
    story.wants("1.0.0", "2024-09-15T12:00:00Z", merge=4, reason="an audit")
    story.wants("1.1.0", "2024-09-16T12:00:00Z", merge=5)
    assert versions(story) == [
        ("promotion", "1.0.0"),
        ("promotion", "1.1.0"),
        ("rollback", "1.0.0"),
        ("hold", "1.0.0"),
        ("promotion", "1.1.0"),
    ]
    span = tuple(map(parse_moment, ("2024-09-10T12:00:00Z", "2024-09-14T12:00:00Z")))
    assert versions(story, between=span) == [("promotion", "1.1.0"), ("rollback", "1.0.0")]


@pytest.mark.parametrize(
    ("who", "numbers"),
    [
        ("margaret", [2]),
        ("Margaret", [2]),
        ("ada@example.org", [1, 3]),
        ("grace", [1, 2, 3]),
        ("marg", []),
        ("", [1, 2, 3]),
    ],
)
def test_what_a_person_had_a_hand_in(story: Past, who: str, numbers: list[int]) -> None:
    assert [row.pull_request for row in ask(story, by=who).rows] == numbers


def test_the_person_behind_a_bot_is_found(past: Past) -> None:
    message = "Promote\n\nMergeline-Dispatcher: lovelace"
    past.wants("1.0.0", "2024-09-10T12:00:00Z", merge=1, who="bot", message=message)
    [row] = ask(past, by="Lovelace").rows
    assert row.dispatcher == "lovelace"


def test_a_squashed_pull_request_is_named_by_its_title_and_a_push_by_nothing(past: Past) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z", message="Promote churn (#12)")
    past.wants("1.1.0", "2024-09-11T12:00:00Z", message="Merge pull request #9 from me, really")
    assert [row.pull_request for row in ask(past).rows] == [12, None]


def test_the_order_of_commits_counts_and_not_their_clocks(past: Past) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z", merge=1)
    past.wants("1.1.0", "2024-09-09T12:00:00Z", merge=2)
    found = ask(past, "2024-09-11T00:00Z")
    assert [row.version for row in found.rows] == ["1.1.0"]
    assert [(one.rule, str(one.severity)) for one in found.findings] == [
        ("clock-backwards", "warning")
    ]
    # A clock that runs ahead hides nothing that came after it.
    past.wants("1.2.0", "2034-09-12T12:00:00Z", merge=3)
    past.wants("1.3.0", "2024-09-13T12:00:00Z", merge=4)
    assert [row.version for row in ask(past, "2024-09-14T00:00Z").rows] == ["1.3.0"]


def test_a_file_that_is_gone_wants_nothing(story: Past) -> None:
    story.run("read-tree", "main")
    story.run("rm", "--cached", "-r", "--quiet", f"models/{MODEL}")
    tree = story.run("write-tree")
    story._commit(tree, [story.head], "Retire it", "2024-09-20T12:00:00Z", "Ada")
    assert ask(story, "2024-09-21T00:00Z", models=(MODEL,)).rows == []
    assert versions(story, "2024-09-19T00:00Z") == [("rollback", "1.0.0")]
    assert versions(story)[-1] == ("removal", None)


def test_records_are_held_to_their_digests_and_to_history(story: Past) -> None:
    path = f"models/{MODEL}/releases/1.1.0.yaml"
    better = record("1.1.0", random_seed=7)
    story.commit({path: spec_text("Release", better)}, "2024-09-20T12:00:00Z")
    found = ask(story, "2024-09-13T00:00Z")
    assert [(one.rule, one.location.file) for one in found.findings] == [("release-edited", path)]
    assert "changed after it was written" in found.findings[0].message
    forged = better | {"owner": "team-y"}
    past_digest = record("1.2.0") | {"owner": "team-y"}
    story.wants(
        "1.2.0",
        "2024-09-21T12:00:00Z",
        more={f"models/{MODEL}/releases/1.2.0.yaml": spec_text("Release", past_digest)},
    )
    assert forged["digest"] == better["digest"]
    [edited] = ask(story, "2024-09-22T00:00Z").findings
    assert edited.rule == "release-edited"
    assert "does not fit its content" in edited.message


def test_what_a_promotion_wants_is_held_to_the_record(past: Past) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z", digest="sha256:" + "f" * 64)
    assert [one.rule for one in ask(past).findings] == ["release-mismatch"]
    past.commit({STATE: b"version: [1]\n"}, "2024-09-11T12:00:00Z")
    assert [one.rule for one in ask(past, "2024-09-12T00:00Z").findings] == ["state-unreadable"]
    past.wants("3.0.0", "2024-09-12T12:00:00Z", more={f"models/{MODEL}/releases/3.0.0.yaml": b"x"})
    assert [one.rule for one in ask(past, "2024-09-13T00:00Z").findings] == ["release-edited"]
    state = {
        "name": "production",
        "version": "4.0.0",
        "digest": record("4.0.0")["digest"],
        "replaces": None,
        "reason": "r",
    }
    past.commit({STATE: spec_text("Environment", state)}, "2024-09-13T12:00:00Z")
    assert [one.rule for one in ask(past, "2024-09-14T00:00Z").findings] == ["record-missing"]


def test_an_unknown_model_is_refused_with_the_nearest_name(story: Past) -> None:
    with pytest.raises(UsageError) as caught:
        ask(story, models=("chrun",))
    assert caught.value.hint == 'did you mean "churn"?'


def test_a_shallow_clone_is_refused(story: Past, tmp_path) -> None:
    story.run("clone", "--quiet", "--depth", "1", story.path.as_uri(), str(tmp_path / "shallow"))
    shallow = GitRepository(tmp_path / "shallow")
    with pytest.raises(ToolError) as caught:
        answer(shallow, "HEAD", Question(), None)
    assert caught.value.hint == "run git fetch --unshallow"


def test_an_object_that_stands_for_another_one_deceives_nobody(story: Past) -> None:
    [row] = ask(story, "2024-09-13T00:00Z").rows
    first = story.git.history("main", STATE)[0]
    story.run("replace", row.commit, first)
    assert ask(story, "2024-09-13T00:00Z").rows == [row]
