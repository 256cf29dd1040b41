"""The table of what an auditor asks of a release: each field's places in MLflow and in Git.

From it comes what a version is tagged with, what is compared with the record, what has to be
there, and the page docs/reference/evidence.md.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.registry.facts import CANDIDATE
from mergeline.registry.names import (
    CLEAN_TREE,
    COMMIT,
    CONFIDENCE,
    DEPLOYMENT,
    DIGEST,
    HOLD,
    LOCKFILE,
    REBUILT,
    RUN_ID,
    SIGNATURE,
    SOURCE,
    TEST_SET,
    VERSION,
    metric_key,
    run_metrics,
    run_params,
)
from mergeline.registry.places import Place, Spot

if TYPE_CHECKING:
    from mergeline.specs.types import Release
    from mergeline.specs.types.release import ReleasedMetric


@dataclass(frozen=True, slots=True)
class Field:
    """What an auditor asks of a release, and where the answer stands.

    Attributes:
        name: of the field in the record, `[]` for each item of a list; beyond the record a name
            of its own.
        question: what it answers.
        spots: where it is in MLflow.
        git: where it is in Git besides the record; None: in the record alone.
        required: must it be there, in the record and in MLflow?
        where_it_ran: does it only say where a run happened? Another run of equal content is as
            good, if the version says that it was rebuilt.
        recorded: is it a field of the record?
    """

    name: str
    question: str
    spots: tuple[Spot, ...]
    git: str | None = None
    required: bool = True
    where_it_ran: bool = False
    recorded: bool = True


def _tag(key: str, value: Any) -> Spot:
    return Spot(Place.VERSION_TAG, key, value)


def _of_model(key: str, value: Any) -> Spot:
    return Spot(Place.MODEL_TAG, key, value)


def _param(key: str) -> Spot:
    def value(release: Release) -> str:
        training = release.training
        return run_params(training.pipeline, training.estimator, training.random_seed, {})[key]

    return Spot(Place.MODEL_PARAM, key, value)


def _hyperparameters(release: Release) -> dict[str, str]:
    return {key: json.dumps(value) for key, value in release.training.hyperparameters.items()}


def _metrics(ending: str) -> Spot:
    def values(release: Release) -> dict[str, float]:
        return {_key(metric): _numbers(metric)[ending] for metric in release.metrics}

    return Spot(Place.MODEL_METRIC, "{}" + ending, values)


def _key(metric: ReleasedMetric) -> str:
    part = metric.slice
    return metric_key(metric.name, part.column, part.value) if part else metric_key(metric.name)


def _numbers(metric: ReleasedMetric) -> dict[str, float]:
    interval = metric.confidence_interval
    return run_metrics("", float(metric.value), float(interval.lower), float(interval.upper))


def _datasets(ending: str, field: str) -> Spot:
    def values(release: Release) -> dict[str, Any]:
        return {dataset.name: getattr(dataset, field) for dataset in release.datasets}

    return Spot(Place.DATASET, "{}" + ending, values)


def test_sets(release: Release) -> dict[str, str]:
    """A run logs its test set beside its one dataset."""
    return {f"{release.datasets[0].name}-test": release.metrics[0].dataset}


def _of_data(field: str) -> Spot:
    def values(release: Release) -> dict[str, Any]:
        return {
            dataset.name: msgspec.to_builtins(getattr(dataset, field))
            for dataset in release.datasets
        }

    return _tag(f"mergeline.datasets.{field}", values)


def _beyond(name: str, question: str, spot: Spot, git: str | None) -> Field:
    """Return what comes to be after the record is written, and is not in it."""
    return Field(name, question, (spot,), git=git, required=False, recorded=False)


def _link(name: str) -> Spot:
    return _tag(f"mergeline.link.{name}", lambda release: getattr(release.links, name))


def _machine(name: str, question: str, *, required: bool = False) -> Field:
    def value(release: Release) -> Any:
        return getattr(release.environment, name)

    return Field(
        f"environment.{name}", question, (_tag(f"mergeline.{name}", value),), required=required
    )


FIELDS: tuple[Field, ...] = (
    Field(
        "name",
        "Which model is it?",
        (Spot(Place.NAME, "name", lambda release: release.name),),
        git="model.yaml: name",
    ),
    Field(
        "version",
        "Which version?",
        (
            _tag(VERSION, lambda release: release.version),
            _tag(
                "mergeline.release.{}",
                lambda release: {release.version.replace("+", "/"): release.version},
            ),
        ),
        git="model.yaml: version",
    ),
    Field(
        "digest",
        "Is it what was evaluated and approved?",
        (_tag(DIGEST, lambda release: release.digest),),
    ),
    Field(
        "owner",
        "Who answers for it?",
        (_tag("mergeline.owner", lambda release: release.owner),),
        git="model.yaml: owner",
    ),
    Field(
        "risk",
        "How much is at stake?",
        (_tag("mergeline.risk", lambda release: release.risk),),
        git="model.yaml: risk",
    ),
    Field(
        "specs",
        "Which files said how it is made?",
        (_tag("mergeline.specs", lambda release: release.specs),),
        git="the files of the model's folder at the training commit",
    ),
    Field(
        "evaluation_digest",
        "Is the evidence that of its evaluation?",
        (
            _tag("mergeline.evaluation.digest", lambda release: release.evaluation_digest),
            Spot(Place.RUN_ARTIFACT, "evaluation.json"),
        ),
    ),
    Field(
        "model_digest",
        "Does an equal training give this model?",
        (_tag("mergeline.model.digest", lambda release: release.model_digest),),
        required=False,
    ),
    Field(
        "predictions_digest",
        "Does an equal training answer the same?",
        (_tag("mergeline.predictions.digest", lambda release: release.predictions_digest),),
        required=False,
    ),
    Field(
        "training.commit",
        "From which commit was it trained?",
        (
            _tag(COMMIT, lambda release: release.training.commit),
            _of_model(COMMIT, lambda release: release.training.commit),
        ),
        git="the training commit itself",
    ),
    Field(
        "training.clean_tree",
        "Was there nothing uncommitted?",
        (_of_model(CLEAN_TREE, lambda release: release.training.clean_tree),),
    ),
    Field(
        "training.pull_request",
        "Through which pull request did it come?",
        (_tag("mergeline.pull_request", lambda release: release.training.pull_request),),
        git="the message of the merge",
    ),
    Field(
        "training.pipeline",
        "By which steps?",
        (_param("pipeline"),),
        git="training.yaml: pipeline",
    ),
    Field(
        "training.estimator",
        "Which algorithm?",
        (_param("estimator"),),
        git="training.yaml: estimator",
    ),
    Field(
        "training.hyperparameters",
        "With which hyperparameters?",
        (
            _tag("mergeline.hyperparameters", lambda release: release.training.hyperparameters),
            Spot(Place.MODEL_PARAM, "{}", _hyperparameters),
        ),
        git="training.yaml: hyperparameters",
    ),
    Field(
        "training.random_seed",
        "From which seed?",
        (_param("random_seed"),),
        git="training.yaml: random_seed",
    ),
    Field(
        "training.run_id",
        "Which run made it?",
        (Spot(Place.VERSION, RUN_ID, lambda release: release.training.run_id),),
        where_it_ran=True,
    ),
    Field(
        "training.seconds",
        "How long did it take?",
        (_tag("mergeline.seconds", lambda release: release.training.seconds),),
        required=False,
    ),
    Field(
        "datasets[].name",
        "From which data?",
        (_datasets("", "name"),),
        git="data.yaml: datasets[].name",
    ),
    Field(
        "datasets[].uri",
        "Where did they come from?",
        (_datasets(" uri", "uri"),),
        git="data.yaml: datasets[].source",
    ),
    Field(
        "datasets[].digest",
        "Exactly which data?",
        (
            _tag(
                "mergeline.datasets",
                lambda release: {dataset.name: dataset.digest for dataset in release.datasets},
            ),
            _datasets(" digest", "digest"),
        ),
        git="data.yaml: datasets[].digest",
    ),
    Field(
        "datasets[].rows",
        "How many rows?",
        (_datasets(" rows", "rows"),),
    ),
    Field(
        "datasets[].content",
        "From which bytes were they read?",
        (_of_data("content"),),
        required=False,
    ),
    Field(
        "datasets[].retention",
        "How long may they be kept?",
        (_of_data("retention"),),
        git="data.yaml: datasets[].retention",
        required=False,
    ),
    Field(
        "datasets[].pii",
        "Which columns are personal?",
        (_of_data("pii"),),
        git="data.yaml: datasets[].columns",
        required=False,
    ),
    Field(
        "metrics[].value",
        "How good is it?",
        (_metrics(""),),
        git="evaluation.yaml: metrics",
    ),
    Field(
        "metrics[].confidence_interval",
        "How sure is that?",
        (
            _metrics("/lower"),
            _metrics("/upper"),
            _of_model(CONFIDENCE, lambda release: release.metrics[0].confidence_interval.level),
        ),
        git="evaluation.yaml: confidence",
    ),
    Field(
        "metrics[].dataset",
        "On which rows was it measured?",
        (
            _of_model(TEST_SET, lambda release: release.metrics[0].dataset),
            Spot(Place.DATASET, "{} digest", test_sets),
        ),
        git="data.yaml: split",
    ),
    Field(
        "environment.python",
        "Which Python?",
        (_tag("mergeline.python", lambda release: release.environment.python),),
        git="training.yaml: environment.python",
    ),
    _machine("os", "On which operating system?", required=True),
    _machine("cpu", "On which processors?", required=True),
    _machine("gpu", "On which graphics processor?"),
    _machine("driver", "With which driver?"),
    _machine("threads", "Within which limits of threads?"),
    Field(
        "environment.lockfile",
        "From which lockfile?",
        (_of_model(LOCKFILE, lambda release: release.environment.lockfile),),
        git="training.yaml: environment.lockfile",
    ),
    Field(
        "environment.lockfile_digest",
        "What did the lockfile say?",
        (_tag("mergeline.lockfile.digest", lambda release: release.environment.lockfile_digest),),
        git="the lockfile at the training commit",
    ),
    Field(
        "environment.dependencies",
        "With which packages?",
        (_tag("mergeline.dependencies", lambda release: release.environment.dependencies),),
        git="the lockfile at the training commit",
    ),
    Field(
        "artifact.uri",
        "Where is the model itself?",
        (Spot(Place.VERSION, SOURCE, lambda release: release.artifact.uri),),
        where_it_ran=True,
    ),
    Field(
        "artifact.digest",
        "Are its bytes those that were approved?",
        (
            _tag("mergeline.artifact.digest", lambda release: release.artifact.digest),
            Spot(Place.ARTIFACT, "the packaged model"),
        ),
    ),
    Field(
        "links.pull_request",
        "Where is the discussion?",
        (_link("pull_request"),),
    ),
    Field(
        "links.run",
        "Where is the run, with its report's numbers?",
        (_link("run"),),
    ),
    Field(
        "links.documentation",
        "Where is it explained?",
        (_link("documentation"),),
        git="model.yaml: links.documentation",
        required=False,
    ),
    Field(
        "links.runbook",
        "What is to be done when it fails?",
        (_link("runbook"),),
        git="model.yaml: links.runbook",
        required=False,
    ),
    Field(
        "links.dashboard",
        "Where is it watched?",
        (_link("dashboard"),),
        git="model.yaml: links.dashboard",
        required=False,
    ),
    Field(
        "signature",
        "Who signed it, and by which bundles?",
        (_tag(SIGNATURE, lambda release: msgspec.to_builtins(release.signature)),),
        git="the bundles beside the record",
        required=False,
    ),
    _beyond(
        "approvals",
        "Who approved it, when, and of which commit?",
        Spot(Place.VERSION_TAG, f"{DEPLOYMENT}.{{}}"),
        "the reviews of the pull request that brought environments/ENV.yaml",
    ),
    _beyond(
        "deployments",
        "Where was it put, when, and by which merge?",
        Spot(Place.VERSION_TAG, f"{DEPLOYMENT}.{{}}"),
        "environments/ENV.yaml, commit by commit",
    ),
    _beyond(
        "policies",
        "By which policies was that decided?",
        Spot(Place.VERSION_TAG, f"{DEPLOYMENT}.{{}}"),
        "policies/ at the commit that it was merged onto",
    ),
    _beyond(
        "environments",
        "Where does it serve now?",
        Spot(Place.ALIAS, "{}"),
        "environments/ENV.yaml: version",
    ),
    _beyond(
        "holds",
        "Who has held it there, and why?",
        Spot(Place.VERSION_TAG, f"{HOLD}.{{}}"),
        "environments/ENV.yaml: hold",
    ),
    _beyond(
        "candidate",
        "Which version was made last?",
        Spot(Place.ALIAS, CANDIDATE),
        "the pull request that adds its record",
    ),
    _beyond(
        "rebuilt",
        "Was the registry lost, and the entry made anew?",
        Spot(Place.VERSION_TAG, REBUILT),
        None,
    ),
)
