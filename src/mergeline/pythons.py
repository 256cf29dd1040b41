"""The versions of Python that Mergeline supports: the one list.

`tests/test_pythons.py` holds to it what cannot import it: pyproject.toml, scripts, documents.
"""

from __future__ import annotations

# Oldest first.
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
OLDEST, NEWEST = PYTHONS[0], PYTHONS[-1]
# What a new model asks for, as a PEP 440 specifier.
SPECIFIER = f">={OLDEST},<3.{int(NEWEST.removeprefix('3.')) + 1}"
