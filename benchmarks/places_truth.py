"""Does the verdict keep its promises? Simulated worlds, every NHS trust as a sham, sham and real action weeks in streets.

    python3 go.py bench places_truth simulate --worlds 600
    python3 go.py bench places_truth own-months --worlds 400
    python3 go.py bench places_truth designs --worlds 200
    python3 go.py bench places_truth trusts
    python3 go.py bench places_truth planted
    python3 go.py bench places_truth horizons
    python3 go.py bench places_truth longer --worlds 60
    python3 go.py bench places_truth streets --worlds 400
    python3 go.py bench places_truth write        writes docs/measured/places.md from what the others have left

Each finished cell is kept under build/places_truth, so that a stopped run goes on where it was. Nothing here knows a truth
that the evaluation could see: effects are put in by thinning or multiplying counts before the evaluation is asked.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
from collections import Counter
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Choice, Selection
from headwater.evidence.places.case import ready
from headwater.evidence.places.donors import conformal
from headwater.evidence.places.options import options_of
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
    from collections.abc import Callable, Iterable

    from headwater.domain.evidence import Panel
    from headwater.evidence.places.reading import Positions

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "places_truth"
PAGE = ROOT / "docs" / "measured" / "places.md"


JUDGED = ("trusts", "planted", "hotspots", "horizons", "longer")
"""Studies in which the checks may take the word away."""


def standing(answers: list[Seen]) -> dict[str, object]:
    """Of those that the checks let stand: their share, and the coverage among them."""
    held = [a.held for a in answers if a.stands and a.held is not None]
    share = round(sum(a.stands for a in answers) / len(answers), 3)
    return {"let stand": share, "coverage of these": round(sum(held) / len(held), 3) if held else None}


def line(name: str, answers: Iterable[Seen]) -> dict[str, object]:
    """The row of a table: shares of verdicts, coverage among those with an interval."""
    answers = list(answers)
    words = Counter(answer.verdict for answer in answers)
    told = [answer for answer in answers if answer.held is not None]
    n = len(answers)
    return {
        "case": name, "worlds": n,
        "coverage": round(sum(a.held for a in told if a.held is not None) / len(told), 3) if told else None,
        "no interval": round(1 - len(told) / n, 3),
        "averted": round(words["averted"] / n, 3), "harm": round(words["harm"] / n, 3),
        "nothing found": round(words["nothing-found"] / n, 3), "cannot tell": round(words["cannot-tell"] / n, 3),
        "width (log)": round(float(np.median([a.width for a in told if a.width is not None])), 3) if told else None,
    }  # fmt: skip


def cell(group: str, name: str, work: Callable[[], Iterable[Seen]]) -> dict[str, object]:
    """The kept row of a finished cell, or the work done now. A change of the method asks for an empty build/places_truth."""
    file = KEPT / group / f"{name.replace(' ', '_').replace('/', '-')}.json"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        answers = list(work())
        file.write_text(json.dumps(line(name, answers) | (standing(answers) if group in JUDGED else {})))
    row: dict[str, object] = json.loads(file.read_text())
    print("  ".join(f"{key} {value}" for key, value in row.items()), flush=True)
    return row


# Simulated worlds


def simulate(seeds: range, methods: tuple[str, ...], cells: str) -> list[dict[str, object]]:
    """cells: only those whose name holds this text."""
    rows = []
    for method in methods:
        for donors in (3, 10, 40, 120):
            for before in (4, 12, 36, 88) if donors != 3 else (36,):
                for ratio in (1.0, 0.85):
                    name = f"{method}, {donors} donors, {before} months before, true ratio {ratio}"
                    name += f", seeds from {seeds.start}" if seeds.start else ""
                    if cells in name:
                        rows.append(cell("simulate", name, partial(worlds_of, method, donors, before, ratio, seeds)))
    return rows


def worlds_of(method: str, donors: int, before: int, ratio: float, seeds: range) -> Iterable[Seen]:
    for seed in seeds:
        panel = world(donors + 1, before, 1_000 * seed + donors + before, ratio)
        start = date.fromisoformat(panel.periods[before])
        yield seen(asked(panel, {"unit-0000": start}, protocol(method, start, {}, treated=("unit-0000",))), ratio)


def own_months(worlds: int, methods: tuple[str, ...]) -> list[dict[str, object]]:
    """Coverage of the conformal interval that stands beside the placebos', where series wander apart and where they do not."""
    rows = []
    for method in methods:
        for drift, whose in ((0.0, "steady"), (0.01, "drifting")):
            for donors, before in ((10, 36), (10, 88), (40, 36), (40, 88)):
                name = f"{method}, conformal, {whose} factors, {donors} donors, {before} months before"
                rows.append(cell("own-months", name, partial(conformals, method, (donors, before), drift, worlds)))
    return rows


