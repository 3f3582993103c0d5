"""What each body spends: in all, and on each service under a name that equal services of other bodies share.

A line that sums others ("all", "total service expenditure") is the whole and no part of it. Unknown spending is absent
here, never nought.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from headwater.domain.peers import Unlike, unlike_posts, unlike_spending

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from headwater.store import Store

WHOLE = re.compile(
    r"^\W*(all|totals?|grand total|net revenue|total\b.*|.*\btotal|all (services|lines|spend\w*)|net (revenue|current)"
    r" expenditure|.*total[_ ]service[_ ]expenditure.*)\W*$",
    re.IGNORECASE,
)
PASSED_ON = re.compile(
    r"school|education|precept|lev(y|ies)|benefit payments|housing benefits? paid|parish|pension", re.IGNORECASE
)
"""Lines that a body hands on or that others lead: their leaders are no leaders of the body."""
LEADING = re.compile(r"^(central|corporate|democratic|executive|management|leadership|chief)\b.*", re.IGNORECASE)
"""Lines that pay for leading the body: no service of their own beside its leadership."""
SERVICES = (
    # the first that fits a line's words; how bodies of one kind name the services that they share most often
    ("control room", r"control (room|cent)|fire control|call[- ]handling|call cent|\b999\b|dispatch"),
    ("building control", r"building (control|regulation)"),
    ("revenues and benefits", r"revenues|benefits? (admin|service)|^benefits?$|council tax|business rates|local tax"),
    ("legal services", r"\blegal\b|solicitor"),
    ("internal audit", r"\baudit\b"),
    ("ICT", r"\bict\b|\bi\.?t\.?\b|information (and communication )?technolog|computing|digital"),
    ("procurement", r"procure|purchas|commissioning support"),
    ("human resources and payroll", r"human resources|\bhr\b|personnel|payroll"),
    ("finance", r"^financ|financial (services|management)|accountan|treasury|exchequer"),
    ("waste and recycling", r"\bwaste\b|refuse|recycl"),
    ("environmental health", r"environmental health|food safety|licensing|regulatory"),
    ("trading standards", r"trading standards"),
    ("estates", r"\bestates?\b|property|facilities"),
    ("fleet", r"\bfleet\b|vehicles?|transport workshop"),
    ("customer services", r"customer (service|contact)|contact centre"),
    ("forensics", r"forensic|scientific"),
    ("training", r"training|learning and development"),
    ("planning", r"planning|development control"),
    ("emergency planning", r"emergency planning|resilience|civil contingenc"),
)


NAMED = re.compile("|".join(pattern for _, pattern in SERVICES), re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Spending:
    """The latest year's pounds of one body. led: without what it hands on; lines: by service.

    whole and led are None where nothing but services are named that bodies have beside their work: what they do is not
    among them; and where a line is doubtful that a total, or no total, has in it.
    """

    year: str
    whole_gbp: float | None
    led_gbp: float | None
    lines: Mapping[str, float]
    nought: Mapping[str, float] = field(default_factory=dict)
    """Services whose lines were given and are nought or less."""


@cache
def service_of(line: str) -> str:
    """The name under which equal services are one: that of the list above, else the line's own words."""
    words = " ".join(line.lower().split())
    return next((name for name, pattern in SERVICES if re.search(pattern, words)), words)


def spending(store: Store) -> dict[str, Spending]:
    """Organisation → what it spent in its latest year; bodies without a line above nought are left out, and those whose
    figures are not of their peers' kind."""
    doubted: dict[str, set[str]] = defaultdict(set)
    for one in spending_doubts(store):
        doubted[one.organisation].add(one.line)
    found = {code: _latest(years, doubted[code]) for code, years in by_year(store).items() if "" not in doubted[code]}
    return {code: one for code, one in found.items() if one.lines or (one.whole_gbp or 0) > 0}


def spending_doubts(store: Store) -> list[Unlike]:
    """Bodies, and lines of bodies, whose latest year's spending is compared with nobody's."""
    spend, bodies = (_rows(store, name) for name in ("spend", "organisation"))
    latest: dict[str, str] = {}
    for row in spend:
        latest[row["organisation"]] = max(str(row["year"]), latest.get(row["organisation"], ""))
    years = set(latest.values())
    told = unlike_spending((row for row in spend if str(row["year"]) in years), bodies)
    return [one for one in told if latest[one.organisation] == one.year]


def post_doubts(store: Store) -> list[Unlike]:
    """Bodies whose posts are compared with nobody's."""
    return unlike_posts(_rows(store, "post"), _rows(store, "organisation"))


def doubts(store: Store) -> dict[str, dict[str, str]]:
    """Organisation → service ('' for its whole) → why what was given of it is compared with nobody's, in words."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for one in (*spending_doubts(store), *post_doubts(store)):
        found[one.organisation][service_of(one.line) if one.line else ""] = one.text
    return dict(found)


def unlike(store: Store) -> list[str]:
    """Every body, and year, whose figures are not of its peers' kind, in words."""
    bodies = _rows(store, "organisation")
    found = [*unlike_spending(_rows(store, "spend"), bodies), *unlike_posts(_rows(store, "post"), bodies)]
    return [one.text for one in found]


def _rows(store: Store, table: str) -> list[dict[str, Any]]:
    return store.arrow(store.table(table)).to_pylist() if store.has(table) else []


def by_year(store: Store) -> dict[str, dict[str, dict[str, float]]]:
    """Organisation → year → line → pounds."""
    found: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in store.arrow(store.table("spend")).to_pylist():
        if row["gbp"] is not None:
            lines = found[row["organisation"]][row["year"]]
            lines[row["line"]] = lines.get(row["line"], 0.0) + row["gbp"]
    return found


def whole_of(lines: Mapping[str, float]) -> float:
    """What a line of totals says, else the sum of the lines: the parts are not counted beside their whole."""
    totals = [gbp for line, gbp in lines.items() if WHOLE.match(line)]
    return max(totals) if totals else sum(lines.values())


@cache
def _apart(line: str) -> bool:
    """Whether a line is no service: a total, money passed on, leading posts. A few hundred names stand in every year of
    every body."""
    return any(apart.search(line) for apart in (WHOLE, PASSED_ON, LEADING))


def _latest(years: Mapping[str, Mapping[str, float]], doubtful: Collection[str] = ()) -> Spending:
    year = max(years)
    lines = {line: gbp for line, gbp in years[year].items() if line.strip().lower() not in doubtful}
    by: dict[str, float] = defaultdict(float)
    for line, gbp in lines.items():
        if gbp > 0 and not _apart(line):
            by[service_of(line)] += gbp
    nought = {service_of(line): gbp for line, gbp in lines.items() if gbp <= 0 and not _apart(line)}
    nought = {service: gbp for service, gbp in nought.items() if service not in by}
    summed = not any(WHOLE.match(line) for line in lines)
    if all(NAMED.search(line) for line in lines) or (doubtful and summed):
        return Spending(year, None, None, dict(by), nought)
    whole = whole_of(lines)
    handed = sum(max(gbp, 0.0) for line, gbp in lines.items() if PASSED_ON.search(line) and not WHOLE.match(line))
    return Spending(year, whole, max(whole - handed, 0.0), dict(by), nought)
