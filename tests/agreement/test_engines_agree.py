"""Every named stage on DuckDB and on Spark gives the same answer to 1e-9, over hundreds of generated cases; so do the
panels and counts that are read from them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine_cases import AGENCIES, CASES, KINDS, OBSERVED, SETTINGS, generated, named_stages, tables_of
from engines import apart, both, rows_of, spark_missing
from headwater.domain.collaboration import Outcome, Role
from headwater.evidence.people.reading import counted
from headwater.evidence.places.options import options_of
from headwater.evidence.places.reading import read_panels
from headwater.link import clean, groups, link_settings, pairs, people, profiles, windows
from headwater.link.fields import FIELDS
from headwater.partners.integration.shared import STAGE as SHARED
from headwater.partners.integration.shared import joint_months, strata
from headwater.partners.segments import frailty, members
from headwater.partners.segments import stages as segments
from headwater.partners.upstream.courses import agencies_of, courses
from headwater.sources import load
from headwater.store.expr import ifelse, row_number, window
from headwater.store.leaves import leaves
from places_world import protocol
from sources_world import KEY, SERVICES, contacts, place, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.store import Store

pytestmark = [pytest.mark.spark, pytest.mark.skipif(bool(spark_missing()), reason=spark_missing() or "Spark is here")]

STAGES = named_stages()
LINKED = ("link_record", "person_link")
"""Stages that make the links; the other cases are given theirs, so that no case depends on another."""


@pytest.fixture(scope="module")
def found() -> list[dict[str, Any]]:
    return generated(CASES)


@pytest.fixture(scope="module")
def engines(found: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Both stores with every table of all cases and what the stages behind the links make of them."""
    made = tables_of(found)
    with both(tmp_path_factory.mktemp("engines")) as stores:
        for store in stores:
            for name, rows in made.items():
                store.put(name, "cases", rows)
            for stage in (*people.STAGES, windows.STAGE):
                store.run((stage,), SETTINGS[stage.makes])
            store.run((SHARED,), SETTINGS[SHARED.makes])
            for stage in (*segments.STAGES, frailty.STAGE, members.STAGE):
                store.run((stage,), SETTINGS[stage.makes])
            counted(store, made["candidate"], KINDS, 5)
        yield stores


