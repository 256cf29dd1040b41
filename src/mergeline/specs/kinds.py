"""Which file of a repository holds which kind of spec: one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.specs import types

if TYPE_CHECKING:
    from mergeline.specs.types import Spec


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of spec.

    Attributes:
        name: the value of `kind`.
        type: the frozen type that holds it, which is also the source of its JSON Schema.
        path: the file (or `*` for any name) below the model folder or, for a template,
            below the repository's root.
        required: must a model folder hold it?
    """

    name: str
    type: type[Spec]
    path: str
    required: bool = True

    @property
    def section(self) -> str:
        """The key under which policies see it: the file's name without its ending."""
        return self.path.partition("/")[0].removesuffix(".yaml")


MODEL_KINDS = (
    Kind("Model", types.Model, "model.yaml"),
    Kind("Data", types.Data, "data.yaml"),
    Kind("Features", types.Features, "features.yaml"),
    Kind("Training", types.Training, "training.yaml"),
    Kind("Evaluation", types.Evaluation, "evaluation.yaml"),
    Kind("Deployment", types.Deployment, "deployment.yaml"),
    Kind("Monitoring", types.Monitoring, "monitoring.yaml"),
    Kind("Environment", types.Environment, "environments/*.yaml", required=False),
    Kind("Release", types.Release, "releases/*.yaml", required=False),
)
TEMPLATE_KIND = Kind("PipelineTemplate", types.PipelineTemplate, "pipelines/*.yaml")
WAIVER_KIND = Kind("Waiver", types.Waiver, "waivers/*.yaml", required=False)
ALL_KINDS = (*MODEL_KINDS, TEMPLATE_KIND, WAIVER_KIND)


def kind_of(path: str) -> Kind | None:
    """Return the kind of a file of a model folder, by its path below that folder."""
    folder, slash, name = path.rpartition("/")
    if not name.endswith(".yaml"):
        return None
    for kind in MODEL_KINDS:
        if kind.path == path or (slash and kind.path == f"{folder}/*.yaml"):
            return kind
    return None
