"""What things are called in MLflow: tags, parameters and metrics of a run and of a version."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from mergeline.digest import digest_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping

VERSION = "mergeline.version"
DIGEST = "mergeline.digest"
DATASET_DIGEST = "mergeline.dataset.digest"
REBUILT = "mergeline.rebuilt"
SIGNATURE = "mergeline.signature"
COMMIT = "mergeline.commit"
FETCH = "mergeline.fetch"
CLEAN_TREE = "mergeline.clean_tree"
LOCKFILE = "mergeline.lockfile"
TEST_SET = "mergeline.test_set_digest"
ISOLATION = "mergeline.isolation"
CONFIDENCE = "mergeline.confidence_level"
DEPLOYMENT = "mergeline.deployment"
# A change of the hold alone has a tag of its own, so that who let the release in stays known.
HOLD = "mergeline.hold"
RUN_ID, SOURCE = "run", "source"
_UNFIT = re.compile(r"[^A-Za-z0-9_./: -]")


def lookup_tag(version: str) -> str:
    """Return the key of the tag by which MLflow finds a version.

    Its index of tags begins with the key: by the value of one key it reads every version.
    """
    return f"mergeline.release.{version.replace('+', '/')}"


def metric_key(name: str, column: str | None = None, value: object = None) -> str:
    """Return the name in MLflow of a metric, of a slice of the test set if there is a column.

    Where MLflow does not take a letter, a digest keeps two slices apart.
    """
    if column is None:
        return name
    whole = f"{name}/{column}:{value}"
    fit = _UNFIT.sub("_", whole)
    return fit if fit == whole else f"{fit}.{digest_bytes(whole.encode())[7:15]}"


def run_params(
    pipeline: str, estimator: str, random_seed: int, hyperparameters: Mapping[str, Any]
) -> dict[str, str]:
    """Return the parameters of a run, and of its logged model."""
    return {
        "pipeline": pipeline,
        "estimator": estimator,
        "random_seed": str(random_seed),
        **{name: json.dumps(value) for name, value in hyperparameters.items()},
    }


def run_metrics(name: str, value: float, lower: float, upper: float) -> dict[str, float]:
    """Return what a metric leaves in MLflow: its value, and the bounds of its interval."""
    return {name: value, f"{name}/lower": lower, f"{name}/upper": upper}


def run_link(run_id: str) -> str:
    """Return the address of a run, for a record."""
    return f"runs:/{run_id}"
