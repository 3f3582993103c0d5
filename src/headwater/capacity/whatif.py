"""What would happen at a station if some of its demand were averted, where formulas do not reach: simulated, with common random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.capacity.station import stations_of
from headwater.domain.errors import Usage
from headwater.stats.waiting import lognormal_services, poisson_arrivals, turned_away, waits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Performance:
    """A year's figures; hours of waiting for a queue, shares turned away for a place that only has beds."""

    contacts: int
    mean_wait_hours: float
    ninth_decile_hours: float
    served_in_time: float
    turned_away: float


@dataclass(frozen=True, slots=True)
class Change:
    """The same days, with and without what is averted: the difference has hardly any noise of its own."""

    before: Performance
    after: Performance


def what_if(
    station: Mapping[str, object], averted_share: float, seed: int, years: float = 5.0, service_sd_hours: float | None = None,
    profile: Sequence[float] = (),
) -> Change:  # fmt: skip
    """Simulate a station before and after a share of its contacts is averted.

    service_sd_hours: exponential service where it is not given, else lognormal. profile: 24 relative rates of the day's hours.
    """
    one = next(iter(stations_of([station]).values()))
    if not 0 <= averted_share <= 1:
        raise Usage("the averted share lies between 0 and 1", given=str(averted_share))
    day = np.asarray(profile, dtype=np.float64)
    shape = day / day.mean() if day.size == 24 else None
    generator = np.random.default_rng(seed)
    rate = one.load(float(one.carried()[0])) / one.service_hours
    arrivals = poisson_arrivals(rate, years * one.hours_per_year, generator, shape)
    services = lognormal_services(one.service_hours, service_sd_hours or one.service_hours, arrivals.size, generator)
    stays = generator.uniform(size=arrivals.size) >= averted_share
    loss = one.model == "loss"

    def performance(chosen: NDArray[np.bool_]) -> Performance:
        return _performance(arrivals[chosen], services[chosen], one.servers, one.within_hours, loss=loss)

    return Change(performance(np.ones(arrivals.size, dtype=bool)), performance(stays))


def _performance(
    arrivals: NDArray[np.float64], services: NDArray[np.float64], servers: int, within_hours: float, *, loss: bool
) -> Performance:
    """The run without its first tenth, in which the station fills up."""
    start = int(arrivals.size * WARM_UP)
    if loss:
        lost = turned_away(arrivals, services, servers)[start:]
        return Performance(lost.size, 0.0, 0.0, float(1 - lost.mean()), float(lost.mean()))
    waited = waits(arrivals, services, servers)[start:]
    return Performance(
        waited.size, float(waited.mean()), float(np.quantile(waited, 0.9)), float((waited <= within_hours).mean()), 0.0
    )


def demand_ahead(contacts: float, growth: Sequence[float] = (), mitigated: Sequence[float] = ()) -> float:
    """Demand after growth and mitigation factors, which multiply: 0.88 and 0.75 leave 0.66, not the 0.63 of adding them."""
    return float(contacts * np.prod([*growth, *mitigated]))
