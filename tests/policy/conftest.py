from __future__ import annotations

import pytest

from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.opa_server import OwnOpaEngine


# That both read policies alike is in the quick tests by tests/policy/test_builtins.py.
@pytest.fixture(params=["embedded", pytest.param("opa", marks=[pytest.mark.opa, pytest.mark.slow])])
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
