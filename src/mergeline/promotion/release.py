"""A new version on the default branch is trained at its merge commit, and registered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mergeline.errors import RefusedError
from mergeline.findings import has_errors
from mergeline.pipeline.champion import champion_of
from mergeline.promotion.evidence import evidence_findings
from mergeline.promotion.judgement import judge_change, judge_model
from mergeline.promotion.outcome import Outcome
from mergeline.promotion.provenance import base_of, merged_pull_request
from mergeline.promotion.record import make_release
from mergeline.promotion.reviewed import require_plain_merge, tracked_by
from mergeline.promotion.signed import Signed, keep_bundles, sign, signing_of
from mergeline.promotion.surroundings import gaps_to_lock
from mergeline.registry.facts import CANDIDATE, RecordedRun
from mergeline.registry.names import SIGNATURE
from mergeline.registry.trust import trust_of
from mergeline.registry.twin import as_registered, release_tags
from mergeline.specs.check import check
from mergeline.specs.repository import MODELS, TEMPLATES, load_repository

if TYPE_CHECKING:
    from mergeline.findings import Finding
    from mergeline.forge.types import PullRequest
    from mergeline.pipeline.result import RunResult
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


@dataclass(frozen=True, slots=True)
class Source:
    """Where a version comes from: the merge commit and its pull request."""

    commit: str
    pull_request: PullRequest


def source_of(services: Services, name: str) -> Source:
    """Return the merge that last changed what a person writes of a model.

    Raises:
        RefusedError: that change has no merged pull request.
        ToolError: the forge does not answer.
    """
    folder = f"{MODELS}/{name}"
    paths = [folder, *(f":(exclude){folder}/{state}" for state in ("environments", "releases"))]
    changed = services.git.last_change(services.head, paths)
    if changed is None:
        raise RefusedError(f"{services.default_branch} has no model {name}")
    pull_request = merged_pull_request(
        services.forge, services.git, changed, services.default_branch
    )
    merge = pull_request.merge_commit_sha or changed
    if not services.git.contains(services.head, merge):
        raise RefusedError(
            f"the merge {merge[:10]} of pull request #{pull_request.number} is not part of "
            f"{services.default_branch}"
        )
    return Source(merge, pull_request)


def cleared(services: Services, model: ModelFolder) -> tuple[Source, list[Finding]]:
    """Return the merge that a version comes from, and what the policies find in it.

    Raises:
        RefusedError: it did not come through a merged pull request as it was reviewed.
        ToolError: something did not answer.
    """
    source = source_of(services, model.name)
    trained_from = (model.path, TEMPLATES, model.training.environment.lockfile)
    require_plain_merge(services.git, source.pull_request, source.commit, trained_from)
    return source, _judge(services, model.name, source)


def release_version(services: Services, model: ModelFolder) -> tuple[Signed | None, Outcome]:
    """Train, sign, register and alias the version that a model's specs name.

    Safe to repeat: equal content gives equal digests, so the registered version is found again.

    Returns:
        The release with its signature, and what was done; no release if it was refused.

    Raises:
        RefusedError: the version did not come through a merged pull request as it was reviewed, or
            must be signed and cannot be here.
        ToolError: something did not answer.
    """
    version = model.model.version
    source, findings = cleared(services, model)
    if has_errors(findings):
        return None, refused(model, "the policies refuse it", findings)
    _same_environment(services, source.commit, model.training.environment.lockfile)
    # As its promotions will be judged, whose base this head is.
    trust = trust_of(services.judge_of(services.head).library.data)
    signing = signing_of(services, trust, model.model.risk)
    champion = champion_of(model, services.registry)
    services.progress(f"{model.name}: training {version} at {source.commit[:10]}")
    with (
        services.git.checkout(source.commit) as root,
        services.train(root, model.name, source.commit, champion) as (result, home),
    ):
        if not result.passed:
            found = [issue.as_finding() for issue in result.findings]
            return None, refused(model, "the candidate does not pass", found)
        trained = load_repository(services.git.tree(source.commit), only={model.name}).models
        made = _recorded(services, trained[model.name], result, source)
        package = home / result.paths["model"]
        signed = sign(services, made, result, package, signing, trust) if signing else Signed(made)
    signed, registered = _register(services, signed)
    release = signed.release
    lacking = evidence_findings(model, release, services.registry.entry(model.name, registered))
    if has_errors(lacking):
        return None, refused(model, "what the registry holds of it is not complete", lacking)
    _alias(services, model.name, registered)
    who = f", signed by {release.signature.signer}," if release.signature else ""
    return signed, Outcome(
        model.name,
        "release",
        "released",
        f"{version} is registered with digest {release.digest[:19]}…{who} and alias {CANDIDATE}",
    )


def _judge(services: Services, name: str, source: Source) -> list[Finding]:
    """Judge again what was merged, by the policies it was merged onto."""
    forge, git, pull_request = services.forge, services.git, source.pull_request
    brought = {commit.sha for commit in forge.commits(pull_request.number)}
    base = base_of(forge, git, pull_request, brought)
    if base is None:
        raise RefusedError(f"{source.commit[:10]} has no parent, hence no base to judge it by")
    engine = services.judge_of(base)
    # What is trained is this commit: shared code and the lockfile may be others than at the head.
    repository, findings = check(git.tree(source.commit), only={name})
    findings += tracked_by(git, source.commit)
    findings += judge_change(engine, git, base, source.commit, name)
    model = repository.models.get(name)
    return findings if model is None else [*findings, *judge_model(engine, model, repository)]


def _same_environment(services: Services, commit: str, lockfile: str) -> None:
    """Refuse to train what a record would say was trained with other packages.

    Raises:
        RefusedError: a package is not installed as the lockfile of the commit pins it.
    """
    try:
        text = services.git.tree(commit).read(lockfile).decode()
    except FileNotFoundError:
        # The package step says so, at its place.
        return
    gaps = gaps_to_lock(text)
    if gaps:
        more = f"; and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        raise RefusedError(
            f"this is not the environment of {lockfile}: {'; '.join(map(str, gaps[:3]))}{more}",
            hint=f"mergeline env check names all; uv pip install --require-hashes -r {lockfile}",
        )


def _recorded(services: Services, model: ModelFolder, result: RunResult, source: Source) -> Release:
    path = model.training.environment.lockfile
    lockfile = services.git.tree(source.commit).read(path).decode()
    return make_release(model, result, source.pull_request, lockfile)


def _register(services: Services, signed: Signed) -> tuple[Signed, RegisteredVersion]:
    release, tags = signed.release, release_tags(signed.release)
    found = services.registry.find(release.name, release.version)
    if found is not None and found.digest != release.digest:
        raise RefusedError(
            f"{release.name} {release.version} is registered already, with another digest "
            f"({str(found.digest)[:19]}… instead of {release.digest[:19]}…)",
            hint="versions are never overwritten: raise the version in model.yaml",
        )
    run = RecordedRun(release.training.run_id, release.artifact.uri, services.registry.tracking_uri)
    registered = services.registry.register(release.name, run, tags)
    if registered.tags.get(SIGNATURE) != tags.get(SIGNATURE):
        # Killed before the bundles were kept: it was signed anew, which gives other bytes.
        services.registry.set_tags(release.name, registered.number, {SIGNATURE: tags[SIGNATURE]})
    keep_bundles(services, registered, signed.bundles)
    # An earlier, interrupted call may have registered the same content: its run is kept.
    return replace(signed, release=as_registered(release, registered)), registered


def _alias(services: Services, name: str, registered: RegisteredVersion) -> None:
    aliased = services.registry.aliases(name, [CANDIDATE]).get(CANDIDATE)
    if aliased is None or aliased.number != registered.number:
        services.registry.set_alias(name, CANDIDATE, registered.number)


def refused(model: ModelFolder, why: str, findings: list[Finding]) -> Outcome:
    """Return the outcome of a release that is refused."""
    return Outcome(
        model.name,
        "release",
        "refused",
        f"{model.model.version} is not released: {why}",
        tuple(findings),
    )
