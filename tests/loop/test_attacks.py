"""Attacks on the way to production; each must fail.

The model is of high risk: two approvals, of neither author, committer nor dispatcher. 1.0.0 is in
staging, and its pull request into production is open. Where the fixture is `staged` the forge
guards nothing, so that what stops the attack is the engine; where it is `guarded`, the forge has
the protection that the documentation recommends, and is to refuse by itself.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING

import msgspec
import pytest
import yaml
from msgspec.structs import replace
from sqlalchemy import event as event_of_store
from sqlalchemy.engine import Engine

from loop.between import between
from loop.conftest import RECOMMENDED
from loop.jobs import Jobs
from loop.killed import finish, start
from loop.world import ACTIONS, ADA, ADMIN, BOT, GRACE, MARGARET, MODEL, SPEC, STRANGER, World
from mergeline.devforge import User
from mergeline.devforge.state import Review
from mergeline.errors import RefusedError
from mergeline.forge import asking, transport
from mergeline.pipeline.result import write_result
from mergeline.promotion.documents import release_file
from mergeline.promotion.record import release_digest
from mergeline.registry.facts import RecordedRun
from mergeline.registry.mlflow import MlflowRegistry
from mergeline.registry.twin import release_tags
from mergeline.report.comment import MARKER, head_of, run_of
from mergeline.settings import resolve
from mergeline.specs.tree import WorkingTree
from mergeline.specs.types import Release
from mergeline.specs.yaml import parse
from report import samples
from report.test_comment_of_a_run import event, leave
from report.test_markdown import hold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.process import BaseProcess

    from loop.between import Cut
    from mergeline.devforge import Protection
    from mergeline.forge import PullRequest

PRODUCTION = f"{SPEC}/environments/production.yaml"
DEPLOYED = "mergeline.deployment.production"
BOTH = ["1.0.0", "1.0.1"]
RECORD = f"{SPEC}/releases/1.0.0.yaml"


# What the tests look at, and what attackers do.


def registry(world: World) -> MlflowRegistry:
    return MlflowRegistry(resolve(world.clone, {}))


def standing(world: World) -> object:
    """Everything that the registry holds: where the aliases point, and what each version says."""
    store = registry(world)
    aliases = {name: found.number for name, found in store.aliases(MODEL).items()}
    return aliases, {found.number: dict(found.tags) for found in store.versions(MODEL)}


def refused(world: World, rule: str | None, said: str, subject: str = "production") -> None:
    """`apply` says no, by this rule and in these words, and neither alias nor record moves."""
    before = standing(world)
    answer = world.mergeline("apply", MODEL, "--format", "json", user=BOT, expect=1)
    [row] = [
        row for row in answer.json() if (row["subject"], row["action"]) == (subject, "refused")
    ]
    found = {finding["rule"]: finding["message"] for finding in row["findings"]}
    assert said in (row["message"] if rule is None else found[rule])
    assert standing(world) == before


def checked(world: World, pull_request: PullRequest, rule: str) -> None:
    """The check on the pull request says no by this rule, before anything is merged."""
    number = str(pull_request.number)
    answer = world.mergeline("check", "--pull-request", number, "--format", "json", expect=1)
    assert rule in {finding["rule"] for finding in answer.json()["findings"]}


def commit_onto(world: World, pull_request: PullRequest, user: User, *more: str) -> None:
    """Push one more commit to the branch of a pull request; `more` is given to git commit."""
    world.monkeypatch.setenv("DEVFORGE_PUSHER", user.login)
    world.git("commit", "--quiet", "--allow-empty", "--message", "one more", *more, user=user)
    world.git("push", "--quiet", "--force", "origin", f"HEAD:{pull_request.head_ref}")
    world.monkeypatch.delenv("DEVFORGE_PUSHER")
    world.git("switch", "--quiet", "main")


def on_branch(world: World, pull_request: PullRequest) -> None:
    world.git("fetch", "--quiet", "origin")
    world.git("switch", "--quiet", "--detach", f"origin/{pull_request.head_ref}")


def own(world: World, branch: str, *edits: Callable[[str], str]) -> PullRequest:
    """Ada opens the promotion as a pull request of hers, with edits to production.yaml."""
    proposed = world.proposed("production")
    world.git("fetch", "--quiet", "origin")
    world.git("checkout", "--quiet", f"origin/{proposed.head_ref}", "--", SPEC)
    file = world.clone / PRODUCTION
    for edit in edits:
        file.write_text(edit(file.read_text()))
    world.push(branch)
    return world.open(branch)


def slip_in(world: World, pull_request: PullRequest, user: User, when: str | None = None) -> None:
    """Write an approval into the forge's own state, as if it had no rule against it."""
    workplace = world.forge._workplace
    workplace.state.add(
        Review(
            number=pull_request.number,
            author=user.login,
            state="APPROVED",
            body="",
            commit_id=pull_request.head_sha,
            submitted_at=when or workplace.pulls.now(),
        )
    )
    workplace.state.commit()


def push_to_main(world: World) -> None:
    world.git("add", "--all")
    world.git("commit", "--quiet", "--message", "in a hurry")
    world.git("push", "--quiet", "origin", "main")


# Who approves.


def test_a_promotion_without_enough_approvals(staged: World) -> None:
    """Somebody who may merge does not wait for the second reviewer: apply counts again."""
    staged.promote("production", GRACE)
    refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 1")


@pytest.mark.slow
def test_self_approval(staged: World) -> None:
    """Ada approves what she opened: GitHub refuses, and if it did not, the engine would."""
    mine = own(staged, "mine")
    with pytest.raises(RefusedError, match="Can not approve your own pull request"):
        staged.approve(mine, ADA)
    slip_in(staged, mine, ADA)
    staged.approve(mine, GRACE)
    staged.merge(mine)
    refused(staged, "approvals-missing", "has 1 (not counted: ada: is the author")


