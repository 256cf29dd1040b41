"""The digest of what a model says of the test rows."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

from mergeline.digest import canonical_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from mergeline.pipeline.predictions import Predictions


def digest_predictions(predictions: Predictions) -> str:
    """Return the SHA-256 over classes, values and probabilities, bit for bit.

    Each array goes in with its name and shape, then its elements, eight bytes each, the lowest
    first: whole numbers as int64, others as float64.
    """
    made = hashlib.sha256(canonical_json({"classes": predictions.classes}))
    _add(made, "values", predictions.values)
    if predictions.probabilities is not None:
        _add(made, "probabilities", predictions.probabilities)
    return f"sha256:{made.hexdigest()}"


def _add(made: Any, name: str, array: NDArray[Any]) -> None:
    kind = "<i8" if array.dtype.kind in "biu" else "<f8"
    made.update(canonical_json({"name": name, "kind": kind, "shape": list(array.shape)}))
    made.update(np.ascontiguousarray(array, dtype=kind).tobytes())
