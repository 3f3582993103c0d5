"""The uncertainty of linkage in an effect: what drawn partitions add to the interval, and that a moved contact is
counted where it went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest

from headwater.domain.tables import CONTACT, PERSON_LINK
from headwater.evidence.people.partitions import recounted, runs_of
from headwater.stats.combining import combined
from headwater.stats.poisson import RateModel
from headwater.store.store import arrow_schema

if TYPE_CHECKING:
    from headwater.store import Store


def model(beta: float, variance: float) -> RateModel:
    return RateModel(np.array([beta]), np.array([[variance]]), 50, 40)


def test_variance_within_and_between_are_added_by_rubins_rule() -> None:
    found = combined([model(beta, 0.04) for beta in (-0.4, -0.2, -0.3)])
    assert found.beta[0] == pytest.approx(-0.3)
    assert found.covariance[0, 0] == pytest.approx(0.04 + (1 + 1 / 3) * 0.01)
    low, high = model(-0.3, 0.04).ratio(), found.ratio()
    assert high.low < low.low
    assert high.high > low.high


def test_partitions_that_agree_add_nothing() -> None:
    assert combined([model(-0.3, 0.04)] * 5).covariance[0, 0] == pytest.approx(0.04)


@dataclass(frozen=True)
class Held:
    """As much of a design as recounting reads."""

    people: SimpleNamespace
    units: SimpleNamespace
    kinds: tuple[str, ...]
    before: np.ndarray
    after: np.ndarray
    standing: np.ndarray


def test_a_moved_contact_is_counted_where_it_went(store: Store) -> None:
    day = np.datetime64("2023-01-10").astype("datetime64[D]").astype(int)
    contacts = [
        ("c1", "r1", datetime(2023, 1, 20)),
        ("c2", "r2", datetime(2023, 1, 5)),
        ("c3", "r2", datetime(2023, 2, 1)),
    ]
    rows = [
        {"contact": c, "agency": "a", "service": "s", "record": r, "start": at, "kind": "ae"} for c, r, at in contacts
    ]
    links = [("r1", "p1", 0), ("r2", "p1", 0), ("r2", "p2", 3)]
    linked = [{"record": r, "agency": "a", "person": p, "run": run} for r, p, run in links]
    store.put("contact", "made", pa.Table.from_pylist(rows, schema=arrow_schema(CONTACT)))
    store.put("person_link", "made", pa.Table.from_pylist(linked, schema=arrow_schema(PERSON_LINK)))
    assert runs_of(store) == (3,)
    units = SimpleNamespace(person=np.array([0, 1]), index=np.array([day, day]), end=np.array([day + 365, day + 365]))
    likely = Held(
        SimpleNamespace(pseudonym=np.array(["p1", "p2"], dtype=object)),
        units,
        ("ae",),
        before=np.array([[[1.0, 0, 0, 0, 0, 0]], [[0.0] * 6]]),
        after=np.array([[[2.0, 0, 0, 0]], [[0.0] * 4]]),
        standing=np.ones((2, 4)),
    )
    drawn = recounted(store, likely, SimpleNamespace(row=np.array([0, 1])), 3)  # type: ignore[arg-type]
    assert drawn.before[:, 0, 0].tolist() == [0.0, 1.0]
    assert drawn.after[:, 0, 0].tolist() == [1.0, 1.0]
