"""A new model folder from a table and a few answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mergeline.scaffold.answers import check_answers
from mergeline.scaffold.baseline import Baseline, measure
from mergeline.scaffold.data_text import data_text
from mergeline.scaffold.design import design
from mergeline.scaffold.gates_text import deployment_text, evaluation_text, monitoring_text
from mergeline.scaffold.model_text import features_text, model_text, training_text
from mergeline.scaffold.roles import Field, fields_of
from mergeline.scaffold.table import read_table
from mergeline.scaffold.target import check_names, check_target
from mergeline.scaffold.timing import timing_of
from mergeline.specs.writing import schema_path

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.specs.tree import Tree

_DEPTH = 2


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model folder, not yet written.

    Attributes:
        files: path below the folder to content.
        rows: how many rows the data has.
        fields: the columns and their roles.
        baseline: what was measured.
        rival: what the model was held against.
    """

    files: dict[str, bytes]
    rows: int
    fields: tuple[Field, ...]
    baseline: Baseline
    rival: str


def new_model(answers: Answers, tree: Tree) -> NewModel:
    """Make the files of a model folder.

    Args:
        answers: what the user said.
        tree: the repository's files, which say where its schemas are.

    Raises:
        UsageError: an answer cannot be used.
        RefusedError: the data cannot be learned from as it is.
    """
    check_answers(answers)
    table = read_table(answers.data)
    check_names(answers, table)
    check_target(answers, table)
    answers, timing = timing_of(answers, table)
    fields = fields_of(answers, table, timing)
    plan = design(answers, fields, timing)
    found = measure(answers, table, plan)
    file, dataset = _names(answers)
    bodies = {
        "Model": model_text(answers),
        "Data": data_text(answers, table, fields, plan, file=file, name=dataset),
        "Features": features_text(answers, plan),
        "Training": training_text(answers, plan),
        "Evaluation": evaluation_text(found, plan),
        "Deployment": deployment_text(answers),
        "Monitoring": monitoring_text(answers, plan, found, fields),
    }
    files = {
        f"{kind.lower()}.yaml": _headed(kind, body, tree).encode() for kind, body in bodies.items()
    }
    rival = "a constant answer" if timing is None else "the seasonal naive forecast"
    return NewModel(files | {file: table.content}, len(table.frame), fields, found, rival)


def _headed(kind: str, body: str, tree: Tree) -> str:
    return (
        f"# yaml-language-server: $schema={schema_path(kind, _DEPTH, tree)}\n"
        f"apiVersion: mergeline.dev/v1\nkind: {kind}\n{body}"
    )


def _names(answers: Answers) -> tuple[str, str]:
    """Return the name of the file in the folder and that of the dataset, as specs allow them."""
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", answers.data.stem).strip("-") or "data"
    dataset = re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:60].strip("-") or "data"
    return f"{stem}{answers.data.suffix.lower()}", dataset