def test_approval_by_a_committer_of_the_branch(staged: World) -> None:
    """Grace changes what she is to review: who wrote a commit does not count."""
    proposed = staged.proposed("production")
    on_branch(staged, proposed)
    commit_onto(staged, proposed, GRACE)
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "approvals-missing", "has 1 (not counted: grace: has committed")


@pytest.mark.slow
def test_approval_by_a_committer_under_the_bots_name(guarded: World) -> None:
    """Grace commits as the bot: Git believes her; the forge knows who pushed, and asks others."""
    proposed = guarded.proposed("production")
    on_branch(guarded, proposed)
    as_bot = ("--author", f"{BOT.name} <{BOT.email}>")
    commit_onto(guarded, proposed, User("grace", BOT.name, BOT.email, GRACE.token), *as_bot)
    guarded.approve(proposed, GRACE)
    with pytest.raises(RefusedError, match="someone other than the last pusher"):
        guarded.merge(proposed)
    assert guarded.apply() == [("staging", "unchanged"), ("production", "left alone")]


@pytest.mark.slow
@pytest.mark.parametrize("named", ["bot", "nobody", "co-author"])
def test_approval_by_a_committer_under_another_name(staged: World, named: str) -> None:
    """The commit bears a name that is not hers; the push was hers, and the forge remembers it."""
    proposed = staged.proposed("production")
    on_branch(staged, proposed)
    name, email = (BOT.name, BOT.email) if named == "bot" else ("x", "x@example.com")
    disguise = User("grace", name, email, GRACE.token)
    if named == "co-author":
        theirs = "Co-authored-by: Grace <7+grace@users.noreply.github.com>"
        commit_onto(staged, proposed, MARGARET, "--message", theirs)
        staged.promote("production", GRACE, ADA)
        refused(staged, "approvals-missing", "grace: has committed to the pull request")
        return
    commit_onto(staged, proposed, disguise, "--author", f"{name} <{email}>")
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "approvals-missing", "has 1 (not counted: grace: has pushed to the pull")


@pytest.mark.slow
def test_approval_of_what_went_into_another_branch(staged: World) -> None:
    """Against a branch that has the promotion already, reviewers are shown a line of a README."""
    mine = own(staged, "mine", lambda text: text)
    staged.git("push", "--quiet", "origin", "mine:quiet")
    on_branch(staged, mine)
    (staged.clone / "README.md").write_text("A line.\n")
    staged.git("add", "--all")
    commit_onto(staged, mine, ADA)
    with staged.client(ADA) as forge:
        path = f"/pulls/{mine.number}"
        forge._change("PATCH", path, {"base": "quiet"})
        assert forge.files(mine.number) == ["README.md"]
        staged.approve(mine, GRACE, MARGARET)
        forge._change("PATCH", path, {"base": "main"})
    staged.merge(mine)
    refused(staged, "approvals-missing", "grace: approved it when it went into another branch")


@pytest.mark.slow
def test_approval_on_an_older_head(staged: World) -> None:
    """Ada pushes after the approvals: they are of a commit that is not the merged one."""
    proposed = staged.proposed("production")
    staged.approve(proposed, GRACE, MARGARET)
    on_branch(staged, proposed)
    commit_onto(staged, proposed, ADA)
    staged.merge(proposed)
    refused(staged, "approvals-missing", f"grace: approved {proposed.head_sha[:10]}, but the head")


def test_a_force_push_after_approval(staged: World) -> None:
    """Ada replaces the approved commit by another one under the same name."""
    proposed = staged.proposed("production")
    staged.approve(proposed, GRACE, MARGARET)
    on_branch(staged, proposed)
    commit_onto(staged, proposed, ADA, "--amend", "--reset-author")
    staged.merge(proposed)
    refused(staged, "approvals-missing", f"grace: approved {proposed.head_sha[:10]}, but the head")


@pytest.mark.slow
def test_a_force_push_after_approval_on_a_guarded_forge(guarded: World) -> None:
    """The forge dismisses what was approved before the push."""
    proposed = guarded.proposed("production")
    guarded.approve(proposed, GRACE, MARGARET)
    on_branch(guarded, proposed)
    commit_onto(guarded, proposed, ADA, "--amend", "--reset-author")
    with pytest.raises(RefusedError, match="At least 1 approving review is required"):
        guarded.merge(proposed)


@pytest.mark.slow
def test_approval_then_changes_requested(staged: World) -> None:
    """Grace takes her approval back; a comment after it does not bring it again."""
    proposed = staged.proposed("production")
    staged.approve(proposed, GRACE, MARGARET)
    with staged.client(GRACE) as forge:
        forge.create_review(proposed.number, event="REQUEST_CHANGES", body="wait")
        forge.create_review(proposed.number, event="COMMENT", body="as I said")
    staged.merge(proposed)
    refused(staged, "approvals-missing", "grace: the latest opinion is CHANGES_REQUESTED")


@pytest.mark.slow
def test_a_dismissed_review(staged: World) -> None:
    """Somebody dismissed the approval: it is no opinion any more."""
    proposed = staged.proposed("production")
    staged.approve(proposed, GRACE, MARGARET)
    [review] = [one for one in staged.forge._workplace.state.all(Review) if one.author == "grace"]
    path = f"/pulls/{proposed.number}/reviews/{review.id}/dismissals"
    with staged.client(ADA) as forge:
        forge._change("PUT", path, {"message": "it was of something else"})
    staged.merge(proposed)
    refused(staged, "approvals-missing", "grace: the latest opinion is DISMISSED")


@pytest.mark.slow
def test_approval_after_the_merge(staged: World) -> None:
    """Margaret is asked to make good what was merged without her."""
    proposed = staged.promote("production", GRACE)
    slip_in(staged, proposed, MARGARET, when="2999-01-01T00:00:00Z")
    refused(staged, "approvals-missing", "margaret: gave the opinion after the merge")


