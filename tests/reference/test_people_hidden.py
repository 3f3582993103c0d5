"""What no record shows of the enrolled: how it is measured, how far it moves a result, and when it takes the word
away."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headwater.domain.collaboration import Outcome, Role
from headwater.domain.evidence import Grade
from headwater.evidence.grade import capped
from headwater.evidence.people import severity
from headwater.evidence.people.evaluation import _explained, _moved, explained_fall
from headwater.evidence.people.severity import SIZE, UNLIKE, Hidden, hidden_difference
from headwater.evidence.people.shams import SPREAD, own_error
from headwater.stats.calibration import SystematicError
from headwater.stats.poisson import RateModel
from small_worlds import plan

OUTCOMES = (Outcome("ae", Role.PRIMARY), Outcome("fracture", Role.NEGATIVE_CONTROL))
NONE = SystematicError(0.0, 0.0, 0.0, 20)


def model(log_ratio: float, error: float) -> RateModel:
    return RateModel(np.array([log_ratio]), np.array([[error**2]]), 10_000, 10_000)


def found(
    monkeypatch: pytest.MonkeyPatch,
    year: RateModel | None,
    sham: RateModel | None,
    seen: float = 0.1,
    shared: float = 0.0,
    **options: float,
) -> Hidden:
    monkeypatch.setattr(severity, "second_year_before", lambda *_: year)
    monkeypatch.setattr(severity, "error_in_common", lambda *_: shared)
    monkeypatch.setattr(severity, "strongest", lambda *_: seen)
    protocol = plan(outcomes=OUTCOMES, comparison={"options": options})
    return hidden_difference(None, None, protocol, "ae", {"ae": model(-0.2, 0.1), "fracture": sham})  # type: ignore[arg-type]


def test_the_second_year_and_the_shams_are_weighed_by_how_exact_and_how_like_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = found(monkeypatch, model(0.10, 0.06), model(0.20, 0.12))
    parts = np.array([0.06**2 + UNLIKE["year"] ** 2, 0.12**2 + UNLIKE["sham"] ** 2])
    precision = 1 / SIZE**2 + (1 / parts).sum()
    weight = 1 / parts / precision
    assert one.mean == pytest.approx(weight @ [0.10, 0.20])
    # What a posterior of the difference does not know is the sampling of the measures and the rest.
    assert one.variance == pytest.approx(weight**2 @ [0.06**2, 0.12**2])
    assert one.variance + one.sd**2 == pytest.approx(1 / precision)
    assert one.places == 2


def test_an_error_that_the_second_year_shares_with_the_estimate_is_taken_off_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Against ten thousand drawn worlds: errors of 0.1 and 0.08 with a correlation of 0.5, hidden differences as
    believed."""
    one = found(monkeypatch, model(0.10, 0.08), None, shared=0.5 * 0.1 * 0.08)
    alone = found(monkeypatch, model(0.10, 0.08), None)
    assert one.variance < alone.variance
    assert one.mean > alone.mean
    rng = np.random.default_rng(1)
    chance = rng.multivariate_normal([0, 0], [[0.1**2, 0.004], [0.004, 0.08**2]], 40_000)
    hidden = rng.normal(0, SIZE, 40_000)
    year = hidden + rng.normal(0, UNLIKE["year"], 40_000) + chance[:, 1]
    told = hidden + chance[:, 0] - one.mean / 0.10 * year
    assert told.var() == pytest.approx(0.1**2 + one.variance + one.sd**2, rel=0.03)
    assert told.var() < (hidden + chance[:, 0] - alone.mean / 0.10 * year).var()


@pytest.mark.parametrize(
    ("year", "sham", "options", "mean", "sd", "places"),
    [
        (None, None, {}, 0.0, SIZE, 0),
        (model(0.1, 1e9), None, {}, 0.0, SIZE, 1),
        (model(0.1, 1e-9), None, {"hidden_severity": 1e6}, 0.1, UNLIKE["year"], 1),
        (model(0.1, 0.01), model(0.1, 0.01), {"hidden_severity": 0.0}, 0.0, 0.0, 0),
    ],
    ids=["nothing measured", "nothing learnt", "believed to be anything", "ruled out by the protocol"],
)
def test_the_belief_gives_way_to_what_is_measured(
    monkeypatch: pytest.MonkeyPatch,
    year: RateModel | None,
    sham: RateModel | None,
    options: dict[str, float],
    mean: float,
    sd: float,
    places: int,
) -> None:
    one = found(monkeypatch, year, sham, **options)
    assert (one.mean, one.sd) == (pytest.approx(mean, abs=1e-6), pytest.approx(sd, rel=1e-4))
    assert one.places == places


