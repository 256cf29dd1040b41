"""What a real team's policies/data.yaml says otherwise than that of the reference repository."""

from __future__ import annotations

import re

_SOAK = re.compile(
    r"^  # How long it must have served there\.[^:]*?^  soak:\n[^\n]*\n", re.M | re.S
)
_PRODUCTION = re.compile(r"(^  approvals_from:\n[^\n]*\n)(    production: [^\n]*\n)", re.M)
_A_TEAMS_SOAK = """\
  # How long it must have served there.
  soak:
    production: {low: 24h, medium: 24h, high: 72h}
"""
_NO_TEAMS = """\
    # An account without teams cannot say who is in one. In an organisation: `[owner]` for medium
    # and high risk, then `mergeline workflows`.
    production: {low: [], medium: [], high: []}
"""


def with_numbers(content: bytes, *, teams: bool) -> bytes:
    """Return the file with a soak that a team can work with, and without what nobody could answer.

    Args:
        content: of the reference repository's `policies/data.yaml`.
        teams: is there an organisation, the teams of which can be asked?
    """
    text = _SOAK.sub(_A_TEAMS_SOAK, content.decode(), count=1)
    return (text if teams else _PRODUCTION.sub(rf"\g<1>{_NO_TEAMS}", text, count=1)).encode()
