"""A model card as one HTML page: no scripts, no requests, in the manner of a run's report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mergeline import __version__
from mergeline.report.card.sections import sections_of, standing_text
from mergeline.report.figures import figures_of
from mergeline.report.html import page_environment

if TYPE_CHECKING:
    from mergeline.audit.card import Card
    from mergeline.report.evidence import Evidence


def card_page(card: Card, evidence: Evidence | None) -> str:
    """Return the page.

    Args:
        card: what is known.
        evidence: what of it was measured; None: it was not read.
    """
    data = card.specs.data
    template = page_environment().get_template("card.html.j2")
    return template.render(
        version=__version__,
        card=card,
        sections=sections_of(card, evidence),
        standing=standing_text(card),
        figures=figures_of(evidence, data.target if data else "target") if evidence else {},
        kind=lambda block: type(block).__name__,
        is_web=lambda url: url.startswith(("https://", "http://")),
    )
