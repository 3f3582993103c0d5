"""An attacker who holds the released pages and knows how such reports are made, but nothing of how this one was
protected.

Everything is read from the HTML: tables by their captions, sentences by their words. What is known becomes a
whole-number programme; a masked count is *solved* when it has one possible value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

if TYPE_CHECKING:
    from pathlib import Path

MASK, LOW, HIGH, BASE = "*", 1, 7, 5
"""The published rule of hospital episodes: 1 to 7 are masked, the others told to the nearest 5."""
MOST = 10_000_000.0


class Page(HTMLParser):
    """Tables as lists of rows of texts under their captions, and all running words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.words: list[str] = []
        self._caption, self._inside, self._rows, self._row, self._cell = "", "", [], [], ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._row = []
        elif tag in {"td", "th", "caption", "style", "svg", "p", "li"}:
            self._inside, self._cell = tag, ""

    def handle_endtag(self, tag: str) -> None:
        if tag in {"td", "th"}:
            self._row.append(" ".join(self._cell.split()))
        elif tag == "caption":
            self._caption = " ".join(self._cell.split())
        elif tag == "tr":
            self._rows.append(self._row)
        elif tag == "table":
            self.tables[self._caption] = self._rows
        elif tag in {"p", "li"}:
            self.words.append(" ".join(self._cell.split()))

    def handle_data(self, data: str) -> None:
        if self._inside not in {"style"}:
            self._cell += data

    def everything(self) -> str:
        """All words of the page, those of its tables too, in which checks tell what they found."""
        return " ".join([*self.words, *(cell for rows in self.tables.values() for row in rows for cell in row)])

    def table(self, begins: str) -> list[list[str]]:
        return next((rows[1:] for caption, rows in self.tables.items() if caption.startswith(begins)), [])


@dataclass
class Programme:
    """Whole numbers by name, what each alone may be, and sums that lie between two ends."""

    ranges: dict[str, tuple[float, float]] = field(default_factory=dict)
    sums: list[tuple[dict[str, float], float, float]] = field(default_factory=list)
    masked: set[str] = field(default_factory=set)

    def cell(self, name: str, text: str) -> None:
        low, high = told(text)
        was = self.ranges.get(name, (0.0, MOST))
        self.ranges[name] = (max(low, was[0]), min(high, was[1]))
        if text == MASK:
            self.masked.add(name)

    def adds(self, total: str, *parts: str) -> None:
        self.sums.append(({total: -1.0, **dict.fromkeys(parts, 1.0)}, 0.0, 0.0))

    def share(self, part: str, whole: str, share: float, half: float) -> None:
        """part / whole lies within `half` of the share told."""
        self.sums.append(({part: 1.0, whole: -(share + half)}, -np.inf, 0.0))
        self.sums.append(({part: 1.0, whole: -(share - half)}, 0.0, np.inf))

    def solved(self) -> dict[str, float]:
        """The masked counts that can be only one number, with it."""
        ends = {name: (self._end(name, 1), self._end(name, -1)) for name in sorted(self.masked)}
        return {name: low for name, (low, high) in ends.items() if low == high and low <= HIGH}

    def _end(self, name: str, sign: int) -> float:
        names = sorted(self.ranges)
        at = {one: column for column, one in enumerate(names)}
        goal, matrix = np.zeros(len(names)), np.zeros((len(self.sums), len(names)))
        goal[at[name]] = sign
        for row, (weights, _, _) in enumerate(self.sums):
            for one, weight in weights.items():
                matrix[row, at[one]] = weight
        low, high = (np.array([self.ranges[one][end] for one in names]) for end in (0, 1))
        limits = LinearConstraint(matrix, [one[1] for one in self.sums], [one[2] for one in self.sums])
        found = milp(goal, constraints=limits, bounds=Bounds(low, high), integrality=np.ones(len(names)))
        assert found.x is not None, f"the attacker's picture of {name} does not fit what was told"
        return round(float(found.x[at[name]]))


