"""Shared caseloads: what chance gives, what an excess gives, and that nothing is discovered where there is nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from scipy.stats import hypergeom

from headwater.domain.money import Perspective, Price
from headwater.domain.tables import TABLES
from headwater.domain.workspace import Settings
from headwater.partners.integration import options, shared_people
from headwater.partners.integration.shared import STAGE
from headwater.stats.overlap import discoveries, overlap
from headwater.store import arrow_schema, key_of

if TYPE_CHECKING:
    from headwater.store import Store

SETTINGS = Settings("test", ())
PRICES = {"visit": Price("v", "visit", "", 100.0, "visit", 2023, Perspective.FISCAL, "x", "made up", "1", "none")}


def test_the_null_is_the_hypergeometric_distribution() -> None:
    found = overlap([50, 30], [20, 10], [10, 6], [6, 3])
    laws = [hypergeom(50, 20, 10), hypergeom(30, 10, 6)]
    assert found.expected == pytest.approx(sum(law.mean() for law in laws))
    assert found.sd == pytest.approx(np.sqrt(sum(law.var() for law in laws)))
    assert found.observed == 9
    assert found.ratio == pytest.approx(9 / found.expected)


def test_strata_of_one_person_say_nothing() -> None:
    found = overlap([1, 1], [1, 1], [1, 1], [1, 1])
    assert (found.observed, found.expected, found.p) == (0, 0, 1.0)


def test_discoveries_are_fewer_than_uncorrected_ones() -> None:
    p = [0.0001, 0.02, 0.03, 0.04, 0.9]
    assert discoveries(p).tolist() == [True, False, False, False, False]
    assert discoveries([]).tolist() == []


def county(store: Store, excess: bool, seed: int) -> None:
    """2,000 people, four agencies that choose people by frailty alone; with `excess`, police and housing share 160 more."""
    rng = np.random.default_rng(seed)
    frailty = rng.gamma(1.0, 1.0, 2000)
    known = {agency: rng.random(2000) < 1 - np.exp(-0.25 * frailty) for agency in ("gp", "housing", "police", "fire")}
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
