"""How fast a large ledger is checked: claims by the hundred thousand over lots that overlap in people and time.

    python3 go.py bench ledger [--claims 5000] [--lots 100] [--people 100000]
    python3 go.py bench ledger --claims 100000 --lots 1000 --people 1000000 --write

Each lot holds people drawn from one population, for a random span of two years, so that most people are in several lots
at once. The limit is a single pass over the ledger's bytes with SHA-256; the peer is the plain dictionary walk, person
by person and stretch by stretch, run on a share of the people and scaled.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np

from headwater.domain.collaboration import Standing, Status
from headwater.domain.ledger import Claim, ClaimState, Lot
from headwater.ledger import Ledger
from headwater.ledger.netting import available
from headwater.ledger.units import UnitSets
from money_table import Results, peak_mib

AT = "2024-06-01T12:00:00"
DAY = date(2023, 1, 1)
LOCK = Standing(Status.LOCKED, "a" * 64)


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--claims", type=int, default=5_000)
    words.add_argument("--lots", type=int, default=100)
    words.add_argument("--people", type=int, default=100_000)
    words.add_argument("--per-lot", type=int, default=5_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    command = (
        f"python3 go.py bench ledger --claims {given.claims} --lots {given.lots} --people {given.people} --per-lot"
        f" {given.per_lot} --seed {given.seed}"
    )
    results = Results("ledger", "A large ledger, opened, claimed and checked", command)
    with tempfile.TemporaryDirectory() as folder:
        measure(results, Path(folder), given)
    results.add("largest memory", f"{peak_mib():,.0f} MiB")
    if given.write:
        results.write(("numpy", "numba"))


def measure(results: Results, folder: Path, given: argparse.Namespace) -> None:
    generator = np.random.default_rng(given.seed)
    names = np.array([f"person-{n:08d}" for n in range(given.people)])
    members = [np.sort(generator.choice(given.people, given.per_lot, replace=False)) for _ in range(given.lots)]
    lots = [a_lot(at, generator) for at in range(given.lots)]
    file, units = folder / "ledger.jsonl", folder / "units"
    with results.timed("load the compiled netting", "once a process"):
        load_netting()
    ledger = Ledger(file, units)
    with results.timed(
        f"open {given.lots:,} lots", f"{given.per_lot:,} people each of {given.people:,}; each on the disk"
    ):
        for lot, group in zip(lots, members, strict=True):
            ledger.open_lot(lot, names[group], LOCK, 3, AT)
    with results.timed("net them all", f"{netted(members):.1f} lots over each person in any") as fast:
        held = ledger.available()
    with results.timed(f"book {given.claims:,} claims", "in one act"):
        ledger.claim(claims(held, given.claims), AT)
    with results.timed(
        "check everything, from the files alone", "read, chain, unit sets, netting, eight rules"
    ) as checked:
        found = Ledger(file, units).check()
    wrong = [check.name for check in found if not check.passed]
    results.add("checks passed", f"{len(found) - len(wrong)} of {len(found)}", ", ".join(wrong))
    with results.timed("one more claim", "validated, chained, on the disk"):
        left = max(ledger.left().items(), key=lambda pair: pair[1])[0]
        ledger.claim([a_claim("last", left, 1e-6)], AT)
    with results.timed("statement", f"{len(ledger.statement().lines):,} lines"):
        ledger.statement()
    compare(results, ledger, units, fast[0], checked[0], file)


def load_netting() -> None:
    one = np.arange(2, dtype=np.uint64)
    available([a_lot(0, np.random.default_rng(0)), a_lot(1, np.random.default_rng(0))], lambda _: one, "first")


def compare(results: Results, ledger: Ledger, units: Path, fast: float, checked: float, file: Path) -> None:
    start = time.perf_counter()
    hashlib.sha256(file.read_bytes()).hexdigest()
    for stored in units.glob("*.npy"):
        hashlib.sha256(stored.read_bytes()).hexdigest()
    limit = time.perf_counter() - start
    results.add(
        "limit: one SHA-256 pass over all the files",
        f"{limit:.2f} s",
        f"the check takes {checked / limit:,.1f} times as long",
    )
    share, plain = by_hand(ledger.lots, UnitSets(units))
    results.add(
        "the plain walk over people and days",
        f"{plain / share:,.0f} s",
        f"measured on {share:.1%} of people; {plain / share / fast:,.0f} times ours",
    )


def a_lot(at: int, generator: np.random.Generator) -> Lot:
    start = int(generator.integers(0, 365))
    first, last = DAY + timedelta(start), DAY + timedelta(start + int(generator.integers(90, 365)))
    averted = float(generator.uniform(50, 500))
    return Lot(
        f"lot-{at:04d}",
        f"collaboration-{at % 50}",
        "ae_attendance",
        "person",
        "",
        str(first),
        str(last),
        averted,
        averted / 2,
        averted * 2,
        3,
        LOCK.sha256,
        "e" * 64,
        "",
        "upstream",
    )


def a_claim(name: str, lot: str, contacts: float) -> Claim:
    return Claim(
        name,
        lot,
        "hospital",
        contacts,
        contacts,
        contacts,
        contacts,
        contacts,
        "2023-24",
        ClaimState.MEASURED,
        "analyst",
        "bench",
    )


def claims(held: dict[str, float], number: int) -> list[Claim]:
    """Equal claims that fill 99.9 % of every lot."""
    each = number // len(held)
    return [
        a_claim(f"{lot}-{n:05d}", lot, 0.999 * contacts / each) for lot, contacts in held.items() for n in range(each)
    ]


def netted(members: list[np.ndarray]) -> float:
    return float(np.unique(np.concatenate(members), return_counts=True)[1].mean())


def by_hand(lots: tuple[Lot, ...], units: UnitSets, most: int = 2_000) -> tuple[float, float]:
    """(share of people walked, seconds): first come, first served for each person and stretch of days, in plain
    Python."""
    over: dict[int, list[int]] = {}
    for at, lot in enumerate(lots):
        for code in units.codes(lot.units).tolist():
            over.setdefault(code, []).append(at)
    spans = [
        (date.fromisoformat(lot.first_day).toordinal(), date.fromisoformat(lot.last_day).toordinal() + 1)
        for lot in lots
    ]
    density = [lot.averted / (units.codes(lot.units).size * (b - a)) for lot, (a, b) in zip(lots, spans, strict=True)]
    held = [0.0] * len(lots)
    people = list(over.values())[:most]
    start = time.perf_counter()
    for mine in people:
        edges = sorted({edge for at in mine for edge in spans[at]})
        for begin, end in pairwise(edges):
            taken = 0.0
            for at in mine:
                if spans[at][0] <= begin and end <= spans[at][1]:
                    held[at] += max(0.0, density[at] - taken) * (end - begin)
                    taken = max(taken, density[at])
    return len(people) / len(over), time.perf_counter() - start


if __name__ == "__main__":
    main()