def conformals(method: str, size: tuple[int, int], drift: float, worlds: int) -> Iterable[Seen]:
    (donors, before), ratio = size, 0.85
    for seed in range(worlds):
        panel = world(donors + 1, before, 1_000 * seed + donors + before, ratio, drift)
        start = date.fromisoformat(panel.periods[before])
        plan = protocol(method, start, {}, treated=("unit-0000",))
        case = ready(panel, {"unit-0000": start}, plan, options_of(plan), None)
        low, high = conformal(case, method) or (0.0, np.inf)
        word = "averted" if high < 1 else "harm" if low > 1 else "cannot-tell"
        yield Seen(word, low <= ratio <= high, float(np.log(high / max(low, 1e-9))))


# Designs that simulate leaves out


def designs(worlds: int) -> list[dict[str, object]]:
    """A series alone, staggered starts, and a stepped wedge."""
    rows = []
    for ratio in (1.0, 0.85):
        for before in (24, 36, 88):
            name = f"its, {before} months before, true ratio {ratio}"
            rows.append(cell("designs", name, partial(alone, before, ratio, worlds)))
        for method in ("did", "stepped-wedge"):
            name = f"{method}, staggered starts, true ratio {ratio}"
            rows.append(cell("designs", name, partial(in_turns, method, ratio, worlds)))
    return rows


def alone(before: int, ratio: float, worlds: int) -> Iterable[Seen]:
    """One series: trend, calendar, autocorrelated noise of 5 %; the drifting factors of `world`, which only donors could tell,
    are left out, for a series alone cannot know them."""
    for seed in range(worlds):
        panel = world(1, before, 1_000 * seed + before, ratio, drift=0.0)
        start = date.fromisoformat(panel.periods[before])
        plan = protocol("its", start, {"screen_breaks": False}, treated=("unit-0000",), checks=("none",))
        yield seen(asked(panel, {"unit-0000": start}, plan), ratio)


def in_turns(method: str, ratio: float, worlds: int) -> Iterable[Seen]:
    """Twenty-four units begin in four turns, three months apart; for did, forty-eight never do."""
    from headwater.stats.stepped import drawn_order

    units = 24 if method == "stepped-wedge" else 72
    for seed in range(worlds):
        panel = world(units, 24, 7_000 + seed, 1.0)
        begun = 24 + 3 * drawn_order(24, 4, seed)
        counts = panel.counts.copy()
        for row, at in enumerate(begun.tolist()):
            counts[row, at:] = np.random.default_rng([seed, row]).binomial(counts[row, at:].astype(int), ratio)
        starts = {panel.units[row]: date.fromisoformat(panel.periods[at]) for row, at in enumerate(begun.tolist())}
        plan = protocol(method, min(starts.values()), {"screen_breaks": False}, treated=tuple(starts), checks=("none",))
        yield seen(asked(replace(panel, counts=counts), starts, plan), ratio)


# NHS trusts


def trusts(methods: tuple[str, ...]) -> list[dict[str, object]]:
    """Every trust as if something had begun there in April 2016; nothing did, so the truth is 1."""
    rows = []
    for column in ("type1_att", "type1_adm"):
        panel = trust_panel(column)
        for method in methods:
            for screen in (True, False):
                name = f"{column}, {method}, {'with' if screen else 'without'} break handling"
                rows.append(cell("trusts", name, partial(shams, panel, method, screen)))
    return rows


def shams(panel: Panel, method: str, screen: bool) -> Iterable[Seen]:
    start = date(2016, 4, 1)
    for unit in panel.units:
        options: dict[str, str | int | float | bool] = {"screen_breaks": screen, "post_periods": 12}
        checks = ("pre-fit", "treated-breaks") if screen else ("none",)
        plan = protocol(method, start, options, treated=(unit,), checks=checks)
        found, stands = checked(panel, {unit: start}, plan)
        yield seen(found, 1.0, stands)


def planted(methods: tuple[str, ...]) -> list[dict[str, object]]:
    """A fall of a tenth put into one trust after another, and into twenty-four drawn by lot together, from April 2016."""
    rows = []
    for column in ("type1_att", "type1_adm"):
        panel = trust_panel(column)
        for method in methods:
            rows.append(cell("planted", f"{column}, {method}, one trust", partial(tenths, panel, method, 1)))
        rows.append(cell("planted", f"{column}, did, 24 trusts together", partial(tenths, panel, "did", 24)))
    return rows


