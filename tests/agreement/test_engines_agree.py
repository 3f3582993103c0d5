"""Every stage on DuckDB and on Spark gives the same answer to 1e-9, over hundreds of generated cases.

A Spark job costs about a second however little it does, so all cases share each job: a case's people, records and places carry
its number, no stage joins one case to another, and a difference names its case.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engines import apart, both, rows_of, spark_missing
from headwater.domain.collaboration import Outcome, Role
from headwater.domain.tables import TABLES
from headwater.evidence.people.reading import counted
from headwater.evidence.places.options import options_of
from headwater.evidence.places.reading import read_panels
from headwater.link import people
from headwater.partners.integration.shared import STAGE as SHARED
from headwater.partners.integration.shared import joint_months, strata
from headwater.partners.upstream.courses import agencies_of, courses
from headwater.sources import load
from headwater.store import arrow_schema
from headwater.store.expr import ifelse, row_number, window
from headwater.store.leaves import leaves
from places_world import protocol
from sources_world import KEY, SERVICES, contacts, place, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from headwater.store import Store

pytestmark = [pytest.mark.spark, pytest.mark.skipif(bool(spark_missing()), reason=spark_missing() or "Spark is here")]

CASES = 520
KINDS = ("ae_attendance", "police_incident", "home_visit")
AGENCIES = ("council", "hospital", "police")
EDGES = [datetime(2023, 12, 31, 23, 59, 59), datetime(2024, 1, 1), datetime(2024, 2, 29, 12), datetime(2024, 3, 31, 1, 30),
         datetime(2024, 10, 27, 1, 30), datetime(2023, 1, 1), datetime(2023, 7, 3), datetime(2023, 7, 2, 23, 59)]  # fmt: skip
"""Ends of years, months and weeks, a leap day, and the hours at which the clocks change."""
OBSERVED = {"from": "2022-01-01", "to": "2024-12-31"}

moments = st.sampled_from(EDGES) | st.datetimes(datetime(2022, 1, 1), datetime(2024, 12, 31)).map(lambda one: one.replace(microsecond=0))  # fmt: skip
days = moments.map(datetime.date)
amounts = st.none() | st.floats(0, 1e6, allow_nan=False)


def maybe(*values: Any) -> st.SearchStrategy[Any]:
    return st.none() | st.sampled_from(values)


records = st.fixed_dictionaries({
    "agency": st.sampled_from(AGENCIES), "nhs_number": maybe("1", "2"), "local_key": maybe("K"), "given_name": maybe("Ann", "Ánn"),
    "family_name": maybe("Lee", "O'Lee"), "birth_date": maybe(date(1950, 2, 28), date(2004, 2, 29)), "sex": maybe("female", "male"),
    "area": maybe("north", "south"), "deprivation": maybe(1, 10), "person": st.integers(0, 2),
})  # fmt: skip
visits = st.fixed_dictionaries({
    "record": st.integers(0, 4), "start": moments, "kind": st.sampled_from(KINDS), "quantity": amounts, "place": maybe("x", "y"),
    "precision": st.sampled_from(("second", "day")), "twice": st.booleans(), "service": st.sampled_from(("s1", "s1", "unheard-of")),
})  # fmt: skip
windows = st.fixed_dictionaries(
    {"record": st.integers(0, 4), "from": days, "to": days, "why_ended": maybe("death", "moved", "study-end")}
)
enrolments = st.fixed_dictionaries({"record": st.integers(0, 4), "start": days, "end": st.none() | days})
candidates = st.fixed_dictionaries({"person": st.integers(0, 2), "index": days, "follow": st.integers(1, 400)})
cases = st.fixed_dictionaries({
    "records": st.lists(records, min_size=1, max_size=5), "visits": st.lists(visits, max_size=8), "windows": st.lists(windows, max_size=3),
    "enrolments": st.lists(enrolments, max_size=3), "candidates": st.lists(candidates, max_size=3),
})  # fmt: skip


def generated(count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @settings(max_examples=count, database=None, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(cases)
    def collect(case: dict[str, Any]) -> None:
        found.append(case)

    collect()
    return found[:count]


def tables_of(found: list[dict[str, Any]]) -> dict[str, pa.Table]:
    """The declared tables of all cases together."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in ("record", "person_link", "contact", "observation", "enrolment", "candidate", "place")}  # fmt: skip
    for at, case in enumerate(found):
        own, held = f"c{at:03}-", case["records"]
        record = [(f"{own}r{n}", one["agency"]) for n, one in enumerate(held)]
        for (name, agency), one in zip(record, held, strict=True):
            keys = {key: one[key] and own + one[key] for key in ("nhs_number", "local_key", "given_name")}
            rows["record"].append({**one, **keys, "record": name})
            rows["person_link"].append({"record": name, "agency": agency, "person": f"{own}p{one['person']}", "weight": 0.5, "run": 0})  # fmt: skip
        for n, one in enumerate(case["visits"]):
            name, agency = record[one["record"] % len(record)]
            rows["contact"].append({**one, "contact": f"{own}v{n}", "record": name, "agency": agency, "place": one["place"] and own + one["place"]})  # fmt: skip
        for part, table in (("windows", "observation"), ("enrolments", "enrolment")):
            for one in case[part]:
                name, agency = record[one["record"] % len(record)]
                rows[table].append({**one, "record": name, "agency": agency, "collaboration": "team"})
        for one in case["candidates"]:
            index = (one["index"] - date(1970, 1, 1)).days
            rows["candidate"].append(
                {"person": f"{own}p{one['person']}", "index_day": index, "end_day": index + one["follow"]}
            )
        rows["place"] += [{"place": own + name, "population": 1000.0} for name in "xy"]
    made = {name: pa.Table.from_pylist(rows[name], arrow_schema(TABLES[name])) for name in rows if name in TABLES}
    made["candidate"] = pa.Table.from_pylist([{"unit": n, **one} for n, one in enumerate(rows["candidate"])])
    return made


