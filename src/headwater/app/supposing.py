"""What if: an option or a result with another price, uptake, cost or share that comes true. Nothing is looked for or
estimated again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.app import choosing
from headwater.app.answers import interval
from headwater.domain.options import SPREAD_YEARS
from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.app.answer import Answer
    from headwater.app.place import Place

POINTS = 201
"""Quantiles that stand for an option's draws: a chance reckoned from them is off by half a percent at most."""


@dataclass(frozen=True, slots=True)
class Change:
    """Multiples of what is assumed. Uptake moves the yearly cost with the benefit; the other two move the benefit
    alone."""

    price: float = 1.0
    uptake: float = 1.0
    cost: float = 1.0
    true: float = 1.0

    @property
    def benefit(self) -> float:
        return self.price * self.uptake * self.true


def stakes(place: Place, organisation: str | None = None) -> Answer | None:
    """Option → what `of_options` needs of it, from what `find` kept; None where it has to be asked again."""
    with place.store() as store:
        found = choosing.held(place, store, organisation)
    if found is None:
        return None
    at = np.linspace(0, 1, POINTS)
    rows = {
        one.id: {
            "benefit_gbp": np.quantile(one.benefit_gbp, at).tolist(),
            "mean_gbp": float(one.benefit_gbp.mean()),
            "cost_gbp_per_year": one.yearly_cost_gbp,
            "one_off_cost_gbp": one.one_off_cost_gbp,
        }
        for one in found
        if not one.needs and one.board != "opportunity"
    }
    return place.answer("stakes", {"options": rows})


def of_option(place: Place, stake: Mapping[str, Any], changes: Sequence[Change]) -> Answer:
    """A year of an option under each change; its one-off cost is spread as every list of options spreads it."""
    return place.answer("what-if", {"scenarios": [_year(stake, change) for change in changes]})


def _year(stake: Mapping[str, Any], change: Change) -> dict[str, Any]:
    yearly = float(stake["cost_gbp_per_year"]) * change.cost * change.uptake
    once = float(stake["one_off_cost_gbp"]) * change.cost
    benefit = np.asarray(stake["benefit_gbp"]) * change.benefit
    mean, cost = float(stake["mean_gbp"]) * change.benefit, yearly + once / SPREAD_YEARS
    low, high = np.interp((0.025, 0.975), np.linspace(0, 1, len(benefit)), benefit)
    return {
        "benefit_gbp": _around(float(low), mean, float(high)),
        "cost_gbp_per_year": yearly,
        "one_off_cost_gbp": once,
        "net_gbp": _around(float(low) - cost, mean - cost, float(high) - cost),
        "chance": float((benefit > cost).mean()),
        "pays_from": _pays_from(mean, cost),
    }


def of_result(place: Place, money: Mapping[str, Any], changes: Sequence[Change]) -> Answer | None:
    """The whole time measured under each change, on the basis of public value; None where money cannot be told."""
    account = next((one for one in money["accounts"] if one["basis"] == "public value" and not one["bearer"]), None)
    if account is None:
        return None
    return place.answer(
        "what-if", {"scenarios": [_whole(account, money["acceptability"], change) for change in changes]}
    )


def _whole(account: Mapping[str, Any], curve: Sequence[Sequence[float]], change: Change) -> dict[str, Any]:
    """curve: (cost as a multiple of what was spent, chance that benefits exceed it)."""
    cost = float(account["cost_gbp"]) * change.cost * change.uptake
    low, mean, high = (float(account["benefit_gbp"][end]) * change.benefit for end in ("low", "mid", "high"))
    multiples, chances = zip(*curve, strict=True)
    asked = change.cost * change.uptake / change.benefit if change.benefit > 0 else float("inf")
    return {
        "benefit_gbp": _around(low, mean, high),
        "cost_gbp": cost,
        "net_gbp": _around(low - cost, mean - cost, high - cost),
        "chance": float(np.interp(asked, multiples, chances)) if asked < float("inf") else 0.0,
        "pays_from": _pays_from(mean, cost),
    }


def _around(low: float, mean: float, high: float) -> dict[str, float] | None:
    return interval(Interval(min(low, mean), mean, max(high, mean)))


def _pays_from(mean: float, cost: float) -> float | None:
    """The share of this benefit from which it covers its cost; None where there is none to cover it with."""
    return cost / mean if mean > 0 else None
