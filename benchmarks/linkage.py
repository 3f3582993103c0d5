"""How long linkage takes and how right it is: county records with the county's own errors, nobody's labels read.

    python benchmarks/linkage.py [--records 1000000] [--memory 1200MB]

Prints seconds, the greatest memory of the process and pairwise F1 for a tenth of the records and for all of them.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from headwater.domain.tables import RECORD
from headwater.domain.workspace import EngineSettings
from headwater.link import link
from headwater.store import Store, open_store
from headwater.store.store import arrow_schema
from headwater.worlds import bodies
from headwater.worlds.identities import identities, records
from headwater.worlds.lives import born

AGENCIES = {"gp": 1.0, "hospital": 0.6, "ambulance": 0.2, "police": 0.3, "housing": 0.4, "social-care": 0.2}
CHUNK = 20_000
DAYS = {"from": "2022-01-03", "to": "2024-12-29"}
SEXES = {"F": "female", "M": "male", "U": "unknown"}


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__)
    told.add_argument("--records", type=int, default=1_000_000)
    told.add_argument("--memory", default="1200MB")
    given = told.parse_args()
    for wanted in (given.records // 10, given.records):
        with (
            tempfile.TemporaryDirectory() as folder,
            open_store(Path(folder) / "store", EngineSettings(memory=given.memory)) as store,
        ):
            truth = fill(store, wanted)
            start = time.perf_counter()
            link(store, DAYS)
            seconds = time.perf_counter() - start
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"{wanted:>9,} records: {seconds:6.1f} s, at most {memory:,.0f} MB, F1 {f1(store, truth):.4f}",
                flush=True,
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
            "record": names, "agency": [agency] * len(names), "nhs_number": pa.array(numbers, pa.string()), "local_key": pa.nulls(len(names), pa.string()),
            "given_name": columns["given"].tolist(), "family_name": columns["family"].tolist(), "birth_date": pa.array(columns["birth"].astype("datetime64[D]")),
            "sex": [SEXES[one] for one in columns["sex"].tolist()], "address": columns["address"].tolist(), "postcode": columns["postcode"].tolist(),
            "area": columns["area"].tolist(), "deprivation": columns["deprivation"].astype(np.int64),
        },
        schema=arrow_schema(RECORD),
    )  # fmt: skip


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
