"""Specs: the declarative files of a repository, read, checked and typed."""
