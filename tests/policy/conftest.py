from __future__ import annotations

import os
from pathlib import Path

import pytest

from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.opa_server import OwnOpaEngine
from mergeline.process import run

ROOT = Path(__file__).parent.parent.parent


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


@pytest.fixture(params=["embedded", pytest.param("opa", marks=pytest.mark.opa)])
def make_engine(request):
    """Makes an engine of either kind for a library, and closes it afterwards."""
    made = []

    def make(library):
        if request.param == "embedded":
            engine = EmbeddedEngine(library)
        else:
            engine = OwnOpaEngine(library, request.getfixturevalue("opa"))
        made.append(engine)
        return engine

    yield make
    for engine in made:
        engine.close()
