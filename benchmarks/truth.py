"""Do the verdicts on people keep their promises? Small worlds with a trap each, judged by their truth, ours beside the
usual ways.

python3 go.py bench truth [--worlds 500] [--first 501] [--traps abcdefgh] [--write]    resumable: a finished world is
kept under build/truth

Three usual ways stand beside ours: the enrolled before and after; the same less the change of everybody never enrolled
(difference-in-differences); and propensity matching on age, sex, deprivation and area, without history and without risk
sets.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.collaboration import ComparisonPlan, Entry, Outcome, Protocol, Role, Standing, Status, Style
from headwater.evidence.checks.people_all import people_checks
from headwater.evidence.people.design import designed
from headwater.evidence.people.evaluation import calibrated, concluded, estimated
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import Population, in_memory
from headwater.stats.matching import nearest_pairs
from headwater.stats.poisson import rate_model
from headwater.stats.propensity import propensity_logit
from headwater.worlds.traps import (
    CONTROL,
    FIRST_DAY,
    FROM,
    KINDS,
    LAST_DAY,
    NEVER,
    OTHER,
    OUTCOME,
    RULE,
    TRAPS,
    Trap,
    small_world,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from headwater.domain.uncertainty import Interval
    from headwater.worlds.traps import SmallWorld

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "truth"
ESSENTIAL = Protocol.__dataclass_fields__["essential"].default
RUN = (*ESSENTIAL, "displacement", "attrition", "anticipation")
"""Every check that is essential, and those that a trap is set for."""
LEDGER = 3
"""The lowest grade that the ledger takes."""
WAYS = ("ours", "before and after", "difference-in-differences", "plain propensity")


def protocol_of(trap: Trap, seed: int) -> Protocol:
    """The plan an evaluator would have locked: defaults, with the roles of the outcomes named."""
    return Protocol(
        id=f"trap-{trap.letter}",
        name=trap.name,
        style=Style.UPSTREAM,
        lead="a",
        partners=("b",),
        start=date(1970, 1, 1) + timedelta(days=FIRST_DAY + FROM),
        theory="none",
        owner="analyst",
        unit="person",
        outcomes=(
            Outcome(OUTCOME, Role.PRIMARY),
            Outcome(OTHER, Role.DISPLACEMENT),
            Outcome(CONTROL, Role.NEGATIVE_CONTROL),
        ),
        entry=Entry(OUTCOME, *RULE),
        comparison=ComparisonPlan(),
        checks=RUN,
        seed=seed,
        draws=200,
        history_days=365,
    )


def population_of(world: SmallWorld) -> Population:
    names = np.array([f"p{at}" for at in range(len(world.first))], dtype=object)
    return Population(
        names,
        world.first,
        world.last,
        world.why,
        world.enrolled,
        world.birth_year,
        world.female,
        world.area,
        world.deprivation,
        np.full(len(world.first), NEVER),
    )


@dataclass(frozen=True)
class Said:
    """What one way said of one world: the interval of the rate ratio, and the verdict."""

    low: float
    mid: float
    high: float
    verdict: str


def judged(trap: Trap, seed: int) -> dict[str, Any]:
    """One world: its truth, what each way said, which checks failed, what could have been told."""
    world = small_world(trap, seed)
    found = ours(world, seed)
    primary = found.primary
    said = {"ours": _said(primary.rate_ratio, primary.verdict.value)}
    said |= {name: way(world) for name, way in USUAL.items()}
    return {
        "seed": seed,
        "truth": world.truth[OUTCOME],
        "enrolled": int((world.enrolled < NEVER).sum()),
        "matched": found.comparison.matched,
        "grade": found.grade.level,
        "detectable": primary.detectable,
        "failed": [check.name for check in found.checks if check.passed is False],
        "naive": primary.naive.change if primary.naive else None,
        "withheld": list(primary.withheld),
        "said": {name: None if one is None else vars(one) for name, one in said.items()},
    }


def ours(world: SmallWorld, seed: int) -> Any:
    """The evaluation as `headwater evaluate` makes it, from arrays instead of a store."""
    protocol, people, kinds = protocol_of(world.trap, seed), population_of(world), tuple(KINDS)
    entry = world.kind == 0
    design = designed(
        people,
        (world.person[entry], world.day[entry]),
        protocol,
        kinds,
        (FIRST_DAY, LAST_DAY),
        in_memory((world.person, world.day, world.kind), len(kinds)),
    )
    case = calibrated(estimated(protocol, design, matched(design, protocol)))
    return concluded(case, people_checks(case), Standing(Status.LOCKED, ""))


# The usual ways


def before_and_after(world: SmallWorld) -> Said | None:
    """The enrolled's own year after against their year before."""
    who = np.flatnonzero(world.enrolled < NEVER)
    return _changed(world, who, world.enrolled[who], np.ones(len(who)))


