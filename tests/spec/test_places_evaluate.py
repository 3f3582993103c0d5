"""How a collaboration on places or organisations is evaluated: panels in, the one result shape out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from headwater.domain.evidence import Verdict
from headwater.evidence.places.evaluation import evaluate_places
from places_world import NO_WINDOW, UNLOCKED, fill_counts, panel_counts, protocol

if TYPE_CHECKING:
    from headwater.store import Store


@pytest.mark.parametrize("method", ["synthetic-control", "synthetic-did", "did"])
def test_a_fall_that_only_the_treated_show_is_saved(store: Store, method: str) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(45, 60, 11, start=36, ratio=0.75)})
    found = evaluate_places(store, protocol(method), UNLOCKED, NO_WINDOW)
    assert found.primary.verdict is Verdict.SAVED
    assert found.primary.rate_ratio is not None and found.primary.rate_ratio.holds(0.75)
    assert found.design == method


def test_averted_contacts_are_the_counterfactual_less_the_observed(store: Store) -> None:
    fill_counts(store, {"ae_attendance": panel_counts(45, 48, 11, start=36, ratio=0.75)})
    found = evaluate_places(store, protocol(), UNLOCKED, NO_WINDOW)
    series = next(figure for figure in found.figures if figure.kind == "series")
    after = [row for row in series.rows if row[5] == "after"]
    gap = sum(float(row[2]) - float(row[1]) for row in after)
    assert len(after) == 12
    assert float(np.mean(found.effect.of("ae_attendance"))) == pytest.approx(gap, rel=0.01)
    assert found.effect.periods == ("2021-01-01", "2021-04-01", "2021-07-01", "2021-10-01")
    assert found.effect.unit_years == pytest.approx(1.0, abs=0.02)
