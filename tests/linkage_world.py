"""Public data sets whose truth is known, brought to compared columns; and a record table of a few made-up people."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from headwater.link.fields import Field
from headwater.link.model import weighed
from headwater.link.profiles import frequencies
from headwater.link.training import train
from headwater.stats.clusters import Nodes, Pairs, grouped

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.link.model import Model
    from headwater.store import Store

GIVEN, FAMILY = Field("given", "name", "family"), Field("family", "name", "given")
BIRTH, PLACE = Field("birth", "date", common=False), Field("place", "text")
FEBRL = (
    GIVEN,
    FAMILY,
    BIRTH,
    Field("postcode", "postcode"),
    Field("street", "text"),
    Field("house", "code"),
    Field("suburb", "text"),
    Field("state", "code", common=False),
)
SOCIAL = Field("social", "number", common=False)
HISTORICAL = (
    GIVEN,
    FAMILY,
    BIRTH,
    Field("postcode", "postcode"),
    PLACE,
    Field("occupation", "code"),
    Field("sex", "code", common=False),
)
FAKE = (GIVEN, FAMILY, BIRTH, PLACE, Field("email", "text"))


def letters(column: str) -> str:
    return f"nullif(regexp_replace(lower(trim({column})), '[^a-z]', '', 'g'), '')"


def febrl(folder: Path, names: tuple[str, ...]) -> str:
    """The query of a FEBRL file (Christen 2008), two files being two agencies."""
    files = [str(folder / f"febrl_dataset{name}.csv") for name in names]
    return f"""select regexp_extract(rec_id, 'rec-([0-9]+)', 1) as truth, (filename like '%4b%')::bigint as agency,
        {letters("given_name")} as given, {letters("surname")} as family, {letters("address_1")} as street, {letters("suburb")} as suburb,
        {letters("state")} as state, nullif(trim(street_number), '') as house, nullif(trim(postcode), '') as postcode,
        nullif(left(born, 4) || '-' || substr(born, 5, 2) || '-' || substr(born, 7, 2), '--') as birth, nullif(trim(soc_sec_id), '') as social
        from (select *, trim(date_of_birth) as born from read_csv({files}, all_varchar = true, header = true, filename = true))"""


def historical(folder: Path) -> str:
    return f"""select cluster as truth, 0 as agency, {letters("first_name")} as given, {letters("surname")} as family, dob as birth,
        upper(replace(postcode_fake, ' ', '')) as postcode, birth_place as place, occupation, gender as sex
        from '{folder / "historical_figures_with_errors_50k.parquet"}'"""


def fake(folder: Path) -> str:
    return f"""select cluster::text as truth, 0 as agency, {letters("first_name")} as given, {letters("surname")} as family,
        dob::text as birth, lower(city) as place, lower(email) as email from '{folder / "fake_1000.csv"}'"""


def linked(store: Store, query: str, fields: tuple[Field, ...], *, single: bool = False) -> tuple[float, Model]:
    """F1 over pairs of the groups found, and the model. single: no agency of the two holds anybody twice."""
    rows = duckdb.sql(
        f"select *, row_number() over () - 1 as profile, null::varchar as number from (select * from ({query}) order by"
        " all)"
    ).to_arrow_table()
    profiles = store.engine.rows_of(rows)
    shares = frequencies(profiles, fields)
    model = train(store, fields, profiles, shares, 10)
    found = pa.concat_tables([store.arrow(pairs) for pairs in weighed(store, model, shares, profiles)])
    agency = np.left_shift(1, rows["agency"].to_numpy()) if single else np.zeros(rows.num_rows, dtype=np.int64)
    nodes = Nodes(np.full(rows.num_rows, -1), agency.astype(np.int64))
    pairs = Pairs(*(found[name].to_numpy() for name in ("left", "right", "weight")))
    return pairwise_f1(grouped(nodes, pairs).group, rows["truth"].to_pylist()), model


def pairwise_f1(found: Any, truth: Any) -> float:
    """2 × pairs right / (pairs found + pairs true)."""
    one, other = (np.unique(np.asarray(labels), return_inverse=True)[1] for labels in (found, truth))
    both = np.unique(np.stack([one, other]), axis=1, return_counts=True)[1]
    right, ours, theirs = (float((size * (size - 1.0)).sum()) for size in (both, np.bincount(one), np.bincount(other)))
    return 2 * right / max(ours + theirs, 1e-9)


COLUMNS = (
    "record",
    "agency",
    "nhs_number",
    "local_key",
    "given_name",
    "family_name",
    "birth_date",
    "sex",
    "address",
    "postcode",
    "area",
    "deprivation",
)


def records(*rows: dict[str, Any]) -> pa.Table:
    """A record table; a row names what it knows."""
    from headwater.domain.tables import RECORD
    from headwater.store.store import arrow_schema

    return pa.Table.from_pylist(
        [{name: row.get(name) for name in COLUMNS} for row in rows], schema=arrow_schema(RECORD)
    )


GIVEN_NAMES = (
    "anna",
    "annabel",
    "mohammed",
    "muhammad",
    "catherine",
    "katharine",
    "jon",
    "jonathan",
    "li",
    "o",
    "josé",
    "siobhán",
)
FAMILY_NAMES = ("smith", "smyth", "okonkwo", "abernathy", "lee", "leigh", "smith-jones", "ó briain", "williamson", "wu")
STREETS = ("High St", "Mill Road", "The Avenue", "Station Rd", "Church Lane", "Marthadwayne Close")


def misspelt_people(count: int, *, settled: bool = False) -> list[dict[str, Any]]:
    """Three records a person with slips of the keyboard, two in three with a number; nobody is real. settled: sex,
    house and postcode of a person are always the same."""
    rng = np.random.default_rng(5)
    rows = []
    for at in range(count):
        names = str(rng.choice(GIVEN_NAMES)), str(rng.choice(FAMILY_NAMES))
        born, home = date(1930, 1, 1) + timedelta(days=int(rng.integers(0, 30_000))), _home(rng)
        for n, agency in enumerate(("council", "hospital", "police")):
            known = {"nhs_number": f"{at:010}"} if n == 0 or rng.random() < 0.5 else {}
            address, postcode = _home(rng) if not settled and rng.random() < 0.15 else home
            day = born + timedelta(days=int(rng.integers(-40, 40)) if rng.random() < 0.1 else 0)
            sex = ("female", "male")[(at + (not settled and rng.random() < 0.05)) % 2]
            known |= {"given_name": _slip(rng, names[0]), "family_name": _slip(rng, names[1]), "birth_date": day}
            rows.append(
                {
                    "record": f"r{at}-{n}",
                    "agency": agency,
                    "address": address,
                    "postcode": postcode if settled else _slip(rng, postcode),
                    "sex": sex,
                    **known,
                }
            )
    return rows


def _home(rng: np.random.Generator) -> tuple[str, str]:
    return f"{rng.integers(1, 60)} {rng.choice(STREETS)}", f"NN{rng.integers(1, 9)} {rng.integers(1, 9)}AB"


def _slip(rng: np.random.Generator, text: str) -> str:
    """The text, one in four times with two letters that changed places or one mistaken."""
    at, kind = int(rng.integers(0, len(text))), rng.random()
    if kind < 0.15:
        return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]
    return text[:at] + "aeiou"[int(rng.integers(0, 5))] + text[at + 1 :] if kind < 0.25 else text
