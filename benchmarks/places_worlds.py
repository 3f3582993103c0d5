"""What the studies of places are made of: made-up panels, the public ones, and one answer of the evaluation."""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from headwater.domain.collaboration import ComparisonPlan, Outcome, Protocol, Role, Style
from headwater.domain.evidence import Finding, Panel
from headwater.evidence.checks.place_all import place_checks
from headwater.evidence.places.evaluation import compared, findings_of
from headwater.evidence.places.options import options_of
from headwater.evidence.places.reading import Positions

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("HEADWATER_SHARED_DATA", ROOT.parent / "shared" / "data"))
OUTCOME = (Outcome("contacts", Role.PRIMARY),)


@dataclass(frozen=True)
class Seen:
    """One answer: the verdict, and whether the interval (if there is one) holds the truth."""

    verdict: str
    held: bool | None
    width: float | None
    stands: bool = True
    """Whether the checks left the comparison standing; where not, the verdict is cannot tell whatever the interval
    says."""
    ratio: float | None = None


def protocol(method: str, start: date, options: dict[str, str | int | float | bool], **more: object) -> Protocol:
    given: dict[str, object] = {
        "id": "sham",
        "name": "sham",
        "style": Style.INTEGRATION,
        "lead": "a",
        "partners": ("a", "b"),
        "start": start,
        "theory": "none",
        "owner": "nobody",
        "unit": "organisation",
        "outcomes": OUTCOME,
        "draws": 1000,
        "comparison": ComparisonPlan(method=method, options=options),
        "checks": ("pre-fit", "treated-breaks"),
        "follow_up_days": 365,
        "history_days": 3660,
    }
    return Protocol(**{**given, **more})  # type: ignore[arg-type]


def checked(
    panel: Panel, starts: dict[str, date], plan: Protocol, places: Positions | None = None
) -> tuple[Finding, bool]:
    """What the evaluation says of one panel, with the checks that can take a verdict away, and whether none withholds
    it."""
    done = compared({"contacts": panel}, starts, plan, options_of(plan), places)
    checks = place_checks(done.cases, done.fits, plan, plan.comparison.method, plan.checks)
    found = findings_of(done, checks, plan.comparison.method)[0]
    return found, not found.withheld


def asked(panel: Panel, starts: dict[str, date], plan: Protocol, places: Positions | None = None) -> Finding:
    return checked(panel, starts, plan, places)[0]


def seen(found: Finding, stands: bool, truth: float) -> Seen:
    told = found.rate_ratio
    if told is None:
        return Seen(found.verdict.value, None, None, stands)
    return Seen(found.verdict.value, told.holds(truth), float(np.log(told.high / told.low)), stands, told.mid)


# Made-up panels


def world(units: int, before: int, seed: int, ratio: float, drift: float = 0.01) -> Panel:
    """A treated unit and donors: shared trend and calendar, two drifting factors, autocorrelated noise of 5 %,
    Poisson."""
    rng, rho = np.random.default_rng(seed), 0.5
    t = np.arange(before + 12)
    factors = np.cumsum(rng.normal(0, 1, (2, len(t))) * drift, axis=1)
    own = rng.normal(0, 0.05, (units, len(t)))
    for k in range(1, len(t)):
        own[:, k] = rho * own[:, k - 1] + np.sqrt(1 - rho**2) * own[:, k]
    level = 400 * rng.lognormal(0, 0.4, (units, 1))
    rate = level * np.exp(0.002 * t + 0.08 * np.sin(2 * np.pi * t / 12) + rng.normal(0, 1, (units, 2)) @ factors + own)
    rate[0, before:] *= ratio
    counts = rng.poisson(rate).astype(float)
    days = (np.datetime64("2010-01", "M") + t).astype("datetime64[D]").astype(str)
    return Panel("contacts", tuple(f"unit-{k:04d}" for k in range(units)), tuple(days), counts, np.ones_like(counts))


