"""What a model says of rows, and the classes that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from numpy.typing import NDArray

Label = int | str
BINARY: tuple[Label, ...] = (0, 1)


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a model says of some rows.

    Attributes:
        values: the predicted class or number, shape (rows,).
        probabilities: of each class, shape (rows, classes); None: the model gives none.
        classes: what the columns of the probabilities stand for; None: the model gives numbers.
    """

    values: NDArray[Any]
    probabilities: NDArray[np.float64] | None = None
    classes: tuple[Label, ...] | None = None

    @property
    def positive(self) -> NDArray[np.float64] | None:
        """The probability of class 1, shape (rows,); None unless the classes are 0 and 1."""
        if self.probabilities is None or self.classes != BINARY:
            return None
        return self.probabilities[:, 1]

    def coded(self, classes: tuple[Label, ...] | None) -> Predictions:
        """Return the same with classes as their places in a list, as the truth has them.

        A class that is not in the list is -1; one that the model does not know gets the
        probability 0.
        """
        if classes is None or self.classes is None:
            return self
        values = codes(self.values, classes)
        if self.probabilities is None:
            return replace(self, values=values, classes=classes)
        aligned = np.zeros((len(values), len(classes)))
        for place, label in enumerate(self.classes):
            if label in classes:
                aligned[:, classes.index(label)] = self.probabilities[:, place]
        return Predictions(values, aligned, classes)


def predict(model: Any, frame: pd.DataFrame) -> Predictions:
    """Ask a fitted model of scikit-learn, in this process."""
    values = np.asarray(model.predict(frame))
    if not hasattr(model, "classes_"):
        return Predictions(values)
    probabilities = None
    if hasattr(model, "predict_proba"):
        probabilities = np.asarray(model.predict_proba(frame), dtype=np.float64)
    return Predictions(labels(values), probabilities, tuple(labels(model.classes_).tolist()))


def labels(values: Any) -> NDArray[Any]:
    """Return classes as a model learns them: whole numbers or words, shape (rows,).

    Raises:
        ValueError: they are neither.
    """
    array = np.asarray(values)
    if array.dtype.kind in "biu":
        return array.astype(np.int64)
    if array.dtype.kind == "f" and np.array_equal(array, np.trunc(array)):
        return array.astype(np.int64)
    if array.dtype.kind in "fMm":
        raise ValueError("classes are whole numbers, words or truth values")
    return array.astype(str)


def classes_of(values: Any) -> tuple[Label, ...]:
    """Return the classes that occur, in order.

    Raises:
        ValueError: the values are no classes.
    """
    return tuple(np.unique(labels(values)).tolist())


def codes(values: Any, classes: tuple[Label, ...]) -> NDArray[np.int64]:
    """Return the place of each value among the classes, -1 for one that is not there."""
    known = pd.Index(classes, dtype=object)
    found = known.get_indexer(pd.Index(labels(values).tolist(), dtype=object))
    return np.asarray(found, dtype=np.int64)
