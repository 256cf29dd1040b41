"""The champion on the candidate's test set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.errors import ToolError
from mergeline.pipeline.json_file import read_json

if TYPE_CHECKING:
    from mergeline.pipeline.context import Champion, Context
    from mergeline.pipeline.predictions import Predictions
    from mergeline.pipeline.scoring import TestSet


@dataclass(frozen=True, slots=True)
class Rival:
    """The champion, with what it says of the test rows.

    Attributes:
        champion: which version it is.
        predictions: of each test row.
        provenance: what it was trained on, out of its package.
    """

    champion: Champion
    predictions: Predictions
    provenance: dict[str, Any]


def meet(context: Context, champion: Champion, test: TestSet) -> Rival:
    """Let the champion predict the test rows.

    Raises:
        ToolError: its package is damaged, or cannot predict these rows.
    """
    from mergeline.pipeline.model_code import limits_of
    from mergeline.pipeline.predictor import load_predictor

    folder = champion.fetch()
    limits, threads = limits_of(context), context.model.training.threads
    with load_predictor(
        folder, champion.artifact_digest, limits=limits, threads=threads
    ) as predictor:
        context.confined.append((f"champion {champion.version}", predictor.enforced))
        missing = [name for name in predictor.inputs if name not in test.rows.columns]
        if missing:
            raise ToolError(
                f"champion {champion.version} reads columns that the data no longer has: "
                f"{', '.join(missing)}",
                hint="keep them, or write baseline: null in evaluation.yaml and say why",
            )
        try:
            predictions = predictor.predict(test.rows, test.past).coded(test.classes)
        except ValueError as error:
            raise ToolError(
                f"champion {champion.version} cannot predict the test rows: {error}",
                hint="write baseline: null in evaluation.yaml and say why",
            ) from None
    return Rival(champion, predictions, read_json(folder / "provenance.json"))
