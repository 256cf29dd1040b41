"""What the runs of a plan take and cost: past runs times the organisation's prices.

An estimate is no promise: a run of other data or code may take longer. What is not known is
said to be unknown, never guessed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mergeline.plan.prices import price_of
from mergeline.plan.versions import precedence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mergeline.plan.outlook import Action
    from mergeline.plan.prices import Price
    from mergeline.specs.repository import ModelFolder
    from mergeline.specs.types.training import Budget

_HOUR = 3600
_MONTH = 30 * 24 * _HOUR
_UNITS = {"s": 1, "m": 60, "h": _HOUR, "d": 24 * _HOUR, "w": 7 * 24 * _HOUR}


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that was measured.

    Attributes:
        seconds: what its steps took, each when it really ran.
        source: which run it was, in words.
    """

    seconds: float
    source: str


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the runs of one model take and cost.

    Attributes:
        runs: how often it is trained: as a candidate, and as a release after the merge.
        past: the run that the time is taken from; None: none is known.
        price: of an hour.
        budget: what training.yaml allows; None: it does not say.
        monthly_runs: the most retrainings that the triggers' cooldown lets through in 30
            days; None: nothing retrains the model.
    """

    runs: int
    past: PastRun | None
    price: Price
    budget: Budget | None = None
    monthly_runs: int | None = None

    @property
    def seconds(self) -> float | None:
        """What all runs take, one after the other."""
        return None if self.past is None else self.runs * self.past.seconds

    @property
    def per_run(self) -> float | None:
        """What one run costs."""
        if self.past is None or self.price.per_hour is None:
            return None
        return self.past.seconds / _HOUR * self.price.per_hour

    @property
    def cost(self) -> float | None:
        """What all runs cost."""
        return None if self.per_run is None else self.runs * self.per_run

    @property
    def per_month(self) -> float | None:
        """What a month of retraining costs at the most."""
        if self.per_run is None or self.monthly_runs is None:
            return None
        return self.monthly_runs * self.per_run

    @property
    def exceeds(self) -> tuple[str, ...]:
        """The limits of the budget that are exceeded: `per_run`, `per_month`."""
        if self.budget is None or self.budget.currency != self.price.currency:
            return ()
        known = {
            "per_run": (self.per_run, self.budget.per_run),
            "per_month": (self.per_month, self.budget.per_month),
        }
        return tuple(
            name for name, (cost, most) in known.items() if cost is not None and cost > most
        )

    @property
    def fits(self) -> bool | None:
        """Is one run, and a month of retraining, within the budget? None: it is not known."""
        if self.budget is None or self.budget.currency != self.price.currency:
            return None
        return None if self.per_run is None else not self.exceeds

    def as_json(self) -> dict[str, Any]:
        """Return the estimate as JSON values; money is rounded to a hundredth of a cent."""
        budget = self.budget
        return {
            "runs": self.runs,
            "seconds": _rounded(self.seconds, 3),
            "seconds_source": self.past.source if self.past else None,
            "cost": _rounded(self.cost, 4),
            "currency": self.price.currency,
            "price_source": self.price.source,
            "monthly_runs": self.monthly_runs,
            "budget": budget
            and {
                "currency": budget.currency,
                "per_run": budget.per_run,
                "per_month": budget.per_month,
                "exceeds": list(self.exceeds),
                "fits": self.fits,
            },
        }


@dataclass(frozen=True, slots=True)
class Total:
    """What all models of a plan take and cost together, as far as it is known.

    Attributes:
        runs: of all models.
        seconds: of the models whose time is known.
        costs: by currency, of the models whose cost is known.
        unknown: the models with runs whose time or cost is not known.
    """

    runs: int
    seconds: float
    costs: Mapping[str, float]
    unknown: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the total as JSON values."""
        return {
            "runs": self.runs,
            "seconds": _rounded(self.seconds, 3),
            "costs": {key: _rounded(value, 4) for key, value in self.costs.items()},
            "unknown": list(self.unknown),
        }


def total_of(estimates: Mapping[str, Estimate]) -> Total:
    """Return the sum of the estimates, by the models' names."""
    costs: dict[str, float] = {}
    for one in estimates.values():
        if one.cost is not None and one.price.currency is not None:
            costs[one.price.currency] = costs.get(one.price.currency, 0.0) + one.cost
    return Total(
        runs=sum(one.runs for one in estimates.values()),
        seconds=sum(one.seconds or 0.0 for one in estimates.values()),
        costs=dict(sorted(costs.items())),
        unknown=tuple(name for name, one in estimates.items() if one.cost is None),
    )


def estimate_of(
    model: ModelFolder,
    actions: Iterable[Action],
    tunables: Mapping[str, Any],
    past_run: Callable[[str], PastRun | None],
) -> Estimate | None:
    """Return what the runs among the actions take and cost; None if there are none.

    Args:
        model: in the head.
        actions: what follows for it.
        tunables: the organisation's numbers.
        past_run: what this machine knows of a model, asked where no release says it.
    """
    kinds = {action.kind for action in actions}
    # Without a training the steps before the evaluation may be there already: it is the most.
    runs = int(bool(kinds & {"train", "evaluate"})) + int("release" in kinds)
    if not runs:
        return None
    training, retraining = model.training, model.monitoring.retraining
    return Estimate(
        runs,
        _released_run(model) or past_run(model.name),
        price_of(training.resources, tunables),
        training.budget,
        _MONTH // _seconds(retraining.cooldown) if retraining.triggers else None,
    )


def _released_run(model: ModelFolder) -> PastRun | None:
    """Return how long the newest release took that says it: it ran where releases run."""
    for version in sorted(model.releases, key=precedence, reverse=True):
        seconds = model.releases[version].training.seconds
        if seconds is not None:
            return PastRun(seconds, f"release {version}")
    return None


def _seconds(duration: str) -> int:
    return max(1, int(duration[:-1]) * _UNITS[duration[-1]])


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
