"""Linking by keyed bits beside linking by names, on the same records without a shared number: who is found, and what it
costs.

python3 go.py bench linkage_encoded [--records 100000] [--write]

Made-up people as six agencies hold them (slips, short and earlier names, moves), and FEBRL 4 (Christen 2008) where it
lies beside the project; FEBRL's suburb and state have no place in the filters and are left out of both ways.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from headwater.domain.workspace import EngineSettings
from headwater.link import LinkSettings, link
from headwater.link.encoded import encode, link_encoded
from headwater.store import open_store
from linkage import AGENCIES, DAYS, fill

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.store import Store

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("HEADWATER_SHARED_DATA", ROOT.parent / "shared" / "data")) / "linkage_truth"
KEY = bytes(range(32))
FEBRL = ("a", "b")


@dataclass(frozen=True)
class Line:
    data: str
    way: str
    records: int
    f1: float
    precision: float
    recall: float
    encoding: float
    linking: float


def compared(data: str, fill_with: Any, single: tuple[str, ...], agencies: tuple[str, ...]) -> list[Line]:
    """Both ways over the same records. single: agencies that hold nobody twice."""
    found = []
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store", ENGINE) as store:
        truth = fill_with(store)
        start = time.process_time()
        link(store, {**DAYS, "single": list(single), "partitions": 0})
        taken = time.process_time() - start
        found.append(
            Line(data, "names", len(truth), *judged(store.arrow(store.table("person_link")), truth), 0.0, taken)
        )
        start = time.process_time()
        files = [encode(store, agency, KEY) for agency in agencies]
        encoding = time.process_time() - start
        with open_store(Path(folder) / "linker" / "store", ENGINE) as linker:
            start = time.process_time()
            links = link_encoded(linker, files, LinkSettings(single=single, partitions=0))
            found.append(
                Line(data, "keyed bits", len(truth), *judged(links, truth), encoding, time.process_time() - start)
            )
    for one in found:
        print(one, flush=True)
    return found


ENGINE = EngineSettings(memory="1200MB")


def judged(links: pa.Table, truth: Mapping[str, Any]) -> tuple[float, float, float]:
    """F1, precision and recall over pairs of records."""
    rows = links.filter(pa.compute.equal(links["run"], 0))
    one, other = (
        np.unique(np.array(labels, dtype=object), return_inverse=True)[1]
        for labels in (rows["person"].to_pylist(), [str(truth[record]) for record in rows["record"].to_pylist()])
    )
    both = np.unique(np.stack([one, other]), axis=1, return_counts=True)[1]
    right, ours, theirs = (float((size * (size - 1.0)).sum()) for size in (both, np.bincount(one), np.bincount(other)))
    return 2 * right / (ours + theirs), right / ours, right / theirs


def made_up(store: Store, wanted: int) -> dict[str, Any]:
    truth = fill(store, wanted)
    rows = store.arrow(store.table("record"))
    at = rows.column_names.index("nhs_number")
    store.put("record", "numberless", rows.set_column(at, "nhs_number", pa.nulls(rows.num_rows, pa.string())))
    return truth


def febrl(store: Store) -> dict[str, Any]:
    """The two files as two agencies."""
    files = [str(SHARED / f"febrl_dataset4{name}.csv") for name in FEBRL]
    born = "trim(date_of_birth)"
    rows = duckdb.sql(
        f"""select trim(rec_id) as record, case when filename like '%4a%' then 'a' else 'b' end as agency, null::varchar as nhs_number,
        null::varchar as local_key, nullif(trim(given_name), '') as given_name, nullif(trim(surname), '') as family_name,
        try_cast(left({born}, 4) || '-' || substr({born}, 5, 2) || '-' || substr({born}, 7, 2) as date) as birth_date, null::varchar as sex,
        nullif(trim(concat_ws(' ', trim(street_number), trim(address_1))), '') as address, nullif('0' || trim(postcode), '0') as postcode,
        null::varchar as area, null::bigint as deprivation from read_csv({files}, all_varchar = true, header = true, filename = true)"""
    ).to_arrow_table()
    store.put("record", "febrl", rows)
    return {name: name.split("-")[1] for name in rows["record"].to_pylist()}


def page(found: list[Line], records: int) -> str:
    rows = [
        f"| {one.data} | {one.records:,} | {one.way} | {one.f1:.4f} | {one.precision:.4f} | {one.recall:.4f} | "
        f"{f'{one.encoding:.1f} s' if one.encoding else '–'} | {one.linking:.1f} s |"
        for one in found
    ]
    about = (__doc__ or "").strip().split("\n\n")
    return "\n".join(
        (
            "# Linking by keyed bits",
            "",
            (
                f"`python3 go.py bench linkage_encoded --records {records}`, {platform.machine()}, {os.cpu_count()}"
                f" cores, duckdb {duckdb.__version__}"
            ),
            "",
            about[0],
            "",
            about[2],
            "",
            "| data | records | way | F1 over pairs | precision | recall | encoding, CPU | linking, CPU |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
            (
                "CPU seconds on a machine shared with other work. Precision says that hardly anybody is joined wrongly;"
                " what bits lose is people whose records differ in several fields at once, since twelve-bit samples of"
                " filters bring fewer of their pairs together and levels of Dice tell near from far less finely than"
                " comparisons of letters."
            ),
            "",
        )
    )


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--records", type=int, default=100_000)
    words.add_argument("--write", action="store_true")
    given = words.parse_args()
    found = compared("FEBRL 4", febrl, FEBRL, FEBRL) if SHARED.is_dir() else []
    for wanted in (given.records // 10, given.records):
        found += compared("made-up people", lambda store, wanted=wanted: made_up(store, wanted), (), tuple(AGENCIES))
    text = page(found, given.records)
    print(text)
    if given.write:
        (ROOT / "docs" / "measured" / "linkage_encoded.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
