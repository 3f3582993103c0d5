"""The same on DuckDB and on Spark: the county's figures compared, the steps over many contacts timed, a national run
reckoned.

    python3 go.py bench spark county --people 20000
    python3 go.py bench spark stages --contacts 20000000 --write

`county` runs load, link, partners and every evaluation on both engines and fails where any figure differs by more than
1e-9. `stages` times each step on each engine in a process of its own, and compares what the engines counted.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from engine_county import name_engine, river
from engines import apart
from headwater.app.demo import _county, _on_its_own_day
from headwater.domain.tables import TABLES
from headwater.domain.workspace import EngineSettings
from headwater.evidence.people.reading import counted
from headwater.link import people as linked_people
from headwater.partners.integration.shared import STAGE as SHARED
from headwater.partners.integration.shared import joint_months, strata
from headwater.store import arrow_schema, open_store
from money_table import Results, peak_mib

ENGINES = {
    "duckdb": EngineSettings("duckdb", threads=2, memory="4GB"),
    "spark": EngineSettings("spark", threads=2, memory="4GB"),
}
KINDS = ("ae_attendance", "police_incident", "home_visit", "gp_appointment")
AGENCIES = ("council", "hospital", "police", "surgery")
PIECE = 1_000_000
CONTACTS_A_PERSON = 20
CANDIDATES = 50_000
NATION = 5_000_000_000
CORES = 256
PIECE_BYTES = 128e6
"""What a piece of a shuffle should hold, in the middle of the 100 to 200 MB that docs/howto/spark.md asks for."""
COURSE_BYTES = 20
"""Bytes a contact that cross to the driver as courses."""


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("what", choices=("county", "stages", "part"))
    words.add_argument("--people", type=int, default=5_000)
    words.add_argument("--contacts", type=int, default=1_000_000)
    words.add_argument("--write", action="store_true")
    words.add_argument("--engine", choices=tuple(ENGINES), help=argparse.SUPPRESS)
    words.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    if given.what == "county":
        county(given.people)
    elif given.what == "stages":
        stages(given.contacts, given.write)
    else:
        print(json.dumps(timed_steps(given.folder, given.engine)))


# The county


def county(people: int) -> None:
    answers = {}
    with tempfile.TemporaryDirectory() as folder, _on_its_own_day():
        for name, settings in ENGINES.items():
            root = Path(folder) / name
            _county(root, people, 1, lambda *told: None)
            name_engine(root, settings)
            answers[name] = river(
                root, lambda step, seconds, on=name: print(f"{on:<8}{step:<40}{seconds:8.1f} s", flush=True)
            )
    differing = {step: apart(answers["duckdb"][step], answers["spark"][step], step) for step in answers["duckdb"]}
    for step, lines in differing.items():
        print(f"{step:<48}{len(lines):>7} differ by more than 1e-9  {'; '.join(lines[:3])[:200]}")
    sys.exit(any(differing.values()))


# The steps over many contacts


def stages(contacts: int, write: bool) -> None:
    """Every step on both engines at a twentieth, a quarter and the whole, each run in a process of its own."""
    results = Results(
        "spark", "DuckDB and Spark, step by step", f"python3 go.py bench spark stages --contacts {contacts}"
    )
    sizes = (contacts // 20, contacts // 4, contacts)
    with tempfile.TemporaryDirectory() as folder:
        found = {size: _on_both(Path(folder), size) for size in sizes}
    results.add(
        "contacts", f"{contacts:,}", f"{contacts // CONTACTS_A_PERSON:,} people; 2 cores and 4 GB for each engine"
    )
    for step, seconds in found[contacts]["duckdb"]["seconds"].items():
        results.add(step, f"{seconds:.1f} s", _beside(found, step))
    for size in sizes:
        duck, spark = (sum(found[size][name]["seconds"].values()) for name in ENGINES)
        results.add(f"all steps at {size:,}", f"{duck:.1f} s", f"Spark {spark:.1f} s, {spark / duck:.1f} times as long")
    whole = found[contacts]
    results.add(
        "largest memory",
        f"{whole['duckdb']['peak_mib']:,.0f} MiB",
        f"Spark's JVM {whole['spark']['peak_mib']:,.0f} MiB, held to a heap of 4 GB",
    )
    lines = [line for one in found.values() for line in apart(one["duckdb"]["answers"], one["spark"]["answers"])]
    results.add("answers that differ by more than 1e-9", str(len(lines)), "; ".join(lines[:3]))
    _nation(results, {size: found[size]["spark"] for size in sizes})
    if write:
        results.write(("duckdb", "pyspark", "ibis-framework", "pyarrow"))
    sys.exit(bool(lines))


def _on_both(folder: Path, contacts: int) -> dict[str, dict]:
    fill(folder / "duckdb", contacts)
    shutil.copytree(folder / "duckdb", folder / "spark")
    try:
        return {name: _apart(folder / name, name) for name in ENGINES}
    finally:
        for name in ENGINES:
            shutil.rmtree(folder / name)
        print(f"{contacts:,} contacts done", file=sys.stderr, flush=True)


def _beside(found: dict[int, dict], step: str) -> str:
    *smaller, whole = found
    duck, other = (found[whole][name]["seconds"][step] for name in ENGINES)
    less = " and ".join(
        f"{size:,}: {found[size]['duckdb']['seconds'][step]:.1f} and {found[size]['spark']['seconds'][step]:.1f} s"
        for size in smaller
    )
    return f"Spark {other:.1f} s, {other / duck:.1f} times as long; at {less}"


def _nation(results: Results, spark: dict[int, dict]) -> None:
    """What a contact costs is the slope from a quarter to the whole, so that what starting a job costs is left out.

    Task seconds are those that Spark counts, so they hold on any number of cores that are kept as busy. Sorts grow by
    one factor of the logarithm besides; all steps are taken as sorts.
    """
    first, quarter, whole = spark
    tasks = {size: sum(spark[size]["tasks"].values()) for size in spark}
    for size in spark:
        results.add(
            f"Spark at {size:,}: task seconds, shuffled",
            f"{tasks[size]:.0f} s, {sum(spark[size]['shuffled'].values()) / 1e6:,.0f} MB",
            f"{tasks[size] / size * 1e6:.1f} µs and {sum(spark[size]['shuffled'].values()) / size:.0f} bytes a contact",
        )
    slopes = [(tasks[more] - tasks[less]) / (more - less) * 1e6 for less, more in ((first, quarter), (quarter, whole))]
    results.add(
        "one contact more", f"{slopes[1]:.1f} µs of a core", f"{slopes[0]:.1f} µs between the two smaller sizes"
    )
    hours = slopes[1] / 1e6 * NATION * np.log2(NATION) / np.log2(whole) / 3600
    shuffled = {step: bytes_ * NATION / whole for step, bytes_ in spark[whole]["shuffled"].items()}
    step = max(shuffled, key=shuffled.get)
    disk = spark[whole]["bytes"] * NATION / whole / 1e12
    results.add(
        f"a national run of {NATION:,} contacts, on paper",
        f"{hours:,.0f} core hours",
        f"{hours / CORES:.1f} h on {CORES} cores that are kept as busy as these two; half as long again where shuffles"
        " cross a network",
    )
    results.add(
        "its tables", f"{disk:.2f} TB", f"measured {spark[whole]['bytes'] / whole:.0f} bytes a contact of Parquet"
    )
    results.add(
        "its shuffles",
        f"{sum(shuffled.values()) / 1e12:.2f} TB",
        f"the largest step ({step}) {shuffled[step] / 1e12:.2f} TB: {shuffled[step] / PIECE_BYTES:,.0f} pieces of"
        " 128 MB",
    )
    results.add(
        "its memory",
        f"{CORES * 2:,} GB",
        f"2 GB a core as here; beside it the driver's, {NATION * COURSE_BYTES / 1e9:,.0f} GB where courses of everybody"
        " cross for the upstream question",
    )


def _apart(folder: Path, engine: str) -> dict:
    call = [sys.executable, "-W", "ignore", __file__, "part", "--engine", engine, "--folder", str(folder)]
    done = subprocess.run(call, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def fill(folder: Path, contacts: int) -> None:
    """Contacts, records and links of made-up people, in pieces."""
    rng = np.random.default_rng(1)
    people = contacts // CONTACTS_A_PERSON
    with open_store(folder) as store:
        parts = [
            store.write("contact", f"c{first}", _contacts(rng, first, min(PIECE, contacts - first), people))
            for first in range(0, contacts, PIECE)
        ]
        record = pa.table({"record": _named("r", np.arange(people)), "agency": _agency(np.arange(people))})
        nothing = {name: arrow_schema(TABLES[name]).empty_table() for name in ("enrolment", "observation")}
        tables = {"record": _filled("record", record), "person_link": _links(people), **nothing}
        made = {name: [store.write(name, "made", rows)] for name, rows in tables.items()}
        store.commit({"contact": parts, **made})


def _links(people: int) -> pa.Table:
    """Two records in three stand for a person of their own, the third for the person of its neighbour."""
    numbers = np.arange(people)
    person = np.where(numbers % 3 == 2, numbers - 1, numbers)
    return _filled(
        "person_link",
        pa.table(
            {
                "record": _named("r", numbers),
                "agency": _agency(numbers),
                "person": _named("p", person),
                "run": np.zeros(people, dtype=np.int64),
            }
        ),
    )


def _contacts(rng: np.random.Generator, first: int, count: int, people: int) -> pa.Table:
    record = rng.integers(0, people, count)
    start = np.datetime64("2022-01-01T00:00:00", "us") + rng.integers(0, 3 * 365 * 86_400, count).astype(
        "timedelta64[s]"
    )
    return _filled(
        "contact",
        pa.table(
            {
                "contact": _named("k", np.arange(first, first + count)),
                "agency": _agency(record),
                "record": _named("r", record),
                "start": start,
                "kind": pa.array(KINDS).take(pa.array(rng.integers(0, len(KINDS), count))),
                "place": _named("s", rng.integers(0, 2000, count)),
                "quantity": rng.gamma(2.0, 3.0, count),
            }
        ),
    )


def _agency(numbers: np.ndarray) -> pa.Array:
    return pa.array(AGENCIES).take(pa.array(numbers % len(AGENCIES)))


def _named(letter: str, numbers: np.ndarray) -> pa.Array:
    return pc.binary_join_element_wise(letter, pa.array(numbers).cast(pa.string()), "")


def _filled(table: str, rows: pa.Table) -> pa.Table:
    schema = arrow_schema(TABLES[table])
    columns = [
        rows[field.name] if field.name in rows.column_names else pa.nulls(rows.num_rows, field.type) for field in schema
    ]
    return pa.table(columns, names=schema.names).cast(schema)


def timed_steps(folder: Path, engine: str) -> dict:
    seconds: dict[str, float] = {}
    tasks: dict[str, float] = {}
    shuffled: dict[str, float] = {}
    answers: dict[str, object] = {}
    opened = open_store(folder, ENGINES[engine])

    def step(name: str, do):
        began, before = time.perf_counter(), spent(engine)
        found = do()
        seconds[name] = time.perf_counter() - began
        tasks[name], shuffled[name] = (after - old for after, old in zip(spent(engine), before, strict=True))
        return found

    store = step("open", opened.__enter__)
    for stage in linked_people.STAGES:
        step(
            f"link: {stage.makes}", lambda stage=stage: store.run((stage,), {"from": "2022-01-01", "to": "2024-12-31"})
        )
    step(
        "partners: person_agency",
        lambda: store.run(
            (SHARED,), {key: {"ae_attendance": 126.76, "police_incident": 0.1} for key in ("prices", "freed", "cash")}
        ),
    )
    answers["joint"] = {
        "|".join(pair): (found.gbp, found.months)
        for pair, found in sorted(step("partners: joint months", lambda: joint_months(store)).items())
    }
    known = step("partners: strata", lambda: strata(store, AGENCIES))
    answers["strata"] = [known.people.tolist(), known.both.sum(axis=0).tolist()]
    before, after = step("history: candidate windows", lambda: counted(store, _candidates(folder), KINDS, 8))
    answers["history"] = [before.sum(axis=0).tolist(), after.sum(axis=0).tolist()]
    answers["panel"] = step("panel: places by week and kind", lambda: _panel(store))
    peak = jvm_mib() if engine == "spark" else peak_mib()
    opened.__exit__(None, None, None)
    size = sum(file.stat().st_size for file in (folder / "parts").rglob("*.parquet"))
    return {
        "seconds": seconds,
        "tasks": tasks,
        "shuffled": shuffled,
        "answers": answers,
        "peak_mib": peak,
        "bytes": size,
    }


def spent(engine: str) -> tuple[float, float]:
    """Seconds that tasks ran and bytes written to shuffles so far, as Spark counts them; nothing for DuckDB."""
    if engine != "spark" or (session := _session()) is None:
        return 0.0, 0.0
    executors = session.sparkContext._jsc.sc().statusStore().executorList(False)
    each = [executors.apply(at) for at in range(executors.size())]
    return sum(one.totalDuration() for one in each) / 1e3, float(sum(one.totalShuffleWrite() for one in each))


def _session():
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


def jvm_mib() -> float:
    """The largest resident size of Spark's Java process."""
    status = Path(f"/proc/{_session().sparkContext._gateway.proc.pid}/status").read_text()
    return float(status.split("VmHWM:")[1].split()[0]) / 1024


def _candidates(folder: Path) -> pa.Table:
    index = (date(2023, 6, 1) - date(1970, 1, 1)).days
    numbers = np.arange(CANDIDATES) * 3
    return pa.table(
        {
            "unit": np.arange(CANDIDATES),
            "person": _named("p", numbers),
            "index_day": np.full(CANDIDATES, index),
            "end_day": np.full(CANDIDATES, index + 500),
        }
    )


def _panel(store) -> list:
    contacts = store.table("contact")
    counts = contacts.group_by("place", "kind", week=contacts.start.truncate("W").cast("date")).agg(n=contacts.count())
    rows = store.arrow(counts.order_by("place", "kind", "week"))
    return [rows.num_rows, pc.sum(rows["n"]).as_py(), pc.sum(pc.multiply(rows["n"], rows["n"])).as_py()]


if __name__ == "__main__":
    main()