def tenths(panel: Panel, method: str, size: int) -> Iterable[Seen]:
    """Every third trust, or twenty draws of several among those counted throughout."""
    start, late = date(2016, 4, 1), np.array(panel.periods) >= "2016-04-01"
    whole = np.flatnonzero(~np.isnan(panel.counts[:, late]).any(axis=1))
    rng = np.random.default_rng(3)
    groups = [[row] for row in whole[::3]] if size == 1 else [rng.choice(whole, size, replace=False) for _ in range(20)]
    for rows in groups:
        counts = panel.counts.copy()
        counts[np.ix_(rows, late)] = np.round(0.9 * counts[np.ix_(rows, late)])
        treated = tuple(panel.units[row] for row in rows)
        plan = protocol(method, start, {"post_periods": 12}, treated=treated)
        found, stands = checked(replace(panel, counts=counts), dict.fromkeys(treated, start), plan)
        yield seen(found, 0.9, stands)


WORD = (
    "pre-fit", "treated-breaks", "boundary-change", "selection-at-a-peak", "placebo-in-time", "anticipation", "methods-agree",
    "small-counts", "source-change", "start-in-a-gap",
)  # fmt: skip
"""All checks that can take the word away (but those of other outcomes): the verdict is then the one that a board would read."""


def horizons(methods: tuple[str, ...], every: int) -> list[dict[str, object]]:
    """Every so many trusts as a sham from April 2016, followed for one, two and three years; with nothing done and with a tenth taken off."""
    rows = []
    for column, ratio, months in (
        (c, r, m) for c in ("type1_att", "type1_adm") for r in (1.0, 0.9) for m in (12, 24, 36)
    ):
        panel = trust_panel(column)
        for method in methods:
            name = f"{column}, {method}, {months} months after, true ratio {ratio}"
            rows.append(cell("horizons", name, partial(for_months, panel, method, months, ratio, every)))
    return rows


def for_months(panel: Panel, method: str, months: int, ratio: float, every: int) -> Iterable[Seen]:
    """Trusts that are counted in nearly all months from the start on; the others would only be withheld."""
    start, late = date(2016, 4, 1), np.array(panel.periods) >= "2016-04-01"
    there = np.flatnonzero(np.isfinite(panel.counts[:, late]).mean(axis=1) > 0.9)
    for row in there[::every].tolist():
        counts = panel.counts.copy()
        counts[row, late] = np.round(ratio * counts[row, late])
        plan = protocol(method, start, {"post_periods": months}, treated=(panel.units[row],), checks=WORD)
        found, stands = checked(replace(panel, counts=counts), {panel.units[row]: start}, plan)
        yield seen(found, ratio, stands and not found.withheld)


def longer(seeds: range) -> list[dict[str, object]]:
    """Made-up areas that wander, drawn by lot, followed for one, three and four years after five years before."""
    rows = []
    for months, number, ratio in ((m, n, r) for m in (12, 36, 48) for n in (1, 10, 30) for r in (1.0, 0.7)):
        for method in ("did", "synthetic-did") if number < 30 else ("did",):
            name = f"{method}, {number} of 200 areas, {months} months after, true ratio {ratio}"
            rows.append(cell("longer", name, partial(by_lot, method, months, (number, ratio), seeds)))
    return rows


def by_lot(method: str, months: int, treated: tuple[int, float], seeds: range) -> Iterable[Seen]:
    number, ratio = treated
    for seed in seeds:
        panel = wandering(200, 60 + months, 500 + seed, level=10.0)
        rows = np.random.default_rng([17, seed]).choice(200, number, replace=False)
        counts = panel.counts.copy()
        counts[rows, 60:] = np.random.default_rng([18, seed]).binomial(counts[rows, 60:].astype(int), ratio)
        names, start = tuple(panel.units[row] for row in sorted(rows.tolist())), date.fromisoformat(panel.periods[60])
        more = {"treated": names, "draws": 400, "checks": WORD, "follow_up_days": 31 * months, "unit": "place"}
        plan = protocol(method, start, {"post_periods": months}, **more)
        found, stands = checked(replace(panel, counts=counts), dict.fromkeys(names, start), plan)
        yield seen(found, ratio, stands and not found.withheld)


# Streets


