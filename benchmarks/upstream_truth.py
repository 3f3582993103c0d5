"""Which ranking finds the services that truly avert a demand? Worlds with hidden crises, referrals, unknown windows,
wrong links.

    python3 go.py bench upstream_truth [--worlds 40] [--decoy-worlds 40] [--people 12000] [--link-error 0.2] [--write]

Two kinds of worlds: of worlds/services.py, and those full of decoys of upstream_decoys.py. The boards are not told the
link error.
Resumable: worlds that were judged are kept under build/upstream_truth. Each way of ranking sees the same recorded
contacts.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.partners.upstream.boards import evidence, mean_effect, series
from headwater.partners.upstream.courses import Courses
from headwater.partners.upstream.evidence import Evidence, Series, unhidden
from headwater.stats.sccs import course_of
from headwater.worlds.services import DAYS, SERVICES, Contacts, ServicesTruth, services_world
from upstream_decoys import DECOYS, DEMAND, FIRST_DECOY, NAMES, NOTHINGS, Lives, decoys_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Vector = NDArray[np.float64]

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "upstream_truth"
CONTROLS = 10
LINKS = 0.2
"""Share of wrongly linked or lost records in every second world of decoys."""
DRAWS = 4000
OURS = "joint case series, window averaged over, calibrated (the evidence board)"


def courses_of(world: Contacts) -> Courses:
    first = np.searchsorted(world.person, np.arange(world.people + 1))
    window = (np.zeros(world.people, np.int64), np.full(world.people, DAYS - 1, np.int64))
    course = course_of(first, world.day, world.service, window, SERVICES + 1)
    return Courses(course, (*(f"service-{k}" for k in range(SERVICES)), "demand"), DAYS / 365.25)


def declared(truth: ServicesTruth, seed: int) -> NDArray[np.int64]:
    """Ten services that are declared to change nothing, and do not; never the decoy."""
    nothing = np.flatnonzero((truth.log_ratio == 0) & (np.arange(SERVICES) != truth.decoy))
    return np.sort(np.random.default_rng((seed, 6)).choice(nothing, CONTROLS, replace=False))


# The other ways of ranking; each a score per service, the higher the more averting it looks


def spread(world: Contacts, service: int, before: int, after: int) -> NDArray[np.bool_]:
    """bool[person, day]: whether a contact of the service lies within −before … after days."""
    flags = np.zeros((world.people, DAYS + 1), dtype=np.int32)
    mine = world.service == service
    day, person = world.day[mine], world.person[mine]
    np.add.at(flags, (person, np.maximum(day - before, 0)), 1)
    np.add.at(flags, (person, np.minimum(day + after + 1, DAYS)), -1)
    return np.cumsum(flags, axis=1)[:, :DAYS] > 0


def rivals(world: Contacts) -> dict[str, Vector]:
    demand = np.zeros((world.people, DAYS), dtype=np.int16)
    np.add.at(demand, (world.person[world.service == SERVICES], world.day[world.service == SERVICES]), 1)
    scores: dict[str, list[float]] = {
        name: [] for name in ("before–after", "frequency before the demand", "crude rate ratio", "sequence symmetry")
    }
    first_demand = _first(world, SERVICES)
    for k in range(SERVICES):
        after, before = spread(world, k, -1, 56), spread(world, k, 56, -1)
        seen = float(demand[after].sum())
        scores["before–after"].append(-np.log((seen / after.sum()) / (demand[before].sum() / before.sum())))
        scores["frequency before the demand"].append(seen)
        scores["crude rate ratio"].append(-np.log((seen / after.sum()) / (demand[~after].sum() / (~after).sum())))
        gap = first_demand - _first(world, k)
        scores["sequence symmetry"].append(
            -np.log((((gap > 0) & (gap <= 180)).sum() + 0.5) / (((gap < 0) & (gap >= -180)).sum() + 0.5))
        )
    return {name: np.array(values) for name, values in scores.items()}


def _first(world: Contacts, service: int) -> Vector:
    found = np.full(world.people, np.nan)
    mine = np.flatnonzero(world.service == service)[::-1]
    found[world.person[mine]] = world.day[mine]
    return found


# Judging


def auc(score: Vector, truly: NDArray[np.bool_]) -> float:
    gaps = score[truly][:, None] - score[~truly][None, :]
    return float(((gaps > 0) + 0.5 * (gaps == 0)).mean())


def rank_of(score: Vector, service: int) -> int:
    return int(1 + (score > score[service]).sum())


def board_of(world: Contacts, truth: ServicesTruth, seed: int) -> tuple[Series, Evidence]:
    fits = series(courses_of(world), [SERVICES])
    controls = [(int(service), SERVICES) for service in declared(truth, seed)]
    return fits, evidence(fits, SERVICES, controls)


def judged(seed: int, people: int, link_error: float) -> dict[str, Any]:
    """One world: AUC and the decoy's rank of every way, and how often intervals hold the truth, controls and decoy
    apart."""
    world, truth = services_world(seed, people, link_error)
    fits, board = board_of(world, truth, seed)
    averts = truth.log_ratio < 0
    rng = np.random.default_rng((seed, 7))
    low = np.full(SERVICES, -np.inf)
    for service in board.used:
        # The board's own order: pounds averted per contact, the price being the same for all.
        low[service] = np.mean(board.averted_each(int(service), DRAWS, rng))
    scores = {
        **rivals(world),
        "joint case series, mean over 180 days": -mean_effect(board, fits.seen.days)[0][:SERVICES],
        OURS: low,
    }
    judge = np.setdiff1d(np.arange(SERVICES), [*declared(truth, seed), truth.decoy])
    told = board.diagnoses
    found = np.array([service for service, one in told.items() if one.shown and service < SERVICES], dtype=np.int64)
    return {
        "seed": seed,
        "auc": {name: auc(score, averts) for name, score in scores.items()},
        "decoy": {name: rank_of(score, truth.decoy) for name, score in scores.items()},
        "covered": covered(fits, board, truth, judge, rng),
        "found": len(found),
        "wrong": int((truth.log_ratio[found] >= 0).sum()),
        "right": int(averts[found].sum()),
        "decoy found": truth.decoy in found,
        "refused": int(sum(not one.shown and averts[service] for service, one in told.items() if service < SERVICES)),
        "events": board.raw.events,
        "contacts": len(world.day),
    }


def covered(
    fits: Series, board: Evidence, truth: ServicesTruth, judge: NDArray[np.int64], rng: np.random.Generator
) -> dict[str, list[list[bool]]]:
    """Interval → [holds the truth, is truly nothing] of each judged service: the mean log ratio over 180 days."""
    meant = truth.mean_log_ratio(fits.seen.days[:SERVICES])
    raw = replace(board, around=board.raw.beta, doubt=board.raw.covariance)
    found: dict[str, list[list[bool]]] = {}
    for name, one in (("raw", raw), ("calibrated", board)):
        theta, error = mean_effect(one, fits.seen.days)
        found[name] = [
            [bool(abs(theta[k] - meant[k]) <= 1.96 * error[k]), bool(truth.log_ratio[k] == 0)] for k in judge
        ]
    theta, error = mean_effect(board, fits.seen.days)
    both = []
    for k in judge:
        draws = rng.normal(theta[k], error[k], DRAWS)[:, None]
        low, high = np.quantile(unhidden(draws, None, rng), (0.025, 0.975))
        both.append([bool(low <= meant[k] <= high), bool(truth.log_ratio[k] == 0)])
    found["calibrated, unknown links allowed for"] = both
    return found


# Worlds full of decoys


def decoy_courses(world: Lives) -> Courses:
    people = len(world.last)
    first, start = np.searchsorted(world.person, np.arange(people + 1)), np.zeros(people, np.int64)
    course = course_of(first, world.day, world.service, (start, world.last), len(NAMES))
    return Courses(course, NAMES, float((world.last + 1).mean()) / 365.25)


def judged_decoys(seed: int, people: int, link_error: float) -> dict[str, Any]:
    """One world: which services the estimates alone would show, which stand on the board, why others do not, what
    intervals hold."""
    world = decoys_world(seed, people, link_error)
    fits = series(decoy_courses(world), [DEMAND])
    board = evidence(fits, DEMAND, [(service, DEMAND) for service in range(NOTHINGS)])
    told = board.diagnoses
    theta, error = mean_effect(board, fits.seen.days)
    rng, held = np.random.default_rng((seed, 8)), []
    for k in range(NOTHINGS, FIRST_DECOY):
        days = fits.seen.days[k]
        last = int(world.window[k - NOTHINGS])
        meant = float(np.log(world.ratio[k - NOTHINGS]) * days[1 : last + 1].sum() / days.sum())
        low, high = np.quantile(unhidden(rng.normal(theta[k], error[k], DRAWS)[:, None], None, rng), (0.025, 0.975))
        held.append(bool(low <= meant <= high))
    return {
        "seed": seed,
        "estimates": [NAMES[k] for k in told],
        "shown": [NAMES[k] for k, one in told.items() if one.shown],
        "failed": {NAMES[k]: [check.name for check in one.checks if check.passed is False] for k, one in told.items()},
        "held": held,
        "contacts": len(world.day),
        "events": board.raw.events,
    }


def decoy_page(rows: list[dict[str, Any]], people: int) -> str:
    lines = ["| service | estimate alone would show it | on the board | refused because of |", "|---|---|---|---|"]
    for name in ("averter", "nothing", *DECOYS):
        many = sum(one.startswith(name) for one in NAMES) * len(rows)
        alone, shown = (sum(one.startswith(name) for row in rows for one in row[key]) for key in ("estimates", "shown"))
        why = Counter(
            check for row in rows for one, failed in row["failed"].items() if one.startswith(name) for check in failed
        )
        lines.append(
            f"| {name} | {alone / many:.1%} | {shown / many:.1%} |"
            f" {'; '.join(f'{check} ({n})' for check, n in why.most_common(3))} |"
        )
    held = [one for row in rows for one in row["held"]]
    return (
        f"\n## Worlds full of decoys\n\n{len(rows)} worlds, seeds {rows[0]['seed']} to {rows[-1]['seed']}, {people:,}"
        f" people, three years; in every second world {LINKS:.0%} of the records are wrongly linked or lost. On average"
        f" {np.mean([row['events'] for row in rows]):,.0f} events and"
        f" {np.mean([row['contacts'] for row in rows]) / 1e6:.2f} million contacts. Three services avert (0.65 to 0.8"
        " for 45 to 150 days), ten are nothing and declared as such, each decoy is one pattern"
        " (benchmarks/upstream_decoys.py).\n\n"
        + "\n".join(lines)
        + "\n\nThe 95 % interval of the averters' mean log ratio over 180 days, the link error unknown to it, holds"
        f" the truth in {np.mean(held):.1%} of {len(held)}.\n"
    )


# The page


def page(rows: list[dict[str, Any]], people: int, link_error: float) -> str:
    lines = ["| way of ranking | AUC (sd) | worst world | rank of the decoy among 24 |", "|---|---|---|---|"]
    for name in rows[0]["auc"]:
        values = np.array([row["auc"][name] for row in rows])
        ranks = [row["decoy"][name] for row in rows]
        lines.append(
            f"| {name} | {values.mean():.3f} ({values.std():.3f}) | {values.min():.2f} | {np.mean(ranks):.1f} |"
        )
    lines += [
        "",
        (
            "| 95 % interval of the mean log ratio over 180 days | holds the truth | where nothing was done | where"
            " something was |"
        ),
        "|---|---|---|---|",
    ]
    for name in rows[0]["covered"]:
        told = [pair for row in rows for pair in row["covered"][name]]
        parts = [
            np.mean([held for held, nothing in told if which is None or nothing == which])
            for which in (None, True, False)
        ]
        lines.append(f"| {name} | " + " | ".join(f"{part:.1%}" for part in parts) + " |")
    named, wrong, right = (sum(row[key] for row in rows) for key in ("found", "wrong", "right"))
    return (
        f"# Which services truly avert a demand?\n\n`python3 go.py bench upstream_truth --first {rows[0]['seed']}"
        f" --worlds {len(rows)} --decoy-worlds {len(rows)} --people {people} --link-error {link_error:g}`, seeds"
        f" {rows[0]['seed']} to {rows[-1]['seed']}; {platform.machine()}, {os.cpu_count()} cores, Python"
        f" {platform.python_version()}, numpy {np.__version__}.\n\nEach world: {people:,} people, three years, 24"
        " services of which 4 avert the demand (ratios 0.6 to 0.8) and 4 cause more (1.15 to 1.4), each for a window"
        " of its own, 14 to 180 days, that no method is told; hidden crises, referrals after the demand, services that"
        f" grow or shrink; a decoy goes before half of the demand and changes nothing; {link_error:.0%} of the records"
        " of a person at a service hang on somebody else or on nobody. On average"
        f" {np.mean([row['events'] for row in rows]):,.0f} events and"
        f" {np.mean([row['contacts'] for row in rows]) / 1e6:.2f} million contacts. Ten services are declared as"
        " negative controls; intervals are judged on the others, the decoy apart.\n\n"
        + "\n".join(lines)
        + f"\n\nOn the evidence boards stood {named} services, {wrong} of them wrongly ({wrong / max(named, 1):.1%}; 5"
        f" % is what the rule allows), {right} of {4 * len(rows)} truly averting ones; the decoy stood on"
        f" {sum(row['decoy found'] for row in rows)}. A diagnostic refused {sum(row['refused'] for row in rows)} of"
        " the averting.\n"
    )


def kept(name: str, judge: Callable[..., dict[str, Any]], *given: Any) -> dict[str, Any]:
    """What `judge` says of a world, from its file where it was judged before."""
    file = KEPT / f"{name}.json"
    if not file.exists():
        file.write_text(json.dumps(judge(*given)))
        print(file.stem, flush=True)
    found: dict[str, Any] = json.loads(file.read_text())
    return found


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--worlds", type=int, default=10)
    words.add_argument("--decoy-worlds", type=int, default=10)
    words.add_argument("--people", type=int, default=12_000)
    words.add_argument("--link-error", type=float, default=0.2)
    words.add_argument("--first", type=int, default=1, help="first seed, for running parts apart")
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    last = given.first + given.worlds
    rows = [
        kept(f"{given.people}-{given.link_error:g}-{seed}", judged, seed, given.people, given.link_error)
        for seed in range(given.first, last)
    ]
    last = given.first + given.decoy_worlds
    decoys = [
        kept(f"decoys-{given.people}-{seed}", judged_decoys, seed, given.people, LINKS * (seed % 2))
        for seed in range(given.first, last)
    ]
    text = (page(rows, given.people, given.link_error) if rows else "") + (
        decoy_page(decoys, given.people) if decoys else ""
    )
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "upstream.md").write_text(text)


if __name__ == "__main__":
    main()
