"""What workflows may do by themselves, and whose may run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.doctor.doors.door import ADMINISTRATION, Door, closed, judged, opened, unknown

if TYPE_CHECKING:
    from mergeline.doctor.doors.door import State
    from mergeline.doctor.doors.house import House

_MENU = "Settings > Actions > General"
_PUT = "gh api --method PUT repos/{owner}/{repo}/actions/permissions"
_PERMISSIONS = (
    f"{_PUT}/workflow -f default_workflow_permissions=read "
    "-F can_approve_pull_request_reviews=false"
)
_ALL_FORKS = "all_external_contributors"


def _token(house: House) -> tuple[State, str]:
    found = house.workflow_permissions.default_workflow_permissions
    message = f"a run's token may {found} unless its workflow says otherwise"
    return closed(message) if found == "read" else opened(message)


def _approvals(house: House) -> tuple[State, str]:
    if house.workflow_permissions.can_approve_pull_request_reviews:
        return opened("workflows may open and approve pull requests")
    return closed("workflows approve nothing")


def _allowed(house: House) -> tuple[State, str]:
    found = house.actions
    if not found.enabled:
        return opened("Actions are off: nothing is judged, nothing applied")
    if found.allowed_actions in ("selected", "local_only"):
        return closed(f"actions: {found.allowed_actions.replace('_', ' ')}")
    if found.allowed_actions is None:
        return unknown("which actions may run is not told")
    return opened("any action of anybody may run")


def _pinned(house: House) -> tuple[State, str]:
    pinned = house.actions.sha_pinning_required
    if pinned is None:
        return unknown("whether actions must be pinned is not told")
    return closed("actions are pinned by commit") if pinned else opened("tags of actions may run")


def _forks(house: House) -> tuple[State, str]:
    if not house.repository.private:
        policy = house.forge.fork_approval().approval_policy
        message = f"approval to run is asked of {policy.replace('_', ' ')}"
        return closed(message) if policy == _ALL_FORKS else opened(message)
    forks = house.forge.private_forks()
    if not forks.run_workflows_from_fork_pull_requests:
        return closed("pull requests of forks run nothing")
    given = [
        word
        for word, gets in (
            ("a token that writes", forks.send_write_tokens_to_workflows),
            ("secrets", forks.send_secrets_and_variables),
        )
        if gets
    ]
    problems = [f"pull requests of forks get {' and '.join(given)}"] if given else []
    return judged(problems, "pull requests of forks get no secrets and no token that writes")


DOORS = (
    Door(
        "workflow-token",
        "a workflow on any branch that says nothing of permissions writes to the repository",
        f"{_MENU} > Workflow permissions: Read repository contents and packages permissions",
        _PERMISSIONS,
        ADMINISTRATION,
        _token,
    ),
    Door(
        "workflow-approvals",
        "who may push a branch has a workflow approve the pull request",
        f"{_MENU} > Workflow permissions: "
        "untick Allow GitHub Actions to create and approve pull requests",
        _PERMISSIONS,
        ADMINISTRATION,
        _approvals,
    ),
    Door(
        "actions-allowed",
        "a stranger's action runs beside the App's key once a workflow names it",
        f"{_MENU} > Actions permissions: Allow select actions; Allow actions created by GitHub",
        f"{_PUT} -F enabled=true -f allowed_actions=selected -F sha_pinning_required=true && "
        f"{_PUT}/selected-actions -F github_owned_allowed=true -F verified_allowed=false",
        ADMINISTRATION,
        _allowed,
    ),
    Door(
        "actions-pinned",
        "an action becomes another one when its tag is moved",
        f"{_MENU} > Actions permissions: Require actions to be pinned to a full-length commit SHA",
        f"{_PUT} -F enabled=true -f allowed_actions=selected -F sha_pinning_required=true",
        ADMINISTRATION,
        _pinned,
    ),
    Door(
        "forks",
        "a stranger's pull request runs on your runners unseen, or with your secrets",
        f"{_MENU} > Approval for running fork pull request workflows: all external contributors; "
        "private: neither write tokens nor secrets",
        f"{_PUT}/fork-pr-contributor-approval -f approval_policy={_ALL_FORKS}",
        ADMINISTRATION,
        _forks,
    ),
)