@pytest.mark.slow
def test_approval_by_somebody_outside_the_owning_team(staged: World) -> None:
    """Two colleagues agree, of whom nobody answers for the model."""
    staged.promote("production", ADA, MARGARET)
    refused(staged, "approval-from-team-missing", "needs an approval from team team-diagnostics")


@pytest.mark.slow
def test_approval_by_somebody_who_may_only_read(staged: World) -> None:
    """On a public repository anybody can approve, with as many accounts as they like."""
    staged.promote("production", GRACE, STRANGER)
    refused(staged, "approvals-missing", "stranger: may not write to the repository")


@pytest.mark.slow
def test_approval_by_a_workflow(staged: World) -> None:
    """A workflow that the pull request itself brings approves it with its token."""
    staged.promote("production", GRACE, ACTIONS)
    refused(staged, "approvals-missing", "github-actions[bot]: is no person")


@pytest.mark.slow
@pytest.mark.parametrize("by", ["grace", "ada grace", "grace ada"])
def test_approval_by_who_set_the_bot_off(staged: World, by: str) -> None:
    """Grace starts the workflow that proposes, or runs it again; then approves the proposal."""
    with staged.client(GRACE) as forge:
        forge.update_pull_request(staged.proposed("production").number, state="closed")
    staged.monkeypatch.setenv("MERGELINE_DISPATCHER", by)
    staged.mergeline("promote", MODEL, "--to", "production", user=BOT)
    staged.monkeypatch.delenv("MERGELINE_DISPATCHER")
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "approvals-missing", "has 1 (not counted: grace: set the bot off)")


# Round the pull request.


def test_a_direct_push_of_a_new_version(world: World) -> None:
    """Ada pushes a version to main: no pull request brought it, so nothing is trained."""
    world.edit("model.yaml", "version: 0.1.0", "version: 1.0.0")
    push_to_main(world)
    refused(world, None, "it was pushed directly", subject="release")


def test_a_direct_push_to_production(staged: World) -> None:
    """Ada copies what stands in staging to production, and pushes it to main."""
    staging = (staged.clone / SPEC / "environments/staging.yaml").read_text()
    (staged.clone / PRODUCTION).write_text(staging.replace("name: staging", "name: production"))
    push_to_main(staged)
    refused(staged, None, "it was pushed directly")


@pytest.mark.slow
def test_a_direct_push_to_a_guarded_forge(guarded: World) -> None:
    """The forge takes changes of main by pull request only."""
    guarded.edit("model.yaml", "risk: high", "risk: low")
    with pytest.raises(AssertionError, match="Changes must be made through a pull request"):
        push_to_main(guarded)


@pytest.mark.slow
def test_an_admin_goes_past_protection(
    staged_with: Callable[[Protection | None], AbstractContextManager[World]],
) -> None:
    """An administrator merges what nobody approved; the engine knows no administrators."""
    with staged_with(replace(RECOMMENDED, enforce_admins=False)) as world:
        world.merge(world.proposed("production"), user=ADMIN)
        refused(world, "approvals-missing", "needs 2 approvals for high risk in production, has 0")


@pytest.mark.slow
def test_an_admin_meets_protection_that_holds_admins_too(guarded: World) -> None:
    """With the recommended protection an administrator does not even merge."""
    with pytest.raises(RefusedError, match="At least 1 approving review is required"):
        guarded.merge(guarded.proposed("production"), user=ADMIN)


# A merge that is made by hand.


def merge_by_hand(world: World, pull_request: PullRequest, *then: Callable[[], object]) -> None:
    """Ada merges a pull request in her clone, lays her own edits into the merge, and pushes it."""
    world.git("fetch", "--quiet", "origin")
    head = f"origin/{pull_request.head_ref}"
    world.git("merge", "--quiet", "--no-ff", "--no-commit", head)
    for one in then:
        one()
    world.git("commit", "--quiet", "--all", "--message", f"Merge #{pull_request.number}")
    world.git("push", "--quiet", "origin", "main")


def test_a_merge_by_hand_says_what_nobody_approved(staged: World) -> None:
    """The forge calls it merged, by that commit; what is approved is the head."""
    proposed = staged.proposed("production")
    staged.approve(proposed, GRACE, MARGARET)
    reason = ("reason: Promote", "reason: Perhaps promote")
    merge_by_hand(staged, proposed, lambda: edit(staged, PRODUCTION, *reason))
    refused(staged, None, f"is not what pull request #{proposed.number} had at its head")


@pytest.mark.slow
def test_a_merge_by_hand_brings_another_training(staged: World) -> None:
    """The pull request raises the version; what is trained came with the merge alone."""
    staged.edit("model.yaml", "version: 1.0.0", "version: 1.0.1")
    staged.push("raise")
    raised = staged.open("raise")
    staged.git("switch", "--quiet", "main")
    other = (f"{SPEC}/training.yaml", "C: 1.0", "C: 0.5")
    merge_by_hand(staged, raised, lambda: edit(staged, *other))
    refused(staged, None, f"nobody could review {SPEC}/training.yaml", subject="release")


@pytest.mark.slow
def test_a_merge_by_hand_with_its_parents_swapped(staged: World) -> None:
    """Main's own history would lead through the branch, whose first commit relaxes the policies."""
    proposed = staged.proposed("production")
    staged.git("fetch", "--quiet", "origin")
    staged.git("switch", "--quiet", "--create", "swapped", "main")
    edit(staged, "policies/data.yaml", *NOBODY_NEEDS_TO_APPROVE)
    staged.git("commit", "--quiet", "--all", "--message", "nobody needs to approve")
    relaxed = staged.git("rev-parse", "HEAD")
    staged.git("checkout", "--quiet", f"origin/{proposed.head_ref}", "--", SPEC)
    staged.git("commit", "--quiet", "--message", "to production")
    head = staged.git("rev-parse", "HEAD")
    staged.git("push", "--quiet", "origin", "swapped")
    staged.open("swapped")
    merge = staged.git("commit-tree", f"{head}^{{tree}}", "-p", relaxed, "-p", head, "-m", "merge")
    staged.git("push", "--quiet", "origin", f"{merge}:main")
    refused(staged, None, "its first parent is the pull request's own")


