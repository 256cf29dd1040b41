"""environments/ and releases/ refer to each other, to the model and to their own names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.digest import digest_bytes
from mergeline.findings import Finding, Location, Severity
from mergeline.specs.conformance import did_you_mean
from mergeline.specs.evidence import bundle_file, is_evidence, provenance_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.specs.references.subject import Subject
    from mergeline.specs.types import Environment, Release


def check(subject: Subject) -> Iterator[Finding]:
    """Yield what is wrong with the names and digests of releases and environments."""
    yield from _model_name(subject)
    for version, release in subject.model.releases.items():
        file = f"releases/{version}.yaml"
        yield from _equal(subject, "version", release.version, version, file)
        if release.name != subject.model.name:
            yield subject.finding(
                "name-mismatch",
                f'the release is of "{release.name}", but the folder is "{subject.model.name}"',
                file,
                ("name",),
                hint=f"write name: {subject.model.name}",
            )
        yield from _bundles(subject, release, file)
    yield from _strays(subject)
    for name, environment in subject.model.environments.items():
        file = f"environments/{name}.yaml"
        yield from _equal(subject, "name", environment.name, name, file)
        yield from _release(subject, environment, file)


def _model_name(subject: Subject) -> Iterator[Finding]:
    if subject.model.model.name != subject.model.name:
        yield subject.finding(
            "name-mismatch",
            f'the model is named "{subject.model.model.name}", but its folder '
            f'"{subject.model.name}"',
            "model.yaml",
            ("name",),
            hint=f"write name: {subject.model.name}, or rename the folder",
        )


def _equal(subject: Subject, key: str, value: str, name: str, file: str) -> Iterator[Finding]:
    if value != name:
        yield subject.finding(
            "name-mismatch",
            f'the {key} "{value}" is not the name of the file, "{name}"',
            file,
            (key,),
            hint=f"write {key}: {name}, or rename the file",
        )


def _bundles(subject: Subject, release: Release, file: str) -> Iterator[Finding]:
    signature = release.signature
    if signature is None:
        return
    bundles = {
        "bundle": (bundle_file(release.version), signature.bundle),
        "provenance": (provenance_file(release.version), signature.provenance),
    }
    for key, (path, digest) in bundles.items():
        there = subject.model.files.get(path)
        if there is None or digest_bytes(there) != digest:
            what = "is not there" if there is None else f"has the digest {digest_bytes(there)}"
            yield subject.finding(
                "signature-file-differs",
                f"{path} {what}",
                file,
                ("signature", key),
                hint="restore it from Git; signatures, like records, are never edited",
            )


def _strays(subject: Subject) -> Iterator[Finding]:
    signed = [one.version for one in subject.model.releases.values() if one.signature]
    known = {make(version) for version in signed for make in (bundle_file, provenance_file)}
    for path in subject.model.files:
        if is_evidence(path) and path not in known:
            yield Finding(
                "signature-without-release",
                Severity.ERROR,
                "no release record names this signature",
                Location(f"{subject.model.path}/{path}"),
                "take it out, or restore the record; mergeline apply writes both",
            )


def _release(subject: Subject, environment: Environment, file: str) -> Iterator[Finding]:
    release = subject.model.releases.get(environment.version)
    if release is None:
        yield subject.finding(
            "unknown-release",
            f"there is no release {environment.version}",
            file,
            ("version",),
            hint=did_you_mean(environment.version, list(subject.model.releases))
            or "a version must be released before it can be promoted",
        )
    elif release.digest != environment.digest:
        yield subject.finding(
            "environment-digest-mismatch",
            f"the digest is not that of release {environment.version}",
            file,
            ("digest",),
            hint=f"the release has {release.digest}",
        )