def difference_in_differences(world: SmallWorld) -> Said | None:
    """The enrolled's change less that of everybody never enrolled, whose moment is drawn from the enrolled's."""
    ours, never, moment = _arms(world)
    who = np.concatenate([ours, never])
    return _changed(world, who, np.concatenate([world.enrolled[ours], moment]), (who < 0) | np.isin(who, ours))


def plain_propensity(world: SmallWorld) -> Said | None:
    """Three of the never enrolled for each, alike in age, sex, deprivation and area; their year after against the
    enrolled's."""
    ours, never, moment = _arms(world)
    who, when = np.concatenate([ours, never]), np.concatenate([world.enrolled[ours], moment])
    treated = np.arange(len(who)) < len(ours)
    x = np.column_stack(
        [
            world.birth_year[who],
            world.female[who],
            world.deprivation[who],
            world.area[who][:, None] == np.unique(world.area),
        ]
    )
    pairs = nearest_pairs(treated, np.zeros(len(who), dtype=np.int64), propensity_logit(x.astype(float), treated))
    rows = np.concatenate([np.unique(pairs.treated), pairs.control])
    sets = np.concatenate([np.unique(pairs.treated), pairs.treated])
    counts, years = _year(world, who[rows], when[rows], 1)
    return _told(rate_model(counts, years, treated[rows, None].astype(float), sets))


USUAL: dict[str, Callable[[SmallWorld], Said | None]] = {
    "before and after": before_and_after,
    "difference-in-differences": difference_in_differences,
    "plain propensity": plain_propensity,
}


def _arms(world: SmallWorld) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The enrolled, the never enrolled who are alive at a moment drawn from the enrolled's, and that moment."""
    rng = np.random.default_rng(world.trap.people)
    ours, never = np.flatnonzero(world.enrolled < NEVER), np.flatnonzero(world.enrolled == NEVER)
    moment = rng.choice(world.enrolled[ours], len(never))
    alive = world.last[never] > moment
    return ours, never[alive], moment[alive]


def _changed(world: SmallWorld, who: np.ndarray, when: np.ndarray, treated: np.ndarray) -> Said | None:
    """The ratio of the treated's change; the compared's change too where there are compared. Errors by person."""
    (before, one), (after, two) = _year(world, who, when, -1), _year(world, who, when, 1)
    n, later = len(who), np.repeat([0.0, 1.0], len(who))
    both = np.tile(np.asarray(treated, dtype=float), 2) * later
    x = both[:, None] if np.all(treated) else np.column_stack([both, later])
    return _told(rate_model(np.concatenate([before, after]), np.concatenate([one, two]), x, np.tile(np.arange(n), 2)))


def _year(world: SmallWorld, who: np.ndarray, when: np.ndarray, side: int) -> tuple[np.ndarray, np.ndarray]:
    """Counts of the outcome and years seen in the year before (side −1, with the day itself) or after (side 1)."""
    mine = world.kind == 0
    keys = world.person[mine] * 100_000 + world.day[mine]
    first, last = (when - 364, when) if side < 0 else (when + 1, np.minimum(when + 365, world.last[who]))
    lo, hi = (np.searchsorted(keys, who * 100_000 + day, side=to) for day, to in ((first, "left"), (last, "right")))  # type: ignore[call-overload]
    return np.maximum(hi - lo, 0).astype(float), np.maximum(last - first + 1, 0) / 365.25


def _told(model: Any) -> Said | None:
    if model is None:
        return None
    ratio = model.ratio()
    return _said(ratio, "averted" if ratio.high < 1 else "harm" if ratio.low > 1 else "neither")


def _said(ratio: Interval | None, verdict: str) -> Said:
    nothing = float("nan")
    return (
        Said(nothing, nothing, nothing, verdict) if ratio is None else Said(ratio.low, ratio.mid, ratio.high, verdict)
    )


# The table


@dataclass(frozen=True)
class Line:
    """One way over all worlds of a trap. Shares of worlds; bias and rmse on the log of the rate ratio."""

    bias: float
    rmse: float
    coverage: float
    told: float
    saved: float
    harm: float
    nothing: float
    cannot_tell: float
    booked: float
    """Said saved, with a grade that the ledger takes."""


def line(found: Iterable[dict[str, Any]], way: str) -> Line:
    rows = list(found)
    said = [(row["said"][way], row["truth"]) for row in rows if row["said"][way]]
    told = [(one, truth) for one, truth in said if one["mid"] == one["mid"]]
    gap = np.log([one["mid"] / truth for one, truth in told]) if told else np.array([np.nan])
    inside = [one["low"] <= truth <= one["high"] for one, truth in told]
    words = [one["verdict"] for one, _ in said]
    share = [words.count(word) / max(len(rows), 1) for word in ("averted", "harm", "nothing-found", "cannot-tell")]
    booked = sum(row["grade"] >= LEDGER and row["said"]["ours"]["verdict"] == "averted" for row in rows) / len(rows)
    return Line(
        float(gap.mean()),
        float(np.sqrt((gap**2).mean())),
        float(np.mean(inside or [np.nan])),
        len(told) / len(rows),
        *share,
        booked,
    )


