"""What a step of a pipeline is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from mergeline.findings import Finding
    from mergeline.pipeline.context import Context

JSON = Any


class Step(Protocol):
    """One step: a module that is light to import and does its work in `run`.

    Attributes:
        name: as templates write it.
        needs: the steps whose outputs it reads.
        volatile: outputs that may differ between equal runs (timings); no digest sees them.
    """

    name: str
    needs: tuple[str, ...]
    volatile: frozenset[str]

    def inputs(self, context: Context) -> Mapping[str, JSON]:
        """Return what the outputs depend on, the needed steps' outputs apart; cheap."""

    def holds(self, _context: Context, _output: Path) -> bool:
        """Tell whether an output from the cache is still true of the outside world."""

    def run(self, context: Context, upstream: Mapping[str, Path], output: Path) -> None:
        """Write the outputs into an empty folder.

        Raises:
            StepFailedError: the answer is no; the outputs written so far are kept aside.
            ToolError: it could not be answered.
        """


class StepFailedError(Exception):
    """A step's answer is no: the findings say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("; ".join(finding.message for finding in self.findings))


def fail_on(findings: Iterable[Finding]) -> None:
    """End the step if there are findings.

    Raises:
        StepFailedError: there are.
    """
    found = tuple(findings)
    if found:
        raise StepFailedError(found)


class OfInputsAlone:
    """A step that depends on its inputs and nothing outside: what is cached stays true."""

    volatile: frozenset[str] = frozenset()

    def holds(self, _context: Context, _output: Path) -> bool:
        """Return True."""
        return True
