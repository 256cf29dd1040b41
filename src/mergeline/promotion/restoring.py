"""Bringing released versions back into a registry that has lost them.

A version comes back from bytes that are left and have the recorded digest, else from a training
that `reproduce` would call equal. Nothing is deleted, and what is there is not made again.
"""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from mergeline.errors import MergelineError, RefusedError, ToolError
from mergeline.findings import has_errors
from mergeline.promotion.evidence import evidence_findings
from mergeline.promotion.leftovers import evidence_in, left_evidence, left_package
from mergeline.promotion.outcome import Action, Outcome
from mergeline.promotion.rebuilding import Rebuilder, trained_at
from mergeline.promotion.record import is_intact
from mergeline.promotion.signed import bundles_on_record, keep_bundles
from mergeline.registry.facts import CANDIDATE
from mergeline.registry.twin import differing, rebuilt_tag, release_tags, run_facts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mergeline.pipeline.result import RunResult
    from mergeline.promotion.services import Services
    from mergeline.registry.facts import RegisteredVersion
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types import Release


def restore_versions(services: Services, model: ModelFolder) -> Iterator[Outcome]:
    """Bring back every release on record that the registry lacks, in the order of the records.

    One that cannot come back is told and stops no other.
    """
    ordered = _by_record(services, model)
    # All of them, as somebody may have taken away the key by which one is found.
    held = {found.version: found for found in services.registry.versions(model.name)}
    for release in ordered:
        try:
            outcome = _restore(services, model, release, held.get(release.version))
        except MergelineError as error:
            message = f"{release.version} is not restored: {error.message}"
            action: Action = "refused" if isinstance(error, RefusedError) else "errored"
            yield Outcome(model.name, "release", action, message, hint=error.hint)
            continue
        if outcome is not None:
            yield outcome
    _candidate(services, model, ordered)


def _by_record(services: Services, model: ModelFolder) -> list[Release]:
    """Return the releases in the order in which their records came."""
    places = {
        commit: at for at, (commit, _) in enumerate(services.git.first_parents(services.head))
    }

    def place(release: Release) -> int:
        path = f"{model.path}/releases/{release.version}.yaml"
        history = services.git.history(services.head, path)
        return places[history[0]] if history else len(places)

    return sorted(model.releases.values(), key=place)


def _candidate(services: Services, model: ModelFolder, ordered: list[Release]) -> None:
    """Point to the last one that was made, if nothing else is."""
    if services.registry.aliases(model.name, [CANDIDATE]):
        return
    for release in reversed(ordered):
        found = services.registry.find(model.name, release.version)
        if found is not None:
            services.registry.set_alias(model.name, CANDIDATE, found.number)
            return


def _restore(
    services: Services, model: ModelFolder, release: Release, found: RegisteredVersion | None
) -> Outcome | None:
    if found is not None:
        return _mended(services, model, release, found)
    if not is_intact(release):
        raise RefusedError(
            "its record was edited: the digest does not fit the content",
            hint=f"git log -p -- {model.path}/releases/{release.version}.yaml",
        )
    trained_at(services.git, release)
    with tempfile.TemporaryDirectory(prefix="mergeline-") as directory, ExitStack() as rebuilt:
        scratch = Path(directory)
        left = left_package(services, release, scratch)
        evidence = left_evidence(services, release, scratch)
        if left is not None:
            package, where = left
        else:
            services.progress(
                f"{model.name}: training {release.version} at {release.training.commit[:10]}"
            )
            outputs = _rebuilt(services, release, rebuilt)
            package, where = outputs["model"], "an equal training"
            evidence = evidence or evidence_in(release, [outputs["evaluate"]])
        run = services.registry.log_run(run_facts(release, package, evidence))
    tags = release_tags(release) | rebuilt_tag(release)
    registered = services.registry.register(model.name, run, tags)
    keep_bundles(services, registered, bundles_on_record(model, release))
    lacking = evidence_findings(model, release, services.registry.entry(model.name, registered))
    lost = "" if evidence else "; the evidence of its evaluation is lost, its digest is on record"
    message = f"{release.version} is registered again, from {where}{lost}"
    return Outcome(model.name, "release", "restored", message, tuple(lacking))


def _mended(
    services: Services, model: ModelFolder, release: Release, found: RegisteredVersion
) -> Outcome | None:
    """Let the tags of a version that is there say what the record says."""
    if found.digest not in (None, release.digest):
        raise RefusedError(
            "the registry has another release under its number",
            hint="find out who registered it; nothing is overwritten",
        )
    names = differing(release, found.tags)
    said = release_tags(release)
    wrong = {name: said[name] for name in names if name in said}
    if wrong:
        services.registry.set_tags(model.name, found.number, wrong)
    if keep_bundles(services, found, bundles_on_record(model, release)):
        wrong["the signature beside the model"] = ""
    lacking = evidence_findings(model, release, services.registry.entry(model.name, found))
    if not wrong and not has_errors(lacking):
        return None
    if not wrong:
        message = f"{release.version} is in the registry, and not complete"
        return Outcome(model.name, "release", "refused", message, tuple(lacking))
    message = f"{release.version} says again what its record says: {', '.join(sorted(wrong))}"
    return Outcome(model.name, "release", "restored", message, tuple(lacking))


def _rebuilt(services: Services, release: Release, rebuilt: ExitStack) -> dict[str, Path]:
    """Train a release again as `reproduce` does; return its outputs, there as long as the stack.

    Raises:
        RefusedError: it is not equal, or its record is not what was released.
        ToolError: it could not be trained.
    """
    outputs: dict[str, Path] = {}

    def train(root: Path, name: str, commit: str) -> RunResult:
        result, home = rebuilt.enter_context(services.retrain(root, name, commit))
        outputs.update({key: home / path for key, path in result.paths.items()})
        return result

    answer = Rebuilder(services.git, services.head, train, lambda _: None).rebuild(release)
    if answer.outcome == "equal":
        return outputs
    if answer.outcome == "different":
        fields = ", ".join(one.field for one in answer.differing)
        raise RefusedError(
            f"its bytes are lost, and a training at its commit gives something else: {fields}",
            hint=f"mergeline reproduce {release.name}@{release.version} shows what differs",
        )
    error = RefusedError if answer.outcome == "refused" else ToolError
    raise error(str(answer.reason), hint=answer.hint)
