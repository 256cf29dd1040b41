"""What the guards of the default branch refuse, and whom they let pass."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from devforge.workbench import (
    ADA,
    BO,
    BOT,
    CY,
    REPOSITORY,
    Clock,
    Workbench,
    environment,
    make_workbench,
)
from mergeline.devforge import (
    Bypass,
    DevelopmentForge,
    ForgeConfig,
    Protection,
    Rules,
    Ruleset,
    User,
)
from mergeline.devforge.receive import PUSHER
from mergeline.errors import RefusedError, ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = replace(CY, login="root", email="root@example.org", token="token-root", role="admin")
EVE = replace(CY, login="eve", email="eve@example.org", token="token-eve", role="read")
PEOPLE = (ADA, BO, CY, ROOT, EVE, BOT)
OWNED = "* @acme/nobody\n/models/ @acme/risk @bo\n/models/free/\n"


@contextmanager
def guarded(directory: Path, **options: object) -> Iterator[Workbench]:
    config = ForgeConfig(REPOSITORY, PEOPLE, teams={"risk": ("cy", "eve")}, **options)
    with DevelopmentForge(directory / "forge", config, clock=Clock()) as forge:
        yield make_workbench(directory, forge)


def opened(bench: Workbench, files: dict[str, str] | None = None) -> str:
    head = bench.branch("change", files)
    bench.client().create_pull_request(title="t", body="", head="change", base="main")
    return head


def approve(bench: Workbench, *users: User) -> None:
    for user in users:
        bench.client(user).create_review(1, event="APPROVE")


def merge(bench: Workbench, user: User = ADA, method: str = "merge") -> str:
    client = bench.client(user)
    head = client.pull_request(1).head_sha
    return client.merge_pull_request(1, sha=head, method=method)


def push(bench: Workbench, *refs: str, user: User | None = None) -> str | None:
    """What the forge said to a push that it refused; None once it is done."""
    done = subprocess.run(
        ["git", "-C", str(bench.clone), "push", "--force", "origin", *refs],
        env={**environment(), **({PUSHER: user.login} if user else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == ("error: failed to push" not in done.stderr)
    return done.stderr if done.returncode else None


def with_owners(bench: Workbench, text: str = OWNED) -> None:
    """CODEOWNERS on main, by an administrator."""
    bench.commit(".github/CODEOWNERS", text)
    assert push(bench, "HEAD:main", user=ROOT) is None


OWNERS = Protection(require_code_owner_reviews=True)


def test_a_code_owner_has_to_approve(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=OWNERS) as bench:
        with_owners(bench)
        opened(bench, {"models/a": "1"})
        with pytest.raises(RefusedError, match="Waiting on code owner review from @acme/risk @bo"):
            merge(bench)
        approve(bench, EVE)
        with pytest.raises(RefusedError, match="code owner"):
            merge(bench)
        approve(bench, CY)
        assert merge(bench)


@pytest.mark.slow
def test_each_owned_path_has_its_own_owners(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=OWNERS) as bench:
        with_owners(bench, "/a @bo\n/b cy@example.org\n")
        opened(bench, {"a": "1", "b": "2", "c": "3"})
        approve(bench, BO)
        with pytest.raises(RefusedError, match=r"from cy@example\.org"):
            merge(bench)
        approve(bench, CY)
        assert merge(bench)


@pytest.mark.slow
def test_a_path_without_owners_and_owners_that_are_not_there_ask_for_none(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=OWNERS) as bench:
        with_owners(bench)
        opened(bench, {"models/free/x": "1", "README": "by nobody of the team"})
        assert merge(bench)


def test_a_pull_request_cannot_change_its_own_owners(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=OWNERS) as bench:
        with_owners(bench, "* @bo\n")
        opened(bench, {".github/CODEOWNERS": "* @cy\n", "models/a": "1"})
        approve(bench, CY)
        with pytest.raises(RefusedError, match="code owner review from @bo"):
            merge(bench)


@pytest.mark.slow
def test_an_owner_cannot_approve_what_they_opened(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=OWNERS) as bench:
        with_owners(bench, "* @ada\n")
        opened(bench)
        with pytest.raises(RefusedError, match="Can not approve your own"):
            approve(bench, ADA)
        approve(bench, BO)
        with pytest.raises(RefusedError, match="code owner review from @ada"):
            merge(bench)


@pytest.mark.slow
def test_an_approval_without_write_access_does_not_count(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=Protection(required_approving_review_count=1)) as bench:
        opened(bench)
        approve(bench, EVE)
        bench.client(EVE).create_review(1, event="REQUEST_CHANGES", body="No.")
        with pytest.raises(RefusedError, match="by reviewers with write access"):
            merge(bench)
        approve(bench, CY)
        with pytest.raises(ToolError, match="403"):
            merge(bench, EVE)
        assert merge(bench)


@pytest.mark.slow
def test_the_last_push_needs_another_pair_of_eyes(tmp_path: Path) -> None:
    protection = Protection(required_approving_review_count=1, require_last_push_approval=True)
    with guarded(tmp_path, protection=protection) as bench:
        opened(bench)
        approve(bench, CY)
        # Bo pushes in ada's name, and approves: the forge knows who pushed.
        bench.commit("more", "1", user=ADA)
        assert push(bench, "HEAD:change", user=BO) is None
        approve(bench, BO)
        with pytest.raises(RefusedError, match="someone other than the last pusher"):
            merge(bench)
        approve(bench, CY)
        assert merge(bench)


@pytest.mark.slow
def test_a_check_must_have_seen_the_base(tmp_path: Path) -> None:
    protection = Protection(required_status_checks=("gate",), strict_status_checks=True)
    with guarded(tmp_path, protection=protection) as bench:
        head = opened(bench)
        bench.client().set_status(head, context="gate", state="success", description="")
        bench.git("checkout", "-q", "main")
        bench.commit("elsewhere", "1")
        assert push(bench, "main", user=ROOT) is None
        with pytest.raises(RefusedError, match="not up to date with the base"):
            merge(bench)


REFUSED = [
    ("HEAD:main", Protection(required_approving_review_count=1), "must be made through a pull"),
    ("HEAD:main", Protection(require_pull_request=True), "must be made through a pull request"),
    ("HEAD:main", Protection(required_status_checks=("gate",)), 'check "gate" is expected'),
    ("HEAD~1:main", Protection(enforce_admins=True), "Cannot force-push to this branch"),
    (":main", Protection(allow_force_pushes=True), "Cannot delete this branch"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("ref", "protection", "said"), REFUSED)
def test_a_push_around_the_door_is_refused(
    tmp_path: Path, ref: str, protection: Protection, said: str
) -> None:
    with guarded(tmp_path, protection=protection) as bench:
        # GitHub too lets the branch go only once another one is the default.
        head = ["git", "-C", bench.forge.git_directory, "symbolic-ref", "HEAD", "refs/heads/x"]
        subprocess.run(head, check=True)
        bench.commit("x", "1")
        # As an administrator had it before the rules: two commits.
        bench.git("push", "-q", "origin", "HEAD:refs/heads/side")
        tip = bench.git("rev-parse", "HEAD")
        git = ["git", "-C", bench.forge.git_directory, "update-ref", "refs/heads/main"]
        subprocess.run([*git, f"{tip}~1" if ref == "HEAD:main" else tip], check=True)
        for user in (None, ADA, BOT):
            refused = push(bench, ref, user=user)
            assert refused is not None
            assert said in refused
            assert "GH006" in refused
        assert push(bench, "HEAD:refs/heads/other", user=ADA) is None


def test_a_push_of_what_a_check_has_seen_is_let_through(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=Protection(required_status_checks=("gate",))) as bench:
        head = bench.branch("change")
        bench.client().set_status(head, context="gate", state="success", description="")
        assert push(bench, "HEAD:main", user=ADA) is None


@pytest.mark.parametrize("enforced", [True, False])
def test_administrators_pass_unless_they_are_held_too(tmp_path: Path, enforced: bool) -> None:
    protection = Protection(required_approving_review_count=1, enforce_admins=enforced)
    with guarded(tmp_path, protection=protection) as bench:
        opened(bench)
        bench.git("checkout", "-q", "main")
        bench.commit("direct", "1")
        assert (push(bench, "HEAD:main", user=ROOT) is not None) == enforced
        if enforced:
            with pytest.raises(RefusedError, match="approving review"):
                merge(bench, ROOT)
        else:
            assert merge(bench, ROOT)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("actor", "merges", "pushes"),
    [
        (Bypass(type="RepositoryRole", name="admin"), {"root"}, {"root"}),
        (Bypass(type="RepositoryRole", name="write", mode="pull_request"), {"root", "ada"}, set()),
        (Bypass(type="Team", name="risk"), {"cy"}, {"cy"}),
        (Bypass(type="User", name="bo"), {"bo"}, {"bo"}),
        (Bypass(type="Integration", name="line"), {"line[bot]"}, {"line[bot]"}),
    ],
)
def test_a_ruleset_lets_pass_whom_it_names(
    tmp_path: Path, actor: Bypass, merges: set[str], pushes: set[str]
) -> None:
    rules = Ruleset(name="r", rules=Rules(required_approving_review_count=1), bypass=(actor,))
    with guarded(tmp_path, rulesets=(rules,)) as bench:
        opened(bench)
        for user in (ROOT, ADA, BO, CY, BOT):
            bench.git("fetch", "-q", "origin")
            bench.git("checkout", "-q", "-B", "main", "origin/main")
            bench.commit(f"by-{user.login}", "1")
            done = push(bench, "HEAD:main", user=user) is None
            assert done == (user.login in pushes), user.login
        for user in (EVE, ADA, BO, CY, ROOT, BOT):
            if user.login in merges:
                assert merge(bench, user)
                return
            with pytest.raises((RefusedError, ToolError)):
                merge(bench, user)
        pytest.fail("nobody could merge")


def test_who_may_only_read_pushes_nothing(tmp_path: Path) -> None:
    with guarded(tmp_path) as bench:
        bench.branch("change")
        for user in (EVE, replace(EVE, login="stranger")):
            refused = push(bench, "HEAD:refs/heads/other", user=user)
            assert refused is not None
            assert "denied to" in refused
        refused = push(bench, "HEAD:refs/pull/1/head", user=ADA)
        assert refused is not None
        assert "hidden ref" in refused


def test_ways_of_merging_that_are_not_allowed(tmp_path: Path) -> None:
    ruleset = Ruleset(
        name="r", rules=Rules(require_pull_request=True), allowed_merge_methods=("squash",)
    )
    with guarded(tmp_path, merge_methods=("squash", "rebase"), rulesets=(ruleset,)) as bench:
        opened(bench)
        with pytest.raises(RefusedError, match="Merge commits are not allowed"):
            merge(bench)
        with pytest.raises(RefusedError, match="Rebase merges are not allowed"):
            merge(bench, method="rebase")
        assert merge(bench, method="squash")


def test_a_protected_branch_is_not_deleted_by_the_api(tmp_path: Path) -> None:
    with guarded(tmp_path, protection=Protection(enforce_admins=True)) as bench:
        for user in (ADA, ROOT):
            with pytest.raises(RefusedError, match="Cannot delete this branch"):
                bench.client(user).delete_branch("main")


def test_a_ruleset_that_sleeps_holds_nobody(tmp_path: Path) -> None:
    asleep = Ruleset(name="r", rules=Rules(require_pull_request=True), enforcement="evaluate")
    with guarded(tmp_path, rulesets=(asleep,)) as bench:
        bench.commit("direct", "1")
        assert push(bench, "HEAD:main", user=ADA) is None
