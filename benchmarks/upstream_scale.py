"""All pairs of services on many contacts: how long, how much memory, how it grows.

    python3 go.py bench upstream_scale                      a small run with its growth, some minutes
    python3 go.py bench upstream_scale --contacts 1e6 2e6 4e6 100e6 --write

The rows stand in Parquet and come from DuckDB in batches; people's contacts are held as 7 bytes each.
The physical limit beside ours is reading those rows once and setting them by person and day; the peer is one dense
Poisson fit (statsmodels) of one kind over a few of the same people, day by day, scaled up by people and kinds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater.domain.workspace import EngineSettings
from headwater.partners.upstream.boards import evidence, series
from headwater.partners.upstream.courses import courses
from headwater.store import open_store

ROOT = Path(__file__).resolve().parents[1]
EACH = 33
"""Contacts a person over three years, on average; a few have hundreds."""
DAYS = 1092
DAY_ZERO = np.datetime64("2022-01-03")
CHUNK = 100_000


def names(services: int) -> pa.Array:
    return pa.array([f"service-{k:03d}" for k in range(services)])


def people_rows(first: int, count: int, services: int) -> pa.Table:
    """Contacts of a chunk of people: frailty lognormal, services by Zipf's law, a person's own few services and
    days."""
    rng = np.random.default_rng((1, first))
    many = rng.poisson(EACH * rng.lognormal(-0.5, 1.0, count))
    person = np.repeat(np.arange(first, first + count), many)
    weight = 1 / np.arange(1, services + 1)
    favourites = rng.choice(services, (count, 12), p=weight / weight.sum())
    kind = favourites[person - first, np.minimum(rng.geometric(0.2, len(person)) - 1, 11)]
    day = DAY_ZERO + rng.integers(0, DAYS, len(person)).astype("timedelta64[D]")
    labels = pa.DictionaryArray.from_arrays(pa.array(kind.astype(np.int16)), names(services)).cast(pa.string())
    code = pa.array(np.char.add("p", np.char.zfill(person.astype(str), 8)))
    start = pa.array(day.astype("datetime64[us]"))
    return pa.table(
        {
            "contact": pa.nulls(len(person), pa.string()),
            "agency": pa.nulls(len(person), pa.string()),
            "service": labels,
            "person": code,
            "place": pa.nulls(len(person), pa.string()),
            "start": start,
            "end": pa.nulls(len(person), pa.timestamp("us")),
            "precision": pa.nulls(len(person), pa.string()),
            "recorded_at": pa.nulls(len(person), pa.timestamp("us")),
            "kind": labels,
            "outcome": pa.nulls(len(person), pa.string()),
            "quantity": pa.nulls(len(person), pa.float64()),
        }
    )


def observed_rows(first: int, count: int) -> pa.Table:
    code = pa.array(np.char.add("p", np.char.zfill(np.arange(first, first + count).astype(str), 8)))
    last = DAY_ZERO + np.timedelta64(DAYS - 1, "D")
    return pa.table(
        {
            "person": code,
            "from": pa.array(np.full(count, DAY_ZERO)),
            "to": pa.array(np.full(count, last)),
            "why_ended": pa.nulls(count, pa.string()),
        }
    )


def fill(folder: Path, contacts: int, services: int) -> None:
    people = contacts // EACH
    chunks = [(at, min(CHUNK, people - at)) for at in range(0, people, CHUNK)]
    with open_store(folder, EngineSettings(memory="6GB", threads=2)) as store:
        for name, make in (
            ("person_contact", lambda a, n: people_rows(a, n, services)),
            ("person_observation", observed_rows),
        ):
            parts = [store.write(name, f"{at:040d}", make(at, count)) for at, count in chunks]
            store.commit({name: parts})


def run(folder: Path, services: int) -> dict[str, float]:
    began = time.perf_counter()
    with open_store(folder, EngineSettings(memory="6GB", threads=2)) as store:
        found = courses(store)
    read = time.perf_counter()
    kinds = list(range(len(found.kinds)))
    fits = series(found, kinds)
    fitted = time.perf_counter()
    controls = [(u, d) for u in kinds[-10:] for d in kinds[:-10]]
    boards = [evidence(fits, kind, controls, found.kinds) for kind in kinds[:-10]]
    ended = time.perf_counter()
    false = float(np.mean([board.discovered.sum() / max(len(board.used), 1) for board in boards]))
    return {
        "contacts": len(found.course.day),
        "people": found.course.people,
        "services": services,
        "read": read - began,
        "fits": fitted - read,
        "boards": ended - fitted,
        "all": ended - began,
        "false": false,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def measured(contacts: int, services: int) -> dict[str, float]:
    """In a process of its own, so that the largest memory is this run's; the rows are made in another."""
    folder = Path(tempfile.mkdtemp(prefix="upstream-scale-"))
    try:
        for step in ("fill", "run"):
            words = [
                sys.executable,
                __file__,
                "--step",
                step,
                "--folder",
                str(folder),
                "--contacts",
                str(contacts),
                "--services",
                str(services),
            ]
            done = subprocess.run(words, check=True, capture_output=True, text=True)
        return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]
    finally:
        shutil.rmtree(folder)


