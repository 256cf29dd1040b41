from __future__ import annotations

import pytest

from mergeline.errors import ToolError, UsageError
from mergeline.policy import PolicyLibrary, PolicySettings, choose_engine
from mergeline.policy.embedded import EmbeddedEngine
from mergeline.policy.opa_server import OwnOpaEngine

LIBRARY = PolicyLibrary.of({"policies/a.rego": "package a\n\ndeny contains 1 if false\n"})


def test_the_embedded_engine_is_the_default():
    settings = PolicySettings.from_environment({})
    assert settings == PolicySettings(None, None, None, "opa", 10.0)
    assert isinstance(choose_engine(settings, LIBRARY), EmbeddedEngine)


def test_an_address_means_opa():
    settings = PolicySettings.from_environment(
        {
            "MERGELINE_OPA_URL": "http://opa",
            "MERGELINE_OPA_TOKEN": "t",
            "MERGELINE_OPA_TIMEOUT": "2",
        }
    )
    assert settings == PolicySettings("opa", "http://opa", "t", "opa", 2.0)


@pytest.mark.parametrize(
    "environment",
    [
        {"MERGELINE_POLICY_ENGINE": "opaa"},
        {"MERGELINE_OPA_TIMEOUT": "soon"},
        {"MERGELINE_OPA_TIMEOUT": "0"},
        {"MERGELINE_OPA_TIMEOUT": "inf"},
    ],
)
def test_a_value_that_is_not_understood(environment):
    [(name, value)] = environment.items()
    with pytest.raises(UsageError, match=f"{name}={value}"):
        PolicySettings.from_environment(environment)


def test_no_binary():
    with pytest.raises(ToolError, match="no-such-opa is not installed") as caught:
        choose_engine(PolicySettings(engine="opa", opa_binary="no-such-opa"), LIBRARY)
    assert "scripts/get-tool opa" in caught.value.hint


@pytest.mark.opa
def test_a_binary_is_started(opa):
    engine = choose_engine(PolicySettings(engine="opa", opa_binary=opa), LIBRARY)
    assert isinstance(engine, OwnOpaEngine)
    assert engine.evaluate("a", {}) == ()
    engine.close()
