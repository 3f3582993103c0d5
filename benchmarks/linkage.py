"""How long linkage takes and how right it is: county records with the county's own errors, nobody's labels read.

    python3 go.py bench linkage [--records 1000000] [--memory 1200MB] [--write]

For a tenth of the records and for all of them: seconds, CPU seconds of all threads, the greatest memory of the process
and pairwise F1. The physical limit is measured in the same run: DuckDB's bare joins of the same blocking rules, every
pair counted, none weighed.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from headwater.domain.tables import RECORD
from headwater.domain.workspace import EngineSettings
from headwater.link import link
from headwater.link.blocking import crossed
from headwater.link.fields import FIELDS
from headwater.link.model import kept_model
from headwater.link.pairs import model_file
from headwater.store import Store, open_store
from headwater.store.store import arrow_schema
from headwater.worlds import bodies
from headwater.worlds.identities import identities, records
from headwater.worlds.lives import born

ROOT = Path(__file__).resolve().parents[1]
AGENCIES = {"gp": 1.0, "hospital": 0.6, "ambulance": 0.2, "police": 0.3, "housing": 0.4, "social-care": 0.2}
CHUNK = 20_000
DAYS = {"from": "2022-01-03", "to": "2024-12-29"}
SEXES = {"F": "female", "M": "male", "U": "unknown"}


@dataclass(frozen=True)
class Timed:
    records: int
    seconds: float
    cpu: float
    memory: float
    f1: float
    joins: float
    pairs: int


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--records", type=int, default=1_000_000)
    told.add_argument("--memory", default="1200MB")
    told.add_argument("--write", action="store_true")
    given = told.parse_args()
    found = [timed(wanted, given.memory) for wanted in (given.records // 10, given.records)]
    text = page(found, given.memory)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "linkage.md").write_text(text, encoding="utf-8")


def timed(wanted: int, memory: str) -> Timed:
    settings = EngineSettings(memory=memory)
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store", settings) as store:
        truth = fill(store, wanted)
        start, cpu = time.perf_counter(), time.process_time()
        link(store, DAYS)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        start = time.process_time()
        pairs = bare_joins(store)
        joins = time.process_time() - start
        one = Timed(len(truth), seconds, cpu, most, f1(store, truth), joins, pairs)
    print(one, flush=True)
    return one


def bare_joins(store: Store) -> int:
    """Pairs that the model's own blocking rules bring, counted and thrown away; the clock of CPU counts every
    thread."""
    model = kept_model(model_file(store))
    assert model is not None
    columns = ("profile", "number", *(field.column for field in FIELDS))
    bare = duckdb.connect(config={"threads": os.cpu_count() or 1})
    bare.register("rows_of", store.arrow(store.table("link_profile").select(*columns)))
    bare.execute("create table profiles as from rows_of")
    rules = [rule.sql() for rule in model.rules] + list(crossed(FIELDS))
    counts = (
        bare.execute(f"select count(*) from profiles l join profiles r on {rule} and l.profile < r.profile").fetchone()
        for rule in rules
    )
    return sum(int(count[0]) for count in counts if count)


def page(found: list[Timed], memory: str) -> str:
    rows = [
        f"| {one.records:,} | {one.seconds:.1f} s | {one.cpu:.1f} s | {one.memory:,.0f} MB | {one.f1:.4f} |"
        f" {one.pairs:,} | {one.joins:.2f} s | {one.cpu / one.joins:.0f} |"
        for one in found
    ]
    tenth, whole = found
    return "\n".join(
        (
            "# Linking the records of six agencies",
            "",
            f"`python3 go.py bench linkage --records {round(whole.records, -3)} --memory {memory}`",
            "",
            (
                f"{platform.machine()}, {os.cpu_count()} cores, shared with other work (CPU seconds are what to"
                f" compare); Python {platform.python_version()}, duckdb {duckdb.__version__}."
            ),
            "",
            (
                "Cleaning, training, weighing, grouping, five drawn partitions and the linked tables, from nothing. The"
                " memory includes making the records. The physical limit is DuckDB's bare joins of the same blocking"
                " rules, which weigh nothing."
            ),
            "",
            (
                "| records | wall clock | CPU | most memory | F1 over pairs | pairs joined | CPU of the bare joins |"
                " times the limit |"
            ),
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            (
                f"{whole.records / tenth.records:.1f} times the records take {whole.cpu / tenth.cpu:.1f} times the CPU."
                " A pair that two rules bring counts twice among the pairs joined and is weighed once."
            ),
            "",
        )
    )


def fill(store: Store, wanted: int) -> dict[str, int]:
    """The record table, and whose each record is. 2.75 records a person, as six agencies know them."""
    truth: dict[str, int] = {}
    parts = []
    for number, first in enumerate(range(0, int(wanted / 2.75), CHUNK)):
        count = min(CHUNK, int(wanted / 2.75) - first)
        rng = np.random.default_rng((1, number))
        people = born(count, bodies.deprivations(), rng)
        who = (people, identities(people, first, rng))
        for agency, share in AGENCIES.items():
            held = records(agency, np.flatnonzero(rng.random(count) < share), who, rng, first)
            names = [f"{agency}-{one}" for one in held.columns["number"].tolist()]
            truth.update(zip(names, (held.person + first).tolist(), strict=True))
            parts.append(store.write("record", f"{number}-{agency}", table(agency, names, held.columns)))
    store.commit({"record": parts})
    return truth


def table(agency: str, names: list[str], columns: dict[str, np.ndarray]) -> pa.Table:
    numbers = [one or None for one in columns["nhs"].tolist()]
    return pa.table(
        {
            "record": names,
            "agency": [agency] * len(names),
            "nhs_number": pa.array(numbers, pa.string()),
            "local_key": pa.nulls(len(names), pa.string()),
            "given_name": columns["given"].tolist(),
            "family_name": columns["family"].tolist(),
            "birth_date": pa.array(columns["birth"].astype("datetime64[D]")),
            "sex": [SEXES[one] for one in columns["sex"].tolist()],
            "address": columns["address"].tolist(),
            "postcode": columns["postcode"].tolist(),
            "area": columns["area"].tolist(),
            "deprivation": columns["deprivation"].astype(np.int64),
        },
        schema=arrow_schema(RECORD),
    )


def f1(store: Store, truth: dict[str, int]) -> float:
    links = store.table("person_link")
    rows = store.arrow(links.filter(links.run == 0).select("record", "person"))
    one = np.unique(np.array(rows["person"].to_pylist(), dtype=object), return_inverse=True)[1]
    other = np.array([truth[record] for record in rows["record"].to_pylist()])
    both = np.unique(np.stack([one, other]), axis=1, return_counts=True)[1]
    right, ours, theirs = (float((size * (size - 1.0)).sum()) for size in (both, np.bincount(one), np.bincount(other)))
    return 2 * right / (ours + theirs)


if __name__ == "__main__":
    main()
