"""What a failed request becomes: one error that names the forge, the question and the cure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import RefusedError, ToolError

if TYPE_CHECKING:
    from datetime import datetime

    from mergeline.forge.settings import ForgeSettings


class AnswerError(ToolError):
    """The forge answered with an error.

    Attributes:
        status: the HTTP status.
        answer: what the forge said, in its own words.
        lost: whether what was asked may have been done all the same.
        wait: the seconds that the forge asks to be left alone, if a rate limit is used up.
    """

    def __init__(
        self,
        settings: ForgeSettings,
        question: str,
        status: int,
        answer: str,
        *,
        wait: float | None = None,
        again_at: datetime | None = None,
    ) -> None:
        """With `wait`, a rate limit is used up until `again_at`."""
        super().__init__(
            f"{settings.api_url} answered {status} to {question}: {answer}",
            hint=_hint_to_wait(again_at) if again_at else _hint(settings, status),
        )
        self.lost = status >= 500
        self.wait = wait
        self.question = question
        self.status = status
        self.answer = answer

    def refusal(self) -> RefusedError:
        """The same, as an answer that is no."""
        return RefusedError(f"the forge refused {self.question}: {self.answer}")


class UnreachableError(ToolError):
    """The forge could not be asked, or its answer did not arrive.

    Attributes:
        lost: whether what was asked may have been done all the same.
    """

    def __init__(self, settings: ForgeSettings, question: str, reason: str, *, lost: bool) -> None:
        super().__init__(
            f"{settings.api_url} could not be asked {question}: {reason}",
            hint="check GITHUB_API_URL, the network and the proxy variables, then run it again",
        )
        self.lost = lost


class UnreadableError(ToolError):
    """The forge answered, but not in the shape that GitHub's API has."""

    def __init__(self, settings: ForgeSettings, question: str, reason: str) -> None:
        super().__init__(
            f"{settings.api_url} answered {question} in a form that is not GitHub's: {reason}",
            hint="check that GITHUB_API_URL is the base URL of GitHub's REST API",
        )


def answer_text(body: object, fallback: str) -> str:
    """GitHub's error body in one line: the message, then each error's own.

    Source: https://docs.github.com/en/rest/using-the-rest-api/troubleshooting-the-rest-api
    """
    if not isinstance(body, dict) or not isinstance(body.get("message"), str):
        return fallback
    errors = body.get("errors")
    details = [_detail(error) for error in errors] if isinstance(errors, list) else []
    return "; ".join([" ".join(body["message"].split()), *filter(None, details)])


def _detail(error: object) -> str:
    if not isinstance(error, dict):
        return str(error)
    if error.get("message"):
        return str(error["message"])
    return " ".join(str(error[key]) for key in ("resource", "field", "code") if error.get(key))


def _hint_to_wait(again_at: datetime) -> str:
    return f"the rate limit is used up until {again_at:%Y-%m-%dT%H:%M:%SZ}: run it again then"


def _hint(settings: ForgeSettings, status: int) -> str:
    if status == 401:
        return "set GITHUB_TOKEN (or GH_TOKEN) to a token that is valid"
    if settings.token is None and status in (403, 404):
        return "set GITHUB_TOKEN (or GH_TOKEN): without a token only public data can be read"
    if status in (403, 429):
        return "the token in GITHUB_TOKEN lacks a permission, or its rate limit is used up"
    if status == 404:
        return (
            f"check GITHUB_REPOSITORY ({settings.repository}) and that the token in "
            "GITHUB_TOKEN may read it"
        )
    if status >= 500:
        return "GitHub has a fault: see https://www.githubstatus.com, then run it again"
    return "check GITHUB_API_URL and GITHUB_REPOSITORY"
