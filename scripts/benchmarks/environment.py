"""The one environment in which ours and the peers are timed alike."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Of the user's own environment only what finds programs and their libraries: his settings for
# Python, Git, MLflow, DVC and Mergeline would measure something else on each machine.
KEPT = ("PATH", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "TZ")


def environment(home: Path, ours: Path) -> dict[str, str]:
    """Return the whole environment.

    Args:
        home: an empty directory, the home of what is timed.
        ours: the `bin` directory whose `python` the steps of DVC's pipeline run with.
    """
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    person = {"NAME": "Benchmark", "EMAIL": "benchmark@example.org"}
    return {
        **kept,
        "PATH": f"{ours}{os.pathsep}{kept.get('PATH', os.defpath)}",
        "HOME": str(home),
        "DVC_NO_ANALYTICS": "1",
        "DVC_SITE_CACHE_DIR": str(home / "dvc-site-cache"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        # A checkout that belongs to another user, as in a container, is one that we trust.
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        **{
            f"GIT_{who}_{key}": text
            for who in ("AUTHOR", "COMMITTER")
            for key, text in person.items()
        },
    }
