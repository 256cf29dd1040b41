"""Every endpoint of the forge: method, path, function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.devforge.endpoints import comments, pulls, repository, reviews, statuses

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.devforge.call import Answer, Call

_REPO = "/repos/{owner}/{repo}"

ENDPOINTS: tuple[tuple[str, str, Callable[[Call], Answer]], ...] = (
    ("GET", "/user", repository.get_user),
    ("GET", _REPO, repository.get_repository),
    ("GET", _REPO + "/branches/{branch:path}", repository.get_branch),
    ("GET", _REPO + "/pulls", pulls.list_pulls),
    ("POST", _REPO + "/pulls", pulls.create_pull),
    ("GET", _REPO + "/pulls/{number:int}", pulls.get_pull),
    ("PATCH", _REPO + "/pulls/{number:int}", pulls.update_pull),
    ("PUT", _REPO + "/pulls/{number:int}/merge", pulls.merge_pull),
    ("GET", _REPO + "/pulls/{number:int}/commits", pulls.list_commits),
    ("GET", _REPO + "/pulls/{number:int}/files", pulls.list_files),
    ("GET", _REPO + "/pulls/{number:int}/reviews", reviews.list_reviews),
    ("POST", _REPO + "/pulls/{number:int}/reviews", reviews.create_review),
    (
        "PUT",
        _REPO + "/pulls/{number:int}/reviews/{id:int}/dismissals",
        reviews.dismiss_review,
    ),
    ("GET", _REPO + "/issues/{number:int}/comments", comments.list_comments),
    ("POST", _REPO + "/issues/{number:int}/comments", comments.create_comment),
    ("PATCH", _REPO + "/issues/comments/{id:int}", comments.update_comment),
    ("POST", _REPO + "/statuses/{sha}", statuses.create_status),
    ("GET", _REPO + "/commits/{sha}/pulls", pulls.list_pulls_of_commit),
    ("GET", _REPO + "/commits/{ref:path}/status", statuses.get_combined_status),
)