def table(found: dict[str, list[dict[str, Any]]]) -> str:
    head = (
        "| trap | way | bias (log) | rmse (log) | truth in 95 % | said *saved* | *harm* | *nothing found* | *cannot"
        " tell* | *saved*, good for the ledger |\n|---|---|---|---|---|---|---|---|---|---|"
    )
    lines = [head]
    for trap in TRAPS:
        for way in WAYS if trap.letter in found else ():
            one = line(found[trap.letter], way)
            plain = way != "ours"
            lines.append(
                f"| {trap.letter} {trap.name} | {way} | {one.bias:+.3f} | {one.rmse:.3f} | {one.coverage:.1%} |"
                f" {one.saved:.1%} | {one.harm:.1%} | "
                + ("– | – | – |" if plain else f"{one.nothing:.1%} | {one.cannot_tell:.1%} | {one.booked:.1%} |")
            )
    return "\n".join(lines)


def about(found: dict[str, list[dict[str, Any]]]) -> str:
    """Beside the table: cohorts, truths, naive changes, checks that fired, what could have been told."""
    lines = [
        (
            "| trap | enrolled | matched | true ratio | before–after | a check that must fire did | an essential check"
            " failed | interval below 1, word withheld | interval above 1, word withheld | smallest fall that could be"
            " told |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for trap in TRAPS:
        rows = found.get(trap.letter)
        if not rows:
            continue
        fired = np.mean([bool(set(trap.planted) & set(row["failed"])) for row in rows]) if trap.planted else None
        capped = np.mean([bool(set(ESSENTIAL) & set(row["failed"])) for row in rows])
        held = [row["said"]["ours"] for row in rows if row["withheld"]]
        below, above = (sum(outside(one) for one in held) / len(rows) for outside in (_below, _above))
        smallest = np.median([row["detectable"] for row in rows if row["detectable"]] or [np.nan])
        naive = np.mean([row["naive"] for row in rows if row["naive"] is not None] or [np.nan])
        mean = {key: np.mean([row[key] for row in rows]) for key in ("enrolled", "matched", "truth")}
        lines.append(
            f"| {trap.letter} {trap.name} | {mean['enrolled']:.0f} | {mean['matched']:.0f} | {mean['truth']:.3f} |"
            f" {naive:+.0%} | {'–' if fired is None else f'{fired:.0%} ({trap.planted[0]})'} | {capped:.1%} |"
            f" {below:.1%} | {above:.1%} | {1 - smallest:.0%} |"
        )
    return "\n".join(lines)


def _below(said: dict[str, Any]) -> bool:
    return bool(said["high"] < 1)


def _above(said: dict[str, Any]) -> bool:
    return bool(said["low"] > 1)


def page(found: dict[str, list[dict[str, Any]]], worlds: int, first: int) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    traps = "" if len(found) == len(TRAPS) else f" --traps {''.join(sorted(found))}"
    return (
        f"# Evaluations of people judged by the truth\n\n`python3 go.py bench truth --worlds {worlds} --first"
        f" {first}{traps}`, seeds {first} to {first + worlds - 1}, {machine}\n\n"
        f"{__doc__.split(chr(10) * 2)[2]}\n\n"  # type: ignore[union-attr]
        f"{table(found)}\n\n*said saved* is power where there is a true fall and a false alarm where there is none; of"
        " the usual ways an interval "
        f"below 1 counts as *saved*, one above as *harm*.\n\nOurs withholds the word where an essential check failed or"
        f" fewer than fifty were matched; what that costs in power, and what it keeps "
        f"from being said, stands in the second table.\n\n{about(found)}\n"
    )


def kept(letter: str, seeds: range) -> Iterable[dict[str, Any]]:
    """The worlds of a trap: those judged before, and the others judged now."""
    file = KEPT / f"{letter}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = {row["seed"]: row for row in map(json.loads, file.read_text().splitlines())} if file.exists() else {}
    trap = next(trap for trap in TRAPS if trap.letter == letter)
    with file.open("a") as out:
        for seed in seeds:
            if seed not in known:
                known[seed] = judged(trap, seed)
                out.write(json.dumps(known[seed]) + "\n")
            yield known[seed]


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--worlds", type=int, default=500)
    words.add_argument("--first", type=int, default=501)
    words.add_argument("--traps", default="".join(trap.letter for trap in TRAPS))
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    found = {}
    for letter in given.traps:
        start = time.perf_counter()
        found[letter] = list(kept(letter, range(given.first, given.first + given.worlds)))
        print(f"trap {letter}: {given.worlds} worlds in {time.perf_counter() - start:.0f} s", flush=True)
    text = page(found, given.worlds, given.first)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "truth.md").write_text(text)


if __name__ == "__main__":
    main()
