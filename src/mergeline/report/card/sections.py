"""The sections of a model card, after Mitchell et al. 2019, "Model Cards for Model Reporting"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline.report.card import about, making, measured, service

if TYPE_CHECKING:
    from mergeline.audit.card import Card
    from mergeline.report.card.blocks import Section
    from mergeline.report.evidence import Evidence


def sections_of(card: Card, evidence: Evidence | None) -> list[Section]:
    """Return the sections in their order.

    Args:
        card: what is known.
        evidence: what of it was measured; None: it was not read.
    """
    found = [
        about.details(card),
        about.intended_use(card),
        measured.evaluation(card, evidence),
        measured.champion(card, evidence),
        measured.fairness(card, evidence),
        measured.latency(card, evidence),
        about.limits(card, evidence),
        making.data(card),
        making.features(card),
        service.monitoring(card),
        service.history(card),
        making.environment(card),
        service.provenance(card),
    ]
    return [section for section in found if section is not None]


def standing_text(card: Card) -> str:
    """Return where the release is wanted now."""
    if not card.standing:
        return "No environment wants this release now."
    return f"This release is wanted in {' and '.join(card.standing)} now."
