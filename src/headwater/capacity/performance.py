"""What people feel: how a station performs before and after, in closed form. The other use of freed capacity than
cash."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.capacity.station import Station, stations_of
from headwater.stats.queueing import cobham, erlang_a, erlang_b, mean_wait, sojourn_within, wait_over

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Felt:
    """A station at a load. Hours are hours; None where the model has no such figure, or no steady state exists.

    A queue without abandonment that gets more than it can serve has no steady state: it is said, and nothing is
    extrapolated.
    """

    servers: int
    occupancy: float
    """Erlangs offered a server; 1 or more is more than it can serve."""
    steady: bool
    mean_wait_hours: float | None = None
    urgent_wait_hours: float | None = None
    other_wait_hours: float | None = None
    served_in_time: float | None = None
    """Share whose wait stays within the station's `within_hours`; with a loss model, share that finds a place."""
    out_within_hours: float | None = None
    """Share that has left, served, within the hours asked for (four for the A&E standard)."""
    given_up: float | None = None


def performance(
    station: Mapping[str, object], averted_per_year: float = 0.0, closed_steps: int = 0, out_within_hours: float = 4.0
) -> Felt:
    """How the station performs once so many contacts a year are averted and so many steps are closed."""
    one = next(iter(stations_of([station]).values()))
    load = one.load(float(one.carried()[0])) - averted_per_year * one.service_hours / one.hours_per_year
    servers = max(0, one.servers - one.step * closed_steps)
    return felt(one, servers, max(0.0, load), out_within_hours)


def felt(station: Station, servers: int, load: float, out_within_hours: float = 4.0) -> Felt:
    occupancy = load / servers if servers else float("inf")
    if station.model == "loss":
        return Felt(servers, occupancy, True, served_in_time=1 - float(erlang_b(servers, load)))
    if station.model == "abandonment":
        lost, _, wait = erlang_a(servers, load, station.service_hours, station.patience_hours)
        return Felt(servers, occupancy, True, mean_wait_hours=wait, given_up=lost)
    if load >= servers:
        return Felt(servers, occupancy, False, served_in_time=0.0, out_within_hours=0.0)
    urgent, other = cobham(
        servers, [load * station.urgent_share, load * (1 - station.urgent_share)], station.service_hours
    )
    return Felt(
        servers,
        occupancy,
        True,
        float(mean_wait(servers, load, station.service_hours)),
        float(urgent),
        float(other),
        1 - float(wait_over(servers, load, station.within_hours, station.service_hours)),
        sojourn_within(servers, load, out_within_hours, station.service_hours),
    )
