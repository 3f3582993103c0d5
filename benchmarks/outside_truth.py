"""Do the verdicts on people hold in worlds that were written from a description of the field, and not of the method?

python3 go.py bench outside_truth [--worlds 200] [--first 1001] [--people 9000] [--only NAME ...] [--write]
resumable: build/outside_truth

Each process below is written plainly, with its own way of falling ill, of being referred and of being helped. None
shares code with the product's own small worlds. A world is a list of contacts by person and day; a programme takes
people on and, where its ratio is below 1, removes each later contact of the outcome with that chance. The *oracle* is
told everything that chose who was taken on: it compares each enrolled person with what their own course, which only the
world knows, would have had without the programme. *The most that records allow* is the chance to find the fall for
somebody who knows exactly what the enrolled's records let expect of them: the enrolled alone, no error in the
comparison, nothing hidden. What the enrolled's own courses do beyond their records nobody but the oracle knows.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm

from headwater.domain.collaboration import Entry, Outcome, Protocol, Role, Standing, Status, Style
from headwater.evidence.checks.people_all import CHECKS, people_checks
from headwater.evidence.people.design import designed
from headwater.evidence.people.evaluation import calibrated, concluded, estimated
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import NEVER, Population, in_memory
from outside_worlds import KINDS, ORIGIN, PROCESSES, START, WEEKS, made

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.evidence.people.case import Case
    from headwater.evidence.people.design import Design
    from outside_worlds import Made

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "outside_truth"
SLOW = (
    "specification-curve",
    "leave-one-area-out",
    "dispersion",
    "spillover",
    "hidden-confounder",
    "regression-to-the-mean",
)


def protocol(seed: int) -> Protocol:
    return Protocol(
        id="outside",
        name="outside",
        style=Style.UPSTREAM,
        lead="a",
        partners=("b",),
        theory="none",
        owner="analyst",
        unit="person",
        start=date(1970, 1, 1) + timedelta(days=ORIGIN + START * 7),
        entry=Entry("ae", 3, 90),
        seed=seed,
        draws=200,
        outcomes=(
            Outcome("ae", Role.PRIMARY),
            Outcome("ambulance", Role.DISPLACEMENT),
            Outcome("injury", Role.NEGATIVE_CONTROL),
        ),
        checks=tuple(name for name in CHECKS if name not in SLOW),
    )


def population(world: Made) -> Population:
    n = len(world.age)
    shifted = [np.where(days < NEVER, ORIGIN + days, NEVER) for days in (world.enrolled, world.elsewhere)]
    return Population(
        np.array([f"p{at}" for at in range(n)], dtype=object),
        np.full(n, ORIGIN),
        ORIGIN + world.last,
        np.where(world.died, "death", "study-end").astype(object),
        shifted[0],
        np.floor(2021 - world.age),
        world.female.astype(float),
        np.array([f"area {at}" for at in world.area], dtype=object),
        np.full(n, np.nan),
        shifted[1],
    )


def case_of(name: str, seed: int, people: int, ratio: float) -> tuple[Made, Case]:
    """A world and what is estimated and calibrated in it."""
    world = made(PROCESSES[name], seed, people, ratio)
    entry, plan = world.kind == 0, protocol(seed)
    design = designed(
        population(world),
        (world.person[entry], ORIGIN + world.day[entry]),
        plan,
        KINDS,
        (ORIGIN, ORIGIN + WEEKS * 7 - 1),
        in_memory((world.person, ORIGIN + world.day, world.kind), len(KINDS)),
    )
    return world, calibrated(estimated(plan, design, matched(design, plan)))


def oracle_finds(world: Made) -> bool:
    log_ratio, error = world.oracle
    return bool(log_ratio + 1.96 * error < 0)


def records_error(design: Design) -> float:
    """The error of the enrolled's log rate about what their records let expect."""
    ours, years = design.units.treated, design.exposure.sum(axis=1)
    seen, expected = design.after[ours, 0].sum(axis=1), np.exp(design.expected[ours, 0]) * years[ours]
    gap = seen - expected * seen.sum() / expected.sum()
    return float(np.sqrt((gap**2).sum()) / seen.sum())


