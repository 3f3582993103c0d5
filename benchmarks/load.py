"""How fast contacts are loaded: rows a second, the largest memory, and the ratio to DuckDB's own bare copy of the same
file.

    python3 go.py bench load [--rows 1000000]
    python3 go.py bench load --rows 10000000 --write

The file is made first: contacts of a hospital with made-up numbers, one row in a thousand with a fault. The limit is
DuckDB reading the same CSV as text and writing Parquet, without a check, a type or a pseudonym. Each is measured in a
process of its own, so that neither's memory counts for the other.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from headwater.domain.workspace import EngineSettings, Settings, SourceSettings, Workspace
from money_table import Results, peak_mib

PIECE = 500_000
FAULT_EVERY = 1_000
PEOPLE_A_ROW = 0.2


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--write", action="store_true")
    words.add_argument("--part", choices=("load", "again", "copy"), help=argparse.SUPPRESS)
    words.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.part:
        print(json.dumps(PARTS[given.part](given.folder)))
        return
    command = f"python3 go.py bench load --rows {given.rows} --seed {given.seed}"
    results = Results("load", "Contacts loaded", command)
    with tempfile.TemporaryDirectory() as folder:
        measure(results, Path(folder), given)
    if given.write:
        results.write(("duckdb", "pyarrow", "numpy"))


def measure(results: Results, folder: Path, given: argparse.Namespace) -> None:
    write_contacts(folder / "data" / "contacts.csv", given.rows, given.seed)
    size = (folder / "data" / "contacts.csv").stat().st_size
    results.add("the file", f"{given.rows:,} rows", f"{size / 1e6:,.0f} MB of CSV")
    bare, ours, again = (apart(part, folder) for part in ("copy", "load", "again"))
    if ours["kept"] + ours["quarantined"] != given.rows:
        sys.exit(f"{ours['kept']:,} kept and {ours['quarantined']:,} quarantined are not {given.rows:,} rows")
    results.add("load", f"{ours['seconds']:.1f} s", f"{given.rows / ours['seconds']:,.0f} rows a second")
    results.add("kept, quarantined", f"{ours['kept']:,} + {ours['quarantined']:,}", "are all rows in")
    results.add("largest memory of the load", f"{ours['peak_mib']:,.0f} MiB")
    results.add(
        "limit: DuckDB's bare COPY of read_csv",
        f"{bare['seconds']:.1f} s",
        f"the load takes {ours['seconds'] / bare['seconds']:.1f} times as long",
    )
    results.add("largest memory of the bare COPY", f"{bare['peak_mib']:,.0f} MiB")
    results.add(
        "processor's time of the load, all threads",
        f"{ours['processor']:.1f} s",
        f"{ours['processor'] / bare['processor']:.1f} times the {bare['processor']:.1f} s of the bare COPY",
    )
    results.add(
        "processes that waited for a processor meanwhile", f"{os.getloadavg()[0]:.0f}", "on average of the last minute"
    )
    results.add("load again, nothing changed", f"{again['seconds']:.1f} s")


def apart(part: str, folder: Path) -> dict[str, float]:
    call = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    found: dict[str, float] = json.loads(subprocess.run(call, check=True, capture_output=True, text=True).stdout)
    return found


def write_contacts(file: Path, rows: int, seed: int) -> None:
    """Written in pieces, so that making the file needs no more memory than a piece."""
    file.parent.mkdir(parents=True)
    generator = np.random.default_rng(seed)
    with pacsv.CSVWriter(file, contacts(0, 0, 1, generator).schema) as writer:
        for first in range(0, rows, PIECE):
            count = min(PIECE, rows - first)
            writer.write_table(contacts(first, count, max(1, int(rows * PEOPLE_A_ROW)), generator))


def contacts(first: int, count: int, people: int, generator: np.random.Generator) -> pa.Table:
    at = np.arange(first, first + count)
    minutes = generator.integers(0, 3 * 365 * 24 * 60, count).astype("timedelta64[m]")
    start = np.datetime64("2022-01-01T00:00:00") + minutes
    end = start + generator.integers(5, 600, count).astype("timedelta64[m]")
    end = np.where(at % FAULT_EVERY == 0, start - np.timedelta64(1, "D"), end)
    texts = [pc.strftime(pa.array(when, pa.timestamp("s")), format="%Y-%m-%d %H:%M:%S") for when in (start, end)]
    numbers = generator.integers(0, people, count)
    return pa.table(
        {
            "attendance": pc.binary_join_element_wise("A", pa.array(at).cast(pa.string()), ""),
            "patient": pc.binary_join_element_wise("P", pa.array(numbers).cast(pa.string()), ""),
            "arrived": texts[0],
            "left": texts[1],
            "department": pa.array(["emergency", "minor-injuries"]).take(pa.array(generator.integers(0, 2, count))),
            "outcome": pa.array(["admitted", "home", "transferred"]).take(pa.array(generator.integers(0, 3, count))),
        }
    )


def load_once(folder: Path) -> dict[str, float]:
    from headwater.sources import load
    from headwater.store import open_store

    columns = {"contact": "attendance", "record": "patient", "start": "arrived", "end": "left", "service": "department"}
    source = SourceSettings("contact", "data/contacts.csv", "hospital", columns, constants={"kind": "ae_attendance"})
    settings = Settings("Bench", (source,), EngineSettings(threads=2, memory="2GB"))
    began = time.perf_counter()
    with open_store(folder / "store", settings.engine) as store:
        (found,) = load(store, Workspace(folder), settings, b"a key for measuring")
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "kept": found.kept, "quarantined": found.quarantined} | used()


def copy_once(folder: Path) -> dict[str, float]:
    import duckdb

    began = time.perf_counter()
    with duckdb.connect(config={"threads": 2}) as engine:
        engine.execute(
            f"COPY (SELECT * FROM read_csv('{folder}/data/contacts.csv', all_varchar = true)) "
            f"TO '{folder}/bare.parquet' (FORMAT parquet, COMPRESSION zstd)"
        )
    return {"seconds": time.perf_counter() - began} | used()


def used() -> dict[str, float]:
    """The process's largest memory and its processor's time, of all threads since it began."""
    return {"peak_mib": peak_mib(), "processor": sum(os.times()[:2])}


PARTS = {"load": load_once, "again": load_once, "copy": copy_once}


if __name__ == "__main__":
    main()
