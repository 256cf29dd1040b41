"""All that can be said of specs without policies and without running anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.errors import UsageError
from mergeline.findings import in_order
from mergeline.specs.code import as_it_is_read, unreadable_code
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.estimators import check_estimators
from mergeline.specs.expectations import check_expectations
from mergeline.specs.references import check_references
from mergeline.specs.repository import MODELS, load_repository, model_names
from mergeline.specs.secrets import secrets_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mergeline.findings import Finding
    from mergeline.specs.repository import Repository
    from mergeline.specs.tree import Tree


def check(tree: Tree, only: Collection[str] | None = None) -> tuple[Repository, list[Finding]]:
    """Read a tree and check its models: forms, references, estimators, secrets.

    Args:
        tree: the files.
        only: the names of the models to read; None: all.

    Returns:
        The repository, and all findings in order (those of `repository.findings` too).

    Raises:
        UsageError: there is no model of a name in `only`.
        ToolError: a file or a folder cannot be read.
    """
    repository = load_repository(tree, only)
    require_models(tree, set(only or ()) - set(repository.names))
    paths = _paths(tree, only)
    findings = [
        *repository.findings,
        *unreadable_code(tree, paths),
        *_borrowed_code(repository),
        *check_references(repository, tree),
        *check_estimators(repository, tree),
        *check_expectations(repository, tree),
        *secrets_in(tree, paths),
    ]
    return repository, in_order(findings)


def _borrowed_code(repository: Repository) -> Iterator[Finding]:
    """Look at the code of shared features, which is in the folders of other models."""
    for model in repository.models.values():
        for path in sorted(model.borrowed):
            if path.endswith(".py"):
                yield from as_it_is_read(f"{model.path}/{path}", model.files[path])


def _paths(tree: Tree, only: Collection[str] | None) -> list[str]:
    paths = tree.files(MODELS)
    return [path for path in paths if only is None or path.split("/")[1] in only]


def require_models(tree: Tree, absent: Collection[str]) -> None:
    """Refuse names of models that a tree does not have.

    Raises:
        UsageError: there is such a name.
    """
    for name in sorted(absent):
        raise UsageError(
            f'there is no model "{name}"',
            hint=did_you_mean(name, model_names(tree)) or "add a folder to models/",
        )
