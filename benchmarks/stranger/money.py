"""Worlds whose money can be reckoned by hand: one own price, stated shares, costs by the calendar, contacts struck out.

The judge takes the contacts that were truly averted, month by month, and the price, and lays its sums beside what
`count` and `ledger show` say.
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
    ends: bool = False  # each area stops after its follow-up, and the enrolment list says so


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
        running = np.arange(60)[None, :] >= begin[:, None]
        if scheme.ends:
            running &= np.arange(60)[None, :] < begin[:, None] + round(scheme.follow / 30.4)
        ratio = np.where(running, scheme.ratio, 1.0)
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
    enrolled = [
        [s.name, f"A{a}", days[w].isoformat(), (days[w] + timedelta(days=s.follow - 1)).isoformat() if s.ends else ""]
        for s in schemes
        for a, w in zip(s.areas, s.waves, strict=True)
    ]
    out = [
        File("count", ["unit", "period", "contacts"], rows, '[source.constants]\nkind = "incident"\nagency = "police"'),
        File("enrolment", ["collaboration", "place", "start", "end"], enrolled),
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
    """Two programmes in the same twelve areas over the same year; together they avert 19 %."""
    return [Scheme("first", tuple(range(12)), (39,) * 12, 0.88), Scheme("second", tuple(range(12)), (39,) * 12, 0.92)]


def two_intakes() -> list[Scheme]:
    """Twelve areas in 2021-22 and twelve in 2022-23, each for a year, at £60,000 for every year it runs; the areas stop
    after it."""
    return [Scheme("first", tuple(range(24)), (39,) * 12 + (51 - 3,) * 12, 0.8, yearly=60000.0, ends=True)]


WORLDS: dict[str, Callable[[], list[Scheme]]] = {
    "one-year": one(wave=39),
    "two-financial-years": one(wave=33),
    "costs-more-than-it-brings": one(yearly=2_000_000.0),
    "pays-well": one(yearly=20_000.0, once=10_000.0),
    "two-intakes": two_intakes,
    "overlapping": overlapping,
    "nothing-done": one(ratio=1.0),
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


def close(said: float, right: float, within: float) -> bool:
    """Whether two sums agree within a share of the right one (or a pound)."""
    return abs(said - right) <= max(1.0, within * abs(right))


def judged(name: str, planned: float, seed: int, folder: Path) -> dict[str, Any]:
    """Booked sums beside those reckoned by hand: a row a sum, with whether it agrees."""
    import headwater

    made = laid(name, seed, folder)
    place = headwater.open(str(folder))
    place.load()
    sums: list[tuple[str, float, float, bool]] = []
    words = {}
    for scheme in WORLDS[name]():
        place.lock(scheme.name, role="head of strategy")
        said = place.evaluate(scheme.name).content
        words[scheme.name] = (said["effect_verdict"], said["money_verdict"], said["withheld"], said["in_words"])
        counted_ = place.count(scheme.name).content
        fiscal = next(
            (a for a in counted_["money"]["accounts"] if a["basis"] == "fiscal" and a["bearer"] is None), None
        )
        if fiscal is not None:
            years = len(set(scheme.waves)) if name == "two-intakes" else 1
            right = scheme.once + scheme.yearly * (1 + 275 / 365 / 1.035 if years > 1 else 1.0)
            sums.append(
                (
                    f"{scheme.name}: cost on the fiscal account",
                    fiscal["cost_gbp"],
                    right,
                    close(fiscal["cost_gbp"], right, 0.01),
                )
            )
    ledger = place.ledger().content
    claims = [row["claim"] for row in ledger["claims"]]
    sums += _arithmetic(claims) + _truth(made, ledger, claims)
    return {"world": name, "planned": planned, "seed": seed, "words": words, "sums": sums}


def _arithmetic(claims: list[dict[str, Any]]) -> list[tuple[str, float, float, bool]]:
    """Price, shares and buckets of what is booked: 0.5 x 0.3 cash, 0.6 x 0.5 released, 0.4 x 0.5 absorbed, the rest
    unchanged."""
    contacts = sum(c["contacts"] for c in claims)
    parts = {"cash_gbp": 0.15, "released_gbp": 0.3, "absorbed_gbp": 0.2, "none_gbp": 0.35}
    out = []
    for part, share in parts.items():
        said, right = sum(c[part] for c in claims), contacts * PRICE * share
        out.append((f"booked {part}", said, right, close(said, right, 0.001)))
    for bearer, share in SHARES.items():
        said = sum(c["contacts"] for c in claims if c["bearer"] == bearer)
        out.append((f"booked contacts of {bearer}", said, contacts * share, close(said, contacts * share, 0.001)))
    return out


def _truth(made: World, ledger: dict[str, Any], claims: list[dict[str, Any]]) -> list[tuple[str, float, float, bool]]:
    """Booked contacts in all and by financial year beside those truly averted, within the lots' own intervals and 3
    points."""
    truth: dict[str, float] = {}
    for by_year in made.also["truth"].values():
        for year, contacts in by_year.items():
            truth[year] = truth.get(year, 0.0) + contacts
    right, said = sum(truth.values()), sum(c["contacts"] for c in claims)
    wide = max([(lot["averted_high"] - lot["averted_low"]) / 2 for lot in ledger["lots"]] or [0.0])
    out = [("averted contacts in all, within the interval", said, right, abs(said - right) <= max(1.0, wide))]
    for year, contacts in sorted(truth.items()):
        mine = sum(c["contacts"] for c in claims if c["year"] == year)
        out.append(
            (
                f"share of {year}",
                mine / max(1.0, said),
                contacts / max(1.0, right),
                abs(mine / max(1.0, said) - contacts / max(1.0, right)) <= 0.03,
            )
        )
    return out


def table(rows: list[dict[str, Any]]) -> str:
    """A line a sum."""
    lines = ["| world | seed | sum | said | by hand | agrees |", "|---|---|---|---|---|---|"]
    for row in rows:
        for scheme, (effect, money, withheld, words) in row.get("words", {}).items():
            lines.append(
                f"| {row['world']} | {row['seed']} | {scheme}: {effect}, {money} | {words[:110]} |"
                f" {'; '.join(withheld)[:90]} | |"
            )
        for what, said, right, agrees in row.get("sums", []):
            lines.append(
                f"| {row['world']} | {row['seed']} | {what} | {said:,.2f} | {right:,.2f} |"
                f" {'yes' if agrees else '**no**'} |"
            )
    return "\n".join(lines)
