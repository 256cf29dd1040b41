"""Do specs refer to what is there? Inside a model, to the templates and to other files.

A check is a module with `check(subject) -> Iterator[Finding]`, and a row of the table below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.specs.references import (
    data,
    deployment,
    evaluation,
    features,
    forecast,
    functions,
    metrics,
    records,
    training,
)
from mergeline.specs.references.subject import Subject

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.specs.repository import Repository
    from mergeline.specs.tree import Tree

CHECKS = (records, data, features, forecast, functions, training, evaluation, metrics, deployment)


def check_references(repository: Repository, tree: Tree) -> list[Finding]:
    """Return what the specs of a repository refer to without its being there.

    Only models whose files all conform are looked at; `repository.findings` has the others.

    Raises:
        ToolError: a file of a model folder cannot be read.
    """
    seen: dict[str, bool] = {}
    findings = [
        finding
        for model in repository.models.values()
        for check in CHECKS
        for finding in check.check(Subject(model, repository, tree, seen))
    ]
    return findings + _templates(repository)


def _templates(repository: Repository) -> list[Finding]:
    return [
        repository.template_documents[name].finding(
            "name-mismatch",
            f'the name "{template.name}" is not the name of the file, "{name}"',
            ("name",),
            hint=f"write name: {name}, or rename the file",
        )
        for name, template in repository.templates.items()
        if template.name != name
    ]