@pytest.mark.slow
def test_an_approved_file_that_the_merge_mixed_with_an_unapproved_one(staged: World) -> None:
    """Both changed other lines, so the forge merges them: nobody has approved the two together."""
    in_production(staged)
    for branch, old, new in (
        ("first", "kind: Environment", "kind: Environment # first"),
        ("second", "reason: Promote 1.0.0", "reason: Keep 1.0.0"),
    ):
        staged.git("switch", "--quiet", "main")
        edit(staged, PRODUCTION, old, new)
        staged.push(branch)
    first, second = staged.open("first"), staged.open("second")
    staged.approve(second, GRACE, MARGARET)
    staged.merge(first)
    staged.merge(second, method="squash")
    with staged.client(ADA) as forge:
        forge.delete_branch("second")
    staged.git("reflog", "expire", "--expire=now", "--all")
    refused(staged, None, f"is not what pull request #{second.number} had at its head")


# What a pull request brings and relies on.

NOBODY_NEEDS_TO_APPROVE = ("high: 2}", "high: 0}")


def edit(world: World, path: str, old: str, new: str) -> None:
    file = world.clone / path
    assert file.read_text().count(old) == 1
    file.write_text(file.read_text().replace(old, new))


def test_a_pull_request_deletes_the_policies_that_judge_it(staged: World) -> None:
    """What is changed without a new version is judged by the base, where the rule still is."""
    for path in (staged.clone / "policies/change").glob("*.rego"):
        path.unlink()
    lax = 'package mergeline.change\n\ndeny contains "never" if false\n\nwarn := deny\n'
    (staged.clone / "policies/change/version.rego").write_text(lax)
    staged.edit("training.yaml", "C: 1.0", "C: 0.5")
    staged.push("relax")
    checked(staged, staged.open("relax"), "version-not-raised")


@pytest.mark.slow
@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_a_pull_request_lowers_the_approvals_that_it_needs(staged: World, method: str) -> None:
    """However it is merged: a rebase puts the relaxed policies onto main before the promotion."""
    proposed = staged.proposed("production")
    staged.git("fetch", "--quiet", "origin")
    staged.git("switch", "--quiet", "--create", "two-commits", "main")
    edit(staged, "policies/data.yaml", *NOBODY_NEEDS_TO_APPROVE)
    staged.git("commit", "--quiet", "--all", "--message", "nobody needs to approve")
    staged.git("checkout", "--quiet", f"origin/{proposed.head_ref}", "--", SPEC)
    staged.git("commit", "--quiet", "--message", "to production")
    staged.git("push", "--quiet", "origin", "two-commits")
    staged.merge(staged.open("two-commits"), method=method)
    refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 0")


@pytest.mark.slow
def test_a_pull_request_lowers_the_risk_that_it_is_of(staged: World) -> None:
    """One approval is enough for low risk: but the risk is that of the release, and of its base."""
    own_risk = own(staged, "low", lambda text: text)
    on_branch(staged, own_risk)
    edit(staged, f"{SPEC}/model.yaml", "risk: high", "risk: low")
    staged.git("commit", "--quiet", "--all", "--message", "it is not that bad")
    staged.git("push", "--quiet", "origin", f"HEAD:{own_risk.head_ref}")
    staged.git("switch", "--quiet", "main")
    checked(staged, own_risk, "environment-mixed-with-specs")
    staged.approve(own_risk, GRACE)
    staged.merge(own_risk)
    refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 1")


@pytest.mark.slow
def test_a_pull_request_makes_itself_the_owner(staged: World) -> None:
    """Owner and approvals are asked of the base: a team of one's own choice is not heard."""
    mine = own(staged, "mine")
    on_branch(staged, mine)
    edit(staged, f"{SPEC}/model.yaml", "owner: team-diagnostics", "owner: ml-risk")
    staged.git("commit", "--quiet", "--all", "--message", "ours now")
    staged.git("push", "--quiet", "origin", f"HEAD:{mine.head_ref}")
    staged.git("switch", "--quiet", "main")
    staged.approve(mine, MARGARET, ADMIN)
    staged.merge(mine)
    refused(staged, "approval-from-team-missing", "needs an approval from team team-diagnostics")


@pytest.mark.slow
def test_a_pull_request_makes_itself_the_owner_of_what_was_broken_before(staged: World) -> None:
    """With no owner to be read at the base, that of the pull request itself is not heard either."""
    mine = own(staged, "mine")
    staged.git("switch", "--quiet", "main")
    edit(staged, f"{SPEC}/model.yaml", "owner: team-diagnostics", "owner: [nobody]")
    push_to_main(staged)
    on_branch(staged, mine)
    staged.git("merge", "--quiet", "--strategy", "ours", "--message", "ours", "origin/main")
    edit(staged, f"{SPEC}/model.yaml", "owner: team-diagnostics", "owner: ml-risk")
    staged.git("commit", "--quiet", "--all", "--message", "mended, and ours now")
    staged.git("push", "--quiet", "origin", f"HEAD:{mine.head_ref}")
    staged.git("switch", "--quiet", "main")
    staged.approve(mine, MARGARET, ADMIN)
    staged.merge(mine)
    refused(staged, None, "do not conform: whose approval it needs is not known")


