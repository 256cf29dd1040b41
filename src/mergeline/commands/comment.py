"""`mergeline comment`: the one comment on a pull request, made or edited in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.commented import subject_of
from mergeline.commands.session import Session
from mergeline.errors import ExitCode, MergelineError, ToolError, UsageError
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.commands.commented import Subject
    from mergeline.findings import Finding
    from mergeline.forge import Forge
    from mergeline.forge.types import Comment, PullRequest
    from mergeline.git import GitRepository
    from mergeline.policy.waivers import WaiverFile


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    about = parser.add_mutually_exclusive_group(required=True)
    about.add_argument("--pull-request", type=int, metavar="N", help="the pull request's number")
    about.add_argument(
        "--workflow-run",
        type=Path,
        metavar="FILE",
        help="the event of the run that prepared the results: what GITHUB_EVENT_PATH names",
    )
    parser.add_argument(
        "--base", metavar="REF", help="what it is compared with (default: the pull request's base)"
    )
    parser.add_argument(
        "--reports",
        type=Path,
        metavar="DIR",
        help="where `mergeline report` wrote (default: .mergeline/reports)",
    )
    parser.add_argument(
        "--author",
        metavar="LOGIN",
        help="whose comment is edited, where the token is no person's (default: any bot's)",
    )
    parser.add_argument(
        "--output", type=Path, metavar="FILE", help="write the comment there and post nothing"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Compose the comment and post it, unless something newer is there.

    Raises:
        UsageError: a ref is not known, or the output cannot be written.
        RefusedError: the forge does not take the comment.
        ToolError: the forge does not answer.
    """
    session = Session(arguments)
    subject = subject_of(session, arguments)
    if isinstance(subject, str):
        return _nothing(subject)
    text = _compose(session, arguments, subject)
    if arguments.output is not None:
        _write(arguments.directory / arguments.output, text)
        return int(ExitCode.YES)
    pull_request = subject.pull_request
    # Another push may have come while this was made.
    newest = session.forge.pull_request(pull_request.number).head_sha
    if newest != pull_request.head_sha:
        return _nothing(f"pull request #{pull_request.number} is at {newest[:12]} by now")
    posted = _post(session.forge, pull_request.number, text, arguments.author)
    return _nothing("a newer run has commented") if posted is None else _posted(posted)


def _nothing(why: str) -> int:
    say(f"nothing posted: {printable(why)}")
    return int(ExitCode.YES)


def _posted(comment: Comment) -> int:
    say(comment.url)
    return int(ExitCode.YES)


def _compose(session: Session, arguments: argparse.Namespace, subject: Subject) -> str:
    from mergeline.commands.neighbours import neighbours_of
    from mergeline.commands.planned import plan_of
    from mergeline.report.comment import comment_markdown
    from mergeline.report.files import REPORTS
    from mergeline.report.given import given_result
    from mergeline.report.standing import standing_of
    from mergeline.report.waived import in_force

    pull_request = subject.pull_request
    base = arguments.base or _base(session.git, pull_request)
    plan = plan_of(session, base, pull_request.head_sha)
    plan = plan.beside(neighbours_of(session, plan, head=plan.head, number=pull_request.number))
    given = arguments.reports
    reports = arguments.directory / given if given else session.settings.state / REPORTS
    results = {model.name: given_result(reports, model, subject.commits) for model in plan.models}
    findings, unjudged, files = _judged(session, pull_request)
    waivers = in_force(files, results, session.clock().date())
    standing = standing_of(pull_request.head_sha, plan, results, findings, unjudged, waivers)
    if subject.run is None:
        return comment_markdown(standing)
    return comment_markdown(standing, run=subject.run.order, page=subject.run.html_url)


def _base(git: GitRepository, pull_request: PullRequest) -> str:
    if not git.exists(pull_request.base_sha):
        git.fetch()
    return pull_request.base_sha


def _judged(
    session: Session, pull_request: PullRequest
) -> tuple[list[Finding], str | None, tuple[WaiverFile, ...]]:
    """Return what `mergeline check` says, or why nothing, and the waivers that it judges with."""
    from mergeline.commands.services import services_of
    from mergeline.findings import in_order
    from mergeline.policy.waivers import load_waivers
    from mergeline.promotion.preview import preview

    try:
        services = services_of(session)
        waivers = load_waivers(services.git.tree(services.seen_head)).files
        return in_order(preview(services, pull_request.number)), None, waivers
    except MergelineError as error:
        return [], error.message, ()


def _post(forge: Forge, number: int, text: str, author: str | None = None) -> Comment | None:
    """Make the comment, or edit the one that is there; None: that one is of a newer run."""
    from mergeline.report.comment import head_of, run_of

    mine = _mine(forge, number, author)
    if mine is None:
        return forge.create_comment(number, text)
    # Of an older commit, whichever run comes last: this one has just been seen to be the head.
    same = head_of(mine.body) == head_of(text)
    before, now = run_of(mine.body), run_of(text)
    if same and before is not None and now is not None and before > now:
        return None
    return forge.update_comment(mine.id, text)


def _mine(forge: Forge, number: int, author: str | None) -> Comment | None:
    """Return the comment that an earlier call left: by its marker and its author."""
    from mergeline.report.comment import is_ours

    marked = [comment for comment in forge.comments(number) if is_ours(comment.body)]
    if not marked:
        return None
    try:
        author = author or forge.login()
    except ToolError:
        # The token of an App or of a workflow cannot ask who it is; its comments are a bot's,
        # and no person can have a name with a bracket.
        return next((one for one in marked if one.author.endswith("[bot]")), None)
    return next((one for one in marked if one.author == author), None)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name another file with --output"
        ) from None
    say(printable(str(path)))
