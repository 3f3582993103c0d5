"""The Hospital Frailty Risk Score against its publication (Gilbert et al. 2018, Lancet 391:1775), worked by hand."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from demand_world import FIRST, OwnRecords
from headwater.partners.segments.found import own_demand
from headwater.partners.segments.frailty import risk, score, tenths

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

Stay = tuple[int, tuple[str, ...]]


def test_the_table_is_that_of_the_appendix() -> None:
    """109 codes; the heaviest is dementia in Alzheimer's disease with 7.1, and the lightest weigh 0.1."""
    assert len(tenths()) == 109
    assert (max(tenths(), key=lambda code: tenths()[code]), max(tenths().values()), min(tenths().values())) == (
        "F00",
        71,
        1,
    )


@pytest.mark.parametrize(
    ("codes", "points", "word"),
    [
        ((), 0.0, "low"),
        (("G81.9", "G30.1"), 8.4, "intermediate"),  # hemiplegia 4.4, Alzheimer's disease 4.0
        (("F00.1", "G81.0", "G30.9", "I69.3"), 19.2, "high"),  # 7.1 + 4.4 + 4.0 + 3.7
        (("G81.9", "G81.1", "g81"), 4.4, "low"),  # a code counts once, however it is written
        (
            ("Z99.9", "J18.1", "C34.9"),
            1.9,
            "low",
        ),  # dependence on machines 0.8, pneumonia 1.1, a cancer of the lung nothing
    ],
)
def test_points_worked_by_hand(codes: tuple[str, ...], points: float, word: str) -> None:
    assert score(codes) == pytest.approx(points)
    assert risk(points) == word


def test_the_limits_are_five_and_fifteen() -> None:
    assert [risk(points) for points in (4.9, 5.0, 15.0, 15.1)] == ["low", "intermediate", "intermediate", "high"]


def admitted(store: Store, tmp_path: Path, *stays: Stay, born: date = date(1935, 1, 1)) -> dict[str, float]:
    """Admission → its points as the engine has them."""
    made = OwnRecords()
    made.rows["record"].append({"record": "A", "agency": "trust", "birth_date": born})
    for at, (day, codes) in enumerate(stays):
        start = FIRST + timedelta(days=day)
        made.rows["contact"].append(
            {
                "contact": f"A{at}",
                "agency": "trust",
                "service": "s",
                "record": "A",
                "kind": "emergency_admission",
                "start": start,
                "end": start + timedelta(days=2),
                "precision": "second",
            }
        )
        made.rows["contact_reason"] += [
            {"contact": f"A{at}", "agency": "trust", "system": "ICD10", "code": code, "position": place}
            for place, code in enumerate(codes, 1)
        ]
    made.put(store)
    own_demand(store, tmp_path, {})
    rows = store.arrow(store.table("segment_frailty")).to_pylist()
    return {row["contact"]: row["tenths"] / 10 for row in rows}


def test_codes_of_two_years_before_count_once_each_and_older_ones_not(store: Store, tmp_path: Path) -> None:
    """G81 4.4 and G30 4.0: on day 700 both count; on day 1500 the first stays are over two years gone."""
    found = admitted(store, tmp_path, (0, ("G81.9",)), (10, ("G30.0", "G81.9")), (700, ("G30.9",)), (1500, ("I69.0",)))
    assert found == pytest.approx({"A0": 4.4, "A1": 8.4, "A2": 8.4, "A3": 3.7})


def test_the_young_have_a_score_and_no_segment(store: Store, tmp_path: Path) -> None:
    codes = ("F00.1", "G81.0", "G30.9", "I69.3")
    assert admitted(store, tmp_path, (0, codes), (400, codes), born=date(1990, 1, 1))["A0"] == pytest.approx(19.2)
    assert not {"frailty-high", "frailty-intermediate"} & set(
        store.arrow(store.table("segment_member"))["segment"].to_pylist()
    )


def test_of_75_and_over_the_high_are_high(store: Store, tmp_path: Path) -> None:
    admitted(store, tmp_path, (0, ("F00.1", "G81.0", "G30.9", "I69.3")), (900, ("G81.0", "G30.9")))
    rows = {
        row["contact"]: row["segment"]
        for row in store.arrow(store.table("segment_member")).to_pylist()
        if row["segment"].startswith("frailty")
    }
    assert rows == {"A0": "frailty-high", "A1": "frailty-intermediate"}
