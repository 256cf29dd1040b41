"""Pages, and the Link header that leads from one to the next.

Source: https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_PAGE_SIZE = 30
LARGEST_PAGE_SIZE = 100


def cut_page(
    elements: list[object], query: Mapping[str, str], url: str
) -> tuple[list[object], str | None]:
    """One page of a list.

    Args:
        elements: the whole list.
        query: the request's parameters; `per_page` and `page` choose.
        url: the request's address without its query.

    Returns:
        The page, and the Link header, or None when there is one page only.
    """
    size = min(_positive(query.get("per_page"), DEFAULT_PAGE_SIZE), LARGEST_PAGE_SIZE)
    page = _positive(query.get("page"), 1)
    last = max(1, -(-len(elements) // size))
    others: dict[str, int] = {}
    if page > 1:
        others["prev"] = min(page - 1, last)
    if page < last:
        others |= {"next": page + 1, "last": last}
    if page > 1:
        others["first"] = 1
    links = [
        f'<{url}?{urlencode({**query, "per_page": size, "page": number})}>; rel="{name}"'
        for name, number in others.items()
    ]
    return elements[(page - 1) * size : page * size], ", ".join(links) or None


def cut_after(
    elements: list[object], query: Mapping[str, str], url: str
) -> tuple[list[object], str | None]:
    """One page of a list that is paged by cursors: `after` is where it goes on.

    Returns:
        The page, and the Link header, or None when it is the last one.
    """
    size = min(_positive(query.get("per_page"), DEFAULT_PAGE_SIZE), LARGEST_PAGE_SIZE)
    start = _positive(query.get("after"), 0)
    end = start + size
    following = urlencode({**query, "per_page": size, "after": end})
    link = f'<{url}?{following}>; rel="next"' if end < len(elements) else None
    return elements[start:end], link


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and int(text) > 0 else default
