"""What if: a change of price, uptake, cost or of what comes true, reckoned by hand beside what the page is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.app.place import Place
from headwater.app.starting import new
from headwater.app.supposing import Change, of_option, of_result

if TYPE_CHECKING:
    from pathlib import Path

EVEN = {
    "benefit_gbp": np.linspace(0, 200, 201).tolist(),
    "mean_gbp": 100.0,
    "cost_gbp_per_year": 40.0,
    "one_off_cost_gbp": 100.0,
}
"""A benefit anywhere from 0 to £200; £40 a year and £100 once, £20 a year over five."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    new(tmp_path / "place")
    return Place(tmp_path / "place", notes=False)


def test_an_option_as_it_stands_and_with_each_part_changed(place: Place) -> None:
    asked = [Change(), Change(price=2), Change(uptake=0.5), Change(cost=2), Change(true=0.5)]
    told = of_option(place, EVEN, asked)["scenarios"]
    assert [one["net_gbp"]["mid"] for one in told] == pytest.approx([40, 140, 10, -20, -10])
    assert [one["cost_gbp_per_year"] for one in told] == [40, 40, 20, 80, 40], "uptake moves the yearly cost"
    assert [one["one_off_cost_gbp"] for one in told] == [100, 100, 100, 200, 100], "uptake leaves what is paid once"
    assert [one["chance"] for one in told] == pytest.approx([0.7, 0.85, 0.6, 0.4, 0.4], abs=0.01)
    assert told[0]["pays_from"] == pytest.approx(0.6)
    assert (told[0]["benefit_gbp"]["low"], told[0]["benefit_gbp"]["high"]) == pytest.approx((5, 195))


def test_what_brings_nothing_never_covers_its_cost(place: Place) -> None:
    (told,) = of_option(place, EVEN, [Change(true=0)])["scenarios"]
    assert (told["pays_from"], told["chance"], told["net_gbp"]["mid"]) == (None, 0.0, -60)


def test_a_result_is_read_off_its_own_curve(place: Place) -> None:
    money = {
        "accounts": [
            {
                "basis": "public value",
                "bearer": None,
                "benefit_gbp": {"low": 50.0, "mid": 100.0, "high": 150.0},
                "cost_gbp": 125.0,
            }
        ],
        "acceptability": [[0.0, 1.0], [0.5, 0.9], [1.0, 0.2], [2.0, 0.0]],
    }
    found = of_result(place, money, [Change(), Change(cost=0.5), Change(price=2), Change(true=0)])
    assert found is not None
    told = found["scenarios"]
    assert [one["chance"] for one in told] == pytest.approx([0.2, 0.9, 0.9, 0.0])
    assert [one["net_gbp"]["mid"] for one in told] == pytest.approx([-25, 37.5, 75, -125])


def test_without_money_there_is_nothing_to_ask(place: Place) -> None:
    assert of_result(place, {"accounts": [], "acceptability": []}, [Change()]) is None
