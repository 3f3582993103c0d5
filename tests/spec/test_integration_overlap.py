"""Shared caseloads: what chance gives, what an excess gives, and that nothing is discovered where there is nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.money import Perspective, Price
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.integration import options, shared_people
from headwater.partners.integration.shared import STAGE
from headwater.stats.overlap import Overlap, discoveries, inclusion, overlaps
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


def county(store: Store, excess: bool, seed: int) -> None:
    """2,000 people, eight agencies that choose people by frailty alone; with `excess`, police and housing share 160 more."""
    rng = np.random.default_rng(seed)
    frailty = rng.gamma(1.0, 1.0, 2000)
    known = {agency: rng.random(2000) < 1 - np.exp(-0.25 * frailty) for agency in AGENCIES}
    if excess:
        both = rng.choice(2000, 160, replace=False)
        known["police"][both] = known["housing"][both] = True
    rows = [
        {"contact": f"{agency}{person}{n}", "agency": agency, "service": agency, "person": f"p{person:04d}", "kind": "visit",
         "start": datetime(2023, 1, 1) + timedelta(days=int(day))}
        for agency, mask in known.items()
        for person in np.flatnonzero(mask)
        for n, day in enumerate(rng.integers(0, 360, 1 + rng.poisson(frailty[person])))
    ]  # fmt: skip
    people = [{"person": f"p{at:04d}", "birth_date": date(1930 + at % 70, 1, 1), "sex": "female", "area": f"area-{at % 3}", "records": 1} for at in range(2000)]  # fmt: skip
    bodies = [{"organisation": agency, "name": agency, "sort": agency} for agency in known]
    for name, content in (("person_contact", rows), ("person", people), ("organisation", bodies)):
        schema = arrow_schema(TABLES[name])
        store.put(name, key_of(name, seed, excess), pa.Table.from_pylist(content, schema=schema))


def question(organisation: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(organisation=organisation, draws=500)


def test_a_planted_excess_is_found_and_only_that(store: Store) -> None:
    county(store, excess=True, seed=1)
    found = options(store, PRICES, SETTINGS, question(), seed=1)
    assert [option.partners for option in found] == [("housing", "police")]
    option = found[0]
    assert option.benefit_gbp.min() >= 0
    assert sum(reason.contribution for reason in option.reasons) == pytest.approx(
        np.log(np.median(option.benefit_gbp)), abs=0.2
    )


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
    store.run((STAGE,), {"prices": {}})
    assert ("housing", "police") not in {(pair.one, pair.other) for pair in shared_people(store, SETTINGS)}
