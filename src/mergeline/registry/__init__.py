"""The registry: what MLflow holds, and its twin in Git."""
