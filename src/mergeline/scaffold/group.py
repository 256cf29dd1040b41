"""A feature of a new model."""

from __future__ import annotations

from dataclasses import dataclass

from mergeline.specs.types.features import Feature, SklearnTransform, Transform

ONE_HOT = SklearnTransform(
    class_="sklearn.preprocessing.OneHotEncoder",
    parameters={"handle_unknown": "ignore", "sparse_output": False},
)
ONE_HOT_WHY = "One column for each word; a word that training never saw is none of them."


@dataclass(frozen=True, slots=True)
class Group:
    """A feature: columns of one kind, and what becomes of them.

    Attributes:
        name: of the feature.
        inputs: the columns.
        transform: what becomes of them.
        why: one line for the reader.
    """

    name: str
    inputs: tuple[str, ...]
    transform: Transform
    why: str

    def feature(self, owner: str) -> Feature:
        """Return it as features.yaml has it."""
        return Feature(
            name=self.name, version=1, owner=owner, inputs=self.inputs, transform=self.transform
        )