FORCES = ("Cleveland Police", "Hampshire Constabulary")
STARTS = (date(2019, 1, 1), date(2019, 1, 14))
"""The first day of a month, and a day within one: that month is then neither before nor after, as days are not known."""


def streets(worlds: int, cells: str) -> list[dict[str, object]]:
    rows = []
    for force, by, start in ((f, b, s) for f in FORCES for b in ("streets", "areas") for s in STARTS):
        panel, places = street_panel(force, by, 2.0)
        for size in (10, 40, 160) if by == "streets" else (10, 40):
            for ratio in (1.0, 0.8, 0.6):
                name = f"{force}, {len(panel.units)} {by}, {size} treated from {start}, true ratio {ratio}"
                if cells in name:
                    rows.append(cell("streets", name, partial(weeks, panel, places, size, (start, ratio), worlds)))
    return rows


def weeks(panel: Panel, places: Positions, size: int, begun: tuple[date, float], worlds: int) -> Iterable[Seen]:
    """Action weeks at places drawn by lot; a lasting fall is put in by thinning, in the month of the start by its share."""
    start, ratio = begun
    options: dict[str, str | int | float | bool] = {"min_pre_periods": 3, "screen_breaks": False, "buffer_metres": 150}
    plan = replace(protocol("buffer", start, options), unit="place", checks=("none",))
    month = [str(start)[:7] + "-01" == period for period in panel.periods].index(True)
    left = 1 - (1 - ratio) * (31 - start.day + 1) / 31
    for seed in range(worlds):
        rng = np.random.default_rng(seed)
        rows = rng.choice(len(panel.units), size, replace=False)
        counts = panel.counts.copy()
        counts[rows, month] = rng.binomial(counts[rows, month].astype(int), left)
        counts[rows, month + 1 :] = rng.binomial(counts[rows, month + 1 :].astype(int), ratio)
        starts = {panel.units[row]: start for row in rows.tolist()}
        yield seen(asked(replace(panel, counts=counts), starts, plan, places), ratio)


# Places chosen at their peak


def hotspots(seeds: range, cells: str) -> list[dict[str, object]]:
    """Made-up areas that wander, and real streets and areas (other subsets of them each time)."""
    rows = []
    grid = [(w, n, r) for w in (3, 12) for n in (10, 30, 100) for r in (1.0, 0.8, 0.6)]
    for stated in (True, False):
        for history in (12, 36):
            for window, number, ratio in grid:
                name = f"busiest {number} of 400 over {window} months, {history} months before, true ratio {ratio}, rule {'' if stated else 'un'}stated"
                if cells in name:
                    make = partial(wandering, 400, history + 6)
                    rows.append(
                        cell("hotspots", name, partial(peaks, make, history, (window, number, ratio), stated, seeds))
                    )
        for force, number, ratio in ((f, n, r) for f in FORCES for n in (10, 30, 100) for r in (1.0, 0.8, 0.6)):
            name = f"{force}, busiest {number} streets over 1 month, 4 months before, true ratio {ratio}, rule {'' if stated else 'un'}stated"
            if cells in name:
                rows.append(
                    cell(
                        "hotspots",
                        name,
                        partial(peaks, partial(some_streets, force), 4, (1, number, ratio), stated, seeds),
                    )
                )
    return rows


def peaks(
    make: Callable[[int], Panel], now: int, choice: tuple[int, int, float], stated: bool, seeds: range
) -> Iterable[Seen]:
    options: dict[str, str | int | float | bool] = {"min_pre_periods": 3, "screen_breaks": False}
    for seed in seeds:
        panel, treated = chosen_busiest(make(seed), now, choice, seed)
        start = date.fromisoformat(panel.periods[now])
        rule = Selection(Choice.BUSIEST, periods=choice[0]) if stated else None
        plan = replace(
            protocol("did", start, options, treated=treated, draws=400),
            unit="place",
            selection=rule,
            checks=("selection-at-a-peak",),
        )
        found, stands = checked(panel, dict.fromkeys(treated, start), plan)
        yield seen(found, choice[2], stands)


