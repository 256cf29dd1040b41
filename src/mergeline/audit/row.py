"""A row of the answer, and where each of its fields was read."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

NOT_CHECKED = "not checked"
# Where a field comes from; `pull_request` says so itself, as some merges do not name theirs.
SOURCES = {
    "model": "git: the path of the environment's file",
    "environment": "git: the path of the environment's file",
    "version": "git: the environment's file at the commit",
    "digest": "git: the environment's file at the commit",
    "change": "git: the history of the environment's file",
    "reason": "git: the environment's file at the commit",
    "hold": "git: the environment's file at the commit",
    "waived": "git: the environment's file at the commit",
    "commit": "git: the first-parent history of the default branch",
    "at": "git: the moment that the commit's committer names; for a merge on the forge, its clock",
    "pull_request": "git: the message of the commit; else the registry: the deployment",
    "author": "git: the author of the newest commit that was merged",
    "merged_by": "git: the author of the merge",
    "dispatcher": "git: the trailer of the newest commit that was merged",
    "policies": "git: policies/ of the commit that it was merged onto",
    "datasets": "git: the release record",
    "training_commit": "git: the release record",
    "training_pull_request": "git: the release record",
    "run_id": "git: the release record",
    "specs": "git: the release record",
    "lockfile": "git: the release record",
    "evaluation": "git: the release record",
    "artifact": "git: the release record",
    "signer": "git: the release record",
    "signature": "git: the release record",
    "decision": "registry: the deployment that apply wrote down, for it alone knows the forge",
    "approvers": "registry: the deployment",
    "applied_at": "registry: the deployment",
    "registry": "registry: whether it says what Git says",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A release was wanted in an environment from a commit on.

    Attributes:
        change: promotion, rollback, hold (the release stayed), emergency or removal.
        pull_request: through which the commit came; None: no source names it.
        pull_request_source: git or registry.
        approvers: the logins whose approvals counted; None: not known.
        decision: `allowed`: apply judged it and made it so, by the deployment in the registry;
            `superseded`: a later deployment of the version took that record's place, as it did in
            older versions of Mergeline; `not applied`: the registry has none; else why it is not
            known.
        datasets: name to digest.
        specs: file of the model folder to digest.
        signer: who signed the release, as its record says; None: nobody did.
        signature: the digest of the bundle that signs the package.
    """

    model: str
    environment: str
    version: str | None
    digest: str | None
    change: str
    reason: str | None
    hold: str | None
    waived: tuple[str, ...]
    commit: str
    at: str
    pull_request: int | None
    pull_request_source: Literal["git", "registry"] | None
    author: str
    merged_by: str | None
    dispatcher: str | None
    policies: str | None
    datasets: dict[str, str]
    training_commit: str | None
    training_pull_request: int | None
    run_id: str | None
    specs: dict[str, str]
    lockfile: str | None
    evaluation: str | None
    artifact: str | None
    signer: str | None
    signature: str | None
    decision: str = NOT_CHECKED
    approvers: tuple[str, ...] | None = None
    applied_at: str | None = None
    registry: str = NOT_CHECKED

    def as_json(self) -> dict[str, Any]:
        """Return the row for programs."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
