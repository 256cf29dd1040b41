"""GitHub's error answers, raised where the reason is known and turned into HTTP by the app."""

from __future__ import annotations


class Refusal(Exception):  # noqa: N818 - an answer of the forge, not an error of the program
    """An answer other than 2xx.

    Attributes:
        status: the HTTP status.
        message: GitHub's message for it.
        errors: the details that GitHub adds to a 422, or None.
    """

    def __init__(
        self, status: int, message: str, errors: list[dict[str, str]] | list[str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors


def not_found() -> Refusal:
    """What is not there, or is not for this user to see."""
    return Refusal(404, "Not Found")


def invalid_field(resource: str, field: str, code: str = "invalid") -> Refusal:
    """A field is missing or has a value that cannot be."""
    return Refusal(422, "Validation Failed", [{"resource": resource, "field": field, "code": code}])


def broken_rule(resource: str, message: str) -> Refusal:
    """The fields are well formed, but what they ask for is against a rule."""
    return Refusal(
        422,
        "Validation Failed",
        [{"resource": resource, "code": "custom", "message": message}],
    )


def unprocessable(message: str) -> Refusal:
    """A rule of reviews; GitHub gives these as bare strings."""
    return Refusal(422, "Unprocessable Entity", [message])


def unknown_commit(name: str) -> Refusal:
    """There is no such commit in the repository."""
    return Refusal(422, f"No commit found for SHA: {name}")


def not_mergeable(reason: str) -> Refusal:
    """The merge is not allowed now."""
    return Refusal(405, reason)


def admins_only() -> Refusal:
    """What is told to administrators of the repository."""
    return Refusal(403, "Must have admin rights to Repository.")
