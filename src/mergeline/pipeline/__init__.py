"""The pipeline: steps from data to a recorded run, cached by content.

Light to import: a step loads scikit-learn and its kind only when it really runs.
"""

from mergeline.pipeline.context import Champion, Context, Progress, lockfile_digest
from mergeline.pipeline.loop import run_pipeline
from mergeline.pipeline.result import RunResult, read_result

__all__ = [
    "Champion",
    "Context",
    "Progress",
    "RunResult",
    "lockfile_digest",
    "read_result",
    "run_pipeline",
]
