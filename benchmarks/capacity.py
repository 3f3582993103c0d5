"""How fast averted contacts pass through stations, against the plain way and against the memory's own speed.

    python3 go.py bench capacity [--draws 10000] [--stations 20] [--write]

The plain way asks, draw by draw, how few servers still meet the service level, with scipy's Poisson functions for the
formulas (Erlang B is pmf / cdf); it is run on a sample of the draws and scaled. The physical limit is the time to write
an array of the split's size once.
"""

from __future__ import annotations

import argparse
import time
from datetime import date

import numpy as np
from scipy.stats import poisson

from headwater.capacity import free
from headwater.capacity.free import closable
from headwater.capacity.station import MOST_STEPS, Station, stations_of
from headwater.domain.collaboration import Protocol, Style
from headwater.domain.evidence import Effect
from headwater.domain.money import Perspective, Price
from headwater.stats.waiting import poisson_arrivals, waits
from money_table import Results, peak_mib

SAMPLE = 200


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--draws", type=int, default=10_000)
    words.add_argument("--stations", type=int, default=20)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    command = f"python3 go.py bench capacity --draws {given.draws} --stations {given.stations} --seed {given.seed}"
    results = Results("capacity", "From averted contacts to freed capacity", command)
    cascade(results, given.draws, given.stations, given.seed)
    simulation(results, given.seed)
    results.add("largest memory", f"{peak_mib():,.0f} MiB")
    if given.write:
        results.write(("numpy", "scipy", "numba"))


def cascade(results: Results, draws: int, stations: int, seed: int) -> None:
    kinds = [f"kind_{at}" for at in range(stations)]
    entries = [station(kind, at) for at, kind in enumerate(kinds)]
    averted = np.random.default_rng(seed).normal(300, 150, (draws, stations, 2))
    effect = Effect("bench", tuple(kinds), ("2023-04-01", "2024-04-01"), averted, (None,) * stations, 1, 1.0, seed)
    prices = {
        kind: Price(kind, kind, kind, 100.0, "contact", 2024, Perspective.FISCAL, "x", "x", "x", "x") for kind in kinds
    }
    protocol = Protocol(
        "bench", "bench", Style.UPSTREAM, "x", (), date(2023, 4, 1), "x", "x", "person", (), follow_up_days=731
    )
    size = f"{draws:,} draws, {stations} stations, 2 periods"
    with results.timed("split over stations", size) as ours:
        freed = free(effect, prices, entries, protocol)
    worst = np.abs(freed.split_gbp.sum(axis=3) - averted * 100).max()
    results.add("largest departure of the four ways from average cost", f"£{worst:.1e}", "of splits up to £100,000")
    plain = plain_way(entries, averted.sum(axis=2) / (731 / 365.25))
    results.add(
        "the plain way, draw by draw",
        f"{plain:.1f} s",
        f"measured on {SAMPLE} draws; same steps found; {plain / ours[0]:,.0f} times ours",
    )
    start = time.perf_counter()
    np.empty_like(freed.split_gbp)[:] = 1.0
    limit = time.perf_counter() - start
    results.add(
        "physical limit: writing the split once", f"{limit:.4f} s", f"ours takes {ours[0] / limit:,.0f} times as long"
    )


def station(kind: str, at: int) -> dict[str, object]:
    return {
        "kind": kind,
        "service_hours": 24.0,
        "servers": 5 + 3 * at,
        "step": 1 + at % 4,
        "step_cost_gbp": 1e5,
        "decided": 1,
        "model": ("delay", "loss")[at % 2],
        "within_hours": 4.0,
    }


def plain_way(entries: list[dict[str, object]], averted_per_year: np.ndarray) -> float:
    """Seconds for all draws, from a sample, in which the steps found must be those of the fast way."""
    seconds = 0.0
    for at, one in enumerate(stations_of(entries).values()):
        carried, sample = float(one.carried()[0]), averted_per_year[:SAMPLE, at]
        start = time.perf_counter()
        closed = [steps(one, carried - year * one.service_hours / one.hours_per_year) for year in sample]
        seconds += time.perf_counter() - start
        if closed != closable(one, sample).tolist():
            raise SystemExit(f"{one.name}: the plain way and the fast one close different steps")
    return seconds * averted_per_year.shape[0] / SAMPLE


def steps(one: Station, load: float) -> int:
    k = 0
    while (
        k < MOST_STEPS
        and one.servers - one.step * (k + 1) > 0
        and met(one, one.servers - one.step * (k + 1), max(load, 1e-12))
    ):
        k += 1
    return k


def met(one: Station, servers: int, load: float) -> bool:
    blocked = poisson.pmf(servers, load) / poisson.cdf(servers, load)
    if one.model == "loss":
        return bool(1 - blocked >= one.service_level)
    if load >= servers:
        return False
    late = (
        servers
        * blocked
        / (servers - load * (1 - blocked))
        * np.exp(-(servers - load) * one.within_hours / one.service_hours)
    )
    return bool(1 - late >= one.service_level)


def simulation(results: Results, seed: int) -> None:
    """A million arrivals at 45 places, as a large emergency department has in eight years."""
    generator = np.random.default_rng(seed)
    arrivals = poisson_arrivals(13.7, 1_000_000 / 13.7, generator)
    services = generator.exponential(3.0, arrivals.size)
    waits(arrivals[:10], services[:10], 45)
    with results.timed("simulated queue, 1 million arrivals, 45 places", "Kiefer–Wolfowitz, compiled"):
        waits(arrivals, services, 45)


if __name__ == "__main__":
    main()
