"""What false and missing links do to a reported saving, and whether the report on linkage says so: small worlds with
known identity.

python3 go.py bench link_error [--worlds 200] [--first 1] [--write]    resumable: a finished world is kept under
build/link_error

Three agencies hold records of the people of a small world and nobody has a shared number. Two in a hundred records are
then hung on somebody else of the same sex and about the same age, with all that their agency keeps under them (contacts
or enrolment), and the evaluation is made again. *Doubtful* false links have calibrated weights: of those at odds of
three to one, one in four is false. *Sure* ones look right beyond doubt (6 to 14 bits), so that no drawn partition can
know of them.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater.domain.collaboration import Entry, Outcome, Protocol, Role, Style
from headwater.evidence.people.design import designed
from headwater.evidence.people.estimate import averted, rate_ratio
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import Population, in_memory
from headwater.link.unequal import Cell, under_linked
from headwater.stats.clusters import Nodes, Pairs, grouped
from headwater.stats.combining import combined
from headwater.worlds.mislinked import (
    AGENCIES,
    ENROLS,
    GIVES,
    Held,
    held,
    thinned,
    with_false_links,
    with_missing_links,
)
from headwater.worlds.traps import FIRST_DAY, FROM, KINDS, LAST_DAY, NEVER, OUTCOME, RULE, TRAPS, small_world

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.poisson import RateModel
    from headwater.worlds.traps import SmallWorld

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "build" / "link_error"
FALSE = 0.02
PARTITIONS = 5
MISSED = 0.20
SIZES = {"small": (10_000, 0.15, "ab", 1), "large": (40_000, 0.30, "b", 4)}
"""People, the chance of being taken on (some 150 and some 1,100 are, for intervals of a fifth and of a twelfth), the
traps, and of how many worlds asked for one is made."""
AGES = ((18, "0-17"), (40, "18-39"), (65, "40-64"), (80, "65-79"), (200, "80 and over"))
SPAN = 100_000
WAYS = ("right", "doubtful", "sure")


def plan(seed: int) -> Protocol:
    return Protocol(
        id="programme",
        name="programme",
        style=Style.UPSTREAM,
        lead="a",
        partners=("b",),
        start=date(1970, 1, 1) + timedelta(days=FIRST_DAY + FROM),
        theory="none",
        owner="analyst",
        unit="person",
        outcomes=(Outcome(OUTCOME, Role.PRIMARY),),
        entry=Entry(OUTCOME, *RULE),
        seed=seed,
        draws=400,
        history_days=365,
    )


# A world as its records are joined


def joined(world: SmallWorld, known: Held, group: np.ndarray) -> SmallWorld:
    """The world as it looks when records are people by group: int64[record], numbered by each group's first record.

    Its contacts are in no order.
    """
    place, who = known.place, known.person
    person = group[place[np.array(GIVES)[world.kind], world.person]]
    enrolled = np.full(int(group.max()) + 1, NEVER)
    listed = np.flatnonzero(world.enrolled < NEVER)
    np.minimum.at(enrolled, group[place[ENROLS, listed]], world.enrolled[listed])
    count = len(enrolled)
    return replace(
        world,
        first=np.full(count, FIRST_DAY),
        last=np.full(count, LAST_DAY),
        why=np.full(count, "study-end", dtype=object),
        enrolled=enrolled,
        birth_year=usual(group, world.birth_year[who]),
        female=usual(group, world.female[who]),
        deprivation=usual(group, world.deprivation[who]),
        area=usual(group, world.area[who]),
        person=person,
    )


def usual(group: np.ndarray, value: np.ndarray) -> np.ndarray:
    """What most of each group's records say, the smaller where two are said as often."""
    words, code = np.unique(value, return_inverse=True)
    cell, times = np.unique(group * len(words) + code, return_counts=True)
    order = np.lexsort((cell, -times, cell // len(words)))
    _groups, first = np.unique(cell[order] // len(words), return_index=True)
    return words[cell[order][first] % len(words)]


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


def groupings(known: Held, seed: int) -> list[np.ndarray]:
    """int64[record] of the most likely partition, then of the drawn ones, by the product's own grouping."""
    nodes = Nodes(np.full(len(known.person), -1), np.zeros(len(known.person), dtype=np.int64))
    found = Pairs(known.left, known.right, known.weight)
    return [grouped(nodes, found, seed=None if run == 0 else seed * 1_000 + run).group for run in range(PARTITIONS + 1)]


# The evaluations


def design_of(world: SmallWorld, protocol: Protocol) -> tuple[Design, Matched]:
    entry = world.kind == 0
    who, when = np.divmod(np.sort(world.person[entry] * SPAN + world.day[entry]), SPAN)
    design = designed(
        population_of(world),
        (who, when),
        protocol,
        tuple(KINDS),
        (FIRST_DAY, LAST_DAY),
        counter(world),
    )
    return design, matched(design, protocol)


def counter(world: SmallWorld) -> Any:
    return in_memory((world.person, world.day, world.kind), len(KINDS))


def recounted(design: Design, groups: tuple[np.ndarray, np.ndarray], worlds: tuple[SmallWorld, SmallWorld]) -> Design:
    """The design with its members' contacts as a drawn partition has them: a group is known by its first record.

    groups, worlds: the likely partition and the drawn one, and the world as each joins it.
    """
    units, (likely, drawn) = design.units, groups
    number = np.array([int(name[1:]) for name in design.people.pseudonym])[units.person]
    name = np.unique(likely, return_index=True)[1][number]
    first = np.unique(drawn, return_index=True)[1]
    theirs = np.searchsorted(first, name)
    same = (theirs < len(first)) & (first[np.minimum(theirs, len(first) - 1)] == name)
    who, quarters = np.where(same, theirs, len(first)), design.after.shape[2]
    before, after = counter(worlds[1])(who, units.index, units.end, quarters)
    moved = after - counter(worlds[0])(number, units.index, units.end, quarters)[1]
    # Whoever stands for others stands for them in what was moved too.
    return replace(design, before=before, after=np.maximum(design.after + moved * design.standing[:, None, :], 0.0))


def judged(size: str, letter: str, seed: int) -> dict[str, Any]:
    """One world: what is reported with right links, with false ones, and with drawn partitions beside."""
    people, chance, _letters, _share = SIZES[size]
    trap = replace(next(trap for trap in TRAPS if trap.letter == letter), people=people, chance=chance)
    world, protocol = small_world(trap, seed), plan(seed)
    right = held(world)
    design, sets = design_of(joined(world, right, groupings_right(right)), protocol)
    said: dict[str, Any] = {"right": told(design, sets, rate_ratio(design, sets, OUTCOME))}
    rng = np.random.default_rng((seed, 9))
    for name in WAYS[1:]:
        wrong = with_false_links(right, world, FALSE, rng, sure=name == "sure")
        said |= {f"{name}, {way}": one for way, one in under(wrong, world, protocol).items()}
        said[f"{name} share"] = len(wrong.false) / len(wrong.person)
    return {"seed": seed, "truth": world.truth[OUTCOME], "enrolled": int((world.enrolled < NEVER).sum()), **said}


def groupings_right(right: Held) -> np.ndarray:
    return np.unique(right.person, return_inverse=True)[1]


def under(wrong: Held, world: SmallWorld, protocol: Protocol) -> dict[str, Any]:
    """The most likely partition alone; outcomes counted again under each drawn one; and all steps made again under
    each."""
    runs = groupings(wrong, protocol.seed)
    there = [joined(world, wrong, run) for run in runs]
    design, sets = design_of(there[0], protocol)
    model = rate_ratio(design, sets, OUTCOME)
    counts = [
        rate_ratio(recounted(design, (runs[0], run), (there[0], one)), sets, OUTCOME)
        for run, one in zip(runs[1:], there[1:], strict=True)
    ]
    whole = [rate_ratio(*design_of(one, protocol), OUTCOME) for one in there[1:]]
    found = {"likely": model, "outcomes": together(counts), "whole": together(whole)}
    return {way: told(design, sets, one) for way, one in found.items()}


def together(models: Sequence[RateModel | None]) -> RateModel | None:
    made = [model for model in models if model is not None]
    return combined(made) if made else None


def told(design: Design, sets: Matched, model: RateModel | None) -> dict[str, float] | None:
    """The ratio with its interval, and averted contacts of all enrolled together."""
    if model is None:
        return None
    ratio = model.ratio()
    low, mid, high = (
        float(averted(design, sets, OUTCOME, np.log([at])).sum()) for at in (ratio.high, ratio.mid, ratio.low)
    )
    return {
        "low": ratio.low,
        "mid": ratio.mid,
        "high": ratio.high,
        "averted_low": low,
        "averted": mid,
        "averted_high": high,
        "se": float(model.se[0]),
        "matched": int(design.units.treated[sets.row].sum()),
    }


# Whether the report on linkage names who is linked less well


def named(seed: int) -> dict[str, Any]:
    """A world in which agencies know groups unequally: who is named while all links are there, and once a group misses
    a fifth."""
    rng = np.random.default_rng((seed, 10))
    world = thinned(small_world(TRAPS[1], seed), rng)
    right = held(world)
    groups = groups_of(world, right)
    by = str(rng.choice(list(groups)))
    group = str(rng.choice(np.unique(groups[by])))
    # A practice's record is never the missing one: the links of a group are those of the other agencies' records.
    theirs = (groups[by] == group) & (right.agency > 0)
    missing = with_missing_links(right, np.flatnonzero(theirs & (rng.random(len(theirs)) < MISSED)))
    before, after = (under_linked(cells_of(one, groups)) for one in (right, missing))
    hit = [line for line in after if line.startswith(f"{by} {group}:")]
    return {
        "seed": seed,
        "group": f"{by} {group}",
        "alarms": list(before),
        "named": bool(hit),
        "others": [line for line in after if line not in hit],
    }


def groups_of(world: SmallWorld, right: Held) -> dict[str, np.ndarray]:
    age = date.fromtimestamp(LAST_DAY * 86_400).year - world.birth_year
    bands = np.array([name for _edge, name in AGES])[np.searchsorted([edge for edge, _name in AGES], age, side="right")]
    columns = {
        "age": bands,
        "sex": np.where(world.female > 0, "female", "male"),
        "area": world.area.astype(str),
        "deprivation": world.deprivation.astype(int).astype(str),
    }
    return {by: column[right.person] for by, column in columns.items()}


def cells_of(known: Held, groups: dict[str, np.ndarray]) -> list[Cell]:
    linked = np.zeros(len(known.person), dtype=bool)
    linked[known.left] = linked[known.right] = True
    return [
        Cell(by, str(group), AGENCIES[agency], int(mine.sum()), float(linked[mine].sum()))
        for by, column in groups.items()
        for group in np.unique(column)
        for agency in range(len(AGENCIES))
        if (mine := (column == group) & (known.agency == agency)).any()
    ]


# The page


LINES = (
    ("right", "links as they truly are"),
    ("doubtful, likely", "doubtful, the most likely partition alone"),
    ("doubtful, outcomes", "doubtful, outcomes under five drawn partitions"),
    ("doubtful, whole", "doubtful, everything under five drawn partitions"),
    ("sure, likely", "sure, the most likely partition alone"),
    ("sure, outcomes", "sure, outcomes under five drawn partitions"),
    ("sure, whole", "sure, everything under five drawn partitions"),
)


@dataclass(frozen=True)
class Line:
    """One way over all worlds. within: the saving lies inside the interval reported with right links."""

    worlds: int
    bias: float
    rmse: float
    moved: float
    within: float
    covers: float
    width: float
    false_saved: float
    matched: float


def line(rows: Sequence[dict[str, Any]], way: str) -> Line:
    found = [(row, row[way], row["right"]) for row in rows if row[way] and row["right"]]
    bias = np.array([np.log(one["mid"] / row["truth"]) for row, one, _right in found])
    half = [(right["averted_high"] - right["averted_low"]) / 2 for _row, _one, right in found]
    moved = [
        abs(one["averted"] - right["averted"]) / reach for (_row, one, right), reach in zip(found, half, strict=True)
    ]
    return Line(
        len(found),
        float(bias.mean()),
        float(np.sqrt((bias**2).mean())),
        float(np.median(moved)),
        float(np.mean([right["averted_low"] <= one["averted"] <= right["averted_high"] for _row, one, right in found])),
        float(np.mean([one["low"] <= row["truth"] <= one["high"] for row, one, _right in found])),
        float(np.mean([np.log(one["high"] / one["low"]) / 2 for _row, one, _right in found])),
        float(np.mean([one["high"] < 1 for _row, one, _right in found])),
        float(np.mean([one["matched"] for _row, one, _right in found])),
    )


def table(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "| links | bias (log) | rmse (log) | saving moved, median | within its interval | truth in 95 % | half width"
        " (log) | said *saved* | matched |\n|---|---|---|---|---|---|---|---|---|"
    )
    lines = [head]
    for way, words in LINES:
        one = line(rows, way)
        moved = ("–", "–") if way == "right" else (f"{one.moved:.2f}", f"{one.within:.1%}")
        lines.append(
            f"| {words} | {one.bias:+.3f} | {one.rmse:.3f} | {moved[0]} | {moved[1]} | {one.covers:.1%} |"
            f" {one.width:.3f} | {one.false_saved:.1%} | {one.matched:.0f} |"
        )
    return "\n".join(lines)


def page(found: dict[tuple[str, str], list[dict[str, Any]]], told: Sequence[dict[str, Any]], first: int) -> str:
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    worlds = max(map(len, found.values()))
    parts = [
        (
            f"# A saving with false and missing links\n\n`python3 go.py bench link_error --worlds {worlds} --first"
            f" {first}`, {machine}"
        ),
        (__doc__ or "").split("\n\n", 2)[2].strip(),
    ]
    for (size, letter), rows in found.items():
        trap = next(trap for trap in TRAPS if trap.letter == letter)
        enrolled, share = (np.mean([row[name] for row in rows]) for name in ("enrolled", "doubtful share"))
        parts.append(
            f"## {trap.name}: {SIZES[size][0]:,} people, {enrolled:,.0f} enrolled, {len(rows)}"
            f" worlds\n\n{table(rows)}\n\n{share:.1%} of records were falsely linked (doubtful) or 2.0% (sure)."
        )
    parts += [ABOUT, unequal_page(told)]
    return "\n\n".join(parts) + "\n"


ABOUT = (
    "*Saving moved*: by how many half widths of the interval reported with right links. *Within its interval*: the"
    " saving reported with false links lies inside the interval reported with right ones; the goal is 95 % of worlds. A"
    " saving is averted contacts at a price that is held, so pounds move as contacts do. Part of every move is chance:"
    " candidates' days are drawn anew when anybody's record moves."
)


def unequal_page(told: Sequence[dict[str, Any]]) -> str:
    hit, alarm, other = (np.mean([bool(row[name]) for row in told]) for name in ("named", "alarms", "others"))
    return (
        f"## A group that misses a fifth of its links, {len(told)} worlds\n\nIn worlds in which the agencies know"
        " groups unequally (the young mostly by their practice alone) one band of age, sex, area or deprivation, drawn"
        f" by lot, loses 20 % of its links. `headwater link` names it in {hit:.1%} of worlds and names another group as"
        f" well in {other:.1%}. With all links there it names somebody in {alarm:.1%} of worlds."
    )


# Resumable worlds


def kept(name: str, seeds: range, judge: Callable[[int], dict[str, Any]]) -> list[dict[str, Any]]:
    """Those judged before, and the others judged now; a file each size and trap."""
    file = KEPT / f"{name}.jsonl"
    file.parent.mkdir(parents=True, exist_ok=True)
    known = {row["seed"]: row for row in map(json.loads, file.read_text().splitlines())} if file.exists() else {}
    with file.open("a") as out:
        for seed in seeds:
            if seed not in known:
                known[seed] = judge(seed)
                out.write(json.dumps(known[seed]) + "\n")
                out.flush()
    return [known[seed] for seed in seeds]


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--worlds", type=int, default=200)
    words.add_argument("--first", type=int, default=1)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    told = kept("named", range(given.first, given.first + given.worlds), named)
    found = {
        (size, letter): kept(
            f"{size}-{letter}", range(given.first, given.first + given.worlds // share), partial(judged, size, letter)
        )
        for size, (_people, _chance, letters, share) in SIZES.items()
        for letter in letters
    }
    text = page(found, told, given.first)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "link_error.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
