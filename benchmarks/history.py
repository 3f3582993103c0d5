"""From contacts to an effect: histories, 24 monthly risk sets, pairs, rate ratio; beside a bare scan of the same
Parquet.

python3 go.py bench history [--people 5000000] [--each 20] [--seed 1] [--folder DIR] [--write]

The contacts are written into a store as linking would have left them, people's worlds in pieces of 100,000, by another
process, so that the memory told is that of the measuring alone; a `--folder` keeps them for another run. Contacts other
than the entry rule's are thinned by lot to the number asked for each person. What is measured is `headwater evaluate`
without its checks; the limit is the engine's count of contacts by person and kind over the same files.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from headwater.domain.collaboration import Entry, Outcome, Protocol, Role, Style
from headwater.domain.tables import TABLES
from headwater.evidence.people.design import designed
from headwater.evidence.people.evaluation import estimated
from headwater.evidence.people.matching import matched
from headwater.evidence.people.reading import entry_contacts, in_engine, population
from headwater.store import open_store
from headwater.store.expr import _
from headwater.store.store import arrow_schema
from headwater.worlds.traps import CONTROL, FIRST_DAY, KINDS, LAST_DAY, NEVER, OTHER, OUTCOME, RULE, TRAPS, small_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.store import Store
    from headwater.worlds.traps import SmallWorld

ROOT = Path(__file__).resolve().parents[1]
PIECE = 100_000
TRAP = replace(TRAPS[1], people=PIECE, start=700, days=730, chance=0.06)
"""A true fall of 15 %, enrolled over 24 months."""


def protocol() -> Protocol:
    return Protocol(
        id="nation",
        name="nation",
        style=Style.UPSTREAM,
        lead="a",
        partners=("b",),
        theory="none",
        owner="analyst",
        unit="person",
        start=date(1970, 1, 1) + timedelta(days=FIRST_DAY + TRAP.start),
        entry=Entry(OUTCOME, *RULE),
        history_days=365,
        outcomes=(
            Outcome(OUTCOME, Role.PRIMARY),
            Outcome(OTHER, Role.DISPLACEMENT),
            Outcome(CONTROL, Role.NEGATIVE_CONTROL),
        ),
    )


def fill(store: Store, pieces: int, seed: int, each: float) -> None:
    """The linked tables of a nation, a part a piece; a piece that was made is not made again."""
    parts: dict[str, list[Any]] = {
        name: [] for name in ("person", "person_observation", "person_contact", "person_enrolment")
    }
    for piece in range(pieces):
        keys = {name: f"{name}-{seed}-{each:g}-{piece}" for name in parts}
        made = {name: found for name, key in keys.items() if (found := store.part(name, key))}
        if len(made) < len(parts):
            world = thinned(small_world(TRAP, seed * 1_000 + piece), each, seed * 1_000 + piece)
            made |= {name: store.write(name, keys[name], _declared(name, told)) for name, told in _tables(world, piece)}
        for name, part in made.items():
            parts[name].append(part)
        print(f"piece {piece + 1} of {pieces}", file=sys.stderr, flush=True)
    store.commit(parts)


def thinned(world: SmallWorld, each: float, seed: int) -> SmallWorld:
    """The world with so many contacts a person; those that the entry rule and the effect are about are all left."""
    spare = world.kind != 0
    share = (each * len(world.first) - (~spare).sum()) / max(spare.sum(), 1)
    keep = ~spare | (np.random.default_rng((seed, 5)).random(len(spare)) < share)
    return replace(world, person=world.person[keep], day=world.day[keep], kind=world.kind[keep])


def _tables(world: SmallWorld, piece: int) -> Iterator[tuple[str, dict[str, Any]]]:
    names = np.char.add(f"{piece:04d}-", np.char.zfill(np.arange(len(world.first)).astype(str), 6))
    ours = np.flatnonzero(world.enrolled < NEVER)
    n = len(world.day)
    dates = {
        name: days.astype("datetime64[D]")
        for name, days in (("from", world.first), ("to", world.last), ("start", world.enrolled[ours]))
    }
    yield (
        "person",
        {
            "person": names,
            "birth_date": np.array([f"{int(y)}-07-01" for y in world.birth_year], dtype="datetime64[D]"),
            "sex": np.where(world.female > 0, "female", "male"),
            "area": world.area.astype(str),
            "deprivation": world.deprivation.astype(int),
        },
    )
    yield (
        "person_observation",
        {"person": names, "from": dates["from"], "to": dates["to"], "why_ended": world.why.astype(str)},
    )
    yield (
        "person_enrolment",
        {"collaboration": np.full(len(ours), "nation"), "person": names[ours], "start": dates["start"]},
    )
    yield (
        "person_contact",
        {
            "contact": np.char.add(f"{piece:04d}-", np.arange(n).astype(str)),
            "agency": np.full(n, "one"),
            "service": np.full(n, "one"),
            "person": names[world.person],
            "start": world.day.astype("datetime64[D]").astype("datetime64[us]"),
            "precision": np.full(n, "day"),
            "kind": np.array(list(KINDS))[world.kind],
            "quantity": np.ones(n),
        },
    )


def _declared(name: str, columns: dict[str, Any]) -> pa.Table:
    schema = arrow_schema(TABLES[name])
    size = len(columns["person"])
    return pa.Table.from_arrays(
        [
            pa.array(columns[one.name]).cast(one.type) if one.name in columns else pa.nulls(size, one.type)
            for one in schema
        ],
        schema=schema,
    )


def measured(store: Store) -> tuple[dict[str, float], dict[str, Any]]:
    """Seconds by step, and what came out."""
    plan, kinds = protocol(), tuple(sorted(KINDS))
    times: dict[str, float] = {}
    start = time.perf_counter()

    def lap(name: str) -> None:
        nonlocal start
        times[name], start = time.perf_counter() - start, time.perf_counter()

    people = population(store, plan)
    assert plan.entry is not None
    contacts = entry_contacts(store, people, plan.entry)
    lap("people and the entry rule's contacts")
    design = designed(people, contacts, plan, kinds, (FIRST_DAY, LAST_DAY), in_engine(store, people, kinds))
    lap("risk sets and histories")
    sets = matched(design, plan)
    lap("matching")
    model = estimated(plan, design, sets).models[OUTCOME]
    lap("three rate ratios")
    assert model is not None
    return times, {
        "units": len(design.units.treated),
        "enrolled": int(design.units.treated.sum()),
        "pairs": int(len(sets.row) - len(np.unique(sets.sets))),
        "ratio": model.ratio(),
    }


def bare(store: Store) -> float:
    start = time.perf_counter()
    rows = store.table("person_contact")
    counted = rows.group_by("person", "kind").agg(n=_.count(), last=rows.start.max())
    store.arrow(counted.agg(groups=_.count(), n=counted.n.sum()))
    return time.perf_counter() - start


def made(folder: Path, people: int, seed: int, each: float) -> None:
    """The store of a nation in a folder, made by a process of its own unless it is there."""
    done = folder / "made"
    asked = f"{people} people, {each} contacts each, seed {seed}"
    if done.exists() and done.read_text() == asked:
        return
    subprocess.run(
        [
            sys.executable,
            __file__,
            "--people",
            str(people),
            "--each",
            str(each),
            "--seed",
            str(seed),
            "--folder",
            str(folder),
            "--make",
        ],
        check=True,
    )
    done.write_text(asked)


def counted(store: Store) -> int:
    return int(store.arrow(store.table("person_contact").agg(n=_.count())).to_pylist()[0]["n"])


def page(given: argparse.Namespace, store: Store) -> str:
    contacts = counted(store)
    times, found = measured(store)
    peak, limit = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, bare(store)
    total, ratio = sum(times.values()), found["ratio"]
    rows = [(name, f"{seconds:.1f} s") for name, seconds in times.items()]
    rows += [
        ("all", f"{total:.1f} s"),
        (
            "limit: a bare count by person and kind of the same Parquet",
            f"{limit:.1f} s, the whole takes {total / limit:.1f} times as long",
        ),
        (
            "enrolled; enrolled and candidate moments; pairs",
            f"{found['enrolled']:,}; {found['units']:,}; {found['pairs']:,}",
        ),
        ("rate ratio, true 0.85", f"{ratio.mid:.3f} ({ratio.low:.3f} to {ratio.high:.3f})"),
        ("largest memory", f"{peak:.1f} GB"),
    ]
    return (
        f"# From contacts to an effect\n\n`python3 go.py bench history --people {given.people} --each {given.each:g}"
        f" --seed {given.seed}`, {os.cpu_count()} cores, Python {platform.python_version()}, numpy"
        f" {np.__version__}\n\n{contacts:,} contacts of {given.people:,} people over five years; enrolled over 24"
        " months.\n\n| what | measured |\n|---|---|\n"
        + "\n".join(f"| {name} | {value} |" for name, value in rows)
        + "\n"
    )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--people", type=int, default=5_000_000)
    words.add_argument("--each", type=float, default=20, help="contacts a person")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--folder", type=Path, help="where the contacts are made, or lie already")
    words.add_argument("--make", action="store_true", help=argparse.SUPPRESS)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = given.folder or Path(spare)
        if given.make:
            with open_store(folder) as store:
                return fill(store, max(1, given.people // PIECE), given.seed, given.each)
        made(folder, given.people, given.seed, given.each)
        with open_store(folder) as store:
            text = page(given, store)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "history.md").write_text(text)
    return None


if __name__ == "__main__":
    main()
