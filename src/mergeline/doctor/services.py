"""What is asked over the network: MLflow and the forge."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mergeline.doctor.diagnosis import ok, warn
from mergeline.errors import MergelineError
from mergeline.forge import Forge, ForgeSettings

if TYPE_CHECKING:
    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient

# No model can have this name, so the answer is an empty one.
_NO_MODEL = "mergeline-doctor"


def registry(subject: str, patient: Patient) -> Diagnosis:
    """Does MLflow answer?"""
    from mergeline.registry.mlflow import MlflowRegistry

    asked = MlflowRegistry(patient.settings)
    if asked.empty:
        return ok(subject, "a local store, made by the first run")
    # By itself MLflow asks for minutes; whoever asks a doctor is there and waits.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
    asked.versions(_NO_MODEL)
    return ok(subject, f"MLflow at {asked.tracking_uri}")


def forge(subject: str, patient: Patient) -> Diagnosis:
    """Does the forge know the repository?"""
    clone = patient.clone()
    try:
        settings = ForgeSettings.resolve(
            patient.settings.environ, clone.config(), clone.remote_url()
        )
    except MergelineError as error:
        return warn(subject, error.message, error.hint or "git remote add origin URL")
    if settings.token is None:
        return warn(subject, f"{settings.repository}, not asked without a token", _TOKEN)
    with Forge(settings) as client:
        branch = client.default_branch()
    return ok(subject, f"{settings.repository} at {settings.api_url}, default branch {branch}")


def token(subject: str, patient: Patient) -> Diagnosis:
    """Is there a token, and whose is it?"""
    environ = patient.settings.environ
    for name in ("GITHUB_TOKEN", "GH_TOKEN"):
        if (environ.get(name) or "").strip():
            return ok(subject, f"by {name}")
    found = "none; check, promote, apply and comment need one"
    return warn(subject, found, _TOKEN)


_TOKEN = "export GITHUB_TOKEN=$(gh auth token)"  # noqa: S105  a command that prints one
