"""Who fetched which data when: a record of each fetch, and the log of one clone.

The log is `.mergeline/fetches.jsonl`, one record a line, only ever added to. A workflow's clone
goes with its machine, so a run also records the fetch of its data with itself in the registry.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit, urlunsplit

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LOG = "fetches.jsonl"
LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks for data.

    Attributes:
        name: a login, or a name with an address.
        named_by: github: the runner, of who set the run off; git or system: the settings of a
            machine, which claim it and prove nothing.
        run: the address of the workflow's run and attempt, or `local`.
    """

    name: str = "unknown"
    named_by: Literal["github", "git", "system"] = "system"
    run: str = LOCAL


class FetchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One fetch of a dataset.

    Attributes:
        at: when.
        person, named_by, run: who, by whose word, in which run (see `Person`).
        model: for which model.
        dataset: the name of the dataset.
        uri: where the data are, without any credential.
        content: the SHA-256 of the bytes.
        digest: that of the dataset: as data.yaml declares it, once read as it was found.
        by: source: the source was asked; store: this clone had the bytes, and handed them on;
            folder: another step handed them on.
    """

    at: str
    person: str
    named_by: Literal["github", "git", "system"]
    run: str
    model: str
    dataset: str
    uri: str
    content: str
    digest: str
    by: Literal["source", "store", "folder"]


@dataclass(frozen=True, slots=True)
class FetchLog:
    """The log of a clone.

    Attributes:
        records: in the order of the log.
        damaged: the numbers of lines that cannot be read.
    """

    records: list[FetchRecord] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


def person_of(environ: Mapping[str, str], git: Mapping[str, str], user: str) -> Person:
    """Return who asks: by GitHub Actions, else by Git's settings, else by the system's account.

    Args:
        environ: the environment.
        git: the clone's settings, by their lower-case dotted names.
        user: the account of this machine.
    """
    if environ.get("GITHUB_ACTIONS") == "true" and environ.get("GITHUB_ACTOR"):
        who = (environ["GITHUB_ACTOR"], environ.get("GITHUB_TRIGGERING_ACTOR", ""))
        names = ", again by ".join(dict.fromkeys(one for one in who if one))
        return Person(names, "github", _run(environ))
    name = " ".join(
        part for part in (git.get("user.name"), _address(git.get("user.email"))) if part is not None
    )
    return Person(name, "git") if name else Person(user or "unknown", "system")


def _address(address: str | None) -> str | None:
    return f"<{address}>" if address else None


def _run(environ: Mapping[str, str]) -> str:
    server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
    run, attempt = environ.get("GITHUB_RUN_ID"), environ.get("GITHUB_RUN_ATTEMPT", "1")
    return f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}"


def without_credentials(uri: str) -> str:
    """Return an address without user, password, query and fragment."""
    parts = urlsplit(uri)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")) if parts.scheme else uri


def write_record(state: Path, record: FetchRecord) -> None:
    """Add a record to the clone's log, in one write.

    Raises:
        OSError: it cannot be written.
    """
    state.mkdir(parents=True, exist_ok=True)
    line = msgspec.json.encode(record) + b"\n"
    handle = os.open(state / LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def read_log(state: Path) -> FetchLog:
    """Return what the clone's log says; nothing if there is none."""
    log = FetchLog()
    try:
        lines = (state / LOG).read_bytes().splitlines()
    except FileNotFoundError:
        return log
    for number, line in enumerate(lines, start=1):
        try:
            log.records.append(msgspec.json.decode(line, type=FetchRecord))
        except msgspec.DecodeError:
            log.damaged.append(number)
    return log
