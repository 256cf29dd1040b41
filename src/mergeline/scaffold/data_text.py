"""The text of a new data.yaml."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from mergeline.scaffold.expectations import expectations_of
from mergeline.scaffold.roles import Role
from mergeline.scaffold.scalar import inline

if TYPE_CHECKING:
    from mergeline.scaffold.answers import Answers
    from mergeline.scaffold.design import Design
    from mergeline.scaffold.roles import Field
    from mergeline.scaffold.table import Table
    from mergeline.specs.types.data import Split

_WHY = {
    "temporal": "The latest rows test, so that no future leaks into training.",
    "stratified": "Each class in equal shares on either side. Where time matters: temporal.",
    "random": "Rows drawn at random. Choose temporal where time matters.",
}


def data_text(
    answers: Answers, table: Table, fields: tuple[Field, ...], plan: Design, *, file: str, name: str
) -> str:
    """Return the body of data.yaml.

    Args:
        answers: what the user said.
        table: the data.
        fields: the columns.
        plan: how the model learns.
        file: the name of the data file in the model folder.
        name: the name of the dataset.
    """
    lines = [
        "datasets:",
        f"  - name: {inline(name)}",
        f"    source: {inline({'type': 'file', 'path': file})}",
        "    # Over the content in canonical form: other rows, another digest.",
        f"    digest: {table.digest}",
        "    columns:",
        *(line for field in fields for line in _column(field)),
        "    # Proposed from the rows at hand, with room of a tenth. Say what you know instead:",
        "    # what can never be, whatever the rows are.",
        "    expectations:",
    ]
    for kind, kwargs in expectations_of(answers, table, fields):
        lines += [f"      - type: {kind}", f"        kwargs: {inline(kwargs)}"]
    if any(field.personal for field in fields):
        lines += [
            "    # Who may read personal data, and how long they may be kept. Better: leave such",
            "    # columns out of the file.",
            f"    access: {inline({'teams': [answers.owner]})}",
            f"    retention: {answers.retention}",
        ]
    lines += [f"target: {inline(answers.target)}", *_split(plan.split), *_forecast(plan)]
    return "\n".join(lines) + "\n"


def _column(field: Field) -> list[str]:
    column = field.column
    said: dict[str, object] = {"name": column.name, "type": column.type}
    if column.nullable:
        said["nullable"] = True
    if field.personal:
        said["pii"] = True
        if field.role is Role.LEFT_OUT:
            said["pii_treatment"] = "dropped"
    comment = [f"      # No feature: {field.reason}."] if field.role is Role.LEFT_OUT else []
    return [*comment, f"      - {inline(said)}"]


def _split(split: Split) -> list[str]:
    facts = msgspec.to_builtins(split)
    said = {key: value for key, value in facts.items() if (key, value) != ("gap", 0)}
    body = [f"  {key}: {inline(value)}" for key, value in said.items()]
    return ["split:", f"  # {_WHY[facts['strategy']]}", *body]


def _forecast(plan: Design) -> list[str]:
    if plan.forecast is None:
        return []
    facts = {
        key: value
        for key, value in msgspec.to_builtins(plan.forecast).items()
        if value not in (None, [], ())
    }
    return [
        "forecast:",
        "  # In time points: how far ahead, and how long a season is. What is not known ahead",
        "  # reaches the model as lags only.",
        *(f"  {key}: {inline(value)}" for key, value in facts.items()),
    ]
