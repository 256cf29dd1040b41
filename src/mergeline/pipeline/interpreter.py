"""Is this the Python that training.yaml asks for?"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context


def check_python(context: Context) -> list[Finding]:
    """Return a finding if the running Python is none of those that the model may use."""
    wanted, running = context.model.training.environment.python, platform.python_version()
    if SpecifierSet(wanted).contains(running, prereleases=True):
        return []
    document = context.model.documents["training.yaml"]
    return [
        document.finding(
            "python-version",
            f"this is Python {running}, which is not {wanted}",
            ("environment", "python"),
            hint="run it with such a Python, or change environment.python",
        )
    ]
