"""Git: reading trees at a commit, following history, making commits without a checkout.

The only importer of GitPython.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mergeline.errors import RefusedError, ToolError, UsageError
from mergeline.written import most_read

_NO_GIT = ToolError("git does not answer", hint="install Git 2.38 or newer")
# GitPython runs the program when it is imported; without it, the first call of Git reports that.
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
try:
    import git
except ModuleNotFoundError:
    raise
except ImportError:
    raise _NO_GIT from None

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from typing import IO

_CHUNK_BYTES = 1_000_000
_FSCK = "git fsck shows what is wrong"
# Names that another file system takes for `.git` are refused on this one too.
_EVERY_SYSTEM = {
    "GIT_CONFIG_COUNT": "2",
    "GIT_CONFIG_KEY_0": "core.protectHFS",
    "GIT_CONFIG_VALUE_0": "true",
    "GIT_CONFIG_KEY_1": "core.protectNTFS",
    "GIT_CONFIG_VALUE_1": "true",
}
_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_LINK, _PROGRAM, _SUBMODULE = "120000", "100755", "160000"


@dataclass(frozen=True, slots=True)
class Touched:
    """A file that a commit left otherwise than its first parent has it.

    Attributes:
        path: from the repository's root.
        blob: the identifier of its content; None: it is gone, or no regular file.
        added: was it not there before?
    """

    path: str
    blob: str | None
    added: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """An object of Git: its identifier, its type (commit, tree, blob), its bytes."""

    name: str
    kind: str
    content: bytes


class MissingObjectError(ToolError, ValueError):
    """An object is not in this clone, or is damaged; to GitPython, a name that it cannot find."""


class _Objects(git.GitCmdObjectDB):
    """Objects as a `git cat-file` that goes on running gives them; if it ends, that is an error.

    GitPython takes a dead child for an object that is not there, or for one that is shorter.
    """

    def info(self, binsha: bytes) -> Any:
        """Return type and size of an object.

        Raises:
            MissingObjectError: there is no such object.
            ToolError: Git ended.
        """
        with _child(binsha):
            return super().info(binsha)

    def stream(self, binsha: bytes) -> Any:
        """Return an object whose content can be read; see `info`."""
        with _child(binsha):
            found = super().stream(binsha)
        content = _Content(found.stream, found.size)
        return type(found)(found.binsha, found.type, found.size, content)


class _Content:
    """The content of an object, which ends where its size says."""

    def __init__(self, stream: Any, size: int) -> None:
        self._stream = stream
        self._left = size

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes; -1: all that are left.

        Raises:
            ToolError: Git ended before it gave them.
        """
        wanted = self._left if size < 0 else min(size, self._left)
        with _child():
            content = bytes(self._stream.read(size))
        if len(content) != wanted:
            raise _ended()
        self._left -= wanted
        return content


@contextmanager
def _child(binsha: bytes = b"") -> Iterator[None]:
    try:
        yield
    except OSError:
        raise _ended() from None
    except ValueError as error:
        # That is Git's whole answer about an object that it lacks; any other one was cut off.
        if " missing'" in str(error):
            message = f"the Git object {binsha.hex()} is missing or damaged"
            raise MissingObjectError(message, hint=_FSCK) from None
        raise _ended() from None


def _ended() -> ToolError:
    return ToolError("git cat-file ended before it answered", hint=_FSCK)


