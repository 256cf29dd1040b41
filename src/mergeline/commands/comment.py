"""`mergeline comment`: the one comment on a pull request, made or edited in place."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.commands.session import Session
from mergeline.errors import ExitCode, MergelineError, ToolError, UsageError
from mergeline.report.text import printable, say

if TYPE_CHECKING:
    import argparse

    from mergeline.findings import Finding
    from mergeline.forge import Forge
    from mergeline.forge.types import Comment, PullRequest
    from mergeline.git import GitRepository


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument(
        "--pull-request", type=int, required=True, metavar="N", help="the pull request's number"
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
        "--output", type=Path, metavar="FILE", help="write the comment there and post nothing"
    )


def execute(arguments: argparse.Namespace) -> int:
    """Compose the comment and post it, unless a newer commit is there.

    Raises:
        UsageError: a ref is not known, or the output cannot be written.
        RefusedError: the forge does not take the comment.
        ToolError: the forge does not answer.
    """
    session = Session(arguments)
    pull_request = session.forge.pull_request(arguments.pull_request)
    commits = _commits(session.git, pull_request)
    if not commits:
        return _superseded(session.git, pull_request)
    text = _compose(session, arguments, pull_request, commits)
    if arguments.output is not None:
        _write(arguments.directory / arguments.output, text)
        return int(ExitCode.YES)
    # Another push may have come while this was made.
    newest = session.forge.pull_request(pull_request.number)
    if newest.head_sha != pull_request.head_sha:
        return _superseded(session.git, newest)
    say(_post(session.forge, pull_request.number, text).url)
    return int(ExitCode.YES)


def _commits(git: GitRepository, pull_request: PullRequest) -> set[str]:
    """Return the head, and the commit checked out, if that is the head or merges it."""
    here, head = git.resolve("HEAD"), pull_request.head_sha
    if here == head:
        return {head}
    # A workflow has the test merge checked out: the base first, then the head.
    merges = git.exists("HEAD^2") and git.resolve("HEAD^2") == head
    return {here, head} if merges else set()


def _superseded(git: GitRepository, pull_request: PullRequest) -> int:
    here, head = git.resolve("HEAD")[:12], pull_request.head_sha[:12]
    say(
        f"nothing posted: {here} is checked out, and pull request #{pull_request.number} "
        f"is at {head}"
    )
    return int(ExitCode.YES)


def _compose(
    session: Session,
    arguments: argparse.Namespace,
    pull_request: PullRequest,
    commits: set[str],
) -> str:
    from mergeline.plan.planning import make_plan
    from mergeline.report.comment import comment_markdown
    from mergeline.report.files import REPORTS
    from mergeline.report.given import given_result
    from mergeline.report.standing import standing_of

    base = arguments.base or _base(session.git, pull_request)
    plan = make_plan(session.git, base, pull_request.head_sha)
    given = arguments.reports
    reports = arguments.directory / given if given else session.settings.state / REPORTS
    results = {model.name: given_result(reports, model, commits) for model in plan.models}
    findings, unjudged = _judged(session, pull_request)
    standing = standing_of(pull_request.head_sha, plan, results, findings, unjudged)
    return comment_markdown(standing)


def _base(git: GitRepository, pull_request: PullRequest) -> str:
    if not git.exists(pull_request.base_sha):
        git.fetch()
    return pull_request.base_sha


def _judged(session: Session, pull_request: PullRequest) -> tuple[list[Finding], str | None]:
    """Return what `mergeline check` says; that it could not say anything belongs there too."""
    from mergeline.commands.services import services_of
    from mergeline.findings import in_order
    from mergeline.promotion.preview import preview

    try:
        return in_order(preview(services_of(session), pull_request.number)), None
    except MergelineError as error:
        return [], error.message


def _post(forge: Forge, number: int, text: str) -> Comment:
    mine = _mine(forge, number)
    if mine is None:
        return forge.create_comment(number, text)
    return forge.update_comment(mine.id, text)


def _mine(forge: Forge, number: int) -> Comment | None:
    """Return the comment that an earlier call left: by its marker and its author."""
    from mergeline.report.comment import is_ours

    marked = [comment for comment in forge.comments(number) if is_ours(comment.body)]
    if not marked:
        return None
    try:
        login = forge.login()
    except ToolError:
        # The token of an App or of a workflow cannot ask who it is; its comments are a bot's,
        # and no person can have a name with a bracket.
        return next((one for one in marked if one.author.endswith("[bot]")), None)
    return next((one for one in marked if one.author == login), None)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="name another file with --output"
        ) from None
    say(printable(str(path)))
