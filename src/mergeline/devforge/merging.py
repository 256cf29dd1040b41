"""The three ways to merge, in the bare repository's object store; no ref is moved here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.devforge.git import Signature
from mergeline.devforge.refusal import not_mergeable

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.devforge.git import BareRepository, Commit
    from mergeline.devforge.state import Pull

WEB_FLOW_NAME = "GitHub"
WEB_FLOW_EMAIL = "noreply@github.com"
CONFLICT = "Pull Request is not mergeable"
NOT_ALLOWED = {
    "merge": "Merge commits are not allowed on this repository.",
    "squash": "Squash merges are not allowed on this repository.",
    "rebase": "Rebase merges are not allowed on this repository.",
}


@dataclass(frozen=True, slots=True)
class Merge:
    """A merge to be made.

    Attributes:
        base: the base branch's commit.
        label: owner:branch of the head, for the message.
        author: who wrote the pull request.
        merger: who merges.
        now: ISO 8601.
    """

    pull: Pull
    base: str
    label: str
    author: Signature
    merger: Signature
    now: str
    title: str | None = None
    message: str | None = None


def merge_commit(repository: BareRepository, merge: Merge) -> list[str]:
    """One commit with two parents, written by whoever merges, committed by GitHub."""
    tree = _merged_tree(repository, merge.base, merge.pull.head_sha)
    default = f"Merge pull request #{merge.pull.number} from {merge.label.replace(':', '/')}"
    return [
        repository.commit_tree(
            tree,
            [merge.base, merge.pull.head_sha],
            _text(merge.title or default, merge.message or merge.pull.title),
            author=merge.merger,
            committer=_web_flow(merge),
        )
    ]


def squash(repository: BareRepository, merge: Merge) -> list[str]:
    """One commit with the whole change, by the pull request's author, committed by GitHub."""
    tree = _merged_tree(repository, merge.base, merge.pull.head_sha)
    commits = repository.commits(repository.between(merge.base, merge.pull.head_sha))
    body = "\n\n".join(f"* {commit.message}" for commit in commits)
    if len(commits) == 1:
        body = commits[0].message.partition("\n")[2].strip()
    return [
        repository.commit_tree(
            tree,
            [merge.base],
            _text(
                merge.title or f"{merge.pull.title} (#{merge.pull.number})",
                body if merge.message is None else merge.message,
            ),
            author=merge.author,
            committer=_web_flow(merge),
        )
    ]


def rebase(repository: BareRepository, merge: Merge) -> list[str]:
    """Every commit again on top of the base, each keeping its author; merges are left out."""
    onto = merge.base
    rewritten = []
    for commit in repository.commits(repository.between(merge.base, merge.pull.head_sha)):
        if len(commit.parents) <= 1:
            onto = _replay(repository, merge, commit, onto)
            rewritten.append(onto)
    if not rewritten:
        raise not_mergeable(CONFLICT)
    return rewritten


METHODS: dict[str, Callable[[BareRepository, Merge], list[str]]] = {
    "merge": merge_commit,
    "squash": squash,
    "rebase": rebase,
}


def _replay(repository: BareRepository, merge: Merge, commit: Commit, onto: str) -> str:
    """Apply what a commit changed to another one.

    `git merge-tree` takes its base from history (a base can be named only since Git 2.40), so
    a history is made in which the commit's parent is the common ancestor of both sides.
    """
    by_merger = {"author": merge.merger, "committer": merge.merger}
    onto_tree = repository.commits([onto])[0].tree
    before = commit.parents[0] if commit.parents else _empty(repository, merge)
    ours = repository.commit_tree(onto_tree, [before], "ours", **by_merger)
    theirs = repository.commit_tree(commit.tree, [before], "theirs", **by_merger)
    return repository.commit_tree(
        _merged_tree(repository, ours, theirs),
        [onto],
        commit.message,
        author=commit.author,
        committer=Signature(merge.merger.name, merge.merger.email, merge.now),
    )


def _empty(repository: BareRepository, merge: Merge) -> str:
    tree = repository.empty_tree()
    return repository.commit_tree(tree, [], "empty", author=merge.merger, committer=merge.merger)


def _merged_tree(repository: BareRepository, ours: str, theirs: str) -> str:
    tree = repository.merge_tree(ours, theirs)
    if tree is None:
        raise not_mergeable(CONFLICT)
    return tree


def _web_flow(merge: Merge) -> Signature:
    return Signature(WEB_FLOW_NAME, WEB_FLOW_EMAIL, merge.now)


def _text(title: str, body: str) -> str:
    return f"{title}\n\n{body}\n" if body else f"{title}\n"
