"""The weighed pairs, kept: a part for each part of the profiles, so that a new batch is compared with the old and
nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.progress import silent
from headwater.link import profiles
from headwater.link.model import Model, keep_model, kept_model, weighed
from headwater.link.training import train
from headwater.store import key_of
from headwater.store.expr import literal, union

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.domain.progress import Progress
    from headwater.link.fields import Field
    from headwater.link.settings import LinkSettings
    from headwater.store import Part, Store
    from headwater.store.expr import Table

TABLE = "link_pair"
SCHEMA = pa.schema([("left", pa.int64()), ("right", pa.int64()), ("weight", pa.float64())])
NAMED = ("given", "family", "birth")
ALIKE_BITS = 10.0
"""Odds of a thousand to one for two records of one name and birth date, where no model says more."""
OUTGROWN = 2.0
"""A model is trained anew once there are this many times the profiles it was trained on."""


def model_file(store: Store) -> Path:
    """The saved settings of the model, beside the store."""
    return store.folder.parent / "link" / "model.json"


def model_of(store: Store, settings: LinkSettings, fields: Sequence[Field], progress: Progress = silent) -> Model:
    """The saved model while it fits, else one trained on the profiles as they are, which is then saved."""
    file, count = model_file(store), store.rows(profiles.TABLE)
    found = kept_model(file)
    if (
        found is not None
        and found.fields == tuple(fields)
        and count < OUTGROWN * found.profiles
        and _shares_fit(store, found)
    ):
        return found
    progress("learning how alike the records of one person are", 1, 5)
    rows = store.table(profiles.TABLE)
    shares = store.write(
        profiles.FREQUENCY, key_of("shares", store.key(profiles.TABLE), *fields), _shares(rows, fields)
    )
    model = train(store, fields, rows, store.part_table(shares), settings.pairs_per_record)
    # The model before its shares: were the run killed in between, the shares would not fit and both would be made
    # again.
    keep_model(file, model)
    store.commit(
        {profiles.FREQUENCY: [store.write(profiles.FREQUENCY, _key_of_shares(model), store.part_table(shares))]}
    )
    return model


def _shares(rows: Table, fields: Sequence[Field]) -> Table:
    return profiles.frequencies(rows, fields).order_by("field", "value")


def _key_of_shares(model: Model) -> str:
    return key_of("shares of", model.text())


def _shares_fit(store: Store, model: Model) -> bool:
    return [part.key for part in store.parts(profiles.FREQUENCY)] == [_key_of_shares(model)]


def add_pairs(store: Store, model: Model, parts: Sequence[Part], progress: Progress = silent) -> None:
    """Weigh what was not weighed yet: each part of the profiles among itself and with the parts before it."""
    made: list[Part] = []
    for at, part in enumerate(parts):
        key = key_of("pairs", model.text(), part.key)
        if store.part(TABLE, key) is None:
            progress("comparing records", 2 + at, 4 + len(parts))
        made.append(store.part(TABLE, key) or store.write(TABLE, key, _weighed(store, model, parts[: at + 1])))
    if [part.key for part in made] != [part.key for part in store.parts(TABLE)]:
        store.commit({TABLE: made})


def _weighed(store: Store, model: Model, parts: Sequence[Part]) -> pa.Table:
    if not parts[-1].rows or not model.rules:
        return SCHEMA.empty_table()
    old = [store.part_table(part) for part in parts[:-1] if part.rows]
    known = (union(*old) if len(old) > 1 else old[0]) if old else None
    new, shares = store.part_table(parts[-1]), store.table(profiles.FREQUENCY)
    found = [store.arrow(rows).cast(SCHEMA) for rows in weighed(store, model, shares, new, known)]
    pairs = pa.concat_tables(found)
    return pairs.take(pc.sort_indices(pairs, [("left", "ascending"), ("right", "ascending")]))


def comparable(store: Store) -> bool:
    """Whether weighing names can join anybody: two agencies gave records, and some record has names or a birth date and
    no number."""
    agencies = store.arrow(store.table("link_record").select("agency").distinct().limit(2)).num_rows
    rows = store.table(profiles.TABLE)
    named = rows.filter(rows.number.isnull() & (rows.given.notnull() | rows.family.notnull() | rows.birth.notnull()))
    return agencies > 1 and bool(store.arrow(named.limit(1).select("profile")).num_rows)


def alike(store: Store, *, names: bool) -> None:
    """Where nothing can be learnt: pairs that share both names and the birth date letter by letter, at even weights;
    else none."""
    key = key_of("alike", store.key(profiles.TABLE), names)
    if [part.key for part in store.parts(TABLE)] == [key]:
        return
    rows = store.table(profiles.TABLE).select("profile", *NAMED)
    others = rows.select(**{f"their_{name}": name for name in ("profile", *NAMED)})
    same = [rows[name] == others[f"their_{name}"] for name in NAMED]
    joined = rows.inner_join(others, [*same, rows.profile < others.their_profile])
    found = joined.select(left="profile", right="their_profile", weight=literal(ALIKE_BITS, "float64")).order_by(
        "left", "right"
    )
    store.put(TABLE, key, store.arrow(found).cast(SCHEMA) if names else SCHEMA.empty_table())
