"""Where a release comes from, as an in-toto statement with SLSA's predicate; pure.

The fields are those of https://slsa.dev/spec/v1.0/provenance; docs/signing.md says what each holds
here, under the address that is the type of build.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline import __version__

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mergeline.specs.types import Release

_TYPE = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"
_DOCS = "https://github.com/mergeline/mergeline/blob/main/docs/signing.md"
BUILD_TYPE = f"{_DOCS}#the-type-of-build-version-1"
LOCAL_BUILDER = f"{_DOCS}#builders"
_RECORD, _COMMIT, _LOCKFILE = "release", "commit", "lockfile"


@dataclass(frozen=True, slots=True)
class Builder:
    """What ran `mergeline apply`.

    Attributes:
        id: of the workflow, or of no workflow.
        invocation: the address of its run; None: there is none.
    """

    id: str = LOCAL_BUILDER
    invocation: str | None = None


def builder_of(environ: Mapping[str, str]) -> Builder:
    """Return the builder that the environment of a workflow's run names."""
    server, workflow = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_WORKFLOW_REF")
    if not server or not workflow:
        return Builder()
    repository, run = environ.get("GITHUB_REPOSITORY"), environ.get("GITHUB_RUN_ID")
    attempt = environ.get("GITHUB_RUN_ATTEMPT", "1")
    run_url = f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}"
    return Builder(f"{server}/{workflow}", run_url if repository and run else None)


def provenance_statement(
    release: Release,
    files: Mapping[str, str],
    builder: Builder,
    times: tuple[str, str],
    isolation: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the provenance of a release.

    Args:
        release: its record; the digest says which.
        files: the files of the package to their digests.
        builder: what ran.
        times: when the training began and ended, RFC 3339.
        isolation: what kept the model's code from the rest of the build.
    """
    repository = release.links.pull_request.rpartition("/pull/")[0]
    metadata = {"startedOn": times[0], "finishedOn": times[1]}
    if builder.invocation:
        metadata["invocationId"] = builder.invocation
    return {
        "_type": _TYPE,
        "subject": [{"name": name, "digest": _sha256(files[name])} for name in sorted(files)],
        "predicateType": _PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "model": release.name,
                    "version": release.version,
                    "repository": repository,
                    "pullRequest": release.links.pull_request,
                },
                "internalParameters": {
                    "pipeline": release.training.pipeline,
                    "estimator": release.training.estimator,
                    "randomSeed": release.training.random_seed,
                    "isolation": dict(isolation),
                },
                "resolvedDependencies": list(_materials(release, repository)),
            },
            "runDetails": {
                "builder": {"id": builder.id, "version": {"mergeline": __version__}},
                "metadata": metadata,
                "byproducts": [{"name": _RECORD, "digest": _sha256(release.digest)}],
            },
        },
    }


def differences(
    statement: Mapping[str, Any], release: Release, files: Mapping[str, str]
) -> list[str]:
    """Return what a statement says otherwise than a release's record and package, in words.

    Args:
        statement: signed by whom the organisation trusts, but perhaps about something else.
        release: the record.
        files: the files of the package to their digests.
    """
    try:
        said = dict(_said(statement))
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        return [f"it is no provenance of a release ({type(error).__name__}: {error})"]
    return [
        f"it says {said.get(name) or 'nothing'} for {name}, not {wanted}"
        for name, wanted in _wanted(release, files).items()
        if said.get(name) != wanted
    ] + [f"it is about {name}, too" for name in sorted(said.keys() - _wanted(release, files))]


def _materials(release: Release, repository: str) -> Iterator[dict[str, Any]]:
    yield {
        "name": _COMMIT,
        "uri": f"git+{repository}",
        "digest": {"gitCommit": release.training.commit},
    }
    for dataset in release.datasets:
        yield {
            "name": f"dataset {dataset.name}",
            "uri": dataset.uri,
            "digest": _sha256(dataset.digest),
        }
    environment = release.environment
    yield {
        "name": _LOCKFILE,
        "uri": f"git+{repository}#{environment.lockfile}",
        "digest": _sha256(environment.lockfile_digest),
    }


def _wanted(release: Release, files: Mapping[str, str]) -> dict[str, str]:
    return {
        "the model": release.name,
        "the version": release.version,
        _RECORD: release.digest,
        _COMMIT: release.training.commit,
        _LOCKFILE: release.environment.lockfile_digest,
        **{f"dataset {one.name}": one.digest for one in release.datasets},
        **{f"file {name}": digest for name, digest in files.items()},
    }


def _said(statement: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if (statement["_type"], statement["predicateType"]) != (_TYPE, _PREDICATE):
        raise TypeError(statement["predicateType"])
    predicate = statement["predicate"]
    definition, details = predicate["buildDefinition"], predicate["runDetails"]
    yield "the model", definition["externalParameters"]["model"]
    yield "the version", definition["externalParameters"]["version"]
    for one in (*definition["resolvedDependencies"], *details["byproducts"]):
        [(kind, digest)] = dict(one["digest"]).items()
        yield one["name"], digest if kind == "gitCommit" else f"{kind}:{digest}"
    for one in statement["subject"]:
        yield f"file {one['name']}", f"sha256:{one['digest']['sha256']}"


def _sha256(digest: str) -> dict[str, str]:
    return {"sha256": digest.removeprefix("sha256:")}
