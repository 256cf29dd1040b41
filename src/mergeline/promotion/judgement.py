"""The judge: the base branch's policies over what a pull request changes or promotes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.findings import Location
from mergeline.plan.changes import compare
from mergeline.plan.meaning import meaning
from mergeline.plan.sides import load_side
from mergeline.policy.engine import judge
from mergeline.specs.featurecontent import feature_contents
from mergeline.specs.personal import looks_personal
from mergeline.specs.places import locate

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.git import GitRepository
    from mergeline.policy.engine import PolicyEngine
    from mergeline.promotion.case import Case
    from mergeline.specs.document import Pointer
    from mergeline.specs.repository import ModelFolder, Repository


def judge_model(engine: PolicyEngine, model: ModelFolder, repository: Repository) -> list[Finding]:
    """Judge a model's specs by package `mergeline.model`.

    Raises:
        ToolError: the policies could not answer.
    """
    document = model_document(model, repository)
    return judge(engine, "mergeline.model", document, partial(_locate, model))


def model_document(model: ModelFolder, repository: Repository) -> dict[str, Any]:
    """Return what package `mergeline.model` judges.

    That is: specs, template, names of all files, and of the columns that read like personal data.
    """
    template = repository.templates.get(model.training.pipeline)
    columns = (column.name for dataset in model.data.datasets for column in dataset.columns)
    return {
        "model": model.name,
        "specs": model.as_input(),
        "template": msgspec.to_builtins(template) if template else None,
        "files": sorted(model.files),
        "personal_columns": sorted({name for name in columns if looks_personal(name)}),
    }


def _locate(model: ModelFolder, pointer: Pointer) -> Location:
    """Return the place of a pointer; `/files/PATH` is a file of the folder itself."""
    if len(pointer) == 2 and pointer[0] == "files":
        return Location(f"{model.path}/{pointer[1]}")
    return locate(model, pointer)


def judge_change(
    engine: PolicyEngine, git: GitRepository, base: str, head: str, name: str
) -> list[Finding]:
    """Judge what happens to a model between two commits by package `mergeline.change`.

    Args:
        engine: holds the policies of the base.
        git: the clone.
        base: the commit before.
        head: the commit after.
        name: the model.

    Raises:
        ToolError: the policies could not answer.
    """
    before, after = (load_side(git.tree(commit), {name}) for commit in (base, head))
    old, new = before.models.get(name), after.models.get(name)
    changes = compare(meaning(before, name), meaning(after, name))
    document = {
        "model": name,
        "base": old.as_input() if old else None,
        "head": new.as_input() if new else None,
        "changes": [change.as_json() for change in changes],
        "changed_files": git.changed_paths(base, head),
        "contents": {
            "base": feature_contents(old) if old else {},
            "head": feature_contents(new) if new else {},
        },
    }
    shown = new or old
    if shown is None:
        return []
    return judge(engine, "mergeline.change", document, partial(locate, shown))


def judge_promotion(engine: PolicyEngine, case: Case) -> list[Finding]:
    """Judge a promotion by package `mergeline.promotion`.

    Raises:
        ToolError: the policies could not answer.
    """
    return judge(engine, "mergeline.promotion", case.as_input(), partial(locate, case.model))
