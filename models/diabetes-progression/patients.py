"""The diabetes data that scikit-learn bundles, in the units they were measured in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sklearn.datasets import load_diabetes

if TYPE_CHECKING:
    import pandas as pd


def patients() -> pd.DataFrame:
    """Return the 442 patients of Efron et al. (2004), one row each."""
    return load_diabetes(as_frame=True, scaled=False).frame
