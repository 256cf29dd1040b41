"""deployment.yaml: the steps of a rollout only ever move traffic forward."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.findings import Finding
    from mergeline.specs.document import Pointer
    from mergeline.specs.references.subject import Subject

FILE = "deployment.yaml"


def check(subject: Subject) -> Iterator[Finding]:
    """Yield each step of a rollout that does not raise the weight, and impossible replicas."""
    environments = subject.model.deployment.environments
    for name, rollout in (
        ("staging", environments.staging),
        ("production", environments.production),
    ):
        for index, (before, step) in enumerate(pairwise(rollout.steps), start=1):
            if step.weight <= before.weight:
                pointer: Pointer = ("environments", name, "steps", index, "weight")
                yield subject.finding(
                    "weights-not-increasing",
                    f"the weight {step.weight} does not lie above that of the step before, "
                    f"{before.weight}",
                    FILE,
                    pointer,
                    hint="raise the weight with each step",
                )
    autoscaling = subject.model.deployment.autoscaling
    if autoscaling.max_replicas < autoscaling.min_replicas:
        yield subject.finding(
            "replicas-out-of-range",
            f"max_replicas {autoscaling.max_replicas} lies below min_replicas "
            f"{autoscaling.min_replicas}",
            FILE,
            ("autoscaling", "max_replicas"),
        )
