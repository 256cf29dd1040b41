"""MLflow as the registry: runs, logged models, versions, tags and aliases.

The only importer of MLflow, which takes more than a second to load: nothing imports this
package before it needs an answer from the registry.
"""

from mergeline.registry.mlflow.package import MLMODEL, mlmodel
from mergeline.registry.mlflow.registry import MlflowRegistry

__all__ = ["MLMODEL", "MlflowRegistry", "mlmodel"]
