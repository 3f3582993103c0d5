"""Shared caseloads: what chance gives, what an excess gives, and that nothing is discovered where there is nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.app import answers
from headwater.disclosure import release
from headwater.domain.money import Perspective, Price
from headwater.domain.release import Shown
from headwater.domain.tables import TABLES
from headwater.domain.workspace import DisclosureSettings, Settings
from headwater.partners.integration import options, shared_people
from headwater.partners.integration.shared import STAGE, amounts
from headwater.partners.integration.together import Together, together
from headwater.stats.overlap import Overlap, discoveries, inclusion, overlaps, ratios
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from headwater.store import Store

AGENCIES = ("gp", "housing", "police", "fire", "hospital", "mental-health", "advice", "social-care")
SETTINGS = Settings("test", ())
PRICES = {"visit": Price("v", "visit", "", 100.0, "visit", 2023, Perspective.FISCAL, "x", "made up", "1", "none")}


def test_two_of_three_alike_agencies_are_shared_by_a_third() -> None:
    single, pair = inclusion(np.full(3, 2 / 3), 2)
    assert single == pytest.approx(np.full(3, 2 / 3))
    assert pair[0, 1] == pytest.approx(1 / 3)


def test_the_chances_of_two_are_those_of_every_set_counted_out() -> None:
    weights = np.array([0.5, 1.0, 2.0, 3.0, 0.2])
    sets = list(combinations(range(5), 3))
    chance = np.array([weights[list(chosen)].prod() for chosen in sets])
    chance /= chance.sum()
    shares = np.array([sum(p for chosen, p in zip(sets, chance, strict=True) if one in chosen) for one in range(5)])
    single, pair = inclusion(shares, 3)
    assert single == pytest.approx(shares, abs=1e-8)
    for one, other in combinations(range(5), 2):
        expected = sum(p for chosen, p in zip(sets, chance, strict=True) if one in chosen and other in chosen)
        assert pair[one, other] == pytest.approx(expected, abs=1e-7)


def test_an_agency_that_knows_everybody_shares_everybody() -> None:
    single, pair = inclusion(np.array([1.0, 0.5, 0.5, 0.0]), 2)
    assert single.tolist() == pytest.approx([1, 0.5, 0.5, 0])
    assert pair[0].tolist() == pytest.approx([0, 0.5, 0.5, 0])
    assert pair[1, 2] == 0


def test_strata_of_few_people_say_nothing() -> None:
    few = np.array([5]), np.array([2]), np.array([[5, 5]]), np.array([[[0, 5], [5, 0]]])
    assert overlaps(*few)[0, 1] == Overlap(0, 0, 0, 1.0)


def test_under_the_null_the_score_has_about_the_spread_it_claims() -> None:
    rng = np.random.default_rng(3)
    scores = []
    for _ in range(200):
        frailty = rng.normal(0, 1.5, 600)
        seen = rng.random((600, 6)) < 1 / (1 + np.exp(-frailty[:, None] - np.linspace(-1.5, 0.5, 6)[None, :]))
        degree = seen.sum(axis=1)
        groups = [seen[degree == k] for k in range(1, 7)]
        both = np.stack([group.T.astype(int) @ group for group in groups])
        known = np.stack([group.sum(axis=0) for group in groups])
        found = overlaps(np.array([len(group) for group in groups]), np.arange(1, 7), known, both)
        scores += [(one.observed - one.expected) / one.sd for one in found.values()]
    assert abs(np.mean(scores)) < 0.05
    assert 0.9 < np.std(scores) < 1.1


def test_discoveries_are_fewer_than_uncorrected_ones() -> None:
    p = [0.0001, 0.02, 0.03, 0.04, 0.9]
    assert discoveries(p).tolist() == [True, False, False, False, False]
    assert discoveries([]).tolist() == []


def county(store: Store, excess: bool, seed: int, planted: dict[tuple[str, str], int] | None = None) -> None:
    """2,000 people, eight agencies that choose people by frailty alone; with `excess`, police and housing share 160
    more."""
    planted = planted if planted is not None else {("police", "housing"): 160} if excess else {}
    rng = np.random.default_rng(seed)
    frailty = rng.gamma(1.0, 1.0, 2000)
    known = {agency: rng.random(2000) < 1 - np.exp(-0.25 * frailty) for agency in AGENCIES}
    for (one, other), number in planted.items():
        both = rng.choice(2000, number, replace=False)
        known[one][both] = known[other][both] = True
    rows = [
        {
            "contact": f"{agency}{person}{n}",
            "agency": agency,
            "service": agency,
            "person": f"p{person:04d}",
            "kind": "visit",
            "start": datetime(2023, 1, 1) + timedelta(days=int(day)),
        }
        for agency, mask in known.items()
        for person in np.flatnonzero(mask)
        for n, day in enumerate(rng.integers(0, 360, 1 + rng.poisson(frailty[person])))
    ]
    people = [
        {
            "person": f"p{at:04d}",
            "birth_date": date(1930 + at % 70, 1, 1),
            "sex": "female",
            "area": f"area-{at % 3}",
            "records": 1,
        }
        for at in range(2000)
    ]
    bodies = [{"organisation": agency, "name": agency, "sort": agency} for agency in known]
    for name, content in (("person_contact", rows), ("person", people), ("organisation", bodies)):
        schema = arrow_schema(TABLES[name])
        store.put(name, key_of(name, seed, planted), pa.Table.from_pylist(content, schema=schema))


def question(organisation: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(organisation=organisation, draws=500)


def test_a_planted_excess_is_found_and_only_that(store: Store) -> None:
    county(store, excess=True, seed=1)
    found = options(store, PRICES, SETTINGS, question(), seed=1)
    assert [option.partners for option in found] == [("housing", "police")]
    option = found[0]
    assert option.benefit_gbp.min() >= 0
    assert sum(reason.contribution for reason in option.reasons) == pytest.approx(option.net_gbp.mean())


def test_where_frailty_alone_is_shared_nothing_is_found(store: Store) -> None:
    false = 0
    for seed in range(6):
        county(store, excess=False, seed=seed)
        false += len(options(store, PRICES, SETTINGS, question(), seed=1))
    assert false <= 1


def test_agencies_of_one_sort_are_not_unlike(store: Store) -> None:
    county(store, excess=True, seed=2)
    bodies = pa.Table.from_pylist(
        [{"organisation": one, "name": one, "sort": "same"} for one in ("police", "housing")],
        schema=arrow_schema(TABLES["organisation"]),
    )
    store.put("organisation", key_of("same"), bodies)
    store.run((STAGE,), amounts({}))
    assert ("housing", "police") not in {(pair.one, pair.other) for pair in shared_people(store, SETTINGS)}


@pytest.mark.parametrize("seed", [4, 5, 7])
def test_the_larger_excess_comes_first_and_nothing_else_comes(store: Store, seed: int) -> None:
    """Seeds 4 and 7 have pairs that are in excess only because of those that truly are."""
    planted = {("fire", "gp"): 330, ("housing", "police"): 190, ("advice", "social-care"): 80}
    county(store, excess=False, seed=seed, planted=planted)
    numbers = {option.partners: dict(option.counted) for option in options(store, PRICES, SETTINGS, question(), seed=1)}
    excess = {pair: counted["shared_people"] - counted["expected_by_chance"] for pair, counted in numbers.items()}
    assert sorted(excess, key=lambda pair: -excess[pair]) == list(planted)


def test_every_number_of_people_passes_disclosure_control(store: Store) -> None:
    county(store, excess=True, seed=1)
    found = options(store, PRICES, SETTINGS, question(), seed=1)[0]
    number = dict(found.counted)
    assert number["within_30_days"] + number["further_apart"] == number["shared_people"]
    shown = release(answers.option(found, 1), DisclosureSettings()).content["counted"]
    assert {type(one) for one in shown.values()} == {Shown}
    assert all(one.text == "*" or one.value % 5 == 0 for one in shown.values())


def test_a_pair_without_enough_joint_cost_is_not_worth_a_meeting(store: Store) -> None:
    county(store, excess=True, seed=1)
    cheap = {"visit": replace(PRICES["visit"], gbp=0.01)}
    assert options(store, cheap, SETTINGS, question(), seed=1) == ()


def test_ratios_within_bands_are_those_counted_by_hand() -> None:
    people, known = np.array([10, 20]), np.array([[5, 4], [10, 4]])
    both = np.array([[[5, 3], [3, 4]], [[10, 4], [4, 4]]])
    assert ratios(people, known, both)[0, 1] == pytest.approx((3 + 4) / (5 * 4 / 10 + 10 * 4 / 20))


def meeting(person: str, agency: str, day: date, kind: str = "visit") -> dict[str, object]:
    return {
        "contact": f"{person}{agency}{day}",
        "agency": agency,
        "service": agency,
        "person": person,
        "kind": kind,
        "start": datetime(day.year, day.month, day.day, 9),
    }


def test_how_two_agencies_meet_the_people_they_share(store: Store) -> None:
    rows = [
        meeting("apart", "fire", date(2023, 1, 1)),
        meeting("apart", "gp", date(2023, 6, 1)),
        meeting("near", "fire", date(2023, 1, 1)),
        meeting("near", "gp", date(2023, 1, 31)),
        meeting("same", "fire", date(2023, 3, 1)),
        meeting("same", "gp", date(2023, 3, 1)),
        meeting("twice", "fire", date(2023, 3, 1), "needs_assessment"),
        meeting("twice", "gp", date(2023, 3, 20), "Assessment"),
        meeting("alone", "fire", date(2023, 3, 1)),
    ]
    calls = [
        {
            "contact": f"c{at}",
            "agency": agency,
            "service": agency,
            "place": place,
            "kind": "call",
            "start": datetime(2023, 1, 1),
        }
        for at, (agency, place) in enumerate((("fire", "a"), ("gp", "a"), ("fire", "b"), ("police", "b")))
    ]
    stations = [
        {"asset": f"{one}{at}", "organisation": one, "kind": "office", "easting": 100.0 * at, "northing": 0.0}
        for one, ats in (("fire", (0, 50)), ("gp", (1, 90)))
        for at in ats
    ]
    for name, content in (("person_contact", rows), ("contact", calls), ("asset", stations)):
        store.put(name, key_of(name), pa.Table.from_pylist(content, schema=arrow_schema(TABLES[name])))
    assert together(store, [("fire", "gp")]) == {("fire", "gp"): Together(3, 1, 1, 1, 1)}
