"""How the model serves: what is watched, where it went, who let it, and how all this is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from mergeline.report.card.blocks import Code, Facts, Note, Section, Table, Text, facts
from mergeline.report.card.values import plain
from mergeline.report.numbers import number, percent, short

if TYPE_CHECKING:
    from mergeline.audit.card import Card
    from mergeline.audit.row import Row
    from mergeline.report.card.blocks import Block, Cell
    from mergeline.specs.types import Deployment, Monitoring
    from mergeline.specs.types.deployment import Rollout

_MISSING = "Not known: {} at the training commit is not the one of the record, or unreadable."


def monitoring(card: Card) -> Section:
    """Return what is to be watched in production, and how it is rolled out."""
    blocks: list[Block] = []
    if card.specs.deployment is None:
        blocks.append(Note(_MISSING.format("deployment.yaml")))
    else:
        blocks.append(_rollout(card.specs.deployment))
    if card.specs.monitoring is None:
        blocks.append(Note(_MISSING.format("monitoring.yaml")))
    else:
        blocks += _watched(card.specs.monitoring)
    return Section("monitoring", "Serving and monitoring plan", tuple(blocks))


def _rollout(spec: Deployment) -> Block:
    rows: list[tuple[str, Cell | None]] = [("Mode", spec.mode)]
    for name in ("staging", "production"):
        one: Rollout = getattr(spec.environments, name)
        shares = ", ".join(f"{step.weight} %" for step in one.steps)
        text = one.strategy.replace("_", " ")
        if shares:
            text += f": {shares}"
        back = ", ".join(f"{stop.metric} > {number(stop.threshold)}" for stop in one.rollback_on)
        if back:
            text += f"; back if {back}"
        rows.append((f"To {name}", text))
    return facts("How it is served", *rows)


def _watched(spec: Monitoring) -> list[Block]:
    log, retraining = spec.prediction_log, spec.retraining
    kept = ", ".join(log.features) or "no feature"
    logged = (
        f"{percent(log.sample_rate)} of the predictions, with {kept}, for {log.retention}"
        if log.enabled
        else "none"
    )
    told = ", ".join(f"{one.team} ({one.severity})" for one in spec.alerts)
    window = f"{spec.violation_windows} of {spec.evaluation_windows} windows"
    rows: list[tuple[Cell, ...]] = [
        (f"drift of {one.feature}", one.method, f"> {number(one.threshold)}") for one in spec.drift
    ]
    rows += [
        (
            one.metric,
            f"once labels are there, after {one.label_delay}",
            f"must keep {number(one.threshold)}",
        )
        for one in spec.performance
    ]
    starts = "; ".join(
        f"{one.on}{f' ({one.schedule})' if one.schedule else ''}: {one.reason}"
        for one in retraining.triggers
    )
    return [
        facts(
            "What is kept, who is told",
            ("Predictions logged", logged),
            ("An alert after", window),
            ("Told", told or "nobody"),
            ("Retraining", starts or "by people alone"),
        ),
        Table("What is watched", ("What", "How", "Alert"), tuple(rows))
        if rows
        else Note("Nothing is watched."),
    ]


def history(card: Card) -> Section:
    """Return each change that brought the release somewhere, and who let it."""
    if not card.rows:
        return Section(
            "approvals", "Approvals and deployments", (Text("No environment has ever wanted it."),)
        )
    rows = tuple(_row(one) for one in card.rows)
    header = (
        "When",
        "Environment",
        "Change",
        "Pull request",
        "Author",
        "Merged by",
        "Approved by",
        "Decision",
    )
    blocks: list[Block] = [Table("Each change that made an environment want it", header, rows)]
    if card.registry != "checked":
        blocks.append(
            Note(
                f"Approvals are {card.registry}. The forge knows them when a promotion is merged, "
                "and the registry keeps them."
            )
        )
    proof: tuple[tuple[Cell, ...], ...] = tuple(
        (
            one.environment,
            Code(one.commit),
            Code(one.policies) if one.policies else "not known",
            one.applied_at or "not known",
            one.registry,
        )
        for one in card.rows
    )
    judged = ("Environment", "Commit", "Policies it was judged by", "Made so", "Registry")
    blocks.append(Table("By which commits and policies", judged, proof, folded=True))
    blocks += [
        Note(
            f"An emergency set aside {', '.join(one.waived)} on the way to {one.environment}: "
            f"{one.reason}"
        )
        for one in card.rows
        if one.waived
    ]
    return Section("approvals", "Approvals and deployments", tuple(blocks))


def _row(one: Row) -> tuple[Cell, ...]:
    approvers = "not known" if one.approvers is None else ", ".join(one.approvers) or "nobody"
    return (
        one.at,
        one.environment,
        one.change,
        str(one.pull_request) if one.pull_request else "not known",
        _name(one.author),
        _name(one.merged_by or ""),
        approvers,
        one.decision,
    )


def _name(person: str) -> str:
    """Return a name without its address: a card is handed on."""
    return person.rpartition(" <")[0] or person


def provenance(card: Card) -> Section:
    """Return the digests, the signature if there is one, and how all of this is known."""
    release = card.release
    digests = facts(
        "Digests",
        ("Release", Code(release.digest)),
        ("Artifact", Code(release.artifact.digest)),
        ("Model", release.model_digest and Code(release.model_digest)),
        ("Predictions", release.predictions_digest and Code(release.predictions_digest)),
        ("Evaluation", Code(release.evaluation_digest)),
    )
    specs: tuple[tuple[Cell, ...], ...] = tuple(
        (Code(path), Code(digest)) for path, digest in sorted(release.specs.items())
    )
    how = (
        "The record and the specs were read from Git, the specs at the training commit, each held "
        f"to the digest that the record names. Evidence of the run: {card.evidence.status}. "
        f"Approvals and tags of the registry: {card.registry}. "
        f"The default branch was read up to {short(card.head)}."
    )
    return Section(
        "provenance",
        "Digests and sources",
        (
            Text(how),
            digests,
            *_signature(getattr(release, "signature", None)),
            Table("Files of the model folder", ("File", "Digest"), specs, folded=True),
        ),
    )


def _signature(signature: Any) -> list[Block]:
    if signature is None:
        return []
    found = msgspec.to_builtins(signature)
    rows = found.items() if isinstance(found, dict) else [("signature", found)]
    return [
        Facts(
            "Signature",
            tuple((str(name), Code(plain(one))) for name, one in rows if one is not None),
        )
    ]