class GitRepository:
    """A clone on this machine."""

    def __init__(self, path: Path) -> None:
        """Open the clone that holds a directory.

        Raises:
            UsageError: the directory is in no Git repository.
            ToolError: Git refuses to read it, as when it belongs to another user.
        """
        try:
            self._repo = git.Repo(path, odbt=_Objects, search_parent_directories=True)
        except (git.InvalidGitRepositoryError, git.NoSuchPathError):
            raise UsageError(
                f"{path} is not in a Git repository", hint="run git init, or pass -C DIR"
            ) from None
        # What stands for another object in this clone alone is nothing that the others have.
        self._repo.git.update_environment(GIT_NO_REPLACE_OBJECTS="1", GIT_GRAFT_FILE=os.devnull)
        self.root = Path(self._repo.working_dir)
        self._shallow: bool | None = None
        # GitPython finds refs by itself, so it does not notice what Git refuses to read.
        self._git("rev-parse", "--git-dir")

    def _git(self, command: str, *arguments: str, env: Mapping[str, str] | None = None) -> str:
        return self._call(command, arguments, env) or ""

    def _call(
        self,
        command: str,
        arguments: Sequence[str],
        env: Mapping[str, str] | None = None,
        no: int | None = None,
    ) -> str | None:
        """Return what a command of Git printed; None if it ended with the status `no`.

        Raises:
            ToolError: it failed, or was killed.
        """
        try:
            method = getattr(self._repo.git, command.replace("-", "_"))
            return str(method(*arguments, **({"env": dict(env)} if env else {})))
        except git.CommandError as error:
            if error.status == no:
                return None
            raise self._failure(command, error) from None

    def _failure(self, command: str, error: git.CommandError) -> ToolError:
        if isinstance(error, git.GitCommandNotFound):
            return _NO_GIT
        text = str(error.stderr).strip().removeprefix("stderr: ").strip("'")
        if "safe.directory" in text:
            return ToolError(
                f"Git does not trust {self.root}: it belongs to another user",
                hint=f"git config --global --add safe.directory '{self.root}'",
            )
        # The address of a remote may hold a token.
        text = re.sub(r"://[^/@\s]*@", "://***@", text)
        return ToolError(f"git {command} failed: {text or error.status}")

    def resolve(self, ref: str) -> str:
        """Return the full identifier of the commit that a ref names.

        Raises:
            UsageError: there is no such commit, or Git's rules give several.
        """
        self._refuse_ambiguous(ref)
        commit = self._commit(ref)
        if commit is None:
            raise UsageError(f'"{ref}" names no commit', hint="fetch it, or check the spelling")
        return str(commit.hexsha)

    def _refuse_ambiguous(self, ref: str) -> None:
        """Refuse a short name that two refs have, such as a branch and a tag.

        Git takes the tag then, and whoever may push one would choose what a name means.
        """
        short = re.split(r"[~^:]|@\{", ref, maxsplit=1)[0]
        if short in ("", "HEAD", "@") or short.startswith("refs/") or _FULL.fullmatch(short):
            return
        places = [
            f"{place}{short}" for place in ("refs/", "refs/tags/", "refs/heads/", "refs/remotes/")
        ]
        format_ = "--format=%(objectname) %(refname)"
        lines = self._git("for-each-ref", format_, *places).splitlines()
        found = {name: commit for commit, _, name in (line.partition(" ") for line in lines)}
        named = sorted(set(places) & found.keys())
        if len({found[name] for name in named}) > 1:
            raise UsageError(
                f'"{ref}" names several commits: {" and ".join(named)}',
                hint="write it in full",
            )

    def remote_head(self, branch: str, remote: str = "origin") -> str:
        """Return where a branch of the remote stood at the last fetch.

        Raises:
            UsageError: this clone has no such branch.
        """
        return self.resolve(f"refs/remotes/{remote}/{branch}")

    def exists(self, ref: str) -> bool:
        """Tell whether a ref names a commit that is in this clone."""
        return self._commit(ref) is not None

    def _commit(self, ref: str) -> git.Commit | None:
        try:
            commit = self._repo.commit(ref)
            # A full identifier is taken for a commit until something of it is read.
            _ = commit.committed_date
        except AssertionError:
            # GitPython's word for a file of a ref that is empty, as after a power cut.
            raise ToolError(f'the ref "{ref}" is damaged', hint=_FSCK) from None
        except (git.BadName, git.GitError, ValueError, IndexError):
            return None
        return commit

    def changes(self) -> list[str]:
        """Return the paths that differ from HEAD or are not tracked; none: a clean tree."""
        answer = self._git("status", "--porcelain", "-z", "--untracked-files=all", "--no-renames")
        return [entry[3:] for entry in answer.split("\0") if entry]

    def ignores(self, path: Path) -> bool:
        """Does Git leave a path below the clone alone, so that no commit takes it by mistake?"""
        return self._call("check-ignore", ("--quiet", str(path)), no=1) is not None

    def tree(self, ref: str) -> GitTree:
        """Return the files of a commit.

        Raises:
            UsageError: there is no such commit.
        """
        return GitTree(self._repo.commit(self.resolve(ref)))

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the newest commit that two refs have in common, or None."""
        self._require_history()
        answer = self._call("merge-base", (self.resolve(one), self.resolve(other)), no=1)
        return answer.splitlines()[0] if answer else None

    def last_change(self, ref: str, paths: Sequence[str]) -> str | None:
        """Return the newest commit on the first-parent history that changed the paths.

        Args:
            ref: where to begin.
            paths: pathspecs, e.g. `models/m` and `:(exclude)models/m/releases`.
        """
        self._require_history()
        return self._git("log", "-1", "--first-parent", "--format=%H", ref, "--", *paths) or None

    def history(self, ref: str, path: str) -> list[str]:
        """Return the commits on the first-parent history that changed a file, oldest first."""
        self._require_history()
        return self._git(
            "log", "--reverse", "--first-parent", "--format=%H", ref, "--", path
        ).splitlines()

    def changes_of(self, ref: str, pattern: str, pathspec: str) -> list[tuple[str, str]]:
        """Return what on the first-parent history changed a line that matches, oldest first.

        Args:
            ref: where to begin.
            pattern: of the line, before or after; a POSIX regular expression.
            pathspec: the files to look at, in one pass.

        Returns:
            Pairs of commit and path.
        """
        self._require_history()
        # `--text`: an attribute that calls a file binary would hide its lines.
        options = (
            "--reverse",
            "--first-parent",
            "-m",
            "--text",
            "--no-textconv",
            "--format=%x00%H",
        )
        search = (f"-G{pattern}", "--name-only", "--no-renames")
        text = self._git("log", *options, *search, ref, "--", pathspec)
        groups = (group.split() for group in text.split("\0") if group.strip())
        return [(commit, path) for commit, *paths in groups for path in paths]

    @property
    def shallow(self) -> bool:
        """Does the history of this clone end before its first commit?"""
        if self._shallow is None:
            self._shallow = self._git("rev-parse", "--is-shallow-repository") == "true"
        return self._shallow

    def _require_history(self) -> None:
        """Refuse to read a history that was cut off: it would be taken for the whole one."""
        if self.shallow:
            raise ToolError(
                "this clone is shallow: the history before its first commit is not here",
                hint="run git fetch --unshallow",
            )

    def first_parents(self, ref: str) -> list[tuple[str, int]]:
        """Return the first-parent history up to a ref, oldest first.

        Returns:
            Each commit with the moment its committer names, in seconds since 1970.
        """
        self._require_history()
        lines = self._git(
            "rev-list", "--first-parent", "--reverse", "--timestamp", ref
        ).splitlines()
        pairs = (line.split() for line in lines)
        return [(commit, int(seconds)) for seconds, commit in pairs]

    def touched(self, ref: str, paths: Sequence[str] = ()) -> dict[str, list[Touched]]:
        """Return what each commit of the first-parent history changed, in one pass.

        Args:
            ref: where to begin; `older..newer` leaves out what the older one had.
            paths: folders; commits that change nothing below them may be left out. None: all.
        """
        self._require_history()
        answer = self._bytes(
            *("log", "--first-parent", "-m", "--raw", "-z", "--no-abbrev", "--no-renames"),
            *("--root", "--no-show-signature", "--format=commit %H", ref, "--", *paths),
        )
        return _touched(answer.decode(errors="surrogateescape").split("\0"))

    def stored(self, names: Sequence[str]) -> list[Stored | None]:
        """Return objects by identifier, or by any name that Git reads, in one pass.

        Returns:
            One for each name; None: there is no such object here.
        """
        if not names:
            return []
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{name}\n" for name in names).encode())
            asked.seek(0)
            return _stored(self._bytes("cat-file", "--batch", istream=asked), len(names))

    def _bytes(
        self,
        command: str,
        *arguments: str,
        istream: IO[bytes] | None = None,
        env: Mapping[str, str] | None = None,
    ) -> bytes:
        method = getattr(self._repo.git, command.replace("-", "_"))
        exact = {"stdout_as_string": False, "strip_newline_in_stdout": False}
        try:
            return bytes(method(*arguments, istream=istream, env=dict(env or {}), **exact))
        except git.CommandError as error:
            raise self._failure(command, error) from None

    def first_parent(self, commit: str) -> str | None:
        """Return the first parent of a commit; None for a root."""
        parents = self._repo.commit(commit).parents
        return str(parents[0].hexsha) if parents else None

    def is_merge(self, commit: str) -> bool:
        """Tell whether a commit has several parents."""
        return len(self._repo.commit(commit).parents) > 1

    def has(self, commit: str) -> bool:
        """Tell whether a commit is here."""
        return self.stored([f"{commit}^{{commit}}"]) != [None]

    def merged_by_hand(self, commit: str, paths: Collection[str]) -> list[str] | None:
        """Return the paths that a merge commit has otherwise than Git merges its two parents.

        Args:
            commit: the merge commit.
            paths: what is looked at: files and folders.

        Returns:
            None: Git does not merge them by itself: they conflict, or are more than two.
        """
        self._require_history()
        parents = [parent.hexsha for parent in self._repo.commit(commit).parents]
        if len(parents) != 2:
            return None
        options = ("--write-tree", "--no-messages")
        tree = self._call("merge-tree", (*options, *parents), no=1)
        if tree is None:
            return None
        answer = self._git("diff", "--name-only", "-z", "--no-renames", tree, commit, "--", *paths)
        return [path for path in answer.split("\0") if path]

    def contains(self, ref: str, commit: str) -> bool:
        """Tell whether a commit is in the history of a ref."""
        if not (self.exists(commit) and self.exists(ref)):
            return False
        self._require_history()
        names = (self.resolve(commit), self.resolve(ref))
        return self._call("merge-base", ("--is-ancestor", *names), no=1) is not None

    def changed_paths(self, base: str, head: str) -> list[str]:
        """Return the paths that differ between two commits."""
        answer = self._git("diff", "--name-only", "-z", "--no-renames", base, head)
        return [path for path in answer.split("\0") if path]

    def tracked(self, commit: str | None = None) -> list[str]:
        """Return the paths that a commit holds, those of submodules and links among them.

        Args:
            commit: the commit; None: the one that the index would become.
        """
        listing = ("ls-files", "-z") if commit is None else ("ls-tree", "-r", "-z", "--name-only")
        answer = self._bytes(*listing, *(("--full-tree", commit) if commit else ()))
        return [os.fsdecode(path) for path in answer.split(b"\0")[:-1]]

    def config(self) -> dict[str, str]:
        """Return the settings of this clone, by their lower-case dotted names."""
        # A value may have several lines; a key without one is no setting of ours.
        entries = self._bytes("config", "--list", "-z").decode(errors="replace").split("\0")
        return dict(entry.partition("\n")[::2] for entry in entries if "\n" in entry)

    def remote_url(self, remote: str = "origin") -> str | None:
        """Return the address of a remote, or None."""
        return self.config().get(f"remote.{remote}.url")

    def branch(self) -> str | None:
        """Return the branch that is checked out; None for a detached HEAD."""
        return self._call("symbolic-ref", ("--quiet", "--short", "HEAD"), no=1)

    def fetch(self, remote: str = "origin", *, whole: bool = False) -> None:
        """Bring the remote's branches here, and none of its tags.

        Args:
            remote: the remote.
            whole: and all of their history, where this clone has only a part of it.

        Raises:
            ToolError: the remote does not answer.
        """
        deepen = ("--unshallow",) if whole and self.shallow else ()
        self._git("fetch", "--prune", "--no-tags", "--quiet", *deepen, remote)
        self._shallow = None

    def fetch_ref(self, ref: str, remote: str = "origin") -> None:
        """Bring the commits of one ref here; no branch is made of it.

        Raises:
            ToolError: the remote does not answer, or has no such ref.
        """
        self._git("fetch", "--no-tags", "--quiet", remote, ref)

    def commit_files(
        self,
        parent: str,
        files: Mapping[str, bytes],
        *,
        message: str,
        name: str,
        email: str,
        date: str | None = None,
    ) -> str:
        """Make a commit that adds or replaces files, touching neither index nor work tree.

        Args:
            parent: the commit to build on.
            files: path from the repository's root to content.
            message: the commit's message.
            name: of the author and committer.
            email: of the author and committer.
            date: of both, in any form Git reads; None: now.

        Returns:
            The identifier of the new commit.
        """
        with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
            env = {"GIT_INDEX_FILE": str(Path(directory, "index"))}
            self._git("read-tree", parent, env=env)
            for number, (path, content) in enumerate(files.items()):
                source = Path(directory, str(number))
                source.write_bytes(content)
                blob = self._git("hash-object", "-w", "--no-filters", str(source))
                self._git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", env=env)
            tree = self._git("write-tree", env=env)
        identity = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in (("NAME", name), ("EMAIL", email), ("DATE", date))
            if value
        }
        return self._git("commit-tree", tree, "-p", parent, "-m", message, env=identity)

    def push(
        self, commit: str, branch: str, *, expects: str | None, remote: str = "origin"
    ) -> None:
        """Move a branch of the remote to a commit if it stands where it is expected.

        Args:
            commit: the commit to push.
            branch: the branch, without refs/heads/.
            expects: the commit the branch must be at; None: it must not exist.
            remote: the remote.

        Raises:
            ToolError: the remote refused or does not answer.
        """
        lease = f"--force-with-lease=refs/heads/{branch}:{expects or ''}"
        self._git("push", "--quiet", lease, remote, f"{commit}:refs/heads/{branch}")

    def remote_branch(self, branch: str, remote: str = "origin") -> str | None:
        """Ask the remote where a branch stands; None: there is no such branch.

        Raises:
            ToolError: the remote does not answer.
        """
        answer = self._git("ls-remote", remote, f"refs/heads/{branch}")
        return answer.split()[0] if answer else None

    def default_branch(self, remote: str = "origin") -> str | None:
        """Return the remote's default branch as this clone knows it, or None."""
        place = f"refs/remotes/{remote}/"
        name = self._call("symbolic-ref", ("--quiet", f"{place}HEAD"), no=1)
        if name is not None and self.exists(name):
            return name.removeprefix(place)
        names = self._git("for-each-ref", "--format=%(refname)", place).splitlines()
        branches = [name for name in names if name != f"{place}HEAD"]
        return branches[0].removeprefix(place) if len(branches) == 1 else None

    def commit_time(self, commit: str) -> int:
        """Return when a commit was made, in seconds since 1970.

        Raises:
            ToolError: it is not in this clone.
        """
        found = self._commit(commit)
        if found is None:
            raise ToolError(
                f"the commit {commit} is not in this clone",
                hint="git fetch --unshallow; if it is gone there too, history was rewritten",
            )
        return int(found.committed_date)

    @contextmanager
    def checkout(self, commit: str) -> Iterator[Path]:
        """Give a folder that holds the files of a commit and nothing else, gone at the end.

        Each file holds the bytes of its blob: no attribute, filter or setting converts them, so
        what runs is what was reviewed. It is no worktree that Git knows of, so a killed process
        leaves nothing in the clone.

        Raises:
            RefusedError: two names are one on this file system.
            ToolError: Git refuses a name, or an object is missing.
        """
        with tempfile.TemporaryDirectory(prefix="mergeline-") as directory:
            files = Path(directory, "files")
            files.mkdir()
            for path, mode, name in self._entries(commit, Path(directory, "index")):
                self._put(files / path, mode, name)
            yield files

    def _entries(self, commit: str, index: Path) -> list[tuple[str, str, str]]:
        """Return path, mode and object of what a commit holds; symbolic links come last.

        They are read through an index, because Git lets no name such as `..` or `.git` into one.
        """
        env = {"GIT_INDEX_FILE": str(index)}
        self._git("read-tree", commit, env=env | _EVERY_SYSTEM)
        found = []
        for line in self._bytes("ls-files", "--stage", "-z", env=env).split(b"\0")[:-1]:
            entry, _, path = line.partition(b"\t")
            mode, name, _ = entry.decode().split(" ")
            found.append((os.fsdecode(path), mode, name))
        return sorted(found, key=lambda one: one[1] == _LINK)

    def _put(self, place: Path, mode: str, name: str) -> None:
        """Write an object; what is there already, by another spelling of its name, is refused."""
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            if mode == _SUBMODULE:
                place.mkdir()
            elif mode == _LINK:
                place.symlink_to(os.fsdecode(self._content(name).read()))
            else:
                with place.open("xb") as file:
                    shutil.copyfileobj(self._content(name), file)
                place.chmod(0o755 if mode == _PROGRAM else 0o644)
        except FileExistsError:
            raise RefusedError(
                f"{place.name} is there twice for this file system, in two spellings",
                hint="rename one of the two",
            ) from None

    def _content(self, name: str) -> _Content:
        try:
            found: _Content = self._repo.odb.stream(bytes.fromhex(name)).stream
        except ValueError:
            raise ToolError(
                f"the object {name} is not in this clone", hint="git fetch, or git fsck"
            ) from None
        return found