ABOUT = {
    "simulate": "Simulated worlds: one treated unit, twelve months after the start, autocorrelation 0.5, noise of 5 %, two "
    "drifting factors, Poisson counts of about 400 a month. Coverage is of the true ratio by the 95 % interval.",
    "own-months": "The conformal interval (Chernozhukov, Wüthrich & Zhu 2021) that stands beside the placebos' as a check, in the same "
    "worlds with a true ratio of 0.85, and in worlds whose factors are steady. It takes the treated series' own residuals for "
    "alike over time; where series wander apart they are not, and it is often too narrow. That is why it is a check and not the "
    "verdict's interval.",
    "designs": "A series alone against its own past (trend, calendar and autocorrelated noise, no drifting factors), and twenty-four "
    "units that begin in four turns drawn by lot, three months apart: against forty-eight others, or against each other alone.",
    "trusts": "Every trust of the real A&E panel (NHS England, OGL v3) as a sham intervention from April 2016, followed for "
    "twelve months. Nothing began there, so saved and harm are false alarms; together they should be near 0.05. Trusts that break "
    "elsewhere within the window, or that the comparison did not follow, are *cannot tell* whatever their interval says: *let stand* is "
    "the share of the others.",
    "hotspots": "Places taken at their peak: the busiest of the last months, in made-up areas whose rates wander by themselves and "
    "in real streets (data.police.uk, OGL v3; five months, of which four stand before the start). With the rule stated the comparison is with "
    "the same rule at earlier moments, or the word is withheld where the history holds none; unstated, the choice is to be noticed. "
    "*Coverage* is of all intervals that were made, *let stand* the share whose word was not withheld.",
    "planted": "A fall of a tenth put into the real A&E panel from April 2016, twelve months followed: into one trust after another, "
    "and into twenty-four drawn by lot together. *Averted* is the share that was told; the rest is the price of trusts that drift.",
    "horizons": "Trusts of the real A&E panel as shams from April 2016, followed for one, two and three years, with nothing done (averted "
    "and harm are then false words) and with a tenth taken off. All checks that can take the word away are asked, as in an evaluation.",
    "longer": "Two hundred made-up areas with about ten contacts a month whose rates wander by themselves (standard deviation 0.45 of "
    "the logarithm, a month keeps 95 % of the last one's departure), some drawn by lot, sixty months before; all checks asked.",
    "streets": "Real street-level crime (data.police.uk, OGL v3), October 2018 to February 2019, month precision: sham action "
    "weeks in streets drawn by lot (ratio 1), and the same with 20 % or 40 % of the treated streets' incidents taken out.",
}


def page() -> str:
    """The page of what is kept: a section a study, a line a cell, and what note.txt beside the cells says of this run."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    parts = ["# Places and organisations: are the verdicts kept?", "", f"{machine}; seeds 0 upward, 1,000 draws. The "
             "verdict is the evaluation's own, with its checks of fit and breaks. *Coverage* is of those with an interval."]  # fmt: skip
    for group, about in ABOUT.items():
        rows = [json.loads(file.read_text()) for file in sorted((KEPT / group).glob("*.json"), key=_natural)]
        note = KEPT / group / "note.txt"
        about += f"\n\n{note.read_text().strip()}" if note.exists() else ""
        if rows:
            parts += [
                "",
                f"## {group.capitalize()}",
                "",
                about,
                "",
                f"`python3 go.py bench places_truth {group}`",
                "",
                *_table(rows),
            ]
    return "\n".join([*parts, ""])


def _natural(file: Path) -> list[str | int]:
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", file.stem)]


def _table(rows: list[dict[str, object]]) -> list[str]:
    columns = list(rows[0])
    head = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    return head + ["| " + " | ".join("" if row[c] is None else str(row[c]) for c in columns) + " |" for row in rows]


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("what", choices=[*ABOUT, "write"], nargs="?", default="simulate")
    read.add_argument("--worlds", type=int, default=20)
    read.add_argument("--methods", default="did,synthetic-control,synthetic-did")
    read.add_argument("--first", type=int, default=0, help="the first seed of simulate, hotspots and longer")
    read.add_argument("--every", type=int, default=3, help="of horizons, one trust in so many")
    read.add_argument("--cells", default="", help="of simulate, streets and hotspots, only cells whose name holds this")
    given = read.parse_args()
    methods = tuple(given.methods.split(","))
    seeds = range(given.first, given.first + given.worlds)
    work = {
        "simulate": lambda: simulate(seeds, methods, given.cells),
        "own-months": lambda: own_months(given.worlds, methods),
        "designs": lambda: designs(given.worlds),
        "trusts": lambda: trusts(methods),
        "planted": lambda: planted(methods),
        "horizons": lambda: horizons(methods, given.every),
        "longer": lambda: longer(seeds),
        "streets": lambda: streets(given.worlds, given.cells),
        "hotspots": lambda: hotspots(seeds, given.cells),
        "write": lambda: PAGE.write_text(page()),
    }
    work[given.what]()


if __name__ == "__main__":
    main()
