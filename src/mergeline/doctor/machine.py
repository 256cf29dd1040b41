"""Programs on this machine."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from mergeline.doctor.diagnosis import missing, ok, warn
from mergeline.git import program_version
from mergeline.libraries import install_command, missing_distributions
from mergeline.policy.choose import PolicySettings, settle
from mergeline.policy.embedded import load
from mergeline.pythons import NEWEST, OLDEST, PYTHONS
from mergeline.sandbox import lacking

if TYPE_CHECKING:
    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient

# The first with `git merge-tree --write-tree`, which the development forge merges with.
_GIT = (2, 38)


def python(subject: str, _: Patient) -> Diagnosis:
    """Is this Python one that the locked dependencies are for?"""
    running = ".".join(map(str, sys.version_info[:3]))
    if running.rpartition(".")[0] in PYTHONS:
        return ok(subject, running)
    mend = f"MERGELINE_PYTHON=/path/to/python{NEWEST} scripts/set-up"
    return missing(subject, f"{running}; needed: {OLDEST} to {NEWEST}", mend)


def git_program(subject: str, _: Patient) -> Diagnosis:
    """Is Git there, and new enough?"""
    version = program_version()
    shown = ".".join(map(str, version))
    if version[:2] >= _GIT:
        return ok(subject, shown)
    return missing(subject, f"{shown}; needed: 2.38", "install Git 2.38 or newer")


def git_identity(subject: str, patient: Patient) -> Diagnosis:
    """Does Git know who commits?"""
    config = patient.clone().config()
    name, email = config.get("user.name"), config.get("user.email")
    if name and email:
        return ok(subject, f"{name} <{email}>")
    key = "user.name" if not name else "user.email"
    mend = f'git config --global {key} "…"'
    return missing(subject, f"Git does not know your {key}", mend)


def run_libraries(subject: str, _: Patient) -> Diagnosis:
    """Is what trains, registers and signs installed?"""
    lacking = missing_distributions("run")
    if not lacking:
        return ok(subject, "installed")
    shown = ", ".join(lacking[:3]) + (", …" if len(lacking) > 3 else "")
    found = f"not installed: {shown}; validate, plan and workflows do without"
    return warn(subject, found, install_command("run"))


def sandbox(subject: str, _: Patient) -> Diagnosis:
    """Does this system confine a model's code?"""
    if missing_distributions("run"):
        return ok(subject, "not needed: nothing is trained here")
    without = lacking()
    if not without:
        return ok(subject, "Landlock, seccomp and resource limits")
    found = f"a model's code runs in a process of its own, without {' and '.join(without)}"
    return warn(
        subject, found, "train on a current Linux; on Debian and Ubuntu install libseccomp2"
    )


def policy_engine(subject: str, patient: Patient) -> Diagnosis:
    """Is there an engine that evaluates the policies?"""
    settings, instead = settle(PolicySettings.from_environment(patient.settings.environ))
    if instead:
        return warn(subject, f"{instead.message}; OPA evaluates the policies", str(instead.hint))
    if settings.engine == "embedded":
        load()
    return ok(subject, str(settings.engine))


def opa(subject: str, patient: Patient) -> Diagnosis:
    """Is OPA there, for policies that the embedded engine refuses?"""
    environ = patient.settings.environ
    if environ.get("MERGELINE_OPA_URL"):
        return ok(subject, "a server, by MERGELINE_OPA_URL")
    name = environ.get("MERGELINE_OPA") or "opa"
    if found := shutil.which(name):
        return ok(subject, found)
    if environ.get("MERGELINE_POLICY_ENGINE") == "opa":
        return missing(subject, f"MERGELINE_POLICY_ENGINE is opa, and {name} is not there", _OPA)
    return warn(subject, "not there; needed only for policies beyond the embedded engine", _OPA)


_OPA = "install opa (openpolicyagent.org), or set MERGELINE_OPA=/path/to/opa"


def actionlint(subject: str, _: Patient) -> Diagnosis:
    """Is actionlint there, for those who change the workflow templates?"""
    if found := shutil.which("actionlint"):
        return ok(subject, found)
    return ok(subject, "not there; optional, for those who change the workflow templates")
