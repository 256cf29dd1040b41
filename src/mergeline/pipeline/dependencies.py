"""What is installed of what a lockfile names."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from mergeline.pipeline.lockfile import pins


def installed(lockfile: str) -> dict[str, str]:
    """Return the installed version of each package that a lockfile's text names.

    A package that is not installed (another platform's, say) is left out.
    """
    found = {}
    for pin in pins(lockfile):
        name = pin.partition("==")[0]
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return dict(sorted(found.items()))
