"""Labels of issues and pull requests."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING
from urllib.parse import quote

from mergeline.devforge.shapes.urls import Json, node_id

if TYPE_CHECKING:
    from mergeline.devforge.shapes.urls import Urls


def label(urls: Urls, name: str) -> Json:
    """GitHub's label; a label has no state of its own, so its id comes from its name."""
    number = zlib.crc32(name.encode())
    return {
        "id": number,
        "node_id": node_id("Label", number),
        "url": f"{urls.api}/labels/{quote(name)}",
        "name": name,
        "description": "",
        "color": "ededed",
        "default": False,
    }
