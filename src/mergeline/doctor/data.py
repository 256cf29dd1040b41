"""What the credentials of data in this environment can do beyond reading their dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.doctor.diagnosis import missing, ok, warn
from mergeline.errors import ToolError
from mergeline.pipeline.sources.reach import Reach, reach_of
from mergeline.specs.credentials import credential_of
from mergeline.specs.repository import load_repository
from mergeline.specs.tree import WorkingTree

if TYPE_CHECKING:
    from mergeline.doctor.diagnosis import Diagnosis
    from mergeline.doctor.patient import Patient
    from mergeline.specs.repository import ModelFolder

_MEND = "give it the right to read this dataset and no other, and to write nothing"


def credentials(subject: str, patient: Patient) -> Diagnosis:
    """Does a credential read more than its dataset, or write at all?"""
    models = load_repository(WorkingTree(patient.settings.root)).models.values()
    # A dataset of several models is looked at once.
    datasets = {model.data.datasets[0].name: model for model in models}
    asked = {name: model for name, model in sorted(datasets.items()) if _is_asked(model, patient)}
    if not asked:
        private = sum(not model.data.datasets[0].public for model in datasets.values())
        return ok(subject, f"none here; {private} of {len(datasets)} datasets are not public")
    lines: list[str] = []
    too_much = writes_private = False
    for name, model in asked.items():
        found = _reach(model, patient)
        words = [*found.reads, *(f"writes {what}" for what in found.writes)]
        words += [f"unknown: {what}" for what in found.unknown]
        too_much = too_much or bool(words)
        writes_private |= bool(found.writes) and not model.data.datasets[0].public
        lines.append(f"{name}: {', '.join(words) or 'reads its dataset and no more'}")
    message = "; ".join(lines)
    if writes_private:
        return missing(subject, message, _MEND)
    return warn(subject, message, _MEND) if too_much else ok(subject, message)


def _is_asked(model: ModelFolder, patient: Patient) -> bool:
    """Is there a credential here, or data that are not public and need none?"""
    dataset = model.data.datasets[0]
    credential = credential_of(dataset.source)
    if credential is not None:
        return credential.is_there(patient.settings.environ)
    return not dataset.public and dataset.source.__struct_config__.tag in ("uri", "dvc")


def _reach(model: ModelFolder, patient: Patient) -> Reach:
    try:
        return reach_of(model, patient.settings.environ)
    except ToolError as error:
        return Reach(unknown=(error.message,))
