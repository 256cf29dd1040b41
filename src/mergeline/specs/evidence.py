"""What stands beside a release record: the bundles that sign it. The engine writes them, once."""

from __future__ import annotations

_FOLDER = "releases/"
_SUFFIX = ".sigstore.json"


def bundle_file(version: str) -> str:
    """Return the path, below the model folder, of the bundle that signs a version's package."""
    return f"{_FOLDER}{version}{_SUFFIX}"


def provenance_file(version: str) -> str:
    """Return the path, below the model folder, of the bundle that signs where it comes from."""
    return f"{_FOLDER}{version}.provenance{_SUFFIX}"


def is_evidence(path: str) -> bool:
    """Tell whether a path below a model folder is that of a bundle: no code, data or spec."""
    return path.startswith(_FOLDER) and path.endswith(_SUFFIX)
