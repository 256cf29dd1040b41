"""The waivers in force for the models of a pull request: what is not asked of them, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mergeline.report.markdown import cell, fold, table
from mergeline.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import date

    from mergeline.policy.waivers import WaiverFile

_HEADER = ("rule", "model", "owner", "reason", "expires")
_ROWS = 50


class Waived(NamedTuple):
    """A waiver in force.

    Attributes:
        rule: the rule that does not stop the model.
        model: the model.
        owner: who answers for it.
        reason: why.
        expires: its last day.
        days: how many days are left after today.
    """

    rule: str
    model: str
    owner: str
    reason: str
    expires: date
    days: int


def in_force(
    waivers: Iterable[WaiverFile], models: Collection[str], today: date
) -> tuple[Waived, ...]:
    """Return the waivers of some models that have not ended, those that end first at the top."""
    found = [
        Waived(
            one.spec.rule,
            one.spec.model,
            one.spec.owner,
            " ".join(one.spec.reason.split()),
            one.expires,
            (one.expires - today).days,
        )
        for one in waivers
        if one.spec.model in models and one.expires >= today
    ]
    return tuple(sorted(found, key=lambda one: (one.expires, one.model, one.rule)))


def waivers_fold(waived: Sequence[Waived]) -> str:
    """Return a block that lists waivers."""
    rows = [_row(one) for one in waived[:_ROWS]]
    left = len(waived) - len(rows)
    more = f"\n\nand {left} more" if left else ""
    return fold(f"{counted(len(waived), 'waiver')} in force", table(_HEADER, rows) + more)


def _row(one: Waived) -> list[str]:
    left = f"{counted(one.days, 'day')} left" if one.days else "today"
    cells = [cell(part) for part in (one.rule, one.model, one.owner, one.reason)]
    return [*cells, f"{one.expires} ({left})"]