def test_a_pull_request_edits_workflows_and_code_owners(guarded: World) -> None:
    """The forge asks the code owners of the base; they are not who the pull request says."""
    owners = guarded.clone / ".github/CODEOWNERS"
    owners.parent.mkdir()
    owners.write_text("/.github/ @margaret\n")
    guarded.push("owners")
    first = guarded.open("owners")
    guarded.approve(first, GRACE)
    guarded.merge(first)
    owners.write_text("/.github/ @grace\n")
    workflow = guarded.clone / ".github/workflows/pull-request.yml"
    workflow.parent.mkdir()
    workflow.write_text("on: pull_request\njobs: {gate: {steps: [{run: 'true'}]}}\n")
    guarded.push("hollow")
    hollow = guarded.open("hollow")
    guarded.approve(hollow, GRACE)
    with pytest.raises(RefusedError, match="Waiting on code owner review from @margaret"):
        guarded.merge(hollow)


@pytest.mark.slow
def test_a_pull_request_brings_a_gate_that_is_always_green(staged: World) -> None:
    """What ran on the pull request and what it said is nothing that apply looks at."""
    mine = own(staged, "green")
    with staged.client(ADA) as forge:
        forge.set_status(mine.head_sha, context="gate", state="success", description="fine")
    staged.merge(mine)
    refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 0")


# What is promoted.


def approved(world: World, pull_request: PullRequest) -> None:
    """Both reviewers have been talked into it."""
    world.approve(pull_request, GRACE, MARGARET)
    world.merge(pull_request)


@pytest.mark.slow
def test_a_digest_that_was_never_released(staged: World) -> None:
    """The version is known, the digest is Ada's own."""
    forged = own(
        staged, "forged", lambda text: re.sub("digest: .*", f"digest: sha256:{'f' * 64}", text)
    )
    checked(staged, forged, "digest-differs-from-release")
    approved(staged, forged)
    refused(staged, "environment-digest-mismatch", "", subject="release")


@pytest.mark.slow
def test_a_release_that_never_was(staged: World) -> None:
    """Ada writes a record of her own, with a digest that fits its content."""
    record = yaml.safe_load((staged.clone / RECORD).read_text())
    record["version"] = "1.0.1"
    record["digest"] = release_digest(record)
    (staged.clone / SPEC / "releases/1.0.1.yaml").write_text(yaml.safe_dump(record))
    told = {"1.0.0": "1.0.1", "digest: .*": f"digest: {record['digest']}"}
    forged = own(
        staged, "forged", *(lambda text, o=o, n=n: re.sub(o, n, text) for o, n in told.items())
    )
    checked(staged, forged, "registry-entry-missing")
    approved(staged, forged)
    refused(staged, "registry-entry-missing", "")


@pytest.mark.slow
def test_a_record_edited_on_its_way_in(staged: World) -> None:
    """Metrics that look better than they were, in the pull request that adds the record."""
    proposed = released_as(staged, "1.0.1")
    on_branch(staged, proposed)
    path = staged.clone / SPEC / "releases/1.0.1.yaml"
    path.write_text(re.sub(r"(?m)^  value: 0\.9\d+$", "  value: 0.9999", path.read_text()))
    commit_onto(staged, proposed, ADA, "--all")
    staged.merge(proposed)
    refused(staged, "release-edited", "digest does not fit its content", subject="staging")


@pytest.mark.slow
def test_a_record_edited_afterwards(staged: World) -> None:
    """The check refuses it; merged all the same, the release moves no more."""
    path = staged.clone / RECORD
    path.write_text(re.sub(r"(?m)^  value: 0\.9\d+$", "  value: 0.9999", path.read_text()))
    staged.push("rewritten")
    rewritten = staged.open("rewritten")
    checked(staged, rewritten, "release-edited")
    staged.merge(rewritten)
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "release-edited", "digest does not fit its content")


@pytest.mark.slow
def test_a_record_deleted_afterwards(staged: World) -> None:
    """The check refuses it; merged all the same, nothing of the model moves any more."""
    (staged.clone / RECORD).unlink()
    staged.push("deleted")
    deleted = staged.open("deleted")
    checked(staged, deleted, "release-deleted")
    staged.merge(deleted)
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "unknown-release", "", subject="release")


def test_a_stale_promotion(staged: World) -> None:
    """`replaces` is compare-and-swap: what expects another state is told to plan again."""
    stale = own(
        staged, "stale", lambda text: re.sub("replaces: .*", f"replaces: sha256:{'0' * 64}", text)
    )
    checked(staged, stale, "replaced-digest-differs")
    approved(staged, stale)
    refused(staged, "replaced-digest-differs", "")


@pytest.mark.slow
@pytest.mark.parametrize("way", ["lift", "remove"])
def test_a_hold_taken_away_unapproved(staged: World, way: str) -> None:
    """Lifted, or its file removed, by who asked nobody: what was applied holds on."""
    in_production(staged)
    held = ("--env", "production", "--reason", "it turns down everybody")
    staged.mergeline("hold", MODEL, *held, user=ADA)
    merge_of_branch(staged, "production-hold")
    assert staged.apply()[-1] == ("production", "noted")
    if way == "lift":
        staged.mergeline("hold", MODEL, "--lift", *held, user=ADA)
        merge_of_branch(staged, "production-hold")
        refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 0")
    else:
        (staged.clone / PRODUCTION).unlink()
        staged.push("remove")
        removal = staged.open("remove")
        checked(staged, removal, "environment-removed")
        staged.merge(removal)
    staged.merge(released_as(staged, "1.0.1"))
    assert staged.apply(expect=int(way == "lift"))[0] == ("staging", "moved")
    staged.mergeline("promote", MODEL, "--to", "production", user=BOT)
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "environment-held", "production is held by ada: it turns down everybody")
    # Without its alias nobody forgets what stands there, and that it is held.
    registry(staged)._client.delete_registered_model_alias(MODEL, "production")
    refused(staged, "environment-held", "production is held by ada: it turns down everybody")


