"""Figures of a body that are not of its peers' kind: thousands among pounds, pay by the month among pay by the year.

Bodies of one sort differ a head by a few times and not by a hundred. What lies a thousand times off was counted in
something else, and one such body makes every comparison with it wrong, so it is told and left out until it is mended.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from math import log
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Row = Mapping[str, Any]
    Key = tuple[str, str]

TIMES_A_HEAD = 30.0
"""Near the square root of a thousand: what is further from its peers is nearer to a slip of a thousand than to them.
Real English councils of one tier lie within a factor of six a head."""
TIMES_IN_ALL = 200.0
"""Where residents are not known for all: whole bodies of one sort differ in size as well."""
TIMES_A_LINE = 100.0
ALIKE = 10.0
"""One line alone may truly be small. Only where the middle eight tenths of the peers lie within so many times of each
other is it
told as well: 4 of the English councils' 17,000 lines, one of them a whole culture service for 356 times less than
others."""
TIMES_PAY = 8.0
"""Pay of posts of one layer: by the month it is a twelfth."""
FEWEST = 2
"""Peers before anything is said."""
TOTAL = re.compile(r"^\W*(?:all\b|(?:grand )?totals?\b|net (?:revenue|current)\b)|\btotal\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Unlike:
    """A body's figures beside its peers'. times: theirs over its own; line: the only one that is off, '' where the
    body's whole is;
    text: for a reader."""

    organisation: str
    year: str
    times: float
    text: str
    line: str = ""


@dataclass(frozen=True, slots=True)
class _Figures:
    """What is compared: (organisation, year) → what → a number; by which the numbers are told and how far apart they
    may lie."""

    of: Mapping[Key, Mapping[str, float]]
    bodies: Mapping[str, Row]
    unit: str
    a_head: float | None
    in_all: float

    def heads(self, key: Key) -> float:
        return float(self.bodies.get(key[0], {}).get("population") or 0.0)


@dataclass(frozen=True, slots=True)
class _Peers:
    """A group's figures, line by line, those of the body that is judged among them: its own moves the middle of three
    by nothing."""

    keys: Sequence[Key]
    a_head: bool
    lines: Mapping[str, Mapping[Key, float]]
    middle: Mapping[str, float]


def unlike_spending(spend: Iterable[Row], bodies: Iterable[Row]) -> list[Unlike]:
    """Bodies and years whose spending is a hundred times or more off their peers' of that year. Lines of nought or less
    say nothing."""
    of: dict[Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in spend:
        if row["gbp"] is not None and float(row["gbp"]) > 0:
            of[str(row["organisation"]), str(row["year"])][str(row["line"]).strip().lower()] += float(row["gbp"])
    return list(_unlike(_Figures(of, _known(bodies), "£", TIMES_A_HEAD, TIMES_IN_ALL)))


def unlike_posts(posts: Iterable[Row], bodies: Iterable[Row]) -> list[Unlike]:
    """Bodies whose pay, layer by layer, or whose number of posts is far off their peers'."""
    pay: dict[Key, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    many: dict[Key, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in posts:
        body = str(row["organisation"]), ""
        if row["salary_gbp"] and float(row["salary_gbp"]) > 0:
            pay[body][f"pay of layer {row['layer']}"].append(float(row["salary_gbp"]))
        many[body]["posts"] += max(float(row["fte"] or 0), 0.0)
    known = _known(bodies)
    mean = {body: {layer: sum(given) / len(given) for layer, given in layers.items()} for body, layers in pay.items()}
    return [
        *_unlike(_Figures(mean, known, "£", None, TIMES_PAY)),
        *_unlike(_Figures(many, known, "", TIMES_A_HEAD, TIMES_IN_ALL)),
    ]


def _known(bodies: Iterable[Row]) -> dict[str, Row]:
    return {str(row["organisation"]): row for row in bodies}


def _unlike(figures: _Figures) -> Iterator[Unlike]:
    """Each body beside those of its sort and tier in its year; beside all of its sort where those are too few."""
    groups: dict[tuple[str, ...], list[Key]] = defaultdict(list)
    for key in figures.of:
        for group in _groups(key, figures.bodies):
            groups[group].append(key)
    ready: dict[tuple[tuple[str, ...], bool], _Peers] = {}
    for key in figures.of:
        group = next((one for one in _groups(key, figures.bodies) if len(groups[one]) > FEWEST), ())
        if not group:
            continue
        known = [one for one in groups[group] if figures.heads(one)]
        a_head = bool(figures.a_head and figures.heads(key) and len(known) > FEWEST)
        if (group, a_head) not in ready:
            ready[group, a_head] = _peers(figures, known if a_head else groups[group], a_head)
        yield from _beside(key, figures, ready[group, a_head])


def _groups(key: Key, bodies: Mapping[str, Row]) -> list[tuple[str, ...]]:
    row = bodies.get(key[0], {})
    sort, tier = str(row.get("sort") or "").lower(), str(row.get("tier") or "").lower()
    return [(key[1], sort, tier), (key[1], sort)]


def _peers(figures: _Figures, keys: Sequence[Key], a_head: bool) -> _Peers:
    lines: dict[str, dict[Key, float]] = defaultdict(dict)
    for key in keys:
        for line, value in figures.of[key].items():
            if value > 0:
                lines[line][key] = value / (figures.heads(key) if a_head else 1.0)
    shared = {line: held for line, held in lines.items() if len(held) > FEWEST}
    return _Peers(keys, a_head, shared, {line: median(held.values()) for line, held in shared.items()})


def _beside(key: Key, figures: _Figures, peers: _Peers) -> Iterator[Unlike]:
    times = {line: peers.middle[line] / held[key] for line, held in peers.lines.items() if key in held}
    most = figures.a_head if peers.a_head and figures.a_head else figures.in_all
    middle = _mildest(sorted(times.values())) if times else 1.0
    if not 1 / most < middle < most:
        line = min(times, key=lambda one: (not TOTAL.search(one), abs(times[one] - middle)))
        yield Unlike(*key, middle, _words(key, line, middle, (figures, peers)))
        return
    for line, off in times.items():
        if not 1 / TIMES_A_LINE < off < TIMES_A_LINE and peers.a_head and _alike(peers.lines[line], key):
            yield Unlike(*key, off, _words(key, line, off, (figures, peers)), line)


def _mildest(times: Sequence[float]) -> float:
    """The middle one; of two middle ones the nearer to 1, so that one bad line of two does not speak for the body."""
    low, high = times[(len(times) - 1) // 2], times[len(times) // 2]
    return min(low, high, key=lambda one: abs(log(one)))


def _alike(held: Mapping[Key, float], key: Key) -> bool:
    others = sorted(value for one, value in held.items() if one != key)
    last = len(others) - 1
    return len(others) > FEWEST and others[round(0.9 * last)] <= ALIKE * others[round(0.1 * last)]


def _words(key: Key, line: str, times: float, among: tuple[_Figures, _Peers]) -> str:
    figures, peers = among
    name = str(figures.bodies.get(key[0], {}).get("name") or "")
    told = f"{key[0]}{f' ({name})' if name else ''}{f', {key[1]}' if key[1] else ''}"
    mine, theirs = peers.lines[line][key], [value for one, value in peers.lines[line].items() if one != key]
    per, unit = " a head" if peers.a_head else "", figures.unit
    return (
        f"{told}: {line} is {_number(mine, unit)}{per}, beside {_number(min(theirs), unit)} to"
        f" {_number(max(theirs), unit)}{per} of {len(theirs)} others of its sort: {_guess(times)}"
    )


def _guess(times: float) -> str:
    if times < 1:
        return (
            f"about {1 / times:,.0f} times as much as theirs, so that either it or they are counted in something else"
        )
    if 300 <= times <= 3000:
        return "it looks like thousands"
    return f"about {times:,.0f} times too little; is it counted in something else?"


def _number(value: float, unit: str) -> str:
    return f"{unit}{value:,.0f}" if value >= 1000 else f"{unit}{value:,.2f}" if value >= 0.01 else f"{unit}{value:.2g}"
