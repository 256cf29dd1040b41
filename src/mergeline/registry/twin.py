"""The twin in MLflow of a release record: one table of fields.

From it comes what a version is tagged with, what is compared with the record, what has to be
there, and the page docs/reference/evidence.md. What a run leaves before there is a record (the
parameters, metrics and tags of its logged model) is named here too.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.digest import canonical_json, digest_bytes
from mergeline.registry.facts import CANDIDATE, DatasetFacts, RunFacts
from mergeline.registry.places import Fact, Place, Spot

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from mergeline.registry.facts import Entry, RegisteredVersion
    from mergeline.specs.types import Release
    from mergeline.specs.types.release import ReleasedMetric

VERSION = "mergeline.version"
DIGEST = "mergeline.digest"
DATASET_DIGEST = "mergeline.dataset.digest"
REBUILT = "mergeline.rebuilt"
SIGNATURE = "mergeline.signature"
COMMIT = "mergeline.commit"
CLEAN_TREE = "mergeline.clean_tree"
LOCKFILE = "mergeline.lockfile"
TEST_SET = "mergeline.test_set_digest"
CONFIDENCE = "mergeline.confidence_level"
DEPLOYMENT = "mergeline.deployment"
# A change of the hold alone has a tag of its own, so that who let the release in stays known.
HOLD = "mergeline.hold"
RUN_ID, SOURCE = "run", "source"
_UNFIT = re.compile(r"[^A-Za-z0-9_./: -]")


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


def lookup_tag(version: str) -> str:
    """Return the key of the tag by which MLflow finds a version.

    Its index of tags begins with the key: by the value of one key it reads every version.
    """
    return f"mergeline.release.{version.replace('+', '/')}"


def metric_key(name: str, column: str | None = None, value: object = None) -> str:
    """Return the name in MLflow of a metric, of a slice of the test set if there is a column.

    Where MLflow does not take a letter, a digest keeps two slices apart.
    """
    if column is None:
        return name
    whole = f"{name}/{column}:{value}"
    fit = _UNFIT.sub("_", whole)
    return fit if fit == whole else f"{fit}.{digest_bytes(whole.encode())[7:15]}"


def run_params(
    pipeline: str, estimator: str, random_seed: int, hyperparameters: Mapping[str, Any]
) -> dict[str, str]:
    """Return the parameters of a run, and of its logged model."""
    return {
        "pipeline": pipeline,
        "estimator": estimator,
        "random_seed": str(random_seed),
        **{name: json.dumps(value) for name, value in hyperparameters.items()},
    }


def run_metrics(name: str, value: float, lower: float, upper: float) -> dict[str, float]:
    """Return what a metric leaves in MLflow: its value, and the bounds of its interval."""
    return {name: value, f"{name}/lower": lower, f"{name}/upper": upper}


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


def _test_sets(release: Release) -> dict[str, str]:
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
            Spot(Place.DATASET, "{} digest", _test_sets),
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


def wanted(release: Release) -> dict[Fact, tuple[Field, str | None]]:
    """Return every place in MLflow with its field, and what the record says is there."""
    return {
        fact: (field, value)
        for field in FIELDS
        for spot in field.spots
        for fact, value in spot.facts(release)
    }


def release_tags(release: Release) -> dict[str, str]:
    """Return the tags that a version carries for a release."""
    return {
        fact.key: value
        for fact, (_, value) in wanted(release).items()
        if fact.place is Place.VERSION_TAG and value is not None
    }


def differing(release: Release, tags: Mapping[str, str]) -> list[str]:
    """Return the names of the tags that are missing or say something else than the record."""
    return sorted(
        fact.key
        for fact, (_, value) in wanted(release).items()
        if fact.place is Place.VERSION_TAG and tags.get(fact.key) != value
    )


def rebuilt_tag(release: Release) -> dict[str, str]:
    """Return the tag by which a version says that it was rebuilt: of which run, and from where."""
    told = {"run_id": release.training.run_id, "uri": release.artifact.uri}
    return {REBUILT: canonical_json(told).decode()}


def run_facts(release: Release, package: Path, artifacts: tuple[Path, ...]) -> RunFacts:
    """Return a run that says what a record says of the one that it names.

    Args:
        release: the record.
        package: the packaged model, its digest that of the record.
        artifacts: what there still is of the run's evidence.
    """
    facts = [(fact, value) for fact, (_, value) in wanted(release).items() if value is not None]
    data = [DatasetFacts(one.name, one.digest, one.uri, one.rows, None) for one in release.datasets]
    [test] = [
        DatasetFacts(name, digest, data[0].uri, None, None)
        for name, digest in _test_sets(release).items()
    ]
    return RunFacts(
        model=release.name,
        version=release.version,
        params={fact.key: value for fact, value in facts if fact.place is Place.MODEL_PARAM},
        metrics={
            fact.key: float(value) for fact, value in facts if fact.place is Place.MODEL_METRIC
        },
        tags={fact.key: value for fact, value in facts if fact.place is Place.MODEL_TAG}
        | rebuilt_tag(release),
        datasets=(*data, test),
        model_dir=package,
        artifacts=artifacts,
    )


def is_rebuilt(entry: Entry) -> bool:
    """Does a version say that it was made anew after the registry was lost?"""
    return Fact(Place.VERSION_TAG, REBUILT) in entry.facts


@dataclass(frozen=True, slots=True)
class Difference:
    """A place in MLflow that does not hold what the record says; None: nothing."""

    field: Field
    fact: Fact
    recorded: str | None
    found: str | None


def compare(release: Release, entry: Entry) -> list[Difference]:
    """Return where a version's evidence is not what its record says, in the table's order.

    A version that was rebuilt has another run; it says so in a tag that names the recorded one.
    """
    tag = Fact(Place.VERSION_TAG, REBUILT)
    rebuilt = entry.facts.get(tag) == rebuilt_tag(release)[REBUILT]
    pairs = ((fact, *said, entry.facts.get(fact)) for fact, said in wanted(release).items())
    return [
        Difference(field, fact, value, found)
        for fact, field, value, found in pairs
        if found != value and not (rebuilt and field.where_it_ran and found is not None)
    ]


def unsaid(release: Release) -> list[Field]:
    """Return the fields that a record must have, and leaves empty."""
    return [
        field
        for field in FIELDS
        if field.required
        and field.name != "training.hyperparameters"
        and any(value in (None, "", {}, ()) for value in _values(release, field.name.split(".")))
    ]


def _values(node: object, path: list[str]) -> Iterator[object]:
    """Return what a dotted path leads to; `[]` leads to each item."""
    if not path:
        yield node
        return
    child = getattr(node, path[0].removesuffix("[]"))
    for item in child if path[0].endswith("[]") else (child,):
        yield from _values(item, path[1:])


def as_registered(release: Release, version: RegisteredVersion) -> Release:
    """Return a record as the version has it that was registered for an equal run before.

    Content is equal, or the digest would not be; where and how long it ran is that of the run
    which was registered.
    """
    tags, replace = version.tags, msgspec.structs.replace
    if version.run_id is None or version.model_uri is None:
        return release
    seconds = tags.get("mergeline.seconds")
    machine = {name: tags.get(f"mergeline.{name}") for name in ("os", "cpu", "gpu", "driver")}
    return replace(
        release,
        training=replace(
            release.training,
            run_id=version.run_id,
            seconds=None if seconds is None else json.loads(seconds),
        ),
        environment=replace(release.environment, **machine, threads=tags.get("mergeline.threads")),
        artifact=replace(release.artifact, uri=version.model_uri),
        links=replace(release.links, run=run_link(version.run_id)),
    )


def run_link(run_id: str) -> str:
    """Return the address of a run, for a record."""
    return f"runs:/{run_id}"
