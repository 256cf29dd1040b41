"""A bundle: the answer, and the objects of Git that prove it to whoever has nothing else."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from mergeline.audit.commit import read_commit
from mergeline.audit.package import packed
from mergeline.audit.store import loose, tree_entries
from mergeline.digest import canonical_json, digest_bytes
from mergeline.errors import ToolError
from mergeline.promotion.documents import environment_path, release_path
from mergeline.specs.evidence import bundle_file, provenance_file
from mergeline.specs.repository import MODELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mergeline.audit.answer import Answer, Question
    from mergeline.git import GitRepository, Stored

ANSWER = "answer.json"
OBJECTS = "git"
POLICIES = "policies"
_README = """# What was where, and who let it in

`answer.json` has the question, the rows, and under `sources` where each field was read.
`git/` has the objects of Git that the rows were read from, and the signatures of releases, each as
Git hashes it, named by its identifier. Nothing here needs the repository or a network.

1. `sha256sum --check SHA256SUMS`: no file was changed since.
2. `cd git && sha1sum *` (of a SHA-256 repository `sha256sum *`): each digest is the file's name.
3. Ask the forge whether the commit `head` of `answer.json` is on the default branch. From there
   each commit names the one before it on its first `parent` line, and its `tree`; a tree names what
   is in it. So the head proves every file, down to the rows' records.
4. `mergeline audit --verify-bundle FILE` does 1 and 2, follows the commits, reads the rows anew
   from the objects, and compares them with `answer.json`, field by field.

What `sources` says comes from the registry (decision, approvers, applied_at, and a pull request
that the merge does not name) is as the registry told it, and is not proven here; nor is `change`,
which is read from more history than is in here, nor that no row was left out.
"""


def export(git: GitRepository, answer: Answer, question: Question, target: Path) -> str:
    """Write the bundle of an answer; return its digest.

    Raises:
        ToolError: the file cannot be written, or an object is missing.
    """
    document = {"question": question.as_json(), **answer.as_json()}
    files = {
        "README.md": _README.encode(),
        ANSWER: canonical_json(document),
        **{f"{OBJECTS}/{one.name}": loose(one) for one in _objects(git, answer)},
    }
    content = packed(files)
    _write(target, content)
    return digest_bytes(content)


def _objects(git: GitRepository, answer: Answer) -> Iterator[Stored]:
    wanted = {row.commit for row in answer.rows} | {answer.standing_at or answer.head}
    chain = _chain(git, answer.head, wanted)
    rows = [read_commit(one.content) for one in chain if one.name in wanted]
    yield from chain
    yield from _there(git, [parent for commit in rows for parent in commit.parents])
    yield from _there(git, sorted({*_names(answer), *_policy_names(git, answer, chain)}))


def _chain(git: GitRepository, head: str, wanted: set[str]) -> list[Stored]:
    """Return the commits from the head back to the oldest one that is wanted."""
    commits = [commit for commit, _ in git.first_parents(head)]
    oldest = next((place for place, one in enumerate(commits) if one in wanted), 0)
    return [one for one in git.stored(commits[oldest:]) if one]


def _names(answer: Answer) -> Iterator[str]:
    """Give a name of every tree and file that a row was read from."""
    for row in answer.rows:
        state = environment_path(row.model, row.environment)
        seen = [row.commit, f"{row.commit}^"]
        if answer.standing_at:
            seen.append(answer.standing_at)
        for commit in seen:
            yield from _way(commit, state)
        if row.version:
            yield from _way(row.commit, release_path(row.model, row.version))
        if row.version and row.signature:
            for bundle in (bundle_file(row.version), provenance_file(row.version)):
                yield from _way(row.commit, f"{MODELS}/{row.model}/{bundle}")


def _way(commit: str, path: str) -> Iterator[str]:
    yield f"{commit}^{{tree}}"
    yield f"{commit}:{path}"
    for folder in list(PurePosixPath(path).parents)[:-1]:
        yield f"{commit}:{folder}"


def _policy_names(git: GitRepository, answer: Answer, chain: Sequence[Stored]) -> Iterator[str]:
    """Give a name of every tree and file of the policies that the rows were to be judged by."""
    rows = {row.commit for row in answer.rows}
    commits = [read_commit(one.content) for one in chain if one.name in rows]
    parents = sorted({commit.parents[0] for commit in commits if commit.parents})
    yield from (f"{parent}^{{tree}}" for parent in parents)
    names = [f"{parent}:{POLICIES}" for parent in parents]
    while names:
        trees = {one.name: one for one in git.stored(names) if one and one.kind == "tree"}
        yield from trees
        names = sorted({name for tree in trees.values() for name in tree_entries(tree).values()})
        yield from names


def _there(git: GitRepository, names: Sequence[str]) -> list[Stored]:
    found = {one.name: one for one in git.stored(names) if one}
    return list(found.values())


def _write(target: Path, content: bytes) -> None:
    """Write aside and rename: a killed call leaves nothing half-written."""
    try:
        with NamedTemporaryFile(dir=target.parent, prefix=".bundle-", delete=False) as draft:
            draft.write(content)
        Path(draft.name).replace(target)
    except OSError as error:
        raise ToolError(
            f"{target} cannot be written: {error.strerror}", hint="name a file in a folder of yours"
        ) from None
