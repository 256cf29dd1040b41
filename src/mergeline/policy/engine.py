"""What every policy engine does, whichever program evaluates the Rego."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from mergeline.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Callable

    from mergeline.findings import Location
    from mergeline.policy.library import PolicyLibrary
    from mergeline.policy.results import PolicyResult
    from mergeline.specs.document import Pointer


class PolicyEngine(Protocol):
    """Evaluates the rules `deny` and `warn` of a package of one library.

    Unknown is no: whatever keeps an engine from a sound answer is raised, never passed over.
    """

    @property
    def library(self) -> PolicyLibrary:
        """The policies that it evaluates."""

    def evaluate(self, package: str, document: Any) -> tuple[PolicyResult, ...]:
        """Return what a package says of an input document, in order.

        Args:
            package: the package, dotted: `mergeline.model`.
            document: the input, a JSON value.

        Raises:
            ToolError: it could not be answered.
        """

    def close(self) -> None:
        """Give back what the engine holds; it may be called twice."""


def judge(
    engine: PolicyEngine, package: str, document: Any, locate: Callable[[Pointer], Location]
) -> list[Finding]:
    """Evaluate a package and place each answer in the user's files.

    Args:
        engine: the engine.
        package: the package, dotted.
        document: the input, a JSON value.
        locate: gives the place of a pointer into the specs; its first part names the section
            (`training`), or `environments` or `releases`, followed by a name.

    Raises:
        ToolError: it could not be answered.
    """
    return [
        Finding(result.id, result.severity, result.message, locate(result.pointer), result.hint)
        for result in engine.evaluate(package, document)
    ]
