"""What studies elsewhere say of a segment: a prior that is sceptical, never before local evidence, never a claim."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from demand_world import trust
from headwater.domain.money import Perspective, Price
from headwater.partners.published.asking import whose_first
from headwater.partners.published.bodies import bodies, body_of
from headwater.partners.published.library import CHECKED, FOUND, approaches, effects, for_segment, of_approach
from headwater.partners.published.options import BOARD, FEWEST, expected, options
from headwater.partners.published.prior import GRADE_ERROR, prior, said, studies
from headwater.partners.segments.definitions import shipped
from headwater.partners.segments.found import Volume, own_demand

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.partners.published.library import Approach, PublishedEffect
    from headwater.store import Store

KINDS = ("emergency_admission",)


def segment(name: str) -> Volume:
    """Twelve hundred contacts a year of a segment, at £1,000 each."""
    made = next(one for one in shipped() if one.id == name)
    return Volume(made, (), 2400, 2400, 900, 0, 9000, date(2022, 1, 1), date(2023, 12, 31), (), (), 1000.0, (0.3, 0.5))


def approach(name: str) -> Approach:
    return next(one for one in approaches() if one.id == name)


def line(**more: object) -> PublishedEffect:
    known = {
        "effect": "x",
        "approach": "falls-service",
        "kind": "emergency_admission",
        "part": "",
        "country": "England",
        "design": "randomised",
        "ratio": 0.7,
        "low": 0.6,
        "high": 0.8,
        "level": 95.0,
        "scale": "rate",
        "grade": 5,
        "found": "fewer",
        "before_after": "",
        "study": "one",
    }
    return replace(effects()[0], **{**known, **more})  # type: ignore[arg-type]


# The library


def test_every_line_has_a_source_a_year_a_grade_and_what_was_checked() -> None:
    for one in effects():
        assert one.study and one.seen_at and 1990 <= one.year <= 2026, one.effect
        assert one.grade in range(1, 6) and one.found in FOUND and one.checked in CHECKED, one.effect
        assert one.low is None or one.low <= one.ratio <= one.high, one.effect  # type: ignore[operator]


def test_nulls_and_harms_are_shipped_with_the_rest() -> None:
    found = [one.found for one in effects()]
    assert found.count("none") >= 50
    assert found.count("more") >= 25


def test_the_sign_agrees_with_the_word() -> None:
    for one in effects():
        if one.ratio is not None and one.found in {"fewer", "more"}:
            assert (one.ratio < 1) == (one.found == "fewer"), one.effect


def test_every_approach_has_studies_and_names_segments_that_exist() -> None:
    known = {one.id for one in shipped()}
    for one in approaches():
        assert of_approach(one.id) and 0 < one.reach <= 1, one.id
        assert all(name in known or name.startswith("frequent-") for name in one.segments), one.id


def test_every_body_of_a_segment_has_a_name_to_be_asked_by() -> None:
    assert body_of("out of hours").name == "general practice"
    assert all(one.ask and one.kinds for one in bodies())
    named = [name for one in bodies() for name in (one.name, *one.also)]
    assert len(named) == len(set(named))


# From studies to a prior


def test_a_study_counts_once_by_the_line_nearest_to_the_kind() -> None:
    lines = (
        line(effect="a", kind="ae_attendance", ratio=0.5),
        line(effect="b"),
        line(effect="c", study="two", kind="ae_attendance"),
    )
    used = studies(lines, KINDS)
    assert [one.effect.effect for one in used] == ["b", "c"]
    assert "another kind of contact: ae attendance" in used[1].widened


def test_doubt_adds_in_squares_by_design_country_and_kind() -> None:
    (home,) = studies((line(),), KINDS)
    (away,) = studies((line(country="USA", grade=3),), KINDS)
    sampling = (np.log(0.8) - np.log(0.6)) / (2 * 1.959964)
    assert home.error == pytest.approx(np.hypot(sampling, GRADE_ERROR[5]), rel=1e-5)
    assert away.error == pytest.approx(np.sqrt(sampling**2 + GRADE_ERROR[3] ** 2 + 0.15**2), rel=1e-5)


def test_before_and_after_moves_nothing_and_silence_never_helps() -> None:
    assert studies((line(grade=1, ratio=0.2),), KINDS) == ()
    assert studies((line(ratio=None, low=None, high=None, found="fewer"),), KINDS) == ()
    (null,) = studies((line(ratio=None, low=None, high=None, found="none"),), KINDS)
    (harm,) = studies((line(ratio=None, low=None, high=None, found="more"),), KINDS)
    assert null.log_ratio == harm.log_ratio == 0.0


def test_without_a_study_nothing_is_expected() -> None:
    found = prior(approach("falls-service"), (), KINDS, 20_000, 1)
    assert np.median(found.ratio) == pytest.approx(1.0, abs=0.01)
    assert found.averted_share.mean() < 0.01


def test_one_trial_is_believed_in_part_and_many_nearly_whole() -> None:
    one = prior(approach("falls-service"), (line(),), KINDS, 20_000, 1).ratio
    many = prior(approach("falls-service"), tuple(line(study=str(at)) for at in range(12)), KINDS, 20_000, 1).ratio
    assert 0.69 < np.median(many) < np.median(one) < 0.95


def test_harms_count_as_much_as_gains() -> None:
    """A pharmacist's visits raised readmissions by 30 % in a trial: the expectation is that they do so here."""
    found = expected((segment("readmission-28"),))
    (pharmacist,) = [one for one in found if one.prior.approach.id == "pharmacist-visits"]
    assert pharmacist.averted.mean() < 0