def told(text: str) -> tuple[float, float]:
    """Which whole numbers are told as this."""
    if text == MASK:
        return LOW, HIGH
    shown = int(text.replace(",", ""))
    if shown == 0:
        return 0, 0
    return max(HIGH + 1, shown - BASE // 2), shown + BASE // 2


def programmes(files: list[Path]) -> list[Programme]:
    """What the reports together tell: files that were read, who took part and was matched, who was linked."""
    pages = [Page(file.read_text(encoding="utf-8")) for file in files]
    each = [make(page) for page in pages for make in (_matched, lambda page: said(page.everything()), _seen)]
    return [_files(pages), _linked(pages), *each]


TOOK_PART = re.compile(r"of ([\d,*]+)(?: people)? enrolled, ([\d,*]+) could be matched, to ([\d,*]+) others")
EXACT = re.compile(r"(?<!bout )(?<!than )(?<![\d.,(−-])(\d+(?:\.\d+)?)% of (?:the|those) (enrolled|compared)(?!'s)")
"""A share of people told to its last digit; not one of their time."""


def said(words: str) -> Programme:
    """Shares of the enrolled and of the compared in any sentence: whoever is in a share, and whoever is not, are whole
    numbers."""
    found, took_part = Programme(), TOOK_PART.search(words)
    if not took_part:
        return found
    for whole, text in zip(("enrolled", "matched", "compared"), took_part.groups(), strict=True):
        found.cell(whole, text)
    for at, (share, of) in enumerate(dict.fromkeys(EXACT.findall(words))):
        if float(share) in (0, 100):
            continue
        part, rest, half = (
            f"{share}% {of} {at}",
            f"but {share}% {of} {at}",
            0.5 / 10 ** (2 + len(share.partition(".")[2])),
        )
        found.ranges |= {part: (0, MOST), rest: (0, MOST)}
        found.adds(of, part, rest)
        found.share(part, of, float(share) / 100, half)
        found.masked |= {part, rest}
    return found


def seen_of(averted: str, ratio: str) -> tuple[float, float]:
    """Between which amounts a year the seen contacts lie, by averted = seen × (1 / ratio − 1), as far as both are
    told."""
    ends = [amount / (1 / rate - 1) for amount in spread(averted) for rate in spread(ratio) if abs(1 / rate - 1) > 0.02]
    return (max(min(ends), 0.0), max(ends)) if ends else (0.0, MOST)


def spread(text: str) -> tuple[float, float]:
    """What is rounded to this text, from the least to the most."""
    half = 0.5 / 10 ** len(text.partition(".")[2])
    value = float(text.replace(",", "").replace("−", "-"))
    return value - half, value + half


def _seen(page: Page) -> Programme:
    """Contacts seen a year that are masked, in whole numbers as the rule judges them, from what stands beside them."""
    found = Programme()
    for row in page.table("Every outcome"):
        name, ratio, averted, seen = row[0], row[3], row[4], row[-1]
        if seen != MASK or not ratio[:1].isdigit() or averted in {MASK, "not measured"}:
            continue
        low, high = seen_of(averted.split(" (")[0], ratio.split(" (")[0])
        found.ranges[name] = (max(LOW, np.ceil(low - 0.5)), min(HIGH, np.floor(high + 0.5)))
        found.masked.add(name)
    return found


def steepest(curve: list[float], reach: float) -> tuple[float, float]:
    """The slopes at the ends of a likelihood told at Chebyshev's points: contacts of the enrolled and of the compared,
    nearly."""
    points = reach * np.cos(np.pi * np.arange(len(curve)) / (len(curve) - 1))[::-1]
    slope = np.polynomial.Chebyshev.fit(points, curve, len(curve) - 1).deriv()
    return float(slope(-reach)), float(-slope(reach))


def _files(pages: list[Page]) -> Programme:
    found = Programme()
    for page in pages:
        for file, table, *numbers in page.table("Files read"):
            names = [f"{file} {table} {what}" for what in ("in", "kept", "aside")]
            for name, text in zip(names, numbers, strict=True):
                found.cell(name, text)
            if names[1] in found.ranges:
                found.adds(*names)
    return found


def _linked(pages: list[Page]) -> Programme:
    """Records of a group, those linked by the share, and those that are not: few of them are a small number."""
    found = Programme()
    for page in pages:
        for by, group, share, records in page.table("Share of records linked"):
            if share.endswith("%") and records not in {MASK, "not known"}:
                linked, whole, rest = (f"{by} {group} {what}" for what in ("linked", "records", "alone"))
                found.cell(whole, records)
                found.ranges |= {linked: (0, MOST), rest: (LOW, HIGH)} if share not in {"100%", "100.0%"} else {}
                if rest in found.ranges:
                    found.adds(whole, linked, rest)
                    found.share(linked, whole, float(share.rstrip("%")) / 100, 0.005)
                    found.masked.add(rest)
    return _possible(found)


def _possible(found: Programme) -> Programme:
    """Without the groups of which more than a few are alone: nothing about them is small."""
    for rest in sorted(found.masked):
        group = rest.removesuffix(" alone")
        alone = Programme({name: ends for name, ends in found.ranges.items() if name.startswith(f"{group} ")})
        alone.sums = [one for one in found.sums if set(one[0]) <= set(alone.ranges)]
        try:
            alone._end(rest, 1)
        except AssertionError:
            found.masked.discard(rest)
            found.sums = [one for one in found.sums if not set(one[0]) & {rest, f"{group} linked"}]
    return found


def _matched(page: Page) -> Programme:
    found, words = Programme(), " ".join(page.words)
    took_part = re.search(r"of ([\d,*]+)(?: people)? enrolled, ([\d,*]+) could be matched", words)
    if not took_part:
        return found
    found.cell("enrolled", took_part[1])
    found.cell("matched", took_part[2])
    for reason, text in page.table("Who was left out"):
        found.cell(reason, text)
    nobody = next((name for name in found.ranges if name.startswith("nobody alike")), "")
    if nobody:
        found.adds("enrolled", "matched", nobody)
        if share := re.search(r"(\d+)% of those enrolled had nobody", words):
            exact = "ewer than" not in words.split("of those enrolled had nobody")[0][-25:]
            found.share(nobody, "enrolled", float(share[1]) / 100, 0.005 if exact else float(share[1]) / 100)
    return found
