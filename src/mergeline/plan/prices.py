"""The organisation's price table: what an hour of a run costs.

`organization.prices` in policies/data.yaml holds `currency`, `runners` (a label to the price of
an hour of such a machine), `per_hour` (of a `cpu`, a `memory_gib`, a `gpu`) and `spot_discount`
(the share that is saved where training.yaml lets the machine be taken away).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

from mergeline.plan.approvals import TUNABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mergeline.specs.types.training import Resources

_PRICES = "organization.prices"
_GIBIBYTES = {"Mi": 1 / 1024, "Gi": 1.0, "Ti": 1024.0}


@dataclass(frozen=True, slots=True)
class Price:
    """What an hour of a run costs.

    Attributes:
        per_hour: in the currency; None: it is not known.
        currency: ISO 4217; None: it is not known.
        source: how it is made up, or what is missing.
    """

    per_hour: float | None
    currency: str | None
    source: str


def price_of(resources: Resources, tunables: Mapping[str, Any]) -> Price:
    """Return what an hour costs: the runner's price, else that of what is asked for.

    Args:
        resources: of training.yaml.
        tunables: the organisation's numbers; `prices` holds `currency`, `runners` (label to
            price of an hour), `per_hour` (of a `cpu`, a `memory_gib`, a `gpu`) and
            `spot_discount` (the share that is saved).
    """
    prices = _mapping(tunables.get("prices"))
    currency = prices.get("currency")
    if not isinstance(currency, str):
        return Price(None, None, f"{TUNABLES} of the base has no {_PRICES}.currency")
    whole = _number(_mapping(prices.get("runners")).get(resources.runner))
    if whole is not None:
        per_hour, source = whole, f"runner {resources.runner}"
    else:
        wanted = {
            "cpu": resources.cpu,
            "memory_gib": _gibibytes(resources.memory),
            "gpu": resources.gpu,
        }
        rates = _mapping(prices.get("per_hour"))
        missing = [
            key for key, count in wanted.items() if count and _number(rates.get(key)) is None
        ]
        if missing:
            said = f"{TUNABLES} of the base has no {_PRICES}.per_hour.{missing[0]}"
            return Price(None, currency, f"{said} and no price of runner {resources.runner}")
        per_hour = sum(count * float(rates[key]) for key, count in wanted.items() if count)
        source = f"cpu {resources.cpu:g}, memory {resources.memory}, gpu {resources.gpu}"
    discount = _number(prices.get("spot_discount")) if resources.spot else None
    if discount is not None and discount <= 1:
        per_hour, source = per_hour * (1 - discount), f"{source}, spot {discount:.0%} off"
    return Price(per_hour, currency, f"{source}: {per_hour:g} {currency} an hour")


def _gibibytes(memory: str) -> float:
    return int(memory[:-2]) * _GIBIBYTES[memory[-2:]]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: Any) -> float | None:
    """Return a number that can be a price; True is an int to Python, but no price."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if isfinite(value) and value >= 0 else None
    return None