def test_before_and_after_said_and_the_trial_said() -> None:
    told = said(of_approach("case-management"))
    assert "rates fell in both groups" in told and "no difference" in told
    assert said((line(),)) == ""


def test_studies_of_less_are_turned_into_no_option() -> None:
    assert approach("social-care-spending").acts == "less"
    assert not any(one.acts == "less" for name in ("falls-65", "frailty-high") for one in for_segment(name))


# Options


def test_expectations_are_options_on_a_board_of_their_own_whose_reasons_add_up() -> None:
    made = options(expected((segment("falls-65"), segment("readmission-28"))), ("trust",), {"housing": ("homes",)})
    assert made and all(one.board == BOARD for one in made)
    for one in made:
        assert sum(reason.contribution for reason in one.reasons) == pytest.approx(float(one.benefit_gbp.mean()))
        assert one.partners[0] == "trust" and one.grade.level <= 2
        assert "not counted" in one.would_change[0] or "nothing is expected" in one.would_change[0]
    hazards = next(one for one in made if one.id == "published:falls-65:home-hazards")
    assert hazards.partners[1] == "homes"


def test_the_same_question_gives_the_same_draws_alone_or_among_others() -> None:
    alone = {one.id: one.averted for one in expected((segment("falls-65"),))}
    among = {one.id: one.averted for one in expected((segment("readmission-28"), segment("falls-65")))}
    assert all(np.array_equal(draws, among[name]) for name, draws in alone.items())


def test_a_few_contacts_carry_no_expectation() -> None:
    assert expected((replace(segment("falls-65"), contacts=FEWEST - 1),)) == ()
    assert expected((replace(segment("falls-65"), people=FEWEST - 1),)) == ()


def test_without_a_price_contacts_are_expected_and_no_pound() -> None:
    first, *_rest = found = expected((replace(segment("falls-65"), gbp_each=None, shares=None),))
    assert first.gbp is None and first.averted.mean() > 0
    assert options(found, ("trust",)) == ()


@pytest.mark.parametrize("true_ratio", [0.75, 0.9, 1.05])
def test_the_expected_fall_of_the_first_approach_holds_a_planted_effect(
    store: Store, tmp_path: Path, true_ratio: float
) -> None:
    """Own records of a trust, then the same world in which the approach reaches its share of falls with the planted
    ratio."""
    price = Price(
        "p", "emergency_admission", "", 2000.0, "one", 2024, Perspective.FISCAL, "hospital", "made up", "2024", "none"
    )
    before, reached = trust(6000), approach("falls-service").reach
    before.put(store)
    found = own_demand(store, tmp_path, {"emergency_admission": price})
    first = next(one for one in expected(found.volumes) if one.volume.segment.id == "falls-65")
    after = trust(6000, fewer=1 - reached * (1 - true_ratio)) if true_ratio < 1 else None
    truth = (
        (len(before.truth["falls-65"]) - len(after.truth["falls-65"])) / 3
        if after
        else first.volume.yearly * reached * (1 - true_ratio)
    )
    low, high = np.quantile(first.averted, (0.025, 0.975))
    assert low <= truth <= high
    assert high < first.volume.yearly


# Whose records first


def test_bodies_whose_records_are_here_are_not_asked_again() -> None:
    volumes = (segment("falls-65"), segment("readmission-28"))
    asked = [one.body.name for one in whose_first(volumes, ("emergency_admission",))]
    assert "housing" in asked and "community nursing" in asked
    assert "housing" not in [one.body.name for one in whose_first(volumes, ("emergency_admission", "housing_repair"))]


def test_a_segment_that_is_larger_is_worth_more_to_ask_about() -> None:
    small = whose_first((segment("falls-65"),), ())
    large = whose_first((replace(segment("falls-65"), contacts=24_000),), ())
    worth = {one.body.name: one.worth_gbp or 0.0 for one in small}
    assert worth
    assert all((one.worth_gbp or 0.0) > worth[one.body.name] for one in large)


def test_what_a_body_would_settle_adds_up_and_names_who_it_is_here() -> None:
    asked = whose_first((segment("falls-65"), segment("readmission-28")), (), (), {"housing": ("homes", "lets")})
    (housing,) = [one for one in asked if one.body.name == "housing"]
    assert housing.organisations == ("homes", "lets")
    assert housing.worth_gbp == pytest.approx(sum(one.worth_gbp or 0.0 for one in housing.settles))
    assert [one.worth_gbp for one in asked] == sorted((one.worth_gbp for one in asked), reverse=True)  # type: ignore[type-var]