def _touched(tokens: Sequence[str]) -> dict[str, list[Touched]]:
    found: dict[str, list[Touched]] = {}
    commit: list[Touched] = []
    remaining = iter(tokens)
    for token in remaining:
        if token.startswith("commit "):
            commit = found[token.removeprefix("commit ").strip()] = []
        elif entry := token.lstrip("\n"):
            _, mode, _, blob, status = entry.split(" ")
            regular = mode.startswith("100")
            commit.append(Touched(next(remaining), blob if regular else None, status == "A"))
    return found


def _stored(answer: bytes, count: int) -> list[Stored | None]:
    found: list[Stored | None] = []
    place = 0
    while len(found) < count:
        end = answer.index(b"\n", place)
        words = answer[place:end].rsplit(b" ", 2)
        place = end + 1
        if words[-1] == b"missing" or not words[-1].isdigit():
            found.append(None)
            continue
        size = int(words[-1])
        name, kind = words[0].decode(), words[1].decode()
        found.append(Stored(name, kind, answer[place : place + size]))
        place += size + 1
    return found


def create(path: Path, branch: str) -> None:
    """Make a directory a Git repository without a commit, if it is in none.

    Args:
        path: the directory.
        branch: the name of its first branch.

    Raises:
        ToolError: Git refused.
    """
    try:
        git.Repo(path, search_parent_directories=True)
    except git.InvalidGitRepositoryError:
        try:
            git.Repo.init(path, initial_branch=branch)
        except git.GitCommandNotFound:
            raise _NO_GIT from None
        except git.CommandError as error:
            raise ToolError(f"git init failed: {error.stderr or error.status}") from None


