"""From a pointer into a model's specs, as policies see them, to a place in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.findings import Location

if TYPE_CHECKING:
    from mergeline.specs.document import Pointer
    from mergeline.specs.repository import ModelFolder

_FOLDERS = {"environments", "releases"}


def locate(model: ModelFolder, pointer: Pointer) -> Location:
    """Return the place of a pointer such as `/training/hyperparameters/C`.

    The first part names the file (the first two for environments and releases); a pointer
    to a file that is not there lands on the path where it would be.
    """
    depth = 2 if pointer and pointer[0] in _FOLDERS else 1
    below = "/".join(str(part) for part in pointer[:depth]) + ".yaml"
    document = model.documents.get(below)
    if document is not None:
        return document.locate(pointer[depth:])
    return Location(f"{model.path}/{below if pointer else 'model.yaml'}")
