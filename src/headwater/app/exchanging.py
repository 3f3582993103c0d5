"""Linking without names: an agency encodes its records, and whoever links sees filters alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.compute as pc
import pyarrow.parquet as pq

from headwater.app.reading import named, need_data
from headwater.domain.errors import Usage
from headwater.domain.progress import silent
from headwater.domain.workspace import EngineSettings
from headwater.link import encoded, exchange, link_settings
from headwater.store import open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress


def encode(place: Place, agency: str, key_file: Path, out: Path) -> Answer:
    """Write an agency's records as filters under the key that the agencies share. No name is in the file, and none is
    logged."""
    key = exchange.read_key(key_file, place.workspace.root)
    with place.store() as store:
        need_data(store)
        with named(place, store):
            made = encoded.encode(store, agency, key)
    exchange.write_encoded(out, made)
    place.note("link encode", f"{made.rows.num_rows} records of {agency}")
    return place.answer("link-encode", {"agency": agency, "records": made.rows.num_rows, "file": out.name})


def link_encoded(place: Place, files: Sequence[Path], out: Path, progress: Progress = silent) -> Answer:
    """Link agencies' encoded files and write person_link: whose each record is, with weights, and the drawn
    partitions."""
    if out.suffix != ".parquet":
        raise Usage(
            "the answer is a Parquet file",
            given=out.name,
            allowed="a name that ends in .parquet",
            next_step="--out person_link.parquet",
        )
    found = exchange.read_all(files)
    place.workspace.hidden.mkdir(exist_ok=True)
    engine = EngineSettings(memory=place.settings.engine.memory, threads=place.settings.engine.threads)
    # Filters are only lent: what was compared is gone when the answer is written.
    with (
        tempfile.TemporaryDirectory(dir=place.workspace.hidden) as folder,
        open_store(Path(folder) / "store", engine) as store,
    ):
        links = encoded.link_encoded(store, found, link_settings(place.settings.link), progress)
    pq.write_table(links, out)
    out.chmod(0o600)
    place.note("link encoded", ", ".join(one.agency for one in found))
    return place.answer(
        "link-encoded", {"agencies": [one.agency for one in found], **_rates(links), "file": out.name}, value=links
    )


def _rates(links: pa.Table) -> dict[str, float]:
    likely = links.filter(pc.equal(links["run"], 0))
    sizes = likely.group_by("person").aggregate([("record", "count")])
    joined = pc.sum(sizes.filter(pc.greater(sizes["record_count"], 1))["record_count"]).as_py() or 0
    return {
        "records": likely.num_rows,
        "people": sizes.num_rows,
        "link_rate": joined / max(likely.num_rows, 1),
        "partitions": pc.max(links["run"]).as_py() or 0,
    }
