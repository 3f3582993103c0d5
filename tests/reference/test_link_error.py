"""The quick version of benchmarks/link_error.py: what false links do to a saving, who is named, and that arrays say
what the store says."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.app.leaving import link_rates_of
from headwater.domain.tables import TABLES
from headwater.evidence.people.partitions import over_partitions
from headwater.evidence.people.reading import entry_contacts, in_engine, population
from headwater.link import LinkSettings, groups, pairs, people, profiles, report, windows
from headwater.store.store import arrow_schema
from headwater.worlds.mislinked import AGENCIES, ENROLS, GIVES, Held, held, with_false_links, with_missing_links
from headwater.worlds.traps import FIRST_DAY, KINDS, LAST_DAY, NEVER, OUTCOME, TRAPS, small_world

if TYPE_CHECKING:
    from headwater.store import Store
    from headwater.worlds.traps import SmallWorld

FILE = Path(__file__).resolve().parents[2] / "benchmarks" / "link_error.py"


@pytest.fixture(scope="module")
def study() -> Any:
    spec = importlib.util.spec_from_file_location("link_error_study", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["link_error_study"] = module
    spec.loader.exec_module(module)
    return module


def test_two_in_a_hundred_false_links_leave_the_saving_within_its_interval(study: Any) -> None:
    rows = [study.judged("small", "b", 20_000 + seed) for seed in range(6)]
    for kind in ("doubtful", "sure"):
        assert all(0.015 < row[f"{kind} share"] < 0.025 for row in rows)
        one = study.line(rows, f"{kind}, outcomes")
        assert one.within >= 0.8  # one of six
        assert one.covers >= 0.66  # two of six
        assert abs(one.bias) < 0.155  # six worlds of standard deviation 0.11: three and a half standard errors
    # Drawn partitions know of doubtful links and widen the interval for them.
    assert study.line(rows, "doubtful, outcomes").width > study.line(rows, "doubtful, likely").width


def test_a_group_that_misses_a_fifth_of_its_links_is_named_and_nobody_else(study: Any) -> None:
    told = [study.named(20_000 + seed) for seed in range(8)]
    assert all(row["named"] for row in told)
    assert not any(row["alarms"] or row["others"] for row in told)


# The study's arrays and the product's store say the same


def test_arrays_say_what_the_store_says(study: Any, store: Store) -> None:
    world = small_world(replace(TRAPS[1], people=3_000, chance=0.5), 7)
    wrong = with_false_links(held(world), world, 0.05, np.random.default_rng(3), sure=False)
    assert 0.03 < len(wrong.false) / len(wrong.person) < 0.07
    fill(store, world, wrong)
    join(store, wrong, study.PARTITIONS)
    protocol, kinds = study.plan(1), tuple(KINDS)
    found = population(store, protocol)
    assert protocol.entry is not None
    window = (FIRST_DAY, LAST_DAY)
    contacts = entry_contacts(store, found, protocol.entry)
    design = study.designed(found, contacts, protocol, kinds, window, in_engine(store, found, kinds))
    sets = study.matched(design, protocol)
    likely = study.rate_ratio(design, sets, OUTCOME)
    linked = over_partitions(store, design, sets, {OUTCOME: likely})
    drawn = linked.models[OUTCOME]
    mine = study.under(wrong, world, protocol)
    for model, ours in ((likely, mine["likely"]), (drawn, mine["outcomes"])):
        assert model is not None
        assert model.ratio().mid == pytest.approx(ours["mid"], rel=1e-9)
        assert model.se[0] == pytest.approx(ours["se"], rel=1e-9)
    assert drawn is not None
    assert drawn.se[0] != likely.se[0]
    # Who is who moves the contacts that were seen of the enrolled too: drawn partitions take some of the false links
    # apart again.
    seen = linked.seen[OUTCOME]
    assert 0.7 < seen.min() < seen.max() < 1


def test_the_report_names_the_group(store: Store) -> None:
    world = small_world(replace(TRAPS[1], people=3_000), 8)
    right = held(world)
    theirs = (world.deprivation[right.person] == 3) & (right.agency > 0)
    lost = with_missing_links(right, np.flatnonzero(theirs & (np.random.default_rng(1).random(len(theirs)) < 0.2)))
    fill(store, world, lost)
    join(store, lost, 0)
    told = report(store, date.fromordinal(date(1970, 1, 1).toordinal() + LAST_DAY).isoformat())
    assert len(told.under_linked) == 1
    assert told.under_linked[0].startswith("deprivation 3: ")
    assert told.records == len(right.person)
    under = [rate for rate in link_rates_of(told) if rate.under]
    assert [(rate.by, rate.group) for rate in under] == [("deprivation", "3")]


def fill(store: Store, world: SmallWorld, known: Held) -> None:
    """The records with what their agencies keep under them."""
    agency, name = np.array(AGENCIES), names(known)
    who, place, gives = known.person, known.place, np.array(GIVES)[world.kind]
    put(
        store,
        "record",
        {
            "record": name,
            "agency": agency[known.agency],
            "birth_date": [date(int(year), 7, 1) for year in world.birth_year[who]],
            "sex": np.where(world.female > 0, "female", "male")[who],
            "area": world.area[who].astype(str),
            "deprivation": world.deprivation[who].astype(int),
        },
    )
    put(
        store,
        "contact",
        {
            "contact": np.arange(len(gives)).astype(str),
            "agency": agency[gives],
            "service": agency[gives],
            "record": name[place[gives, world.person]],
            "start": days(world.day).astype("datetime64[us]"),
            "precision": ["day"] * len(gives),
            "kind": np.array(list(KINDS))[world.kind],
            "quantity": np.ones(len(gives)),
        },
    )
    ours = np.flatnonzero(world.enrolled < NEVER)
    put(
        store,
        "enrolment",
        {
            "collaboration": ["programme"] * len(ours),
            "record": name[place[ENROLS, ours]],
            "agency": [AGENCIES[ENROLS]] * len(ours),
            "start": days(world.enrolled[ours]),
        },
    )
    put(
        store,
        "observation",
        {
            "record": name[place[0]],
            "agency": [AGENCIES[0]] * len(world.first),
            "from": days(world.first),
            "to": days(world.last),
            "why_ended": world.why,
        },
    )


def join(store: Store, known: Held, partitions: int) -> None:
    """The linked tables from weighed pairs, by the product's own grouping, drawing and stages."""
    agency, name = np.array(AGENCIES)[known.agency], names(known)
    number, face, none = (
        np.arange(len(name)),
        [f"{a}:{n}" for a, n in zip(agency, name, strict=True)],
        pa.nulls(len(name), pa.string()),
    )
    store.put("link_record", "made", pa.table({"agency": agency, "record": name, "number": none, "face": face}))
    store.put(
        profiles.TABLE,
        "made",
        pa.table({"profile": number, "number": none, "alone": none, "first": face, "face": face}),
    )
    store.put(pairs.TABLE, "made", pa.table({"left": known.left, "right": known.right, "weight": known.weight}))
    groups.find_groups(store, LinkSettings(partitions=partitions))
    period = {
        name: (date(1970, 1, 1) + timedelta(days=day)).isoformat()
        for name, day in (("from", FIRST_DAY), ("to", LAST_DAY))
    }
    store.run((groups.STAGE, *people.STAGES, windows.STAGE), period)


def names(known: Held) -> np.ndarray:
    """In the order of the records, so that people get the same numbers in arrays and in the store."""
    return np.array([f"r{at:06d}" for at in known.person], dtype=object)


def put(store: Store, name: str, columns: dict[str, Any]) -> None:
    schema, size = arrow_schema(TABLES[name]), len(columns["agency"])
    arrays = [
        (
            pa.array(columns[field.name], from_pandas=True).cast(field.type)
            if field.name in columns
            else pa.nulls(size, field.type)
        )
        for field in schema
    ]
    store.put(name, "made", pa.Table.from_arrays(arrays, schema=schema))


def days(numbers: np.ndarray) -> np.ndarray:
    return numbers.astype("datetime64[D]")
