"""The development forge: the part of GitHub's REST API that Mergeline uses, over a bare repository.

It stands in for GitHub in the quickstart and in the tests, on this machine only: it is no place
to keep anything that matters, and it takes pushes as a local path.
"""

from mergeline.devforge.config import ForgeConfig, User
from mergeline.devforge.guards import (
    Actions,
    Bypass,
    DeployKey,
    Environment,
    Installation,
    Protection,
    Rules,
    Ruleset,
)
from mergeline.devforge.server import DevelopmentForge

__all__ = [
    "Actions",
    "Bypass",
    "DeployKey",
    "DevelopmentForge",
    "Environment",
    "ForgeConfig",
    "Installation",
    "Protection",
    "Rules",
    "Ruleset",
    "User",
]