def merge_of_branch(world: World, branch: str) -> None:
    """Merge the pull request of a branch of the bot's."""
    with world.client(ADA) as forge:
        [found] = forge.pull_requests(head=f"mergeline/{MODEL}/{branch}")
    world.merge(found)


@pytest.mark.slow
def test_two_promotions_of_one_model_race(staged: World) -> None:
    """Both expect 1.0.0 in staging: the second to be merged would undo the first unseen."""
    first, second = (released_as(staged, version) for version in ("1.0.1", "1.0.2"))
    staged.merge(first)
    with pytest.raises(RefusedError, match="not mergeable"):
        staged.merge(second)
    on_branch(staged, second)
    staged.git("merge", "--quiet", "--strategy-option", "ours", "--no-edit", "main")
    commit_onto(staged, second, ADA)
    staged.merge(second)
    refused(staged, "replaced-digest-differs", "the change expects", subject="staging")


def released_as(world: World, version: str) -> PullRequest:
    """Release the same training once more, and propose it for staging."""
    store = registry(world)
    made = store.find(MODEL, "1.0.0")
    record, _ = parse(RECORD, (world.clone / RECORD).read_bytes())
    first = msgspec.convert(record.value, Release)
    unsigned = replace(first, version=version)
    release = replace(unsigned, digest=release_digest(msgspec.to_builtins(unsigned)))
    run = RecordedRun(made.run_id, made.model_uri, store.tracking_uri)
    store.register(MODEL, run, release_tags(release))
    tree = WorkingTree(world.clone)
    staging = world.clone / SPEC / "environments/staging.yaml"
    text = staging.read_text().replace(first.version, version).replace(first.digest, release.digest)
    staging.write_text(re.sub("replaces: .*", f"replaces: {first.digest}", text))
    (world.clone / SPEC / f"releases/{version}.yaml").write_bytes(release_file(release, tree))
    world.push(f"to-{version}")
    pull_request = world.open(f"to-{version}")
    world.git("switch", "--quiet", "main")
    return pull_request


# What the registry holds.


def in_production(world: World) -> None:
    world.promote("production", GRACE, MARGARET)
    assert world.apply()[-1] == ("production", "moved")


def test_an_artifact_changed_by_one_byte(staged: World) -> None:
    """Whoever may write to the store exchanges the model: its bytes are not the released ones."""
    stored = next((staged.clone / ".mergeline/artifacts").rglob("model.skops"))
    stored.write_bytes(stored.read_bytes() + b"\0")
    for kept in (staged.clone / ".mergeline/models").glob("*"):
        shutil.rmtree(kept)
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "artifact-digest", "")


@pytest.mark.slow
def test_an_alias_set_by_hand_ahead_of_the_merge(staged: World) -> None:
    """The alias is in production before anybody agreed: drift, and approvals are still asked."""
    store = registry(staged)
    store.set_alias(MODEL, "production", store.find(MODEL, "1.0.0").number)
    assert staged.status(expect=1)["production"]["sync"] == "out_of_sync"
    staged.promote("production")
    refused(staged, "approvals-missing", "needs 2 approvals for high risk in production, has 0")


@pytest.mark.slow
def test_an_alias_taken_away_by_hand(staged: World) -> None:
    """It is seen, and put back by the approvals that there were."""
    in_production(staged)
    before = standing(staged)
    registry(staged)._client.delete_registered_model_alias(MODEL, "production")
    assert staged.status(expect=1)["production"]["sync"] == "out_of_sync"
    assert staged.apply()[-1] == ("production", "moved")
    assert standing(staged) == before


@pytest.mark.slow
def test_a_version_deleted_by_hand(staged: World) -> None:
    """It is seen; nothing else is put in its place."""
    in_production(staged)
    store = registry(staged)
    store._client.delete_model_version(MODEL, "1")
    assert staged.status(expect=1)["production"]["sync"] == "out_of_sync"
    refused(staged, "registry-entry-missing", "")
    assert store.versions(MODEL) == []


@pytest.mark.slow
@pytest.mark.parametrize("tag", ["mergeline.owner", "mergeline.commit", "mergeline.digest"])
def test_a_tag_edited_by_hand(staged: World, tag: str) -> None:
    """The entry does not say what the record says: seen, and it moves no further."""
    store = registry(staged)
    store.set_tags(MODEL, 1, {tag: f"sha256:{'0' * 64}"})
    assert staged.status(expect=int(tag == "mergeline.digest"))["staging"]["health"] == "degraded"
    staged.promote("production", GRACE, MARGARET)
    rule = (
        "digest-differs-from-registry" if tag == "mergeline.digest" else "registry-entry-incomplete"
    )
    refused(staged, rule, "")


@pytest.mark.slow
def test_the_record_of_a_deployment_dated_back(staged: World) -> None:
    """A week is to be soaked; the tag says that staging has had the release for years."""
    edit(staged, "policies/data.yaml", "{low: 0s, medium: 0s, high: 0s}", "{high: 7d}")
    push_to_main(staged)
    name = "mergeline.deployment.staging"
    made = json.loads(registry(staged).find(MODEL, "1.0.0").tags[name])
    dated_back = made | {"applied_at": "2020-01-01T00:00:00+00:00"}
    registry(staged).set_tags(MODEL, 1, {name: json.dumps(dated_back)})
    staged.promote("production", GRACE, MARGARET)
    refused(staged, "soak-too-short", "604800 s are needed")


