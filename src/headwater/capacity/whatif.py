"""What would happen at a station if some of its demand were averted, where formulas do not reach: simulated, with
common random numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.capacity.station import Station, stations_of
from headwater.domain.errors import Usage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WARM_UP = 0.1


@dataclass(frozen=True, slots=True)
class Performance:
    """What was simulated: hours waited by all, share served within the station's `within_hours`, share turned away or
    given up."""

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
    station: Mapping[str, object],
    averted_share: float,
    seed: int,
    years: float = 5.0,
    service_sd_hours: float | None = None,
    profile: Sequence[float] = (),
) -> Change:
    """Simulate a station before and after a share of its contacts is averted.

    service_sd_hours: exponential service where it is not given, else lognormal. profile: 24 relative rates of the day's
    hours.
    """
    one = next(iter(stations_of([station]).values()))
    if not 0 <= averted_share <= 1:
        raise Usage("the averted share lies between 0 and 1", given=str(averted_share))
    day = np.asarray(profile, dtype=np.float64)
    shape = day / day.mean() if day.size == 24 else None
    if one.model == "delay" and one.load(float(one.carried()[0])) >= one.servers:
        raise Usage(
            f"{one.name} gets more than it can serve, so its queue has no steady state to compare",
            given=f"{one.load(0.0):,.1f} erlangs at {one.servers} servers",
            next_step='set model = "abandonment" and patience_hours, if people give up waiting, or mend the figures',
        )
    from headwater.stats import waiting  # its compiled code takes a second to load, and only a simulation needs it

    generator = np.random.default_rng(seed)
    rate = one.load(float(one.carried()[0])) / one.service_hours
    arrivals = waiting.poisson_arrivals(rate, years * one.hours_per_year, generator, shape)
    services = waiting.lognormal_services(
        one.service_hours, service_sd_hours or one.service_hours, arrivals.size, generator
    )
    patience = generator.exponential(one.patience_hours, arrivals.size)
    stays = generator.uniform(size=arrivals.size) >= averted_share
    days = np.column_stack([arrivals, services, patience])
    return Change(_performance(one, days), _performance(one, days[stays]))


def _performance(station: Station, days: NDArray[np.float64]) -> Performance:
    """days: float64[contact, (arrival, service, patience)]; the run's first tenth, in which the station fills up, is
    left out."""
    from headwater.stats import waiting

    if not len(days):
        return Performance(0, 0.0, 0.0, 1.0, 0.0)
    arrivals, services, patience = (np.ascontiguousarray(column) for column in days.T)
    start = int(arrivals.size * WARM_UP)
    if station.model == "loss":
        lost = waiting.turned_away(arrivals, services, station.servers)[start:]
        return Performance(lost.size, 0.0, 0.0, float(1 - lost.mean()), float(lost.mean()))
    if station.model == "abandonment":
        waited = waiting.waits_with_patience(arrivals, services, patience, station.servers)[start:]
    else:
        waited = waiting.waits(arrivals, services, station.servers)[start:]
    gone, hours = waited < 0, np.abs(waited)
    in_time = ~gone & (hours <= station.within_hours)
    return Performance(
        hours.size, float(hours.mean()), float(np.quantile(hours, 0.9)), float(in_time.mean()), float(gone.mean())
    )


def demand_ahead(contacts: float, growth: Sequence[float] = (), mitigated: Sequence[float] = ()) -> float:
    """Demand after growth and mitigation factors, which multiply: 0.88 and 0.75 leave 0.66, not the 0.63 of adding
    them."""
    return float(contacts * np.prod([*growth, *mitigated]))