def program_version() -> tuple[int, ...]:
    """Return the version of the git program, e.g. (2, 43, 0).

    Raises:
        ToolError: there is none.
    """
    try:
        return tuple(git.Git().version_info)
    except (git.CommandError, ValueError):
        raise _NO_GIT from None


class GitTree:
    """The files of one commit; a folder is looked up once."""

    def __init__(self, commit: git.Commit) -> None:
        self._folders: dict[str, git.Tree | None] = {"": commit.tree}

    def files(self, under: str = "") -> list[str]:
        """Return the regular files below a folder, as sorted paths from the root."""
        return [path for path, mode in self._blobs(under) if mode != git.Blob.link_mode]

    def links(self, under: str = "") -> list[str]:
        """Return the symbolic links below a folder (or the folder, if it is one), sorted."""
        parent, _, name = under.rpartition("/")
        item = self._item(self._folder(parent), name) if under else None
        if isinstance(item, git.Blob):
            return [under] if item.mode == git.Blob.link_mode else []
        return [path for path, mode in self._blobs(under) if mode == git.Blob.link_mode]

    def _blobs(self, under: str) -> list[tuple[str, int]]:
        tree = self._folder(under)
        items = tree.traverse() if tree is not None else ()
        return sorted((str(item.path), item.mode) for item in items if isinstance(item, git.Blob))

    def read(self, path: str) -> bytes:
        """Return the content of a file, or as much as `most_read` says.

        Raises:
            FileNotFoundError: the commit has no such file.
        """
        return self.read_at_most(path, most_read(path))

    def read_at_most(self, path: str, most: int) -> bytes:
        """Return the first bytes of a file; of -1, all.

        Raises:
            FileNotFoundError: the commit has no such file.
        """
        parent, _, name = path.rpartition("/")
        item = self._item(self._folder(parent), name)
        if not isinstance(item, git.Blob):
            raise FileNotFoundError(path)
        stream = item.data_stream
        content = bytes(stream.read(most))
        while stream.read(_CHUNK_BYTES):
            # What is left is read by somebody; GitPython would take it all at once.
            pass
        return content

    def _folder(self, path: str) -> git.Tree | None:
        if path not in self._folders:
            parent, _, name = path.rpartition("/")
            item = self._item(self._folder(parent), name)
            self._folders[path] = item if isinstance(item, git.Tree) else None
        return self._folders[path]

    @staticmethod
    def _item(tree: git.Tree | None, name: str) -> object:
        if tree is None:
            return None
        try:
            return tree[name]
        except KeyError:
            return None
