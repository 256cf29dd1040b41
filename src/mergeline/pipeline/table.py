"""The steps that a pipeline template can name: one table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.pipeline.steps.data import DataStep
from mergeline.pipeline.steps.evaluate import EvaluateStep
from mergeline.pipeline.steps.features import FeaturesStep
from mergeline.pipeline.steps.package import PackageStep
from mergeline.pipeline.steps.record import RecordStep
from mergeline.pipeline.steps.train import TrainStep
from mergeline.specs.conformance import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.findings import Finding
    from mergeline.pipeline.step import Step
    from mergeline.specs.document import Document
    from mergeline.specs.types import PipelineTemplate

_STEPS: tuple[Step, ...] = (
    DataStep(),
    FeaturesStep(),
    TrainStep(),
    EvaluateStep(),
    PackageStep(),
    RecordStep(),
)
STEPS: Mapping[str, Step] = {step.name: step for step in _STEPS}


def check_template(template: PipelineTemplate, document: Document) -> list[Finding]:
    """Return what is wrong with the steps of a template: unknown, repeated or out of order."""
    findings = []
    seen: set[str] = set()
    for index, name in enumerate(template.steps):
        place = ("steps", index)
        step = STEPS.get(name)
        if step is None:
            message, hint = f'step "{name}" is not known', did_you_mean(name, list(STEPS))
            findings.append(document.finding("unknown-step", message, place, hint=hint))
            continue
        missing = [need for need in step.needs if need not in seen]
        if missing:
            message = f'step "{name}" needs {", ".join(missing)} before it'
            hint = f"the full order: {', '.join(STEPS)}"
            findings.append(document.finding("step-order", message, place, hint=hint))
        if name in seen:
            message = f'step "{name}" stands here twice'
            findings.append(document.finding("step-repeated", message, place, hint="remove one"))
        seen.add(name)
    return findings
