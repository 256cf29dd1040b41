"""The spec kinds: the one source of truth for types and JSON Schemas."""

from mergeline.specs.types.base import Spec, Struct
from mergeline.specs.types.data import Data
from mergeline.specs.types.deployment import Deployment
from mergeline.specs.types.environment import Environment
from mergeline.specs.types.evaluation import Evaluation
from mergeline.specs.types.features import Features
from mergeline.specs.types.model import Model
from mergeline.specs.types.monitoring import Monitoring
from mergeline.specs.types.release import Release
from mergeline.specs.types.template import PipelineTemplate
from mergeline.specs.types.training import Training
from mergeline.specs.types.waiver import Waiver

__all__ = [
    "Data",
    "Deployment",
    "Environment",
    "Evaluation",
    "Features",
    "Model",
    "Monitoring",
    "PipelineTemplate",
    "Release",
    "Spec",
    "Struct",
    "Training",
    "Waiver",
]
