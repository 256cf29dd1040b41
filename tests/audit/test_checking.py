"""What the registry adds to Git's answer, and where it contradicts it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from audit.past import MODEL, record
from mergeline.audit.answer import Question, answer
from mergeline.errors import ToolError
from mergeline.promotion.deployments import Deployed
from mergeline.registry.facts import RegisteredVersion
from mergeline.registry.twin import release_tags
from mergeline.specs.types import Release

if TYPE_CHECKING:
    from audit.past import Past
    from mergeline.audit.answer import Answer


def deployment(past: Past, place: int, **fields: object) -> dict[str, str]:
    """The tags that apply writes for the commit of a place in production's history."""
    commit = past.git.history("main", f"models/{MODEL}/environments/production.yaml")[place]
    made = {
        "commit": commit,
        "pull_request": place + 1,
        "author": "ada",
        "approved_by": ("grace",),
        "applied_at": "2024-09-12T12:01:00+00:00",
    }
    return Deployed(**(made | fields)).as_tags("production")


def registered(version: str, *tags: dict[str, str]) -> RegisteredVersion:
    header = {"apiVersion": "mergeline.dev/v1", "kind": "Release"}
    release = msgspec.convert(header | record(version), Release)
    every = release_tags(release)
    for one in tags:
        every |= one
    return RegisteredVersion(1, version, release.digest, every)


def ask(past: Past, *versions: RegisteredVersion, **question: object) -> Answer:
    known = {one.version: one for one in versions}
    return answer(past.git, "main", Question(**question), lambda _, version: known.get(version))


def decisions(found: Answer) -> list[str]:
    return [row.decision for row in found.rows]


def test_the_deployment_names_the_approvers(story: Past) -> None:
    now = registered("1.0.0", deployment(story, 2, approved_by=("grace", "ada")))
    newer = registered("1.1.0", deployment(story, 1))
    # Of the first time there is no record, as older versions of Mergeline kept one a version.
    found = ask(story, now, newer)
    assert (found.registry, found.findings) == ("checked", [])
    assert decisions(found) == ["superseded", "allowed", "allowed"]
    assert [row.approvers for row in found.rows] == [None, ("grace",), ("grace", "ada")]
    assert found.rows[1].applied_at == "2024-09-12T12:01:00+00:00"
    assert [row.version for row in ask(story, now, newer, by="GRACE").rows] == [
        "1.0.0",
        "1.1.0",
        "1.0.0",
    ]


def test_what_happened_later_takes_no_record_away(story: Past) -> None:
    """Nina approved the first time, Grace the way back to it."""
    again = deployment(story, 2, earlier=("x",))
    now = registered("1.0.0", deployment(story, 0, approved_by=("nina",)), again)
    found = ask(story, now, registered("1.1.0", deployment(story, 1)))
    assert decisions(found) == ["allowed", "allowed", "allowed"]
    assert [row.approvers for row in found.rows] == [("nina",), ("grace",), ("grace",)]
    [row] = ask(story, now, registered("1.1.0"), by="nina").rows
    assert row.version == "1.0.0"


def test_a_pull_request_that_git_does_not_name_is_the_registry_s(past: Past) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z")
    [row] = ask(past, registered("1.0.0", deployment(past, 0, pull_request=9))).rows
    assert (row.pull_request, row.pull_request_source) == (9, "registry")


@pytest.mark.parametrize(
    ("tags", "rule", "words"),
    [
        ({"mergeline.owner": "nobody"}, "registry-differs", "mergeline.owner"),
        ({"pull_request": 7}, "registry-differs", "pull request 1, the deployment 7"),
        ({"policies": "sha256:" + "e" * 64}, "registry-differs", "policies"),
        ({"commit": "0" * 40}, "deployment-missing", "never asked"),
        (None, "deployment-missing", "no deployment"),
    ],
)
def test_what_the_registry_says_otherwise_is_found(
    past: Past, tags: dict | None, rule: str, words: str
) -> None:
    past.wants("1.0.0", "2024-09-10T12:00:00Z", merge=1)
    edited = tags and {key: value for key, value in tags.items() if key.startswith("mergeline.")}
    fields = {key: value for key, value in (tags or {}).items() if key not in (edited or {})}
    made = [] if tags is None else [deployment(past, 0, **fields), edited]
    found = ask(past, registered("1.0.0", *made))
    assert [(one.rule, words in one.message) for one in found.findings] == [(rule, True)]
    assert found.rows[0].registry == "differs"


def test_a_version_that_the_registry_lacks_is_found(story: Past) -> None:
    found = ask(story, registered("1.0.0", deployment(story, 2)))
    assert [one.rule for one in found.findings] == ["registry-missing"]


def test_a_registry_that_does_not_answer_leaves_git_s_answer(story: Past) -> None:
    def silent(_: str, __: str) -> None:
        raise ToolError("MLflow is away")

    found = answer(story.git, "main", Question(), silent)
    assert found.registry == "not checked: MLflow is away"
    assert len(found.rows) == 3
    assert {row.registry for row in found.rows} == {"not checked"}
