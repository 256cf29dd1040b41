"""The only GitHub client: the part of the REST API that Mergeline uses, as plain dataclasses."""

from mergeline.forge.client import Forge
from mergeline.forge.settings import ForgeSettings
from mergeline.forge.types import (
    Comment,
    CommitStatus,
    Issue,
    PullRequest,
    PullRequestCommit,
    Review,
)

__all__ = [
    "Comment",
    "CommitStatus",
    "Forge",
    "ForgeSettings",
    "Issue",
    "PullRequest",
    "PullRequestCommit",
    "Review",
]
