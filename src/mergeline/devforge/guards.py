"""What the forge is told of its guards: rules for branches, environments, Actions, Apps."""

from __future__ import annotations

from typing import Literal

import msgspec

MergeMethod = Literal["merge", "squash", "rebase"]
Role = Literal["admin", "write", "read"]
# The App by which workflows report their checks, and its id on github.com.
ACTIONS, ACTIONS_ID = "github-actions", 15368


class Rules(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a merge or a push into a branch has to pass.

    Attributes:
        status_checks_app: the App whose checks alone count, by slug; None: anybody's do.
        strict_status_checks: the checks must have seen the latest base branch.
        require_pull_request: asked for by every rule about reviews as well.
        require_last_push_approval: by somebody else than who pushed last.
    """

    required_status_checks: tuple[str, ...] = ()
    status_checks_app: str | None = None
    strict_status_checks: bool = False
    require_pull_request: bool = False
    required_approving_review_count: int = 0
    dismiss_stale_reviews: bool = False
    require_code_owner_reviews: bool = False
    require_last_push_approval: bool = False
    allow_force_pushes: bool = False
    allow_deletions: bool = False

    @property
    def pull_request_only(self) -> bool:
        """Whether a push of one's own is refused."""
        return (
            self.require_pull_request
            or self.required_approving_review_count > 0
            or self.require_code_owner_reviews
            or self.require_last_push_approval
        )


class Protection(Rules, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The classic protection of the default branch; without any field set there is none."""

    enforce_admins: bool = False

    @property
    def is_on(self) -> bool:
        """Whether the branch is protected at all."""
        return self != Protection()


class Bypass(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who a ruleset does not hold: a role, a team's slug, or a login, by `type`."""

    type: Literal["RepositoryRole", "Team", "User", "Integration"]
    name: str
    mode: Literal["always", "pull_request"] = "always"


class Ruleset(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A ruleset for the default branch, or for every branch."""

    name: str
    rules: Rules = Rules()
    enforcement: Literal["disabled", "active", "evaluate"] = "active"
    branches: Literal["~DEFAULT_BRANCH", "~ALL"] = "~DEFAULT_BRANCH"
    allowed_merge_methods: tuple[MergeMethod, ...] = ("merge", "squash", "rebase")
    bypass: tuple[Bypass, ...] = ()


class Environment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An environment; `reviewers` are logins, `branches` patterns (None: any branch).

    `secrets_updated_at` is a time as GitHub writes it; None: its secrets were set just now.
    """

    name: str
    reviewers: tuple[str, ...] = ()
    prevent_self_review: bool = False
    wait_timer: int = 0
    protected_branches: bool = False
    branches: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    secrets_updated_at: str | None = None
    variables: dict[str, str] = {}


class Actions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The repository's settings for Actions, as GitHub sets them for a new repository."""

    enabled: bool = True
    allowed_actions: Literal["all", "local_only", "selected"] = "all"
    sha_pinning_required: bool = False
    github_owned_allowed: bool = False
    verified_allowed: bool = False
    patterns_allowed: tuple[str, ...] = ()
    default_workflow_permissions: Literal["read", "write"] = "read"
    can_approve_pull_request_reviews: bool = False
    fork_approval: Literal[
        "first_time_contributors_new_to_github",
        "first_time_contributors",
        "all_external_contributors",
    ] = "first_time_contributors"
    private_forks_run: bool = False
    private_forks_write: bool = False
    private_forks_get_secrets: bool = False
    secrets: tuple[str, ...] = ()
    organization_secrets: tuple[str, ...] = ()
    variables: dict[str, str] = {}


class DeployKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A key for Git that is no person's."""

    title: str
    read_only: bool = True


class Installation(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An App on the organisation; its account is the Bot whose login is `slug[bot]`."""

    slug: str
    permissions: dict[str, Literal["read", "write", "admin"]] = {}
    repository_selection: Literal["all", "selected"] = "selected"