@pytest.mark.slow
def test_the_record_of_a_deployment_made_unreadable(staged: World) -> None:
    """Staging is judged and written down again from Git and the forge; the soak begins anew."""
    name = "mergeline.deployment.staging"
    before = json.loads(registry(staged).find(MODEL, "1.0.0").tags[name])
    registry(staged).set_tags(MODEL, 1, {name: "{}"})
    assert staged.apply()[0] == ("staging", "noted")
    after = json.loads(registry(staged).find(MODEL, "1.0.0").tags[name])
    assert after["applied_at"] >= before["applied_at"]
    assert after | {"applied_at": None} == before | {"applied_at": None}


# What is untrusted: comments, artifacts, names.


def commented(world: World, pull_request: PullRequest) -> str:
    """A run without rights has left its results; the trusted job comments. Its own comment."""
    path = event(world, pull_request.head_sha, head_branch=pull_request.head_ref)
    reports = str(world.clone.parent / "results")
    words = ("comment", "--workflow-run", path, "--reports", reports, "--author", ACTIONS.login)
    answer = world.mergeline(*words, user=ACTIONS)
    assert not [line for line in (answer.out + answer.err).splitlines() if line.startswith("::")]
    with world.client(ADA) as forge:
        [body] = [
            one.body for one in forge.comments(pull_request.number) if one.author == ACTIONS.login
        ]
    return body


@pytest.fixture
def changed(world: World) -> tuple[World, PullRequest]:
    """A change of a model, of which a run without rights has yet to say something."""
    world.edit("training.yaml", "C: 1.0", "C: 0.8")
    world.edit("model.yaml", "version: 0.1.0", "version: 0.2.0")
    world.push("change")
    pull_request = world.open("change")
    world.git("switch", "--quiet", "main")
    return world, pull_request


@pytest.mark.slow
def test_a_comment_marker_forged_by_another_author(changed: tuple[World, PullRequest]) -> None:
    """Grace writes what looks like the engine's comment: hers stays hers, and ours comes too."""
    world, pull_request = changed
    forged = f"**Ready.** Nothing to see.\n\n{MARKER}\n"
    with world.client(GRACE) as forge:
        forge.create_comment(pull_request.number, forged)
    leave(world)
    assert commented(world, pull_request) == commented(world, pull_request) != forged
    with world.client(ADA) as forge:
        found = [(one.author, one.body) for one in forge.comments(pull_request.number)]
    assert ("grace", forged) in found
    assert len(found) == 2


@pytest.mark.slow
def test_an_artifact_with_html_markdown_and_workflow_commands(
    changed: tuple[World, PullRequest],
) -> None:
    """Whatever a run of a fork leaves is letters: a Markdown parser finds nothing else in it."""
    world, pull_request = changed
    hostile = (
        "<img src=x onerror=alert(1)> [x](https://example.org) @everyone </details>``` | # |\n"
        f"::error file=x::pwned\n{MARKER}\nHead `{'c' * 40}` · plan `sha256:0` · run `99.1`\n"
    )
    finding = samples.issue(hostile, rule=hostile, file=hostile, hint=hostile)
    leave(world, findings=(finding,), metrics=(samples.metric(name=hostile),))
    body = commented(world, pull_request)
    hold(body)
    assert run_of(body) == (7, 1)
    assert head_of(body) == pull_request.head_sha


@pytest.mark.slow
def test_an_artifact_with_paths(changed: tuple[World, PullRequest]) -> None:
    """Results of other places, linked or named: only the folder of a planned model is read."""
    world, pull_request = changed
    secret = samples.passing(model=MODEL, version="0.2.0", commit="e" * 40)
    write_result(secret, world.clone.parent / "outside")
    results = world.clone.parent / "results"
    results.mkdir()
    (results / MODEL).symlink_to(world.clone.parent / "outside")
    write_result(samples.passing(model="../../etc", version="0.2.0"), results / "..%2f..%2fetc")
    body = commented(world, pull_request)
    assert "a result that cannot be read" in body
    assert "etc" not in body


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    ["$(touch pwned)", "`touch pwned`", "x;touch pwned", "${{ github.token }}", "--help", "a\nb"],
)
def test_a_model_folder_named_like_a_command(world: World, name: str) -> None:
    """The name is refused before anything is made of it, and no job of a matrix gets it."""
    shutil.copytree(world.clone / SPEC, world.clone / "models" / name)
    edit(world, f"models/{name}/model.yaml", f"name: {MODEL}", f"name: {json.dumps(name)}")
    world.push("named")
    pull_request = world.open("named")
    checked(world, pull_request, "file-name" if "\n" in name else "invalid-value")
    plan = world.mergeline(
        "plan", "--base", "main", "--head", "named", expect=int("\n" not in name)
    )
    assert "train" not in plan.out
    world.merge(pull_request)
    world.mergeline("apply", user=BOT, expect=1)
    assert standing(world) == ({}, {})
    assert not list(world.clone.parent.rglob("pwned"))


# What breaks on the way.


def merged_into_production(world: World) -> None:
    world.promote("production", GRACE, MARGARET)


def nothing_half_done(world: World) -> None:
    """Production is empty or has 1.0.0, which is registered once; no record is without a move."""
    aliases, versions = standing(world)
    assert set(versions) == {1}
    assert aliases.get("production", 1) == 1
    assert "production" in aliases or DEPLOYED not in versions[1]


def done(world: World) -> None:
    """As if nothing had ever happened."""
    assert world.apply() == [("staging", "unchanged"), ("production", "unchanged")]
    assert {row["sync"] for row in world.status().values()} == {"synced"}
    assert {row["health"] for row in world.status().values()} == {"healthy"}
    made = json.loads(registry(world).aliases(MODEL)["production"].tags[DEPLOYED])
    assert made["approved_by"] == ["grace", "margaret"]


@pytest.mark.slow
def test_an_apply_killed_before_each_write(staged: World) -> None:
    """SIGKILL before each commit of the store, each rename and push; then run again."""
    merged_into_production(staged)
    for number in count(1):
        if finish(staged, start(staged, "apply", MODEL, die_at=number)) == 0:
            break
        nothing_half_done(staged)
    assert number > 2
    done(staged)


