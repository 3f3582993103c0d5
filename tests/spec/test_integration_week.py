"""An action week from contacts at places: who goes where, in which order, and what a user may say instead."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.errors import DataProblem, Usage
from headwater.domain.money import Perspective, Price
from headwater.domain.tables import TABLES
from headwater.partners.integration import budgets, streets, week, with_chances
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

START = date(2024, 1, 1)
PRICES = {
    "fire_incident": Price("f", "fire_incident", "", 1000.0, "incident", 2024, Perspective.FISCAL, "", "x", "1", "x")
}


def contacts(store: Store, counts: dict[tuple[str, str], int], year: int = 2023) -> None:
    kinds = {"police": "police_incident", "fire": "fire_incident"}
    rows: list[dict[str, Any]] = [
        {
            "contact": f"{place}{agency}{n}",
            "agency": agency,
            "service": agency,
            "place": place,
            "kind": kinds[agency],
            "start": datetime(year, 6, 1 + n % 28),
        }
        for (place, agency), number in counts.items()
        for n in range(number)
    ]
    table = pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["contact"]))
    store.put("contact", key_of("contact", counts, year), table)


def test_harm_is_priced_and_shared_by_who_sees_it(store: Store) -> None:
    contacts(store, {("high", "police"): 1000, ("high", "fire"): 1, ("low", "police"): 10})
    known = streets(store, PRICES, START, 0.3)
    assert known.places == ("high", "low")
    assert known.harm_gbp.tolist() == [2000, 10]
    assert known.chance[0] == pytest.approx([0.15, 0.15])
    assert known.unpriced == ("police_incident",)


def test_days_go_where_the_harm_is_and_no_further(store: Store) -> None:
    contacts(store, {("a", "police"): 100, ("b", "police"): 50, ("c", "police"): 10, ("c", "fire"): 5})
    found = week(streets(store, PRICES, START, 0.3), {"police": 2, "fire": 1})
    assert found.visits == {"c": ("fire",), "a": ("police",), "b": ("police",)}
    assert found.spent_days == {"police": 2, "fire": 1}
    assert found.assured == pytest.approx(1)


def test_the_users_own_chances_stand_in_place_of_ours(store: Store, tmp_path: Path) -> None:
    contacts(store, {("a", "police"): 100, ("b", "police"): 50})
    file = tmp_path / "chances.csv"
    file.write_text("place,agency,chance,days\nb,housing,0.9,2\nb,police,0.2,1\n")
    known = with_chances(streets(store, PRICES, START, 0.3), file)
    found = week(known, {"housing": 2, "police": 1})
    assert found.visits == {"b": ("housing", "police")}
    assert found.averted_gbp == pytest.approx(50 * (1 - 0.1 * 0.8))
    file.write_text("place,agency,chance\nb,housing,90\n")
    with pytest.raises(DataProblem, match="line 2"):
        with_chances(known, file)
    file.write_text("street,who\nb,housing\n")
    with pytest.raises(DataProblem, match="does not say chances"):
        with_chances(known, file)


def test_what_cannot_be_planned_is_told(store: Store) -> None:
    contacts(store, {("a", "police"): 3}, year=2010)
    with pytest.raises(DataProblem, match="year before"):
        streets(store, PRICES, START, 0.3)
    contacts(store, {("a", "police"): 3})
    with pytest.raises(Usage, match="no such agency"):
        week(streets(store, PRICES, START, 0.3), {"polise": 2})
    with pytest.raises(Usage, match="days are a number"):
        budgets(("police=many",))
    assert budgets(("police=2.5", "fire=1")) == {"police": 2.5, "fire": 1.0}


def test_more_visits_to_one_street_bring_less_and_less(store: Store) -> None:
    contacts(store, {("a", "police"): 60, ("a", "fire"): 1, ("b", "police"): 1})
    known = streets(store, {}, START, 0.5)
    alone = week(known, {"police": 1}).averted_gbp
    both = week(known, {"police": 1, "fire": 1}).averted_gbp
    assert alone < both < alone + known.harm_gbp[0] * known.chance[0, 0] + 1e-9
    assert np.isclose(both, 61 * (1 - (1 - 0.5 * 60 / 61) * (1 - 0.5 / 61)))