def peer_seconds(people: int = 150, services: int = 10) -> float:
    """Seconds per person of one dense fit of one kind, day by day, all services and windows as columns, people as
    columns too."""
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    rows = people * DAYS
    x = (rng.random((rows, services * 5)) < 0.05).astype(float)
    within = np.zeros((rows, people))
    within[np.arange(rows), np.repeat(np.arange(people), DAYS)] = 1.0
    began = time.perf_counter()
    sm.GLM(rng.poisson(0.002, rows), np.hstack([x, within]), family=sm.families.Poisson()).fit(maxiter=6)
    return (time.perf_counter() - began) / people


def page(rows: list[dict[str, float]], peer: float) -> str:
    lines = [
        (
            "| contacts | people | services | all pairs | read and set in order | fits | boards | seconds per million"
            " contacts | largest memory | averting found (nothing is there) |"
        ),
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        lines.append(
            f"| {row['contacts'] / 1e6:.1f} M | {row['people'] / 1e6:.2f} M | {row['services']:.0f} |"
            f" {row['all'] / 60:.1f} min | {row['read']:.0f} s | {row['fits']:.0f} s | {row['boards']:.1f} s |"
            f" {1e6 * row['all'] / row['contacts']:.1f} | {row['memory'] / 1024:.1f} GiB | {row['false']:.1%} |"
        )
    last = rows[-1]
    plain = peer * last["people"] * last["services"]
    return (
        "# All pairs of services\n\n`python3 go.py bench upstream_scale --contacts"
        f" {' '.join(format(round(row['contacts'], -6), '.0f') for row in rows)}`; {platform.machine()},"
        f" {os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}; DuckDB with 2 threads"
        " and 6 GB.\n\nEvery service is a downstream kind and an upstream one: a joint case series for each, eight"
        " windows a service, sandwich errors, who saw it first and who follows it, boards calibrated by ten services,"
        " all diagnostics of what they find.\n\n"
        + "\n".join(lines)
        + f"\n\nThe plain way (statsmodels, a row a day, 10 services, 6 steps) takes {peer:.2f} s a person and kind:"
        f" {plain / 86_400 / 365:,.1f} years for the last row, {plain / last['all']:,.0f} times ours. Reading the"
        f" rows once and setting them in order, the physical limit, is {last['read'] / last['all']:.0%} of it.\n"
    )


def main() -> None:
    words = argparse.ArgumentParser()
    words.add_argument("--contacts", type=float, nargs="+", default=[1e6, 2e6, 4e6])
    words.add_argument("--services", type=int, default=100)
    words.add_argument("--write", action="store_true")
    words.add_argument("--step", choices=("fill", "run"))
    words.add_argument("--folder", type=Path)
    given = words.parse_args()
    if given.step == "fill":
        fill(given.folder, int(given.contacts[0]), given.services)
    elif given.step == "run":
        print(json.dumps(run(given.folder, given.services)))
    else:
        rows = []
        for size in given.contacts:
            rows.append(measured(int(size), given.services))
            print(rows[-1], flush=True)
        text = page(rows, peer_seconds())
        print(text)
        if given.write:
            (ROOT / "docs" / "measured" / "upstream-scale.md").write_text(text)


if __name__ == "__main__":
    main()
