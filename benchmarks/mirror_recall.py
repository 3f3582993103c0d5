"""Are the partners of known English sharing pairs among the ten organisations that mirror finds most alike?

    python3 go.py bench mirror_recall [--data ../shared/data] [--pairs FILE] [--write]

The real registers are made ready and loaded as a user would (examples/english-councils), in a workspace that is thrown
away. Each pair is asked for from both sides, among the councils that lived at the end of the year in which it started.
Beside our
list stand its peers: distance alone, services alone, and size alone. mirror_pairs.csv was written down from what is
publicly known of these arrangements, without the likeness at hand.

Every side belongs to the council that asks; a council is *seen* or *unseen* by the last bit of the MD5 of its code. The
form of the likeness (how far distance reaches, how mildly size and services count) was chosen on the seen half alone;
what the unseen half shows is what may be hoped for elsewhere. Some earlier choices (distances from edge to edge, short
lists drawn to the mean, a unitary shares half of its powers) were made with all pairs in sight, so that even the unseen
half is a little hopeful. A county and its districts are told in a list of their own, so they are counted apart; so are
pairs of one arrangement with more than two members.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headwater.app import reading
from headwater.app.place import Place
from headwater.partners.mirror.bodies import lives, organisations
from headwater.partners.mirror.grouping import standards
from headwater.partners.mirror.likeness import FACTORS, Likeness, likeness, nearest
from headwater.partners.register import resolver
from money_table import Results, peak_mib

if TYPE_CHECKING:
    from headwater.domain.collaboration import Organisation

ROOT = Path(__file__).resolve().parents[1]
TOP = 10
Pair = tuple[str, str, int]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    words.add_argument("--pairs", type=Path, default=ROOT / "benchmarks" / "mirror_pairs.csv")
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    results = Results("mirror", "Mirror partners of real councils", "python3 go.py bench mirror_recall")
    with tempfile.TemporaryDirectory() as folder:
        with results.timed("registers made ready and loaded", "as a user would: prepare, load"):
            bodies, services = registers(Path(folder) / "councils", given.data)
        with results.timed(
            "likeness of every two councils",
            f"{len(bodies)} councils, {sum(map(len, services.values())):,} listed services",
        ):
            likeness(bodies, services)
        pairs = list(
            dict.fromkeys((*listed(given.pairs), *sampled(given.data / "collaborations" / "facts_sample.csv")))
        )
        told(results, "known pairs", pairs, bodies, services)
    results.add("largest memory", f"{peak_mib():,.0f} MiB")
    if given.write:
        results.write(("numpy", "scipy"))


def registers(folder: Path, data: Path) -> tuple[list[Organisation], dict[str, frozenset[str]]]:
    """All councils past and present with their services, from the tables a user would have loaded."""
    os.environ.setdefault("HEADWATER_KEY_FILE", str(folder.parent / "key"))
    shutil.copytree(ROOT / "examples" / "english-councils", folder)
    subprocess.run([sys.executable, str(folder / "prepare.py"), str(data)], check=True, capture_output=True)
    place = Place(folder)
    reading.load(place)
    with place.store() as store:
        return organisations(store, every=True), standards(store)


def listed(file: Path) -> list[Pair]:
    with file.open(encoding="utf-8", newline="") as lines:
        return [(row["one"], row["other"], int(row["start"])) for row in csv.DictReader(lines)]


def sampled(file: Path) -> list[Pair]:
    """Every two partners of each mirror row; a row without a start stands at its first year named."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["style"] == "mirror"]
    return [
        (one, other, int((re.search(r"\d{4}", row["start"] + row["end_or_status"]) or ["2010"])[0]))
        for row in rows
        for one, other in combinations(row["partners"].split("|"), 2)
    ]


