"""Everything the doctor looks at, in order: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.doctor import data, encryption, machine, repository, services
from mergeline.doctor.diagnosis import missing, warn
from mergeline.errors import MergelineError
from mergeline.libraries import MissingLibraryError, missing_library

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
    _Look("mergeline[run]", machine.run_libraries),
    _Look("sandbox", machine.sandbox),
    _Look("policy engine", machine.policy_engine),
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
    _Look("data credentials", data.credentials),
    _Look("registry", services.registry),
    _Look("addresses", encryption.addresses),
    _Look("signing key", encryption.signing_key),
    _Look("buckets", encryption.buckets),
    _Look("forge", services.forge),
    _Look("forge token", services.token),
)


def examine(patient: Patient) -> Iterator[Diagnosis]:
    """Yield one line for each subject; what could not be looked at is missing, and says why.

    The core does without what an extra brings: then it only warns.
    """
    for look in _LOOKS:
        try:
            yield look.at(look.subject, patient)
        except MergelineError as error:
            yield _not_answered(look.subject, error)
        except ImportError as error:
            lacking = missing_library(error, "looking at it")
            if lacking is None:
                raise
            yield _not_answered(look.subject, lacking)


def _not_answered(subject: str, error: MergelineError) -> Diagnosis:
    hint = error.hint or "see the message"
    if isinstance(error, MissingLibraryError):
        return warn(subject, f"not asked: {error.message}", hint)
    return missing(subject, error.message, hint)