@pytest.fixture(scope="module")
def linking(found: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Both stores with the records of all cases, cleaned, as profiles and as groups of those that share numbers or
    names."""
    records = tables_of(found)["record"]
    with both(tmp_path_factory.mktemp("linking")) as stores:
        for store in stores:
            store.put("record", "cases", records)
            store.run((clean.STAGE,), SETTINGS[clean.STAGE.makes])
            profiles.add_profiles(store)
            pairs.alike(store, names=True)
            store.put(pairs.TABLE, "in doubt", in_doubt(store))
            groups.find_groups(store, link_settings({}))
            store.run((groups.STAGE,), OBSERVED)
        yield stores


def in_doubt(store: Store) -> pa.Table:
    """The store's pairs, every second one as likely as not, so that drawn partitions differ from the whole."""
    rows = store.arrow(store.table(pairs.TABLE).order_by("left", "right"))
    weights = [weight if at % 2 else 0.0 for at, weight in enumerate(rows["weight"].to_pylist())]
    return rows.set_column(rows.schema.get_field_index("weight"), "weight", pa.array(weights, pa.float64()))


def same(engines: tuple[Store, Store], ask: Callable[[Store], object]) -> None:
    one, other = (ask(store) for store in engines)
    assert has_rows(one), "nothing was asked, so nothing agrees"
    assert not apart(one, other)


def has_rows(answer: object) -> bool:
    """Whether an answer holds anything at all, however deep."""
    if isinstance(answer, dict):
        return any(map(has_rows, answer.values()))
    if isinstance(answer, list | tuple | np.ndarray):
        return any(map(has_rows, answer))
    return answer is not None


def test_there_are_five_hundred_cases_and_they_differ(found: list[dict[str, Any]]) -> None:
    assert len(found) >= 500 and len({repr(case) for case in found}) >= 490
    assert sum(bool(case["visits"]) for case in found) > 200


@pytest.mark.parametrize("table", sorted(STAGES))
def test_every_named_stage_agrees(table: str, engines: tuple[Store, Store], linking: tuple[Store, Store]) -> None:
    stores = linking if table in LINKED else engines
    assert stores[0].rows(table) > 100
    same(stores, lambda store: rows_of(store, table))


@pytest.mark.parametrize("table", [profiles.TABLE, pairs.TABLE, groups.TABLE])
def test_what_linkage_keeps_between_its_stages_agrees(table: str, linking: tuple[Store, Store]) -> None:
    assert linking[0].rows(table) > 100
    same(linking, lambda store: rows_of(store, table))


def test_some_pairs_are_doubtful_and_drawn_partitions_differ(linking: tuple[Store, Store]) -> None:
    assert any(row["run"] > 0 for row in rows_of(linking[0], "person_link"))


def test_how_common_each_value_is_agrees(linking: tuple[Store, Store]) -> None:
    same(linking, shares)


def shares(store: Store) -> list[dict[str, Any]]:
    rows = profiles.frequencies(store.table(profiles.TABLE), FIELDS)
    return store.arrow(rows.order_by("field", "value")).to_pylist()


def test_histories_by_candidate_agree(engines: tuple[Store, Store], found: list[dict[str, Any]]) -> None:
    units = tables_of(found)["candidate"]
    same(engines, lambda store: counted(store, units, KINDS, 5))


@pytest.mark.parametrize("period", ["week", "month"])
def test_panels_of_places_agree(engines: tuple[Store, Store], period: str) -> None:
    outcomes = tuple(Outcome(kind, Role.PRIMARY if kind == KINDS[0] else Role.SECONDARY) for kind in KINDS)
    plan = protocol(
        unit="place", outcomes=outcomes, options={"period": period}, treated=("c000-x",), start=date(2024, 1, 1)
    )
    same(engines, lambda store: read_panels(store, plan, options_of(plan), ("2022-01-03", "2024-12-29")))


def test_counts_of_partners_agree(engines: tuple[Store, Store]) -> None:
    """Months in which two agencies saw a person, and strata of people."""
    same(engines, lambda store: dict(sorted(joint_months(store).items())))
    same(engines, lambda store: strata(store, AGENCIES))


def test_courses_of_upstream_agree(engines: tuple[Store, Store]) -> None:
    same(engines, lambda store: courses(store, least=1))
    same(engines, lambda store: dict(sorted(agencies_of(store).items())))


def test_loads_agree_with_what_they_quarantine(
    engines: tuple[Store, Store], found: list[dict[str, Any]], tmp_path: Any
) -> None:
    """Numbers that occur twice across files and services that nobody declared, over all cases."""
    lines = [(f"c{at:03}-{n}", one) for at, case in enumerate(found) for n, one in enumerate(case["visits"])]
    text = {
        name: f"{name},P1,{one['start']},,{one['service']},{'' if one['quantity'] is None else repr(one['quantity'])}\n"
        for name, one in lines
    }
    head = "id,patient,arrived,left,service,quantity\n"
    write(tmp_path, "data/a.csv", head + "".join(text.values()))
    write(tmp_path, "data/b.csv", head + "".join(text[name] for name, one in lines if one["twice"]))
    write(tmp_path, "data/services.csv", "service,organisation,name,kind\ns1,hospital,Emergency,ae_attendance\n")
    with both(tmp_path / "loads") as stores:
        told = [load(store, *place(tmp_path, contacts(files="data/[ab].csv"), SERVICES), KEY) for store in stores]
        assert not apart(*told) and sum(line.quarantined for line in told[0]) > 100
        same(stores, lambda store: rows_of(store, "contact"))
        same(stores, lambda store: rows_of(store, "quarantine"))


def test_types_and_times_cross_unchanged(engines: tuple[Store, Store]) -> None:
    """Whole numbers with gaps, a time that the spring change of the clocks leaves out, days before 1970, batches in
    order."""
    rows = pa.table(
        {
            "whole": pa.array([2**53 + 1, None], pa.int64()),
            "time": pa.array([datetime(2024, 3, 31, 1, 30), None], pa.timestamp("us")),
            "day": [date(1900, 1, 1), None],
            "flag": [True, None],
            "number": [0.1, float("inf")],
            "text": ["é\n", None],
        }
    )
    for store in engines:
        assert store.arrow(store.engine.rows_of(rows)).to_pylist() == rows.to_pylist()
    long = pa.table({"n": np.arange(5000), "when": [datetime(2024, 1, 1) + timedelta(hours=n) for n in range(5000)]})
    for store in engines:
        batches = list(store.batches(store.engine.rows_of(long).order_by("n"), 700))
        assert pa.Table.from_batches(batches).cast(long.schema).equals(long) and max(map(len, batches)) <= 700


def test_what_is_written_has_the_same_types_on_both(engines: tuple[Store, Store]) -> None:
    """Spark's own row numbers have 32 bits: a later product of them would overflow."""
    for store in engines:
        rows = store.table("person_contact")
        asked = rows.select("person", "start", n=row_number().over(window(order_by="person")))
        part = store.write("numbered", "k", asked)
        assert [str(field.type) for field in pq.read_schema(leaves(store.file("numbered", part.key))[0])] == [
            "string",
            "timestamp[us]",
            "int64",
        ]


def test_numbers_written_in_a_stage_are_floats_and_not_decimals(engines: tuple[Store, Store]) -> None:
    """A decimal's mean has six digits: the share of two in three would be 0.66667."""
    rows = pa.table({"n": [1, 2, 3]})
    for store in engines:
        given_rows = store.engine.rows_of(rows)
        share = given_rows.agg(share=ifelse(given_rows.n > 1, 1.0, 0.0).mean(), tenth=(given_rows.n * 0.1).sum())
        assert not apart(store.arrow(share).to_pylist(), [{"share": 2 / 3, "tenth": 0.6}])
