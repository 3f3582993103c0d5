"""Are the partners of known English sharing pairs among the ten organisations that mirror finds most alike?

    python3 go.py bench mirror_recall [--data ../shared/data] [--pairs FILE] [--write]

The real registers are made ready and loaded as a user would (examples/english-councils), in a workspace that is thrown away.
Each pair is asked for from both sides, among the councils that lived at the end of the year in which it started. Beside our
list stand its peers: distance alone, services alone, and size alone. mirror_pairs.csv was written down from what is publicly
known of these arrangements, without the likeness at hand; that distances run from edge to edge, that short lists are shrunk,
that a unitary shares half of its powers, and that the boroughs of a metropolitan county are of one upper tier, was decided with
these pairs in sight; that a district shares half with the county above it with those of the sample of facts in sight too, so that
both figures are a little hopeful. The last two have a reason apart from these pairs, and no weight was fitted to any of them.
"""

from __future__ import annotations

import argparse
import csv
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
        with results.timed("likeness of every two councils", f"{len(bodies)} councils, {sum(map(len, services.values())):,} listed services"):  # fmt: skip
            likeness(bodies, services)
        told(
            results,
            "pairs of common knowledge",
            listed(given.pairs),
            bodies,
            services,
            "five choices of form were made with them in sight",
        )
        facts = given.data / "collaborations" / "facts_sample.csv"
        told(
            results,
            "pairs of the sample of facts",
            sampled(facts),
            bodies,
            services,
            "one choice of form was made with them in sight: a district and the county above it",
        )
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
    results: Results, what: str, pairs: list[Pair], bodies: list[Organisation], services: dict[str, frozenset[str]],
    remark: str,
) -> None:  # fmt: skip
    """One row a way of ranking: share of the sides whose partner is in the first ten, and of the pairs found by either side."""
    find, known = resolver(bodies), []
    for one, other, year in pairs:
        codes = tuple(found.organisation if (found := find(name, date(year, 12, 31))) else "" for name in (one, other))
        if all(codes):
            known.append((*codes, year))
        else:
            print(f"  not in the register: {one} / {other}")
    results.add(what, f"{len(known)}", f"of {len(pairs)}; among the English councils of their year; {remark}")
    ranks = {name: _ranks(known, bodies, services, name) for name in ("likeness", *FACTORS[:3])}
    for name, found in ranks.items():
        sides = found.reshape(-1)
        results.add(
            f"{what}: {WAYS[name]}", f"{(sides <= TOP).mean():.1%}",
            f"of {len(sides)} sides have their partner in the first ten; {(found.min(axis=1) <= TOP).mean():.1%} of pairs by either side; {(sides <= 5).mean():.0%} in the first five",
        )  # fmt: skip


WAYS = {
    "likeness": "likeness, as shipped",
    "nearness": "distance alone",
    "services": "services alone",
    "scale": "size alone",
}


def _ranks(known: list[tuple[str, str, int]], bodies: list[Organisation], services: dict[str, frozenset[str]], way: str) -> np.ndarray:  # fmt: skip
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
