"""Which engine evaluates the policies: what the environment says, and what loads here."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mergeline.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.policy.engine import PolicyEngine
    from mergeline.policy.library import PolicyLibrary

ENGINES = ("embedded", "opa")
DEFAULT_TIMEOUT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """How policies are evaluated.

    Attributes:
        engine: `embedded`, or `opa`: a server, or a binary that is started as one; None: it was
            not said, so `settle` decides.
        opa_url: the server; None: start `opa_binary`.
        opa_token: the server's bearer token.
        opa_binary: the program to start.
        timeout_seconds: how long to wait for each answer.
    """

    engine: str | None = None
    opa_url: str | None = None
    opa_token: str | None = None
    opa_binary: str = "opa"
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> PolicySettings:
        """Read the settings.

        Variables: MERGELINE_POLICY_ENGINE (embedded or opa), MERGELINE_OPA_URL (implies opa),
        MERGELINE_OPA_TOKEN, MERGELINE_OPA (the binary), MERGELINE_OPA_TIMEOUT (seconds).

        Raises:
            UsageError: a value is not understood.
        """
        url = environment.get("MERGELINE_OPA_URL") or None
        engine = environment.get("MERGELINE_POLICY_ENGINE") or ("opa" if url else None)
        if engine not in (*ENGINES, None):
            raise UsageError(
                f"MERGELINE_POLICY_ENGINE={engine} is not known",
                hint=f"known: {', '.join(ENGINES)}",
            )
        return cls(
            engine=engine,
            opa_url=url,
            opa_token=environment.get("MERGELINE_OPA_TOKEN") or None,
            opa_binary=environment.get("MERGELINE_OPA") or "opa",
            timeout_seconds=_seconds(environment.get("MERGELINE_OPA_TIMEOUT")),
        )


def settle(settings: PolicySettings) -> tuple[PolicySettings, ToolError | None]:
    """Decide on an engine: the embedded one, unless it does not load and OPA is there.

    Returns:
        The settings with an engine, and why it is OPA where nobody asked for that.

    Raises:
        ToolError: the embedded engine does not load, and OPA is not there either.
    """
    if settings.engine:
        return settings, None
    from mergeline.policy.embedded import load

    try:
        load()
    except ToolError as error:
        if shutil.which(settings.opa_binary) is None:
            hint = f"{error.hint}; or put opa (openpolicyagent.org) on PATH"
            raise ToolError(f"{error.message}, and OPA is not there", hint=hint) from None
        return replace(settings, engine="opa"), error
    return replace(settings, engine="embedded"), None


def choose_engine(settings: PolicySettings, library: PolicyLibrary) -> PolicyEngine:
    """Make the engine that settled settings ask for; the caller closes it.

    Raises:
        ToolError: the engine is not there, or refuses the library.
        UsageError: the server's address cannot be used.
    """
    if settings.engine != "opa":
        from mergeline.policy.embedded import EmbeddedEngine

        return EmbeddedEngine(library)
    if settings.opa_url:
        from mergeline.policy.opa import OpaEngine

        return OpaEngine(
            library,
            settings.opa_url,
            token=settings.opa_token,
            timeout=settings.timeout_seconds,
        )
    from mergeline.policy.opa_server import OwnOpaEngine

    binary = shutil.which(settings.opa_binary)
    if binary is None:
        raise ToolError(
            f"{settings.opa_binary} is not installed",
            hint="scripts/get-tool opa fetches it; or set MERGELINE_OPA_URL to a server",
        )
    return OwnOpaEngine(library, binary, timeout=settings.timeout_seconds)


def _seconds(text: str | None) -> float:
    if not text:
        return DEFAULT_TIMEOUT_SECONDS
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(f"MERGELINE_OPA_TIMEOUT={text} is no number of seconds above 0")
    return seconds
