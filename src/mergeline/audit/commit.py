"""What the bytes of a commit say: its parents, its people, its pull request.

Read from the bytes themselves, so that a bundle is read by the same code without Git.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mergeline.promotion.proposal import DISPATCHER_TRAILER

# As forges write it: a merge names its pull request first, a squashed one last in the title.
_MERGED = re.compile(r"Merge pull request #([0-9]+) from ")
_SQUASHED = re.compile(r".*\(#([0-9]+)\)")
_DISPATCHER = re.compile(rf"(?m)^{DISPATCHER_TRAILER}: (\S+)$")
_PERSON = re.compile(r"(?P<name>.*?) ?<(?P<email>[^>]*)> (?P<seconds>-?[0-9]+) [+-][0-9]{4}")


@dataclass(frozen=True, slots=True)
class Person:
    """An author or committer as Git has it, and when, in seconds since 1970."""

    name: str
    email: str
    seconds: int

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


def is_called(person: str, who: str) -> bool:
    """Tell whether `who` is the name, the address, or what stands before its @, of a person.

    Of GitHub's own addresses (`1+ada@users.noreply.github.com`) that is the login.
    """
    name, _, email = person.rpartition(" <")
    email = email.removesuffix(">")
    login = email.partition("@")[0].rpartition("+")[2]
    return who.lower() in {name.lower(), email.lower(), login.lower()} - {""}


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit."""

    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str

    @property
    def pull_request(self) -> int | None:
        """The pull request that its message names; None: none."""
        title = self.message.partition("\n")[0]
        found = _MERGED.match(title) if len(self.parents) > 1 else _SQUASHED.fullmatch(title)
        return int(found[1]) if found else None

    @property
    def dispatcher(self) -> str | None:
        """The login of who set the bot off that wrote it, or None."""
        found: list[str] = _DISPATCHER.findall(self.message)
        return found[-1] if found else None


def read_commit(content: bytes) -> Commit:
    """Read the bytes of a commit.

    Raises:
        ValueError: they are not a commit's.
    """
    head, _, message = content.decode(errors="replace").partition("\n\n")
    lines = [line.partition(" ")[::2] for line in head.split("\n")]
    fields = dict(reversed(lines))
    try:
        return Commit(
            tree=fields["tree"],
            parents=tuple(value for key, value in lines if key == "parent"),
            author=_person(fields["author"]),
            committer=_person(fields["committer"]),
            message=message,
        )
    except KeyError as error:
        raise ValueError(f"a commit without {error}") from None


def _person(text: str) -> Person:
    found = _PERSON.fullmatch(text)
    if found is None:
        raise ValueError(f"no person: {text!r}")
    return Person(found["name"], found["email"], int(found["seconds"]))
