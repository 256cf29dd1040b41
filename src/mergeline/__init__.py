"""Mergeline: the merge is the only way to production."""

__version__ = "0.1.0"