@pytest.mark.slow
def test_a_release_killed_before_each_write(staged: World) -> None:
    """SIGKILL from the record of its run to the pull request that proposes it: registered once."""
    staged.release("1.0.1")
    store = registry(staged)
    # Trained once: a training writes nothing that outlives it.
    jobs = Jobs(staged)
    jobs.fetch()
    jobs.train()
    jobs.evaluate()
    taken = ("--evaluated", jobs.folder("evaluated"), "--digest", jobs.digests["evaluated"])
    call = ("apply", MODEL, "--only", "release", *taken)
    for number in count(1):
        if finish(staged, start(staged, *call, die_at=number)) == 0:
            break
        assert [found.version for found in store.versions(MODEL)] in (["1.0.0"], BOTH)
    assert number > 10
    assert staged.apply()[0] == ("release", "released")
    assert [found.version for found in store.versions(MODEL)] == BOTH
    assert store.aliases(MODEL)["candidate"].version == "1.0.1"
    assert staged.proposed("staging") is not None
    assert staged.git("worktree", "list", "--porcelain").count("worktree ") == 1


@pytest.mark.slow
def test_an_apply_killed_at_each_question_to_the_forge(staged: World) -> None:
    """SIGKILL after the forge has heard a question, and before its answer is there."""
    merged_into_production(staged)
    with between(staged) as wire:
        for number in count(1):
            process: list[BaseProcess] = []
            wire.cut(number, "unheard", lambda running=process: running[0].kill())
            process.append(start(staged, "apply", MODEL))
            if finish(staged, process[0]) == 0:
                break
            nothing_half_done(staged)
    assert number > 4
    done(staged)


@pytest.fixture
def without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses between attempts are tested elsewhere."""
    monkeypatch.setattr(transport, "_RETRY_DELAYS", (0, 0, 0))
    monkeypatch.setattr(asking, "_UNTIL_DONE", 0)


@pytest.mark.slow
@pytest.mark.usefixtures("without_waiting")
@pytest.mark.parametrize("how", ["unasked", "unheard", "fault"])
def test_a_forge_that_fails_from_any_call_on(staged: World, how: Cut) -> None:
    """No answer is not a yes: exit code 3, and the next run goes on."""
    merged_into_production(staged)
    with between(staged) as wire:
        wire.cut(1000, how)
        for number in count(1):
            wire.cut(number, how)
            code = staged.run("apply", MODEL).code
            if code == 0:
                break
            assert code == 3
            nothing_half_done(staged)
            assert "production" not in registry(staged).aliases(MODEL)
    assert number > 4
    done(staged)


@pytest.mark.slow
@pytest.mark.usefixtures("without_waiting")
@pytest.mark.parametrize("how", ["unasked", "unheard", "fault"])
def test_a_forge_that_fails_while_a_release_is_proposed(staged: World, how: Cut) -> None:
    """A branch that was pushed, a pull request that was opened unseen: found again, never twice."""
    with staged.client(GRACE) as forge:
        forge.update_pull_request(staged.proposed("production").number, state="closed")
    with between(staged) as wire:
        for number in count(1):
            wire.cut(number, how)
            code = staged.run("promote", MODEL, "--to", "production").code
            if code == 0:
                break
            assert code == 3
    assert number > 2
    assert staged.proposed("production") is not None


@pytest.mark.slow
@pytest.mark.usefixtures("without_waiting")
def test_a_forge_that_fails_at_any_call_of_a_release(staged: World) -> None:
    """From the question whose merge it is to the pull request: registered and proposed once."""
    staged.release("1.0.1")
    store = registry(staged)
    with between(staged) as wire:
        for number in count(1):
            wire.cut(number, "unheard")
            code = staged.run("apply", MODEL, "--only", "release").code
            if code == 0:
                break
            assert code == 3
            assert [found.version for found in store.versions(MODEL)] in (["1.0.0"], BOTH)
    assert number > 5
    assert [found.version for found in store.versions(MODEL)] == BOTH
    assert staged.proposed("staging") is not None


@pytest.mark.slow
def test_a_registry_that_fails_at_any_statement(staged: World) -> None:
    """The store is locked or broken from any of its statements on: exit code 3, then it goes on."""
    merged_into_production(staged)
    for number in count(1):
        with broken_store(number):
            code = staged.run("apply", MODEL).code
        if code == 0:
            break
        assert code == 3
        nothing_half_done(staged)
    assert number > 10
    done(staged)


@contextmanager
def broken_store(number: int) -> Iterator[None]:
    """Let no statement of the store through from the n-th on."""
    left = number

    def execute(*_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            raise sqlite3.OperationalError("database is locked")

    event_of_store.listen(Engine, "before_cursor_execute", execute)
    try:
        yield
    finally:
        event_of_store.remove(Engine, "before_cursor_execute", execute)


@pytest.mark.slow
def test_a_registry_that_cannot_be_reached(staged: World) -> None:
    """No registry, no promotion: and what Git wants is done once it is back."""
    merged_into_production(staged)
    before = standing(staged)
    staged.monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert staged.run("apply", MODEL).code == 3
    staged.monkeypatch.delenv("MLFLOW_TRACKING_URI")
    assert standing(staged) == before
    assert staged.apply()[-1] == ("production", "moved")
    done(staged)


# What it costs.


@pytest.mark.slow
def test_an_approved_promotion_takes_few_calls(staged: World) -> None:
    """For each approval and each team that policy asks for one more; if nothing changed, two."""
    merged_into_production(staged)
    with between(staged) as wire:
        assert staged.apply()[-1] == ("production", "moved")
        assert len(wire.asked) == 11
        wire.mend()
        assert staged.apply()[-1] == ("production", "unchanged")
        assert len(wire.asked) == 2