def wandering(number: int, periods: int, seed: int, level: float = 2.4) -> Panel:
    """Streets or areas whose log rates wander about their own level (a month keeps 95 % of the last one's
    departure)."""
    rng = np.random.default_rng([11, seed])
    mean, drift = rng.gamma(2, level / 2, (number, 1)), np.zeros((number, periods))
    drift[:, 0] = rng.normal(0, 0.45, number)
    for t in range(1, periods):
        drift[:, t] = 0.95 * drift[:, t - 1] + rng.normal(0, 0.45 * np.sqrt(1 - 0.95**2), number)
    counts = rng.poisson(mean * np.exp(drift)).astype(float)
    days = (np.datetime64("2018-01", "M") + np.arange(periods)).astype("datetime64[D]").astype(str)
    return Panel("contacts", tuple(f"area-{k:04d}" for k in range(number)), tuple(days), counts, np.ones_like(counts))


def chosen_busiest(panel: Panel, now: int, choice: tuple[int, int, float], seed: int) -> tuple[Panel, tuple[str, ...]]:
    """The busiest of the last months, and a lasting fall put in by thinning. choice: window, number, true ratio."""
    window, number, ratio = choice
    rows = np.argsort(-panel.counts[:, now - window : now].sum(axis=1), kind="stable")[:number]
    counts = panel.counts.copy()
    counts[rows, now:] = np.random.default_rng([7, seed]).binomial(counts[rows, now:].astype(int), ratio)
    return replace(panel, counts=counts), tuple(panel.units[row] for row in sorted(rows.tolist()))


# Public ones


def trust_panel(column: str) -> Panel:
    """Type-1 attendances or admissions by trust and month; absent cells stay absent."""
    with (DATA / "ae_trust_panel" / "ae_monthly_type1_panel_2010-11_2019-03.csv").open(newline="") as file:
        rows = [(row["code"], row["month"], row[column]) for row in csv.DictReader(file) if row[column]]
    units = sorted({code for code, _, _ in rows})
    months = np.arange(np.datetime64("2010-11"), np.datetime64("2019-04")).astype("datetime64[D]").astype(str).tolist()
    counts = np.full((len(units), len(months)), np.nan)
    for code, month, value in rows:
        counts[units.index(code), months.index(month)] = float(value)
    return Panel("contacts", tuple(units), tuple(months), counts, np.where(np.isnan(counts), np.nan, 1.0))


def street_panel(force: str, by: str, at_least: float) -> tuple[Panel, Positions]:
    """Incidents by street point or area (LSOA) and month, for those with `at_least` a month; centres in metres."""
    import pyarrow.parquet as pq

    columns = ["Month", "Falls within", "Longitude", "Latitude", "LSOA code"]
    rows = pq.read_table(DATA / "police_street" / "street_6forces_2018-10_2019-02.parquet", columns=columns).to_pydict()
    months = sorted(set(rows["Month"]))
    counts: dict[str, list[int]] = {}
    centres: dict[str, tuple[float, float]] = {}
    for month, within, x, y, area in zip(*rows.values(), strict=True):
        if within == force and x is not None and y is not None and area is not None:
            unit = area if by == "areas" else f"{x:.6f} {y:.6f}"
            counts.setdefault(unit, [0] * len(months))[months.index(month)] += 1
            centres.setdefault(unit, (x, y))
    units = tuple(sorted(unit for unit, row in counts.items() if sum(row) >= at_least * len(months)))
    # One degree of latitude is 111.2 km; of longitude that times the cosine of the latitude.
    at = [centres[unit] for unit in units]
    metres = np.array([(x * 111_200 * np.cos(np.radians(y)), y * 111_200) for x, y in at])
    seen = np.array([counts[unit] for unit in units], dtype=float)
    panel = Panel("contacts", units, tuple(f"{month}-01" for month in months), seen, np.ones_like(seen))
    return panel, Positions(units, metres)


def some_streets(force: str, seed: int) -> Panel:
    """Four hundred of a force's streets, drawn anew each time."""
    panel, _ = street_panel(force, "streets", 1.0)
    rows = np.sort(np.random.default_rng([13, seed]).choice(len(panel.units), 400, replace=False))
    units = tuple(panel.units[row] for row in rows.tolist())
    return Panel("contacts", units, panel.periods, panel.counts[rows], panel.exposure[rows])
