"""Keyed bits beside other people's software, and on public records whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

from headwater.link import LinkSettings
from headwater.link.clk import Filter, Part, Scheme, filters
from headwater.link.encoded import link_encoded
from headwater.link.exchange import encoded
from linkage_world import febrl, pairwise_f1

if TYPE_CHECKING:
    from headwater.store import Store

KEY = bytes(range(32))
REFERENCE = Path(__file__).parent / "data" / "clkhash_dice.json"


def test_dice_agrees_with_clkhash() -> None:
    """Another key and another hash set other bits; what must agree is how alike they make two people."""
    pairs = json.loads(REFERENCE.read_text())["pairs"]
    scheme = Scheme(
        (Filter("names", 1_024, (Part("given", "bigrams", 16), Part("family", "bigrams", 16))),), fold=False
    )
    sides = [
        filters({"given": [pair[at] for pair in pairs], "family": [pair[at + 1] for pair in pairs]}, KEY, scheme)[
            "names"
        ]
        for at in (0, 2)
    ]
    one, other = (np.unpackbits(np.array([list(row or b"") for row in side], dtype=np.uint8), axis=1) for side in sides)
    ours = 2 * (one & other).sum(axis=1) / (one.sum(axis=1) + other.sum(axis=1))
    theirs = np.array([pair[4] for pair in pairs])
    assert np.corrcoef(ours, theirs)[0, 1] > 0.98
    assert abs(float((ours - theirs).mean())) < 0.015
    assert float(np.abs(ours - theirs).max()) < 0.12  # chance meetings of some 200 bits among 1,024
    assert ((ours == 1) == (theirs == 1)).all()


def test_febrl_4_is_linked_by_bits(store: Store, shared_data: Path) -> None:
    """10,000 records of 5,000 people, no name seen: hardly one false pair, nineteen of twenty true ones."""
    query = febrl(shared_data / "linkage_truth", ("4a", "4b"))
    rows = duckdb.sql(f"select *, null::varchar as sex from ({query}) order by all").to_arrow_table()
    files, truth = [], {}
    for agency, name in ((0, "a"), (1, "b")):
        mine = rows.filter(pa.compute.equal(rows["agency"], agency))
        names = [f"{name}{at:05d}" for at in range(mine.num_rows)]
        truth |= dict(zip(names, mine["truth"].to_pylist(), strict=True))
        fields = ("given", "family", "birth", "postcode", "street", "house", "sex")
        files.append(encoded(name, names, {field: mine[field].to_pylist() for field in fields}, KEY))
    links = link_encoded(store, files, LinkSettings(single=("a", "b"), partitions=0))
    assert pairwise_f1(links["person"].to_pylist(), [truth[record] for record in links["record"].to_pylist()]) >= 0.97
