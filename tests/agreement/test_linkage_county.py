"""The demonstration county's own errors: whose record is whose, judged by the truth that linkage never reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from headwater.app import reading
from headwater.app.place import Place
from headwater.governance import pseudonym, pseudonym_key
from headwater.worlds import write_county
from linkage_world import pairwise_f1

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_countys_people_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    folder = tmp_path / "northshire"
    write_county(folder, people=5_000)
    place = Place(folder)
    reading.load(place)
    key = pseudonym_key(place.workspace)
    truth = pa.concat_tables([pq.read_table(file) for file in sorted((folder / "truth").glob("persons-*.parquet"))])
    whose = {
        (row["agency"], pseudonym(key, "record", f"{row['agency']}\x1f{row['record']}")): row["person"]
        for row in truth.to_pylist()
    }
    with place.store() as store:
        reading.linked(place, store)
        links = store.table("person_link")
        rows = store.arrow(links.filter(links.run == 0).select("agency", "record", "person")).to_pylist()
    assert len(rows) == len(whose)
    true = [whose[row["agency"], row["record"]] for row in rows]
    assert pairwise_f1([row["person"] for row in rows], true) >= 0.98