@pytest.fixture(scope="module")
def found() -> list[dict[str, Any]]:
    return generated(CASES)


@pytest.fixture(scope="module")
def engines(found: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    """Both stores with every table of all cases and the linked tables."""
    made = tables_of(found)
    with both(tmp_path_factory.mktemp("engines")) as stores:
        for store in stores:
            for name, rows in made.items():
                store.put(name, "cases", rows)
            store.run(people.STAGES, OBSERVED)
        yield stores


def same(engines: tuple[Store, Store], ask: Callable[[Store], object]) -> None:
    one, other = (ask(store) for store in engines)
    assert not apart(one, other)


def test_there_are_five_hundred_cases_and_they_differ(found: list[dict[str, Any]]) -> None:
    assert len(found) >= 500 and len({repr(case) for case in found}) >= 490
    assert sum(bool(case["visits"]) for case in found) > 200


@pytest.mark.parametrize("table", ["person", "person_contact", "person_enrolment", "person_observation"])
def test_the_linked_tables_agree(engines: tuple[Store, Store], table: str) -> None:
    assert engines[0].rows(table) > 0
    same(engines, lambda store: rows_of(store, table))


def test_histories_by_candidate_agree(engines: tuple[Store, Store], found: list[dict[str, Any]]) -> None:
    units = tables_of(found)["candidate"]
    same(engines, lambda store: counted(store, units, KINDS, 5))
    same(engines, lambda store: rows_of(store, "candidate_window"))


@pytest.mark.parametrize("period", ["week", "month"])
def test_panels_of_places_agree(engines: tuple[Store, Store], period: str) -> None:
    outcomes = tuple(Outcome(kind, Role.PRIMARY if kind == KINDS[0] else Role.SECONDARY) for kind in KINDS)
    plan = protocol(
        unit="place", outcomes=outcomes, options={"period": period}, treated=("c000-x",), start=date(2024, 1, 1)
    )
    same(engines, lambda store: read_panels(store, plan, options_of(plan), ("2022-01-03", "2024-12-29")))


def test_counts_of_partners_agree(engines: tuple[Store, Store]) -> None:
    """Months in which two agencies saw a person, with prices that no decimal holds exactly, and strata of people."""
    prices = {"prices": {"ae_attendance": 126.76, "police_incident": 1 / 3, "home_visit": 1e-7}}
    for store in engines:
        store.run((SHARED,), prices)
    same(engines, lambda store: rows_of(store, "person_agency"))
    same(engines, lambda store: dict(sorted(joint_months(store).items())))
    same(engines, lambda store: strata(store, AGENCIES))


def test_courses_of_upstream_agree(engines: tuple[Store, Store]) -> None:
    same(engines, lambda store: courses(store, least=1))
    same(engines, lambda store: dict(sorted(agencies_of(store).items())))


def test_loads_agree_with_what_they_quarantine(engines: tuple[Store, Store], found: list[dict[str, Any]], tmp_path: Any) -> None:  # fmt: skip
    """Numbers that occur twice across files and services that nobody declared, over all cases."""
    lines = [(f"c{at:03}-{n}", one) for at, case in enumerate(found) for n, one in enumerate(case["visits"])]
    text = {name: f"{name},P1,{one['start']},,{one['service']},{'' if one['quantity'] is None else repr(one['quantity'])}\n" for name, one in lines}  # fmt: skip
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
    """Whole numbers with gaps, a time that the spring change of the clocks leaves out, days before 1970, batches in order."""
    rows = pa.table({
        "whole": pa.array([2**53 + 1, None], pa.int64()), "time": pa.array([datetime(2024, 3, 31, 1, 30), None], pa.timestamp("us")),
        "day": [date(1900, 1, 1), None], "flag": [True, None], "number": [0.1, float("inf")], "text": ["é\n", None],
    })  # fmt: skip
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
        assert [str(field.type) for field in pq.read_schema(leaves(store._file("numbered", part.key))[0])] == ["string", "timestamp[us]", "int64"]  # fmt: skip


def test_numbers_written_in_a_stage_are_floats_and_not_decimals(engines: tuple[Store, Store]) -> None:
    """A decimal's mean has six digits: the share of two in three would be 0.66667."""
    rows = pa.table({"n": [1, 2, 3]})
    for store in engines:
        given_rows = store.engine.rows_of(rows)
        share = given_rows.agg(share=ifelse(given_rows.n > 1, 1.0, 0.0).mean(), tenth=(given_rows.n * 0.1).sum())
        assert not apart(store.arrow(share).to_pylist(), [{"share": 2 / 3, "tenth": 0.6}])
