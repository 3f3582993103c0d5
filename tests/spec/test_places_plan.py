"""Before launch: the order of places drawn by lot, and what the design could tell, from the places' own past."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.collaboration import ComparisonPlan
from headwater.domain.errors import DataProblem
from headwater.domain.tables import TABLES
from headwater.evidence.places.evaluation import evaluate_places
from headwater.evidence.places.plan import plan_places
from headwater.store import arrow_schema
from places_world import NO_WINDOW, UNLOCKED, fill_counts, months, panel_counts, protocol, unit_names

if TYPE_CHECKING:
    from headwater.store import Store

WEDGE = ComparisonPlan(method="stepped-wedge", options={"steps": 4})
NAMES = tuple(unit_names(12))


def test_a_stepped_wedge_that_keeps_to_the_plans_order_passes_as_drawn_by_lot(store: Store) -> None:
    """The lot drawn before launch is the lot the evaluation draws again: three units a turn, every three months."""
    counts = panel_counts(12, 48, 21, mean=300, noise=0.02)
    fill_counts(store, {"ae_attendance": counts})
    plan = protocol(plan=WEDGE, unit="place", treated=NAMES, start=date(2021, 1, 1), follow_up_days=450)
    order = plan_places(store, plan).order
    assert sorted(order) == sorted(NAMES)
    days = months("2018-01", 48)
    begun = {unit: 36 + 3 * (turn // 3) for turn, unit in enumerate(order)}
    for unit, at in begun.items():
        counts[NAMES.index(unit), at:] *= 0.7
    fill_counts(store, {"ae_attendance": counts})
    rows = [{"collaboration": plan.id, "place": unit, "start": days[at]} for unit, at in begun.items()]
    store.put("enrolment", "e", pa.Table.from_pylist(rows, schema=arrow_schema(TABLES["enrolment"])))
    found = evaluate_places(store, plan, UNLOCKED, NO_WINDOW)
    lot = next(check for check in found.checks if check.name == "drawn-by-lot")
    assert (lot.passed, lot.figure) == (True, 1.0)
    assert found.primary.verdict.value == "averted"
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.7)
    # No sham outcome is named, so that one essential check could not tell, which caps the grade.
    assert found.grade.level == 3


@pytest.mark.parametrize("method", ["stepped-wedge", "did", "synthetic-control", "its"])
def test_a_deeper_fall_is_told_more_often(store: Store, method: str) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(40, 48, 5, mean=200)})
    treated = NAMES if method in ("stepped-wedge", "did") else NAMES[:1]
    found = plan_places(store, protocol(method, treated=treated, unit="place"))
    power = [row[1] for row in found.figures[0].rows]
    assert power == sorted(power, reverse=True)
    assert float(str(power[0])) > 0.9
    told = found.numbers["detectable_rate_ratio"]
    assert told is not None and 0.5 <= float(str(told)) < 1


def test_the_same_seed_draws_the_same_order_and_another_another(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(40, 48, 5)})
    plan = protocol("did", treated=NAMES, unit="place")
    assert plan_places(store, plan).order == plan_places(store, plan).order
    assert plan_places(store, plan).order != plan_places(store, replace(plan, seed=plan.seed + 1)).order


def test_where_no_place_is_named_the_lot_chooses_a_tenth(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(40, 48, 5)})
    found = plan_places(store, protocol("did", treated=(), unit="place"))
    assert (found.numbers["places"], len(set(found.order))) == (4, 4)


def test_gaps_shared_by_most_do_not_stop_a_plan(store: Store) -> None:
    counts = panel_counts(20, 48, 5)
    counts[:, 20:24] = np.nan
    fill_counts(store, {"ae_attendance": counts})
    assert plan_places(store, protocol("synthetic-did")).numbers["months"] == 32


def test_too_short_a_past_says_so(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(20, 48, 5)})
    with pytest.raises(DataProblem, match="too little is known before the start"):
        plan_places(store, protocol("did", start=date(2018, 3, 1)))
