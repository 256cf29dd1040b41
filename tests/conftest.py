"""What tests of several folders need."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mergeline.process import run

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def opa():
    """The path of the real opa; without it a test is skipped, but fails in CI."""
    done = run([str(ROOT / "scripts/get-tool"), "opa"], timeout=900)
    if done.status == 0:
        return done.stdout.strip()
    reason = f"scripts/get-tool opa found none: {done.stderr.strip()}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)
