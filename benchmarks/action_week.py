"""Choosing streets and agencies of an action week: how fast, against the plain way, and how near to the best.

    python3 go.py bench action_week [--places 3000] [--agencies 20] [--write]

The plain way reckons the gain of every pair anew before each choice; it is run until it has made a few choices and
scaled. The physical limit is the time to sort all pairs once. Small cases are set against every set of visits there is.
"""

from __future__ import annotations

import argparse
import time
from itertools import product

import numpy as np

from headwater.stats.greedy import best_visits
from money_table import Results, peak_mib

CHOICES, SMALL_CASES = 20, 200


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--places", type=int, default=3000)
    words.add_argument("--agencies", type=int, default=20)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    command = f"python3 go.py bench action_week --places {given.places} --agencies {given.agencies}"
    results = Results("action_week", "The choice of an action week", command)
    rng = np.random.default_rng(given.seed)
    task = made(given.places, given.agencies, rng)
    best_visits(*made(5, 2, rng))  # compiled before it is timed
    with results.timed("streets and agencies chosen", f"{given.places * given.agencies:,} pairs") as ours:
        found = best_visits(*task)
    results.add(
        "visits", f"{len(found.visits):,}", f"surely at least {found.assured:.1%} of the most any choice could reach"
    )
    plain = plain_way(*task) * len(found.visits)
    results.add("the plain way", f"{plain:.1f} s", f"from {CHOICES} choices; {plain / ours[0]:,.0f} times ours")
    start = time.perf_counter()
    np.argsort((task[0][:, None] * task[1] / task[2]).ravel())
    limit = time.perf_counter() - start
    results.add(
        "physical limit: sorting the pairs once", f"{limit:.4f} s", f"ours takes {ours[0] / limit:,.0f} times as long"
    )
    shares = [share(*made(*rng.choice([[9, 1], [3, 3], [2, 5], [5, 2]]), rng)) for _ in range(SMALL_CASES)]
    results.add(
        "least share of the best, small cases",
        f"{min(shares):.3f}",
        f"{SMALL_CASES} cases by brute force; 1 − 1/e is 0.632",
    )
    results.add("small cases in which it is the best", f"{np.mean(np.array(shares) > 1 - 1e-9):.1%}", "")
    results.add("largest memory", f"{peak_mib():,.0f} MiB")
    if given.write:
        results.write(("numpy", "numba"))


def made(places: int, agencies: int, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Harm with a heavy tail, chances and days at random, days for a seventh of the pairs."""
    harm = rng.pareto(1.5, places) * 100
    chance, days = rng.uniform(0.1, 0.6, (places, agencies)), rng.uniform(1, 4, (places, agencies))
    return harm, chance, days, np.full(agencies, max(4.0, 2.5 * places / 7))


def plain_way(harm: np.ndarray, chance: np.ndarray, days: np.ndarray, budget: np.ndarray) -> float:
    """Seconds a choice when every gain is reckoned anew for each."""
    left, spare, taken = np.ones(len(harm)), budget.copy(), np.zeros(chance.shape, dtype=bool)
    start = time.perf_counter()
    for _ in range(CHOICES):
        gain = np.where(taken | (days > spare), -1.0, (harm * left)[:, None] * chance / days)
        place, agency = np.unravel_index(gain.argmax(), gain.shape)
        left[place] *= 1 - chance[place, agency]
        spare[agency] -= days[place, agency]
        taken[place, agency] = True
    return (time.perf_counter() - start) / CHOICES


def share(harm: np.ndarray, chance: np.ndarray, days: np.ndarray, budget: np.ndarray) -> float:
    picked = np.array(list(product((0, 1), repeat=chance.size))).reshape(-1, *chance.shape)
    fits = ((picked * days).sum(axis=1) <= budget).all(axis=1)
    values = (harm * (1 - (1 - picked * chance).prod(axis=2))).sum(axis=1)
    return best_visits(harm, chance, days, budget).value / float(values[fits].max())


if __name__ == "__main__":
    main()
