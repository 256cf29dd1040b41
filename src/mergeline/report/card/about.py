"""What the model is, what it is for, and where its answers end: mostly a person's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.card.blocks import Code, Items, Link, Note, Section, Table, Text, facts
from mergeline.report.card.values import plain
from mergeline.report.numbers import counted, metric_title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.audit.card import Card
    from mergeline.report.card.blocks import Block, Cell
    from mergeline.report.evidence import Evidence

# Of fewer rows one more error moves a rate by some three percent or more.
_FEW = 30


def details(card: Card) -> Section:
    """Return who made what, when, and where it can be found."""
    release, model = card.release, card.specs.model
    training, links = release.training, release.links
    labels = {} if model is None else model.labels
    blocks: list[Block] = [
        facts(
            "What it is",
            ("Model", release.name),
            ("Version", release.version),
            ("Owner", release.owner),
            ("Risk", release.risk),
            ("Task", model.task if model else None),
            ("Estimator", Code(training.estimator)),
            ("Licence", (model.license if model else None) or "not said"),
            *((f"Label {name}", Code(text)) for name, text in sorted(labels.items())),
            ("Trained at commit", Code(training.commit)),
            ("Committed", card.trained_at),
            ("Pull request", Link(links.pull_request)),
            ("MLflow run", Code(training.run_id)),
            ("Released", f"{card.recorded_at}, when its record came to the default branch"),
            ("Documentation", links.documentation and Link(links.documentation)),
            ("Runbook", links.runbook and Link(links.runbook)),
            ("Dashboard", links.dashboard and Link(links.dashboard)),
        ),
        _hyperparameters(card),
    ]
    return Section("details", "Model details", tuple(blocks))


def _hyperparameters(card: Card) -> Block:
    training = card.release.training
    rows: list[tuple[Cell, ...]] = [
        (Code(name), Code(plain(value))) for name, value in training.hyperparameters.items()
    ]
    rows.append(("random seed", Code(str(training.random_seed))))
    return Table(
        "Hyperparameters; all others have scikit-learn's defaults", ("Name", "Value"), tuple(rows)
    )


def intended_use(card: Card) -> Section:
    """Return what the model is for, and what not."""
    model = card.specs.model
    use = model.intended_use if model else None
    if use is None:
        return Section(
            "use",
            "Intended use",
            (Note("Nobody has said in model.yaml of this release what it is for, and what not."),),
        )
    parts = (
        ("Intended uses", use.primary_uses),
        ("Intended users", use.primary_users),
        ("Out-of-scope uses", use.out_of_scope_uses),
    )
    blocks: list[Block] = [Items(title, texts) for title, texts in parts if texts]
    if not use.out_of_scope_uses:
        blocks.append(Note("What it must not be used for, nobody has said."))
    return Section("use", "Intended use", tuple(blocks))


def limits(card: Card, evidence: Evidence | None) -> Section:
    """Return limitations and harms as people named them, and what the evidence does not show."""
    model = card.specs.model
    blocks: list[Block] = []
    if model and model.limitations:
        blocks.append(Items("Limitations", model.limitations))
    else:
        blocks.append(Note("Nobody has named a limitation in model.yaml of this release."))
    if model and model.ethical_considerations:
        rows = tuple((one.name, one.mitigation_strategy) for one in model.ethical_considerations)
        blocks.append(Table("Ethical considerations", ("Harm", "What is done about it"), rows))
    else:
        blocks.append(Text("Ethical considerations: none were named."))
    blocks.append(Items("What the evidence does not show", tuple(_unshown(card, evidence))))
    return Section("limits", "Limits", tuple(blocks))


def _unshown(card: Card, evidence: Evidence | None) -> Iterator[str]:
    yield (
        "The intervals tell what another draw of test rows would change. What another training, "
        "other data or another year would change, they do not tell."
    )
    spec = card.specs.evaluation
    if spec is not None:
        if not spec.fairness:
            yield "Fairness between groups was not measured."
        for one in spec.metrics:
            if one.threshold is None:
                yield f"{metric_title(one.name, one.slice)} was held to no threshold."
    if evidence is None:
        yield "Champion, groups and curves: the evidence was not read for this card."
        return
    yield from _doubts(card, evidence)


def _doubts(card: Card, evidence: Evidence) -> Iterator[str]:
    compared = (card.evidence.evaluation or {}).get("comparison") or {}
    if evidence.comparison is None:
        yield "It was compared with no champion: how it does against what it replaces is not known."
    elif not compared.get("same_split"):
        yield (
            "The champion was trained on another split: it may have seen some test rows, "
            "which flatters it."
        )
    for row in evidence.metrics:
        if row.rows < _FEW:
            yield f"{metric_title(row.name, row.slice)} rests on {counted(row.rows, 'row')}."
    for fair in evidence.fairness:
        for group in fair.groups:
            if group.rows < _FEW:
                rows = counted(group.rows, "row")
                yield f"The group {group.group} of {fair.sensitive_feature} has {rows}."
