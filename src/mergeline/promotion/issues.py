"""The engine's own issues: found again by label, marker and author, never opened twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from mergeline.errors import ToolError

if TYPE_CHECKING:
    from mergeline.forge import Forge
    from mergeline.forge.types import Issue


def issue_of(
    forge: Forge, label: str, marker: str, state: Literal["open", "all"] = "open"
) -> Issue | None:
    """Return the open issue of this engine with a marker; None: there is none.

    A marker that another author wrote does not count, and neither does a closed issue: nobody can
    close beforehand what is not there yet. Of what was long ago, `all` finds a closed one too.

    Raises:
        ToolError: the forge does not answer.
    """
    marked = [issue for issue in forge.issues(labels=[label], state=state) if marker in issue.body]
    if not marked:
        return None
    try:
        login = forge.login()
    except ToolError:
        # The token of an App or of a workflow cannot ask who it is; its issues are a bot's, and
        # no person can have a name with a bracket.
        return next((issue for issue in marked if issue.author.endswith("[bot]")), None)
    return next((issue for issue in marked if issue.author == login), None)


def keep_issue(
    forge: Forge, label: str, marker: str, title: str, body: str | None
) -> tuple[Literal["opened", "updated", "closed"], int] | None:
    """Make one issue say what is to be said; close it when there is nothing to say any more.

    Args:
        forge: the forge.
        label: of the issue.
        marker: the line of the body by which it is found again.
        title: of a new issue.
        body: what it is to say; None: nothing.

    Returns:
        What was done to which issue, by number; None: nothing had to be.

    Raises:
        ToolError: the forge does not answer.
    """
    found = issue_of(forge, label, marker)
    if body is None:
        if found is None:
            return None
        forge.update_issue(found.number, state="closed")
        return "closed", found.number
    text = f"{body}\n{marker}\n"
    if found is None:
        return "opened", forge.create_issue(title=title, body=text, labels=[label]).number
    if found.body == text:
        return None
    return "updated", forge.update_issue(found.number, body=text).number