def test_a_sham_outcome_never_measures_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(severity, "second_year_before", lambda *_: None)
    monkeypatch.setattr(severity, "strongest", lambda *_: 0.0)
    protocol = plan(outcomes=OUTCOMES)
    one = hidden_difference(None, None, protocol, "fracture", {"fracture": model(0.3, 0.01)})  # type: ignore[arg-type]
    assert (one.mean, one.places) == (0.0, 0)


def test_the_belief_reaches_as_far_as_the_strongest_severity_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, None, None, seen=0.5).sd == pytest.approx(0.5 / 1.96)
    assert found(monkeypatch, None, None, seen=0.01).sd == SIZE
    assert found(monkeypatch, None, None, seen=0.5, hidden_severity=0.3).sd == pytest.approx(0.3 / 1.96)


def case_of(log_ratio: float, hidden: Hidden) -> SimpleNamespace:
    raw = model(log_ratio, 0.05)
    protocol = plan(outcomes=OUTCOMES)
    return SimpleNamespace(
        raw={"ae": raw},
        models={"ae": _moved(raw, hidden)},
        hidden={"ae": hidden},
        systematic={"ae": NONE},
        protocol=protocol,
    )


def said(log_ratio: float, hidden: Hidden) -> tuple[str, ...]:
    """Why the word is withheld from an estimate of error 0.05."""
    case = case_of(log_ratio, hidden)
    return _explained(case, "ae", case.models["ae"].ratio(0, 0.95))  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_what_was_measured_takes_a_fall_away_as_well_as_a_rise(sign: float) -> None:
    change = "fall" if sign < 0 else "rise"
    (why,) = said(sign * 0.15, Hidden(sign * 0.08, 0.0, 0.0, 2))
    assert "no record shows" in why
    assert why.endswith(f"explain the {change}")
    assert said(sign * 0.5, Hidden(0.0, 0.0025, 0.05, 2)) == ()
    assert said(sign * 0.05, Hidden(0.0, 0.0025, 0.05, 2)) == ()


def test_what_may_still_be_hidden_takes_a_rise_away_and_holds_the_grade_of_a_fall() -> None:
    rest = Hidden(0.0, 0.0, 0.06, 2)
    (why,) = said(0.13, rest)
    assert why.endswith("explain the rise")
    assert said(-0.13, rest) == ()
    assert explained_fall(case_of(-0.13, rest), "ae")  # type: ignore[arg-type]
    # 0.155 outlasts the rest as a doubt beside 0.05, and not as a difference that is there.
    assert len(said(0.155, rest)) == 1
    assert said(0.17, rest) == ()
    assert not explained_fall(case_of(-0.3, rest), "ae")  # type: ignore[arg-type]
    assert not explained_fall(case_of(-0.05, rest), "ae")  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_where_nothing_could_be_measured_the_belief_stands_on_both_sides(sign: float) -> None:
    assert len(said(sign * 0.13, Hidden(0.0, 0.0, 0.06, 0))) == 1


def test_a_hidden_difference_moves_the_middle_and_widens_by_its_error() -> None:
    moved = _moved(model(0.1, 0.03), Hidden(0.08, 0.0016, 0.07, 1))
    assert moved.beta[0] == pytest.approx(0.02)
    assert moved.se[0] == pytest.approx(0.05)


def test_a_grade_is_held_at_moderate_and_says_why() -> None:
    high, low = Grade(4, "high", "Level 4 of 5 on the Maryland scale: why."), Grade(2, "low", "Level 2 of 5: why.")
    held = capped(high, "of this")
    assert (held.level, held.confidence) == (3, "moderate")
    assert held.text == "Level 3 of 5 on the Maryland scale: why; held at 3 because of this."
    assert capped(low, "of this") is low


def test_the_spread_believed_of_the_method_is_what_too_few_shams_leave_of_it() -> None:
    """Ten shams so inexact that they say nothing give the belief back."""
    assert own_error(np.zeros(10), np.full(10, 50.0)).sd == pytest.approx(SPREAD, rel=0.02)
