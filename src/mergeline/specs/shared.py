"""Do models agree on the datasets and features that they have in common?

A dataset is the same by its name; a feature by its owner, name and version, made from the same
columns of the same content: on other data, "numbers" are other numbers.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from mergeline.findings import Finding, Location, Severity
from mergeline.specs.agreement import listed, usual
from mergeline.specs.repository import MODELS
from mergeline.specs.shared_columns import check_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from mergeline.specs.facts import Facts, SharedDataset, SharedFeature
    from mergeline.specs.tree import Tree


def check_shared(
    facts: Mapping[str, Facts], tree: Tree, only: Collection[str] = ()
) -> list[Finding]:
    """Return where models contradict each other.

    Args:
        facts: of all models, by name.
        tree: the files, to tell the place of a column.
        only: the models whose findings are wanted; empty: all.
    """
    datasets: dict[str, list[tuple[str, SharedDataset]]] = defaultdict(list)
    features: dict[tuple[str, str], list[tuple[str, SharedFeature]]] = defaultdict(list)
    for name, each in sorted(facts.items()):
        for dataset in each.datasets:
            datasets[dataset.name].append((name, dataset))
        # A name that stands twice in one model is found elsewhere.
        for feature in {feature.key: feature for feature in reversed(each.features)}.values():
            features[feature.key, feature.on].append((name, feature))
    findings = [
        *(
            each
            for rows in datasets.values()
            if len(rows) > 1
            for each in _datasets(rows, tree, only)
        ),
        *(each for rows in features.values() if len(rows) > 1 for each in _features(rows)),
    ]
    return [each for each in findings if not only or each.location.file.split("/")[1] in only]


def _datasets(
    rows: list[tuple[str, SharedDataset]], tree: Tree, only: Collection[str]
) -> Iterator[Finding]:
    most = usual(row.digest for _, row in rows)
    same = [name for name, row in rows if row.digest == most]
    for name, row in rows:
        if row.digest != most:
            yield _finding(
                "shared-dataset-differs",
                f'the dataset "{row.name}" has another digest than in {listed(same)}',
                (name, "data.yaml", row),
                f"they have {most}; move to it, or give the dataset another name",
                Severity.WARNING,
            )
    yield from _readers(rows)
    by_digest: dict[str, list[tuple[str, SharedDataset]]] = defaultdict(list)
    for name, row in rows:
        by_digest[row.digest].append((name, row))
    for group in by_digest.values():
        yield from check_columns(group, tree, only)


def _readers(rows: list[tuple[str, SharedDataset]]) -> Iterator[Finding]:
    """Yield who names other readers: whatever the content, it is fetched with one credential."""
    most = usual(row.readers for _, row in rows)
    same = [name for name, row in rows if row.readers == most]
    for name, row in rows:
        if row.readers != most:
            told = most or "no access is set there"
            yield _finding(
                "shared-access-differs",
                f'the dataset "{row.name}" has other readers than in {listed(same)}: {told}',
                (name, "data.yaml", row),
                "write the same access in all of them, or give the dataset another name",
            )


def _features(rows: list[tuple[str, SharedFeature]]) -> Iterator[Finding]:
    most = usual(row.made for _, row in rows)
    same = [name for name, row in rows if row.made == most]
    for name, row in rows:
        if row.made != most:
            feature, _, version = row.key.rpartition("@")
            yield _finding(
                "shared-feature-differs",
                f'the feature "{feature.rpartition("/")[2]}" of {feature.partition("/")[0]} has '
                f"another transform or dtype than in {listed(same)}, at the same version",
                (name, "features.yaml", row),
                f"raise the version above {version}, or make it as they do",
            )


def _finding(
    rule: str,
    message: str,
    place: tuple[str, str, SharedDataset | SharedFeature],
    hint: str,
    severity: Severity = Severity.ERROR,
) -> Finding:
    name, file, row = place
    location = Location(f"{MODELS}/{name}/{file}", row.line, row.column)
    return Finding(rule, severity, message, location, hint)
