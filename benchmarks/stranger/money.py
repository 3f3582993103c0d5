"""Worlds whose money can be reckoned by hand: one own price, stated shares, costs by the calendar, contacts struck out.

The judge takes the contacts that were truly averted, month by month, and the price, and lays its sums beside what `count`
and `ledger show` say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from .folder import File, World, written
from .places import NEVER, counted, months, streets

PRICE = 200.0
SHARES = {"council": 0.25, "police": 0.75}


@dataclass(frozen=True)
class Scheme:
    """One programme on areas: which, from which month to which, what it averts, what it costs a year and once."""

    name: str
    areas: tuple[int, ...]
    waves: tuple[int, ...]  # the month in which each area begins
    ratio: float
    yearly: float = 0.0
    once: float = 0.0
    follow: int = 365


def financial_year(day: date) -> str:
    """The financial year a day lies in, as 2023-24."""
    first = day.year if day.month >= 4 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def protocol(scheme: Scheme, days: list[date]) -> str:
    """The protocol, with everything that money hangs on stated."""
    costs = ""
    for what, gbp, yearly in (("running", scheme.yearly, "true"), ("set-up", scheme.once, "false")):
        if gbp:
            costs += f'[[cost]]\nbearer = "council"\nwhat = "{what}"\ngbp = {gbp}\nyearly = {yearly}\n'
    bearers = "".join(
        f'[[bearer]]\nkind = "incident"\nbearer = "{who}"\nshare = {share}\n' for who, share in SHARES.items()
    )
    return f"""id = "{scheme.name}"
name = "{scheme.name}"
style = "integration"
lead = "council"
partners = ["police"]
start = {days[min(scheme.waves)]}
theory = "Agencies act together."
owner = "head of strategy"
unit = "place"
follow_up_days = {scheme.follow}
minimum_grade = 3
price_year = 2024
[selection]
rule = "lot"
[comparison]
method = "did"
[[outcome]]
kind = "incident"
role = "primary"
worthwhile = 0.1
[prices]
incident = "OWN1"
[cashable]
incident = 0.5
[backfill]
incident = 0.4
{bearers}{costs}"""


def world(schemes: list[Scheme], seed: int) -> World:
    """Sixty areas with three hundred incidents a month each, five years."""
    random = np.random.default_rng([seed, 4242])
    counts = counted(random, streets(random, 60, 60, level=200, spread=0.03, memory=0.5), 0.001)
    days = months(60)
    did = counts.copy()
    truth: dict[str, dict[str, float]] = {}
    for scheme in schemes:
        begin = np.full(60, NEVER)
        begin[list(scheme.areas)] = scheme.waves
        ratio = np.where(np.arange(60)[None, :] >= begin[:, None], scheme.ratio, 1.0)
        before = did
        did = random.binomial(before, ratio)
        by_year: dict[str, float] = {}
        for area, wave in zip(scheme.areas, scheme.waves, strict=True):
            for at in range(wave, 60):
                if days[at] < days[wave] + timedelta(days=scheme.follow):
                    year = financial_year(days[at])
                    by_year[year] = by_year.get(year, 0.0) + float(before[area, at] * (1 - scheme.ratio))
        truth[scheme.name] = by_year
    rows = [[f"A{u}", d.isoformat(), int(did[u, at])] for u in range(60) for at, d in enumerate(days)]
    enrolled = [[s.name, f"A{a}", days[w].isoformat()] for s in schemes for a, w in zip(s.areas, s.waves, strict=True)]
    out = [
        File("count", ["unit", "period", "contacts"], rows, '[source.constants]\nkind = "incident"\nagency = "police"'),
        File("enrolment", ["collaboration", "place", "start"], enrolled),
        File(
            "organisation",
            ["organisation", "name", "sort"],
            [["council", "The Council", "council-unitary"], ["police", "The Police", "police"]],
        ),
    ]
    window = f"[observed]\nfrom = {days[0]}\nto = {days[-1] + timedelta(days=30)}\n"
    return World(out, {s.name: protocol(s, days) for s in schemes}, 1.0, 0.0, window, {"truth": truth})


def one(**settings: Any) -> Callable[[], list[Scheme]]:
    """One programme in twelve areas from one month."""
    wave = settings.pop("wave", 39)
    return lambda: [Scheme("first", tuple(range(12)), (wave,) * 12, settings.pop("ratio", 0.8), **settings)]


def overlapping() -> list[Scheme]:
    """Two programmes in the same twelve areas over the same year; together they avert 28 %."""
    return [Scheme("first", tuple(range(12)), (39,) * 12, 0.8), Scheme("second", tuple(range(12)), (39,) * 12, 0.9)]


def two_intakes() -> list[Scheme]:
    """Twelve areas in 2021-22 and twelve in 2022-23, each for a year, at £60,000 for every year it runs."""
    return [Scheme("first", tuple(range(24)), (39,) * 12 + (51 - 3,) * 12, 0.8, yearly=60000.0)]


WORLDS: dict[str, Callable[[], list[Scheme]]] = {
    "one-year": one(wave=39),
    "two-financial-years": one(wave=33),
    "costs-more-than-it-brings": one(yearly=2_000_000.0),
    "pays-well": one(yearly=20_000.0, once=10_000.0),
    "two-intakes": two_intakes,
    "overlapping": overlapping,
    "harm": one(ratio=1.0),
}

PRICES = "price,kind,about,gbp,unit,price_year,perspective,bearer,source,edition,licence\n"
PRICES += f"OWN1,incident,all of it,{PRICE},incident,2024,fiscal,police,the council's finance team,2024,own\n"


def laid(name: str, seed: int, folder: Path) -> World:
    """The workspace of a world with its own price list."""
    made = world(WORLDS[name](), seed)
    written(made, folder)
    (folder / "data" / "our_prices.csv").write_text(PRICES, encoding="utf-8")
    settings = folder / "headwater.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text('price_year = 2024\nprices = ["data/our_prices.csv"]\n' + text, encoding="utf-8")
    return made
