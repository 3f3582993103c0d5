"""Records linked without a name: filters compared by their bits in common, by the same training, weights and grouping
as names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from headwater.domain.errors import DataProblem
from headwater.domain.progress import silent
from headwater.link import clean, groups, pairs, profiles
from headwater.link.exchange import NAMES, Encoded, encoded
from headwater.link.fields import Field
from headwater.link.names import forget_compared
from headwater.store import key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.progress import Progress
    from headwater.link.settings import LinkSettings
    from headwater.store import Store

FIELDS = tuple(Field(name, "filter", common=name != "birth") for name in NAMES)
FEWEST = 200
"""Records below which nothing can be learnt of filters."""


def encode(store: Store, agency: str, key: bytes) -> Encoded:
    """An agency's loaded records as filters; names stay where they are. Raises DataProblem where it has none."""
    forget_compared(store)
    store.run((clean.STAGE,), {"single": []})
    rows = store.table("link_record")
    fields = ("given", "family", "birth", "postcode", "house", "street", "sex")
    found = store.arrow(rows.filter(rows.agency == agency).select("record", *fields).order_by("record"))
    if not found.num_rows:
        raise DataProblem(
            f"there is no record of {agency!r}", given="no row", next_step="load its records first: headwater load"
        )
    return encoded(agency, found["record"].to_pylist(), {name: found[name].to_pylist() for name in fields}, key)


def link_encoded(
    store: Store, files: Sequence[Encoded], settings: LinkSettings, progress: Progress = silent
) -> pa.Table:
    """person_link of the agencies' files, run 0 and the drawn partitions. The store holds nothing else and no name."""
    records = pa.concat_tables([_records(one) for one in sorted(files, key=lambda one: one.agency)])
    if records.num_rows < FEWEST:
        raise DataProblem(
            "too few records to learn from",
            given=f"{records.num_rows} records",
            allowed=f"at least {FEWEST}",
            next_step="link them by a number that the agencies share",
        )
    _fill(store, records, settings)
    model = pairs.model_of(store, settings, FIELDS, progress)
    pairs.add_pairs(store, model, store.parts(profiles.TABLE), progress)
    progress("one person or two", 4, 5)
    groups.find_groups(store, settings)
    store.run((groups.STAGE,), {})
    progress("", 5, 5)
    return store.arrow(store.table("person_link"))


def _records(one: Encoded) -> pa.Table:
    bits = {
        name: pa.array([value.hex() if value else None for value in one.rows[name].to_pylist()], pa.string())
        for name in NAMES
    }
    return pa.table({"agency": [one.agency] * one.rows.num_rows, "record": one.rows["record"], **bits})


def _fill(store: Store, records: pa.Table, settings: LinkSettings) -> None:
    """Every record is a profile of its own: that two look alike is for the weights to say."""
    name = [
        f"{agency}:{record}"
        for agency, record in zip(records["agency"].to_pylist(), records["record"].to_pylist(), strict=True)
    ]
    none = pa.nulls(records.num_rows, pa.string())
    alone = [agency if agency in settings.single else None for agency in records["agency"].to_pylist()]
    own = {"face": pa.array(name, pa.string()), "number": none}
    made = {
        profiles.TABLE: pa.table(
            {
                "profile": pa.array(range(records.num_rows), pa.int64()),
                "first": own["face"],
                "alone": pa.array(alone, pa.string()),
                **own,
                **{column: records[column] for column in NAMES},
            }
        ),
        "link_record": pa.table({"agency": records["agency"], "record": records["record"], **own}),
    }
    key = key_of("encoded", *name, *(value for column in NAMES for value in records[column].to_pylist()))
    store.commit({table: [store.write(table, key, rows)] for table, rows in made.items()})
