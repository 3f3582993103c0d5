"""Where does the power to tell a true fall go, rule by rule, and what false words does each rule keep away?

python3 go.py bench outside_power [--worlds 10] [--first 5001] [--people 6000] [--only NAME ...]    resumable:
build/outside_power

Each world of `outside_truth` is evaluated once; then the word is made again from its parts, leaving out one rule at a
time.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

from headwater.evidence.checks.people_all import people_checks
from outside_truth import case_of, kept, oracle_finds
from outside_worlds import PROCESSES

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

KEPT = Path(__file__).resolve().parents[1] / "build" / "outside_power"
FALL = 0.85
RULES = ("measured difference", "its errors", "what may still be hidden", "spread of the shams", "mean of the shams")


def parts(case: Case, seed: int) -> dict[str, Any]:
    """What the word of the primary outcome is made of."""
    kind = case.kind
    raw, known, hidden = case.raw[kind], case.systematic[kind], case.hidden[kind]
    assert raw is not None
    shift = max(known.mean**2 - known.mean_se**2, 0.0)
    failed = [check.name for check in people_checks(case) if check.essential and check.passed is False]
    return {
        "seed": seed,
        "beta": float(raw.beta[0]),
        "variance": float(raw.se[0]) ** 2,
        "clusters": raw.clusters,
        "failed": failed,
        "rules": dict(
            zip(RULES, (hidden.mean, hidden.told, hidden.sd**2 * (hidden.places > 0), known.sd**2, shift), strict=True)
        ),
    }


def word(row: dict[str, Any], without: tuple[str, ...]) -> tuple[str, float]:
    """The word without some rules, and the chance that a fall of 15 % would be told."""
    rules = {name: 0.0 if name in without else value for name, value in row["rules"].items()}
    beta = row["beta"] - rules["measured difference"]
    variance = row["variance"] + rules["its errors"] + rules["spread of the shams"] + rules["mean of the shams"]
    reach = float(student.ppf(0.975, row["clusters"] - 1))
    if set(row["failed"]) - {*without}:
        return "withheld", 0.0
    told = "averted" if beta + reach * variance**0.5 < 0 else "cannot tell"
    if beta - reach * (variance + rules["what may still be hidden"]) ** 0.5 > 0:
        told = "harm"
    return told, float(norm.cdf(-np.log(FALL) / variance**0.5 - reach))


def judged(name: str, ratio: float, seeds: range, people: int) -> list[dict[str, Any]]:
    def judge(seed: int) -> dict[str, Any]:
        world, case = case_of(name, seed, people, ratio)
        return parts(case, seed) | {"oracle": oracle_finds(world)}

    return kept(KEPT / f"{name}-{ratio:g}-{people}.jsonl", seeds, judge)


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--worlds", type=int, default=10)
    words.add_argument("--first", type=int, default=5001)
    words.add_argument("--people", type=int, default=6_000)
    words.add_argument("--only", nargs="+", choices=tuple(PROCESSES), default=tuple(PROCESSES))
    given = words.parse_args()
    seeds = range(given.first, given.first + given.worlds)
    null, fall = (
        [row for name in given.only for row in judged(name, ratio, seeds, given.people)] for ratio in (1.0, FALL)
    )
    checks = sorted({name for row in (*null, *fall) for name in row["failed"]})
    ways = [(), *((rule,) for rule in (*RULES, *checks)), RULES, (*RULES, *checks)]
    print(
        f"{len(fall)} true falls, {len(null)} nulls; the oracle finds {np.mean([row['oracle'] for row in fall]):.0%}\n"
    )
    print(
        "| without | told *averted* | expected power | word withheld | null: *averted* | null: *harm*"
        " |\n|---|---|---|---|---|---|"
    )
    for way in ways:
        told, nothing = ([word(row, way) for row in rows] for rows in (fall, null))
        counts = [
            sum(one == which for one, _ in rows)
            for rows, which in ((told, "averted"), (told, "withheld"), (nothing, "averted"), (nothing, "harm"))
        ]
        power = np.mean([chance for _, chance in told])
        name = (
            "nothing"
            if not way
            else way[0]
            if len(way) == 1
            else "any but the checks"
            if way == RULES
            else "any, checks too"
        )
        print(f"| {name} | {counts[0]} | {power:.0%} | {counts[1]} | {counts[2]} | {counts[3]} |")


if __name__ == "__main__":
    main()