def told(
    results: Results, what: str, pairs: list[Pair], bodies: list[Organisation], services: dict[str, frozenset[str]]
) -> None:
    """A row for each half and kind of pair: share of the sides whose partner is in the first ten, and of the pairs
    found by either side."""
    find, known = resolver(bodies), []
    for one, other, year in pairs:
        codes = tuple(found.organisation if (found := find(name, date(year, 12, 31))) else "" for name in (one, other))
        if all(codes):
            known.append((*codes, year))
        else:
            print(f"  not in the register: {one} / {other}")
    results.add(what, f"{len(known)}", f"of {len(pairs)}; among the English councils of their year")
    tiers = {body.organisation: body.tier for body in bodies}
    apart = [{tiers[one], tiers[other]} == {"upper tier", "lower tier"} for one, other, _ in known]
    hubs = _hubs([(one, other) for one, other, _ in known])
    for name in ("likeness", *FACTORS[1:3], FACTORS[0]):
        found = _ranks(known, bodies, services, name)
        for label, chosen in _splits(known, apart, hubs).items():
            if name == "likeness" or label == "all but county and district":
                _row(results, f"{what}, {label}: {WAYS[name]}", found, chosen)


def _splits(known: list[tuple[str, str, int]], apart: list[bool], hubs: list[bool]) -> dict[str, np.ndarray]:
    """Label → bool[pair, side]: whose sides are counted."""
    peers = ~np.array(apart)[:, None].repeat(2, axis=1)
    unseen = np.array([[_unseen(one), _unseen(other)] for one, other, _ in known])
    hub = np.array(hubs)[:, None].repeat(2, axis=1)
    return {
        "all but county and district": peers,
        "seen": peers & ~unseen,
        "unseen by design": peers & unseen,
        "of hubs (three members or more)": peers & hub,
        "county and district, among the alike": ~peers,
    }


def _unseen(code: str) -> bool:
    return bool(int(hashlib.md5(code.encode(), usedforsecurity=False).hexdigest(), 16) % 2)


def _hubs(pairs: list[tuple[str, str]]) -> list[bool]:
    """Whether both of a pair share with one third council as well."""
    beside: dict[str, set[str]] = {}
    for one, other in pairs:
        beside.setdefault(one, set()).add(other)
        beside.setdefault(other, set()).add(one)
    return [bool(beside[one] & beside[other]) for one, other in pairs]


def _row(results: Results, label: str, found: np.ndarray, chosen: np.ndarray) -> None:
    """A pair belongs where its first council does."""
    sides, pairs = found[chosen], found[chosen[:, 0]].min(axis=1)
    if len(sides):
        results.add(
            label,
            f"{(sides <= TOP).mean():.1%}",
            f"of {len(sides)} sides have their partner in the first ten, {(sides <= 5).mean():.0%} in the first five;"
            f" {(pairs <= TOP).mean():.1%} of {len(pairs)} pairs by either side",
        )


WAYS = {
    "likeness": "likeness, as shipped",
    "nearness": "distance alone",
    "services": "services alone",
    "scale": "size alone",
}


def _ranks(
    known: list[tuple[str, str, int]], bodies: list[Organisation], services: dict[str, frozenset[str]], way: str
) -> np.ndarray:
    """int[pair, side]: the partner's place in the list."""
    found, ready = [], {}
    for one, other, year in known:
        if year not in ready:
            ready[year] = likeness([body for body in bodies if lives(body, date(year, 12, 31))], services)
        alike = ready[year]
        sides = [alike.organisations.index(code) for code in (one, other)]
        found.append([_place(alike, way, *sides), _place(alike, way, *sides[::-1])])
    return np.array(found)


def _place(alike: Likeness, way: str, one: int, other: int) -> int:
    """Where `other` stands in the list of `one`; a single factor ranks the same akin bodies."""
    if way == "likeness":
        return nearest(alike, one, len(alike.organisations)).index(other) + 1
    score, akin = alike.factors[FACTORS.index(way), one], alike.akin[one].copy()
    akin[one] = False
    ahead = akin & ((score > score[other]) | ((score == score[other]) & (np.arange(len(score)) < other)))
    return int(ahead.sum()) + 1


if __name__ == "__main__":
    main()
