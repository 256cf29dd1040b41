"""Everything the doctor looks at, in order: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.doctor import machine, repository, services
from mergeline.doctor.diagnosis import missing
from mergeline.errors import MergelineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient


@dataclass(frozen=True, slots=True)
class _Look:
    subject: str
    at: Callable[[str, Patient], Diagnosis]


_LOOKS = (
    _Look("python", machine.python),
    _Look("git", machine.git_program),
    _Look("git identity", machine.git_identity),
    _Look("opa", machine.opa),
    _Look("actionlint", machine.actionlint),
    _Look("git repository", repository.git_repository),
    _Look("default branch", repository.default_branch),
    _Look("models", repository.models),
    _Look("policies", repository.policies),
    _Look("signing", repository.signing),
    _Look("schemas", repository.schemas),
    _Look("workflows", repository.workflows),
    _Look("lockfile", repository.lockfile),
    _Look("registry", services.registry),
    _Look("forge", services.forge),
    _Look("forge token", services.token),
)


def examine(patient: Patient) -> Iterator[Diagnosis]:
    """Yield one line for each subject; what could not be looked at is missing, and says why."""
    for look in _LOOKS:
        try:
            yield look.at(look.subject, patient)
        except MergelineError as error:
            yield missing(look.subject, error.message, error.hint or "see the message")
