"""pipelines/NAME.yaml: a pipeline template, shared by all models of one kind."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mergeline.specs.types.base import Spec
from mergeline.specs.types.evaluation import MetricName
from mergeline.specs.types.scalars import Name, Task, Text


class PipelineTemplate(Spec, frozen=True, kw_only=True):
    """The steps of a pipeline, and what a model that uses it may ask of them."""

    kind: Literal["PipelineTemplate"]
    name: Annotated[Name, Meta(description="The name of the template, equal to the file's.")]
    task: Annotated[Task, Meta(description="The kind of problem that its models solve.")]
    description: Annotated[
        Text,
        Meta(
            description="What the pipeline does.",
            examples=["Trains a scikit-learn classifier and measures it."],
        ),
    ]
    steps: Annotated[
        tuple[Text, ...], Meta(min_length=1, description="Steps, in the order they run.")
    ]
    metrics: Annotated[
        tuple[MetricName, ...], Meta(min_length=1, description="Metrics that make sense here.")
    ]
