"""Linkage learns and weighs alike on both engines: names by generated pairs, a few hundred people by their whole linkage."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine_cases import OBSERVED
from engines import apart, both, rows_of, spark_missing
from headwater.link import groups, link, pairs, profiles
from linkage_world import FAMILY_NAMES, GIVEN_NAMES, misspelt_people, records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from headwater.store import Store

pytestmark = [pytest.mark.spark, pytest.mark.skipif(bool(spark_missing()), reason=spark_missing() or "Spark is here")]

LIKENESS = "select n, {0}(l, r) as likeness, damerau_levenshtein(l, r) <= 1 as slip from {1} order by n"
"""What Splink asks of either engine."""
ALIKE = {"duckdb": "jaro_winkler_similarity", "spark": "jaro_winkler"}
letters = st.text(st.sampled_from("abcdehilmnorstüж"), max_size=12)


@st.composite
def misspelt(draw: st.DrawFn) -> tuple[str | None, str | None]:
    """A name and what became of it: letters that changed places, were left out, put in or mistaken; sometimes another name."""
    name = draw(st.sampled_from(GIVEN_NAMES + FAMILY_NAMES) | letters)
    other = list(name)
    for at, what in draw(
        st.lists(st.tuples(st.integers(0, 12), st.sampled_from(("swap", "drop", "add", "far"))), max_size=4)
    ):
        place = at % (len(other) + 1)
        if what == "add":
            other.insert(place, "e")
        elif what == "drop":
            del other[place : place + 1]
        else:
            far = min(place + (1 if what == "swap" else 3), len(other) - 1)
            if place < far:
                other[place], other[far] = other[far], other[place]
    return draw(st.sampled_from((name, name, name, None))), draw(st.just("".join(other)) | letters)


def generated(count: int) -> list[tuple[str | None, str | None]]:
    found: list[tuple[str | None, str | None]] = []

    @settings(max_examples=count, database=None, derandomize=True, phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(misspelt())
    def collect(pair: tuple[str | None, str | None]) -> None:
        found.append(pair)

    collect()
    return found[:count]


def test_names_are_as_alike_on_either_engine_to_the_last_bit(tmp_path: Path) -> None:
    """Splink's own function for Spark halves odd transpositions: of these pairs it judged one in ten otherwise."""
    found = generated(1000)
    rows = pa.table({"n": range(len(found)), "l": [pair[0] for pair in found], "r": [pair[1] for pair in found]})
    told = []
    with both(tmp_path) as stores:
        for store in stores:
            api = store.splink()
            lent = api.register(store.lend(store.engine.rows_of(rows), "misspelt"))
            made = api.query_sql(LIKENESS.format(ALIKE[store.engine.name], lent.physical_name))
            told.append(store.arrow(store.named(made.physical_name).order_by("n")).to_pylist())
    assert [row["likeness"] for row in told[0]] == [row["likeness"] for row in told[1]]
    # Only dates, postcodes and numbers are asked whether one slip made them, and cleaning leaves those plain letters or nothing.
    plain = [n for n, pair in enumerate(found) if all(name and name.isascii() for name in pair)]
    assert len(plain) > 400
    assert [told[0][n]["slip"] for n in plain] == [told[1][n]["slip"] for n in plain]
    assert sum(0.7 < (row["likeness"] or 0) < 1 for row in told[0]) > 200


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, Store]]:
    rows = records(*misspelt_people(300))
    with both(tmp_path_factory.mktemp("whole")) as stores:
        for store in stores:
            store.put("record", "made", rows)
            link(store, OBSERVED)
        yield stores


def test_what_is_learnt_without_labels_is_the_same_model(linked: tuple[Store, Store]) -> None:
    models = [json.loads(pairs.model_file(store).read_text()) for store in linked]
    assert len(models[0]["rules"]) > 1 and models[0]["prior"] < 0.1
    assert not apart(*models)


@pytest.mark.parametrize(
    "table", [profiles.TABLE, profiles.FREQUENCY, pairs.TABLE, groups.TABLE, "person_link", "person"]
)
def test_weights_groups_and_people_agree(linked: tuple[Store, Store], table: str) -> None:
    one, other = (rows_of(store, table) for store in linked)
    assert len(one) > 100
    assert not apart(one, other)


def test_the_weights_decide_who_is_who(linked: tuple[Store, Store]) -> None:
    """No trivial agreement: some people are joined by what they look like, some pairs are doubtful, and drawn partitions differ."""
    links = rows_of(linked[0], "person_link")
    assert sum(row["run"] == 0 and row["weight"] is not None for row in links) > 30
    assert any(row["run"] > 0 for row in links)