def judged(name: str, seed: int, people: int, ratio: float) -> dict[str, Any]:
    """One world: its truth, what was said, which checks failed, what the oracle saw."""
    world, case = case_of(name, seed, people, ratio)
    row: dict[str, Any] = {"seed": seed, "truth": world.truth, "enrolled": int((world.enrolled < NEVER).sum())}
    row["oracle"], row["records"] = oracle_finds(world), records_error(case.design)
    found = concluded(case, people_checks(case), Standing(Status.LOCKED, ""))
    ratio_told, raw = found.primary.rate_ratio, found.primary.raw_ratio
    return row | {
        "verdict": found.primary.verdict.value,
        "withheld": list(found.primary.withheld),
        "grade": found.grade.level,
        "matched": found.comparison.matched,
        "told": None if ratio_told is None else (ratio_told.low, ratio_told.mid, ratio_told.high),
        "raw": None if raw is None else (raw.low, raw.mid, raw.high),
        "failed": [check.name for check in found.checks if check.passed is False],
        "untold": [check.name for check in found.checks if check.passed is None],
    }


def kept(file: Path, seeds: range, judge: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a seed; what an earlier run judged is read from the file, what this one judges is added to it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = {row["seed"]: row for row in map(json.loads, file.read_text().splitlines())} if file.exists() else {}
    with file.open("a") as out:
        for seed in seeds:
            if seed not in known:
                known[seed] = judge(seed)
                out.write(json.dumps(known[seed]) + "\n")
    return [known[seed] for seed in seeds]


def line(name: str, ratio: float, rows: list[dict[str, Any]]) -> str:
    """One process under one truth. Bias and coverage are of the worlds whose word was not withheld."""
    given = [row for row in rows if row["told"] and not row["withheld"]]
    gap = np.array([np.log(row["told"][1] / row["truth"]) for row in given] or [np.nan])
    raw = np.array([np.log(row["raw"][1] / row["truth"]) for row in given if row["raw"]] or [np.nan])
    held = np.mean([row["told"][0] <= row["truth"] <= row["told"][2] for row in given] or [np.nan])
    words = [row["verdict"] for row in rows]
    share = {word: words.count(word) / len(rows) for word in ("averted", "harm", "nothing-found")}
    oracle = np.mean([row["oracle"] for row in rows])
    withheld = np.mean([bool(row["withheld"]) for row in rows])
    enrolled = np.mean([row["enrolled"] for row in rows])
    most = np.mean([norm.cdf(abs(np.log(ratio)) / row["records"] - 1.96) for row in rows])
    told = f"{gap.mean():+.3f} ({raw.mean():+.3f}) | {held:.1%}" if given else "– | –"
    return (
        f"| {name} | {ratio:g} | {len(rows)} | {enrolled:.0f} | {told} | {share['averted']:.1%} | "
        f"{share['harm']:.1%} | {share['nothing-found']:.1%} | {withheld:.1%} | {most:.0%} | {oracle:.1%} |"
    )


HEAD = (
    "| process | true ratio | worlds | enrolled | bias, calibrated (raw) | truth in 95 % where a word was given | said"
    " *averted* | *harm* | *nothing found* | word withheld | the most that records allow | the oracle finds a fall"
    " |\n|---|---|---|---|---|---|---|---|---|---|---|---|"
)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--worlds", type=int, default=200)
    words.add_argument("--first", type=int, default=1001)
    words.add_argument("--people", type=int, default=9_000)
    words.add_argument("--ratios", type=float, nargs="+", default=[1.0, 0.85])
    words.add_argument("--only", nargs="+", choices=tuple(PROCESSES), default=tuple(PROCESSES))
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    lines = [HEAD]
    print(HEAD)
    for name in given.only:
        for ratio in given.ratios:
            file = KEPT / f"{name}-{ratio:g}-{given.people}.jsonl"
            seeds = range(given.first, given.first + given.worlds)
            rows = kept(file, seeds, partial(judged, name, people=given.people, ratio=ratio))
            lines.append(line(name, ratio, rows))
            print(lines[-1], flush=True)
    if given.write:
        machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
        text = (
            "# Evaluations of people in worlds of another make\n\n`python3 go.py bench outside_truth --worlds"
            f" {given.worlds} --first {given.first} --people {given.people}`,"
            f" {machine}\n\n{__doc__.split(chr(10) * 2, 2)[2]}\n"
            + "\n".join(lines)
            + "\n\n"  # type: ignore[union-attr]
            + "\n".join(f"- **{name}**: {one.__doc__}" for name, one in PROCESSES.items())
            + "\n"
        )
        (ROOT / "docs" / "measured" / "outside_truth.md").write_text(text)


if __name__ == "__main__":
    main()
