"""Secrets that stand in files as they are: keys, tokens, passwords."""

from mergeline.specs.secrets.search import SEARCHED, outside_of_models, secrets_in

__all__ = ["SEARCHED", "outside_of_models", "secrets_in"]
