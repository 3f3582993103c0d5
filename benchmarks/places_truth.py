"""Does the verdict keep its promises? Simulated worlds, every NHS trust as a sham, sham and real action weeks in
streets.

    python3 go.py bench places_truth horizons --every 2     trusts as shams for 12, 24 and 36 months, all methods
    python3 go.py bench places_truth planted --worlds 60    24 trusts together, nothing done and a tenth taken off
    python3 go.py bench places_truth hotspots --worlds 60 --cells "rule stated"
    python3 go.py bench places_truth longer --worlds 60     areas drawn by lot, 12, 36 and 48 months after
    python3 go.py bench places_truth simulate --worlds 400
    python3 go.py bench places_truth own-months --worlds 200
    python3 go.py bench places_truth designs --worlds 200
    python3 go.py bench places_truth streets --worlds 400
    python3 go.py bench places_truth tables                 Markdown of all that is kept

Each answer is kept under build/places_truth, so that a stopped run goes on where it was and a larger one adds to a
smaller. `--cells TEXT` takes only cells whose name holds the text, `--first` other seeds. Nothing here knows a truth
that the evaluation
could see: effects are put in by thinning or multiplying counts before the evaluation is asked.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Choice, Selection
from headwater.evidence.places.case import ready
from headwater.evidence.places.donors import conformal
from headwater.evidence.places.options import options_of
from places_kept import cell, line, tables
from places_worlds import (
    Seen,
    asked,
    checked,
    chosen_busiest,
    protocol,
    seen,
    some_streets,
    street_panel,
    trust_panel,
    wandering,
    world,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.domain.evidence import Panel
    from headwater.evidence.places.reading import Positions

    Cells = Iterator[tuple[str, range | list[int], Callable[[int], Seen]]]

WORD = (
    "pre-fit",
    "treated-breaks",
    "boundary-change",
    "selection-at-a-peak",
    "placebo-in-time",
    "anticipation",
    "methods-agree",
    "small-counts",
    "source-change",
    "start-in-a-gap",
)
"""All checks that can take the word away (but those of other outcomes): the verdict is then the one that a board would
read."""


# Simulated worlds


def simulate(seeds: range, methods: tuple[str, ...]) -> Cells:
    """One treated unit, twelve months after the start, autocorrelation 0.5, noise of 5 %, two drifting factors."""
    for method in methods:
        for donors in (3, 10, 40, 120):
            for before in (4, 12, 36, 88) if donors != 3 else (36,):
                for ratio in (1.0, 0.85):
                    name = f"{method}, {donors} donors, {before} months before, true ratio {ratio}"
                    yield name, seeds, partial(one_world, method, donors, before, ratio)


def one_world(method: str, donors: int, before: int, ratio: float, seed: int) -> Seen:
    panel = world(donors + 1, before, 1_000 * seed + donors + before, ratio)
    start = date.fromisoformat(panel.periods[before])
    return seen(*checked(panel, {"unit-0000": start}, protocol(method, start, {}, treated=("unit-0000",))), ratio)


def own_months(seeds: range, methods: tuple[str, ...]) -> Cells:
    """Coverage of the conformal interval that stands beside the placebos', where series wander apart and where they do
    not."""
    for method in methods:
        for drift, whose in ((0.0, "steady"), (0.01, "drifting")):
            for donors, before in ((10, 36), (10, 88), (40, 36), (40, 88)):
                name = f"{method}, conformal, {whose} factors, {donors} donors, {before} months before"
                yield name, seeds, partial(conformals, method, (donors, before), drift)


def conformals(method: str, size: tuple[int, int], drift: float, seed: int) -> Seen:
    (donors, before), ratio = size, 0.85
    panel = world(donors + 1, before, 1_000 * seed + donors + before, ratio, drift)
    start = date.fromisoformat(panel.periods[before])
    plan = protocol(method, start, {}, treated=("unit-0000",))
    case = ready(panel, {"unit-0000": start}, plan, options_of(plan), None)
    low, high = conformal(case, method) or (0.0, np.inf)
    word = "averted" if high < 1 else "harm" if low > 1 else "cannot-tell"
    return Seen(word, low <= ratio <= high, float(np.log(high / max(low, 1e-9))))


# Designs that simulate leaves out


def designs(seeds: range) -> Cells:
    """A series alone, staggered starts, and a stepped wedge."""
    for ratio in (1.0, 0.85):
        for before in (24, 36, 88):
            yield f"its, {before} months before, true ratio {ratio}", seeds, partial(alone, before, ratio)
        for method in ("did", "stepped-wedge"):
            yield f"{method}, staggered starts, true ratio {ratio}", seeds, partial(in_turns, method, ratio)


def alone(before: int, ratio: float, seed: int) -> Seen:
    """One series: trend, calendar, autocorrelated noise of 5 %; the drifting factors of `world`, which only donors
    could tell, are left out, for a series alone cannot know them."""
    panel = world(1, before, 1_000 * seed + before, ratio, drift=0.0)
    start = date.fromisoformat(panel.periods[before])
    plan = protocol("its", start, {"screen_breaks": False}, treated=("unit-0000",), checks=("none",))
    return seen(asked(panel, {"unit-0000": start}, plan), True, ratio)


def in_turns(method: str, ratio: float, seed: int) -> Seen:
    """Twenty-four units begin in four turns, three months apart; for did, forty-eight never do."""
    from headwater.stats.stepped import drawn_order

    panel = world(24 if method == "stepped-wedge" else 72, 24, 7_000 + seed, 1.0)
    begun = 24 + 3 * drawn_order(24, 4, seed)
    counts = panel.counts.copy()
    for row, at in enumerate(begun.tolist()):
        counts[row, at:] = np.random.default_rng([seed, row]).binomial(counts[row, at:].astype(int), ratio)
    starts = {panel.units[row]: date.fromisoformat(panel.periods[at]) for row, at in enumerate(begun.tolist())}
    plan = protocol(method, min(starts.values()), {"screen_breaks": False}, treated=tuple(starts), checks=("none",))
    return seen(asked(replace(panel, counts=counts), starts, plan), True, ratio)


# NHS trusts

SHAM = date(2016, 4, 1)
"""Nothing began in any trust on that day, and 36 months follow it."""


def horizons(methods: tuple[str, ...], every: int) -> Cells:
    """Every so many trusts as a sham from April 2016, followed for one, two and three years; with nothing done and with
    a tenth taken off.

    Trusts that are counted in nearly all months from the start on; the others would only be withheld."""
    for ratio in (1.0, 0.9):
        for column in ("type1_att", "type1_adm"):
            panel = trust_panel(column)
            late = np.array(panel.periods) >= str(SHAM)
            there = np.flatnonzero(np.isfinite(panel.counts[:, late]).mean(axis=1) > 0.9)[::every].tolist()
            for months in (12, 24, 36):
                for method in methods:
                    name = f"{column}, {method}, {months} months after, true ratio {ratio}"
                    yield name, there, partial(for_months, panel, method, months, ratio)


def for_months(panel: Panel, method: str, months: int, ratio: float, row: int) -> Seen:
    return of_trusts(panel, [row], ratio, method, months)


def planted(seeds: range) -> Cells:
    """Twenty-four trusts drawn by lot together, with nothing done and with a tenth taken off."""
    for ratio in (1.0, 0.9):
        for column in ("type1_att", "type1_adm"):
            for months in (12, 24, 36):
                panel = trust_panel(column)
                yield (
                    f"{column}, did, 24 trusts, {months} months after, true ratio {ratio}",
                    seeds,
                    partial(together, panel, months, ratio),
                )


def together(panel: Panel, months: int, ratio: float, seed: int) -> Seen:
    """Drawn among those counted in the last year before the gap that ends at the start: whoever goes or comes later is
    not known then, and a draw from those who stayed is one from bodies that took the others in."""
    year = [f"2014-{m:02}-01" for m in range(3, 13)] + ["2015-01-01", "2015-02-01"]
    there = np.flatnonzero(~np.isnan(panel.counts[:, np.isin(panel.periods, year)]).any(axis=1))
    rows = np.random.default_rng([3, seed]).choice(there, 24, replace=False)
    return of_trusts(panel, sorted(rows.tolist()), ratio, "did", months)


def of_trusts(panel: Panel, rows: list[int], ratio: float, method: str, months: int) -> Seen:
    late, counts = np.array(panel.periods) >= str(SHAM), panel.counts.copy()
    counts[np.ix_(rows, late)] = np.round(ratio * counts[np.ix_(rows, late)])
    treated = tuple(panel.units[row] for row in rows)
    plan = protocol(method, SHAM, {"post_periods": months}, treated=treated, checks=WORD)
    return seen(*checked(replace(panel, counts=counts), dict.fromkeys(treated, SHAM), plan), ratio)


# Areas that wander, followed for long


def longer(seeds: range) -> Cells:
    """Made-up areas that wander, drawn by lot, followed for one, three and four years after five years before."""
    for months, number, ratio in ((m, n, r) for m in (12, 36, 48) for n in (1, 10, 30) for r in (1.0, 0.7)):
        for method in ("did", "synthetic-did") if number < 30 else ("did",):
            name = f"{method}, {number} of 200 areas, {months} months after, true ratio {ratio}"
            yield name, seeds, partial(by_lot, method, months, (number, ratio))


def by_lot(method: str, months: int, treated: tuple[int, float], seed: int) -> Seen:
    number, ratio = treated
    panel = wandering(200, 60 + months, 500 + seed, level=10.0)
    rows = np.random.default_rng([17, seed]).choice(200, number, replace=False)
    counts = panel.counts.copy()
    counts[rows, 60:] = np.random.default_rng([18, seed]).binomial(counts[rows, 60:].astype(int), ratio)
    names, start = tuple(panel.units[row] for row in sorted(rows.tolist())), date.fromisoformat(panel.periods[60])
    more = {"treated": names, "draws": 400, "checks": WORD, "follow_up_days": 31 * months, "unit": "place"}
    plan = protocol(method, start, {"post_periods": months}, **more)
    return seen(*checked(replace(panel, counts=counts), dict.fromkeys(names, start), plan), ratio)


# Streets


FORCES = ("Cleveland Police", "Hampshire Constabulary")
STARTS = (date(2019, 1, 1), date(2019, 1, 14))
"""The first day of a month, and a day within one: that month is then neither before nor after, as days are not
known."""


def streets(seeds: range) -> Cells:
    """Sham action weeks in real streets drawn by lot, and the same with 20 % or 40 % of their incidents taken out."""
    for force, by, start in ((f, b, s) for f in FORCES for b in ("streets", "areas") for s in STARTS):
        panel, places = street_panel(force, by, 2.0)
        for size in (10, 40, 160) if by == "streets" else (10, 40):
            for ratio in (1.0, 0.8, 0.6):
                name = f"{force}, {len(panel.units)} {by}, {size} treated from {start}, true ratio {ratio}"
                yield name, seeds, partial(week, panel, places, size, (start, ratio))


def week(panel: Panel, places: Positions, size: int, begun: tuple[date, float], seed: int) -> Seen:
    """Action weeks at places drawn by lot; a lasting fall is put in by thinning, in the month of the start by its
    share."""
    start, ratio = begun
    options: dict[str, str | int | float | bool] = {"min_pre_periods": 3, "screen_breaks": False, "buffer_metres": 150}
    plan = replace(protocol("buffer", start, options), unit="place", checks=("none",))
    month = [str(start)[:7] + "-01" == period for period in panel.periods].index(True)
    left = 1 - (1 - ratio) * (31 - start.day + 1) / 31
    rng = np.random.default_rng(seed)
    rows = rng.choice(len(panel.units), size, replace=False)
    counts = panel.counts.copy()
    counts[rows, month] = rng.binomial(counts[rows, month].astype(int), left)
    counts[rows, month + 1 :] = rng.binomial(counts[rows, month + 1 :].astype(int), ratio)
    starts = {panel.units[row]: start for row in rows.tolist()}
    return seen(asked(replace(panel, counts=counts), starts, plan, places), True, ratio)


# Places chosen at their peak


def hotspots(seeds: range) -> Cells:
    """Made-up areas that wander, and real streets (other subsets of them each time)."""
    for stated in (True, False):
        rule = f"rule {'' if stated else 'un'}stated"
        grid = ((h, w, n, r) for h in (36, 12) for w in (3, 12) for n in (10, 30, 100) for r in (1.0, 0.8, 0.6))
        for history, window, number, ratio in grid:
            name = f"busiest {number} of 400 over {window} months, {history} months before, true ratio {ratio}, {rule}"
            made = partial(wandering, 400, history + 6)
            yield name, seeds, partial(peaks, made, history, (window, number, ratio), stated)
        for force, number, ratio in ((f, n, r) for f in FORCES for n in (10, 30, 100) for r in (1.0, 0.8, 0.6)):
            name = f"{force}, busiest {number} streets over 1 month, 4 months before, true ratio {ratio}, {rule}"
            yield name, seeds, partial(peaks, partial(some_streets, force), 4, (1, number, ratio), stated)


def peaks(make: Callable[[int], Panel], now: int, choice: tuple[int, int, float], stated: bool, seed: int) -> Seen:
    options: dict[str, str | int | float | bool] = {"min_pre_periods": 3, "screen_breaks": False}
    panel, treated = chosen_busiest(make(seed), now, choice, seed)
    start = date.fromisoformat(panel.periods[now])
    plan = replace(
        protocol("did", start, options, treated=treated, draws=400, checks=WORD),
        unit="place",
        selection=Selection(Choice.BUSIEST, periods=choice[0]) if stated else None,
    )
    return seen(*checked(panel, dict.fromkeys(treated, start), plan), choice[2])


STUDIES = ("horizons", "planted", "hotspots", "longer", "simulate", "own-months", "designs", "streets")


def cells_of(study: str, seeds: range, methods: tuple[str, ...], every: int) -> Cells:
    made: dict[str, Callable[[], Cells]] = {
        "horizons": lambda: horizons(methods, every),
        "planted": lambda: planted(seeds),
        "hotspots": lambda: hotspots(seeds),
        "longer": lambda: longer(seeds),
        "simulate": lambda: simulate(seeds, methods),
        "own-months": lambda: own_months(seeds, methods),
        "designs": lambda: designs(seeds),
        "streets": lambda: streets(seeds),
    }
    return made[study]()


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("what", choices=[*STUDIES, "tables"], nargs="?", default="simulate")
    read.add_argument("--worlds", type=int, default=20)
    read.add_argument("--methods", default="did,synthetic-control,synthetic-did")
    read.add_argument("--first", type=int, default=0, help="the first seed")
    read.add_argument("--every", type=int, default=3, help="of horizons, one trust in so many")
    read.add_argument("--cells", default="", help="only cells whose name holds this")
    given = read.parse_args()
    if given.what == "tables":
        print("\n\n".join(f"## {study}\n\n{tables(study)}" for study in STUDIES))
        return
    seeds, answers = range(given.first, given.first + given.worlds), []
    for name, keys, one in cells_of(given.what, seeds, tuple(given.methods.split(",")), given.every):
        if given.cells in name:
            answers += cell(given.what, name, keys, one)
    print("  ".join(f"{key} {value}" for key, value in line("together", answers).items()))


if __name__ == "__main__":
    main()
