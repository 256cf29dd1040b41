"""What the model was made of: data, features, environment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mergeline.report.card.blocks import Code, Note, Section, Table, Text, facts
from mergeline.report.card.values import named, plain, yes
from mergeline.report.numbers import counted, number
from mergeline.specs.borrowing import origins
from mergeline.specs.types.features import PythonTransform, SklearnTransform

if TYPE_CHECKING:
    import msgspec

    from mergeline.audit.card import Card
    from mergeline.report.card.blocks import Block, Cell
    from mergeline.specs.types.data import Column, Dataset
    from mergeline.specs.types.features import Transform
    from mergeline.specs.types.release import ReleasedDataset

_TREATED = {
    "hashed": "hashed where it is made; the data step checks that it is",
    "pseudonymised": "stand-ins in the source, their form checked by an expectation",
    "dropped": "read and checked, then left out of everything that follows",
    None: "as it is; no feature may read it",
}


def data(card: Card) -> Section:
    """Return what the model learned from, and what had to hold for it."""
    blocks: list[Block] = []
    spec = card.specs.data
    declared = {one.name: one for one in spec.datasets} if spec else {}
    for one in card.release.datasets:
        blocks += _dataset(one, declared.get(one.name))
    if spec is None:
        blocks.append(Note(_not_known("data.yaml")))
    else:
        forecast = named(spec.forecast) if spec.forecast else None
        blocks.append(
            facts(
                "Target and split",
                ("Target", Code(spec.target)),
                ("Split", f"{_tag(spec.split)}; {named(spec.split, 'strategy')}"),
                ("Forecast", forecast),
                ("Test set", Code(card.release.metrics[0].dataset)),
            )
        )
    return Section("data", "Data", tuple(blocks))


def _dataset(one: ReleasedDataset, declared: Dataset | None) -> list[Block]:
    blocks: list[Block] = []
    if declared and declared.description:
        blocks.append(Text(declared.description))
    source = f"{_tag(declared.source)}; {named(declared.source, 'type')}" if declared else None
    blocks.append(
        facts(
            f"Dataset {one.name}",
            ("Source", source),
            ("Read from", Code(one.uri)),
            ("Digest", Code(one.digest)),
            ("Digest of its bytes", one.content and Code(one.content)),
            ("Rows", number(one.rows)),
            ("May be kept", one.retention or "without limit"),
            ("Personal data", ", ".join(one.pii) or "none declared"),
        )
    )
    if declared:
        blocks += [_columns(declared), *_expectations(declared)]
    return blocks


def _columns(declared: Dataset) -> Block:
    rows = tuple(_column(one) for one in declared.columns)
    header = ("Column", "Type", "May be missing", "Personal data", "Meaning")
    caption = f"{counted(len(rows), 'column')} of {declared.name}"
    return Table(caption, header, rows, folded=len(rows) > 12)


def _column(one: Column) -> tuple[Cell, ...]:
    treated = _TREATED[one.pii_treatment] if one.pii else ""
    return Code(one.name), one.type, yes(one.nullable), treated, one.description or ""


def _expectations(declared: Dataset) -> list[Block]:
    if not declared.expectations:
        return [Note("Nothing was expected of the data.")]
    rows: list[tuple[Cell, ...]] = []
    for one in declared.expectations:
        rest = {key: value for key, value in one.kwargs.items() if key != "column"}
        column = one.kwargs.get("column")
        rows.append(
            (
                Code(one.type),
                Code(plain(column)) if column is not None else "the table",
                Code(", ".join(f"{key}: {plain(value)}" for key, value in rest.items()))
                if rest
                else "",
            )
        )
    caption = "Expectations, in Great Expectations' names; all of them held, or nothing was trained"
    return [Table(caption, ("Expectation", "Column", "With"), tuple(rows))]


def features(card: Card) -> Section:
    """Return what the model sees of the data."""
    spec = card.specs.features
    if spec is None:
        return Section("features", "Features", (Note(_not_known("features.yaml")),))
    rows = []
    others = origins(spec)
    for one in spec.features:
        maker = f", made by {others[one.name].from_}" if one.name in others else ""
        row: tuple[Cell, ...] = (
            Code(one.name),
            f"{one.version}{maker}",
            one.owner,
            ", ".join(one.inputs),
            Code(_transform(one.transform)),
            one.description or "",
        )
        rows.append(row)
    header = ("Feature", "Version", "Owner", "Made of", "Transform", "Meaning")
    return Section(
        "features", "Features", (Table("In the order of the estimator", header, tuple(rows)),)
    )


def _transform(one: Transform) -> str:
    """Return the class or function that makes a feature, with what it is given."""
    if isinstance(one, SklearnTransform | PythonTransform):
        name = one.class_ if isinstance(one, SklearnTransform) else one.function
        given = ", ".join(f"{key}={plain(value)}" for key, value in one.parameters.items())
        return f"{name}({given})" if given else name
    return f"{_tag(one)} {named(one, 'type')}".strip()


def environment(card: Card) -> Section:
    """Return where it was trained, and with what."""
    found, training = card.release.environment, card.specs.training
    image = training.environment.image if training else None
    packages: tuple[tuple[Cell, ...], ...] = tuple(
        (Code(name), Code(version)) for name, version in sorted(found.dependencies.items())
    )
    return Section(
        "environment",
        "Environment",
        (
            facts(
                "Where it was trained",
                ("Python", found.python),
                ("Operating system", found.os),
                ("CPU", found.cpu),
                ("GPU", found.gpu or "none"),
                ("Driver", found.driver),
                ("Threads", found.threads and Code(found.threads)),
                ("Image", image and Code(image)),
                ("Lockfile", Code(found.lockfile)),
                ("Digest of the lockfile", Code(found.lockfile_digest)),
            ),
            Table(
                f"{counted(len(packages), 'package')} of the lockfile",
                ("Package", "Version"),
                packages,
                folded=True,
            ),
        ),
    )


def _tag(part: msgspec.Struct) -> str:
    config: Any = part.__struct_config__
    return str(config.tag)


def _not_known(file: str) -> str:
    return f"Not known: {file} at the training commit is not the one of the record, or unreadable."
