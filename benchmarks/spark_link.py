"""Who is who, on DuckDB and on Spark: the same people, the time of each, what a nation's linkage needs on paper.

    python3 go.py bench spark_link --records 100000 [--write]

The whole linkage (cleaning, training, weighing, grouping, partitions, linked tables) of a quarter of the records and of
all of them, each in a process of its own. Fails where any link differs by more than 1e-9.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from headwater.link import link
from headwater.store import open_store
from linkage import DAYS
from linkage import fill as fill_records
from money_table import Results, peak_mib
from spark import CORES, ENGINES, jvm_mib, spent

NATION = 200_000_000
"""Records: 65 million people known to some three agencies each."""
SIX_DIGITS = 1e6


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--records", type=int, default=100_000)
    words.add_argument("--write", action="store_true")
    words.add_argument("--part", choices=tuple(ENGINES), help=argparse.SUPPRESS)
    words.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.part:
        print(json.dumps(timed(given.folder, given.part)))
        return
    found = {records: _on_both(records) for records in (given.records // 4, given.records)}
    results = Results(
        "spark_link", "Linkage on DuckDB and on Spark", f"python3 go.py bench spark_link --records {given.records}"
    )
    for one in found.values():
        _rows(results, one)
    _nation(results, *(one["spark"] for one in found.values()))
    if given.write:
        results.write(("duckdb", "pyspark", "splink", "pyarrow"))
    sys.exit(any(one["duckdb"]["links"] != one["spark"]["links"] for one in found.values()))


def _on_both(records: int) -> dict[str, dict]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        with open_store(root / "duckdb") as store:
            fill_records(store, records)
        shutil.copytree(root / "duckdb", root / "spark")
        return {name: _apart(root / name, name) for name in ENGINES}


def _apart(folder: Path, engine: str) -> dict:
    call = [sys.executable, "-W", "ignore", __file__, "--part", engine, "--folder", str(folder)]
    done = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def timed(folder: Path, engine: str) -> dict:
    """Seconds, and a hash of who is who with each weight to six digits behind the point."""
    with open_store(folder, ENGINES[engine]) as store:
        began, before = time.perf_counter(), spent(engine)
        link(store, DAYS)
        seconds = time.perf_counter() - began
        tasks, shuffled = (after - old for after, old in zip(spent(engine), before, strict=True))
        links = store.table("person_link").order_by("run", "agency", "record")
        rows = store.arrow(links.select("run", "agency", "record", "person", "weight"))
        weights = np.rint(rows["weight"].fill_null(-1e3).to_numpy() * SIX_DIGITS).astype(np.int64).tobytes()
        names = "\n".join(
            "|".join(map(str, row))
            for row in zip(*(rows[name].to_pylist() for name in ("run", "agency", "record", "person")), strict=True)
        )
        found = hashlib.sha256(names.encode() + weights).hexdigest()
        peak = jvm_mib() if engine == "spark" else peak_mib()
        return {
            "seconds": seconds,
            "tasks": tasks,
            "shuffled": shuffled,
            "links": found,
            "peak_mib": peak,
            "records": store.rows("link_record"),
            "pairs": store.rows("link_pair"),
        }


def _rows(results: Results, one: dict[str, dict]) -> None:
    duck, spark = one["duckdb"], one["spark"]
    same = "the same links and weights" if duck["links"] == spark["links"] else "the links DIFFER"
    results.add(
        f"{duck['records']:,} records",
        f"{duck['seconds']:.1f} s",
        f"Spark {spark['seconds']:.1f} s, {spark['seconds'] / duck['seconds']:.1f} times as long; {same}",
    )
    results.add(
        "pairs kept, task seconds, shuffled",
        f"{duck['pairs']:,}",
        f"Spark {spark['tasks']:.0f} s, {spark['shuffled'] / 1e6:,.0f} MB",
    )
    results.add(
        "largest memory",
        f"{duck['peak_mib']:,.0f} MiB",
        f"Spark's JVM {spark['peak_mib']:,.0f} MiB; its Python workers beside it",
    )


def _nation(results: Results, less: dict, more: dict) -> None:
    """The slope from a quarter to the whole, times the records; blocking holds pairs to so many a record, so it grows
    in a line."""
    step = more["records"] - less["records"]
    tasks, shuffled = ((more[name] - less[name]) / step for name in ("tasks", "shuffled"))
    hours = tasks * NATION / 3600
    results.add("one record more", f"{tasks * 1e3:.2f} ms of a core", f"{shuffled:,.0f} bytes shuffled")
    results.add(
        f"a nation's {NATION:,} records, on paper",
        f"{hours:,.0f} core hours",
        f"{hours / CORES:.1f} h on {CORES} cores, {shuffled * NATION / 1e12:.1f} TB shuffled, before grouping, which"
        " one machine does in memory at 40 bytes a pair kept:"
        f" {more['pairs'] / more['records'] * NATION * 40 / 1e9:,.0f} GB",
    )


if __name__ == "__main__":
    main()
