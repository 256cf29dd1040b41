"""Promotion: from a merged pull request to the registry, and from there to the next one."""
