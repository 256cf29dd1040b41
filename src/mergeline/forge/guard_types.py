"""What guards a repository, in GitHub's own names: protection, rules, environments, Actions.

Only the fields that Mergeline judges by; GitHub leaves one out that it does not tell the asker,
which is None here: not told is not the same as no.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime  # noqa: TC003  msgspec reads the annotation
from typing import Literal


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose the repository is; only an Organization has teams."""

    login: str
    type: str


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the asker may do in the repository."""

    admin: bool = False
    push: bool = False


@dataclass(frozen=True, slots=True)
class Repository:
    """The repository's settings; the merge methods are told to those who may push."""

    full_name: str
    default_branch: str
    private: bool
    owner: Owner
    permissions: Permissions = field(default_factory=Permissions)
    archived: bool = False
    allow_merge_commit: bool | None = None
    allow_squash_merge: bool | None = None
    allow_rebase_merge: bool | None = None
    allow_auto_merge: bool | None = None
    delete_branch_on_merge: bool | None = None


@dataclass(frozen=True, slots=True)
class Toggle:
    """A setting that is on or off."""

    enabled: bool = False


@dataclass(frozen=True, slots=True)
class RequiredCheck:
    """A context, and the id of the App that it is taken from; None or -1: from anybody."""

    context: str
    app_id: int | None = None


@dataclass(frozen=True, slots=True)
class RequiredStatusChecks:
    """The checks that must be green; `strict`: on a branch that is up to date."""

    checks: list[RequiredCheck]
    strict: bool = False


@dataclass(frozen=True, slots=True)
class Login:
    """A person, by login."""

    login: str


@dataclass(frozen=True, slots=True)
class Slug:
    """A team or an App, by slug."""

    slug: str


@dataclass(frozen=True, slots=True)
class Allowances:
    """Who is let past the reviews."""

    users: list[Login] = field(default_factory=list)
    teams: list[Slug] = field(default_factory=list)
    apps: list[Slug] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RequiredReviews:
    """What a pull request's reviews must be."""

    dismiss_stale_reviews: bool
    require_code_owner_reviews: bool
    required_approving_review_count: int = 0
    require_last_push_approval: bool = False
    bypass_pull_request_allowances: Allowances = field(default_factory=Allowances)


@dataclass(frozen=True, slots=True)
class BranchProtection:
    """The classic protection of a branch; None where nothing is asked for."""

    required_status_checks: RequiredStatusChecks | None = None
    required_pull_request_reviews: RequiredReviews | None = None
    enforce_admins: Toggle = field(default_factory=Toggle)
    allow_force_pushes: Toggle = field(default_factory=Toggle)
    allow_deletions: Toggle = field(default_factory=Toggle)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a ruleset, by its type, such as `pull_request`, with its parameters."""

    type: str
    parameters: dict[str, object] = field(default_factory=dict)
    ruleset_id: int | None = None


@dataclass(frozen=True, slots=True)
class BypassActor:
    """Who a ruleset does not hold; an actor_id of a RepositoryRole is 5 for admin."""

    actor_type: str
    actor_id: int | None = None
    bypass_mode: Literal["always", "pull_request", "exempt"] = "always"


@dataclass(frozen=True, slots=True)
class Ruleset:
    """A ruleset; `bypass_actors` is None for those whom GitHub does not tell."""

    id: int
    name: str
    enforcement: Literal["disabled", "active", "evaluate"]
    target: str = "branch"
    bypass_actors: list[BypassActor] | None = None
    rules: list[Rule] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class EnvironmentReviewer:
    """Who may let a job into an environment."""

    type: Literal["User", "Team"]
    reviewer: dict[str, object]


@dataclass(frozen=True, slots=True)
class EnvironmentRule:
    """A rule of an environment: `required_reviewers`, `wait_timer` or `branch_policy`."""

    type: str
    reviewers: list[EnvironmentReviewer] = field(default_factory=list)
    prevent_self_review: bool | None = None
    wait_timer: int | None = None


@dataclass(frozen=True, slots=True)
class BranchPolicy:
    """Which branches may deploy: the protected ones, or those of the environment's patterns."""

    protected_branches: bool
    custom_branch_policies: bool


@dataclass(frozen=True, slots=True)
class Environment:
    """An environment of Actions; without a branch policy, any branch may use it."""

    name: str
    protection_rules: list[EnvironmentRule] = field(default_factory=list)
    deployment_branch_policy: BranchPolicy | None = None
    can_admins_bypass: bool | None = None


@dataclass(frozen=True, slots=True)
class DeploymentBranch:
    """A pattern of names that may deploy, of branches or of tags."""

    name: str
    type: Literal["branch", "tag"] = "branch"


@dataclass(frozen=True, slots=True)
class ActionsPermissions:
    """Whether Actions run, and which actions may be used."""

    enabled: bool
    allowed_actions: Literal["all", "local_only", "selected"] | None = None
    sha_pinning_required: bool | None = None


@dataclass(frozen=True, slots=True)
class SelectedActions:
    """Which actions may be used where `allowed_actions` is `selected`."""

    github_owned_allowed: bool = False
    verified_allowed: bool = False
    patterns_allowed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WorkflowPermissions:
    """What the token of a workflow may do unless the workflow says less."""

    default_workflow_permissions: Literal["read", "write"]
    can_approve_pull_request_reviews: bool


@dataclass(frozen=True, slots=True)
class ForkApproval:
    """Whose pull requests from forks of a public repository wait for somebody's word to run."""

    approval_policy: str


@dataclass(frozen=True, slots=True)
class PrivateForks:
    """What runs of pull requests from forks of a private repository get."""

    run_workflows_from_fork_pull_requests: bool
    send_write_tokens_to_workflows: bool
    send_secrets_and_variables: bool


@dataclass(frozen=True, slots=True)
class DeployKey:
    """An SSH key that stands for nobody."""

    title: str
    read_only: bool


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret for Actions; GitHub tells its value to nobody."""

    name: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable for Actions, which is no secret."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class CodeownersError:
    """A line of CODEOWNERS that GitHub passes over, and why."""

    line: int
    kind: str
    path: str


@dataclass(frozen=True, slots=True)
class CodeownersErrors:
    """All of them."""

    errors: list[CodeownersError]


@dataclass(frozen=True, slots=True)
class App:
    """An App, wherever it is installed."""

    id: int


@dataclass(frozen=True, slots=True)
class Installation:
    """An App on the organisation: what it may do (`{"contents": "write"}`), and where."""

    id: int
    app_id: int
    app_slug: str
    repository_selection: Literal["all", "selected"]
    permissions: dict[str, str]
    suspended_at: str | None = None
