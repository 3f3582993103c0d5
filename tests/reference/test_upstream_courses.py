"""Rows set by person against a plain sort of all of them."""

from __future__ import annotations

import numpy as np
import pytest

from headwater.stats.ordering import by_person


@pytest.mark.parametrize("pieces", [1, 7])
def test_rows_set_by_person_are_as_sorted_by_person_and_key(pieces: int) -> None:
    rng = np.random.default_rng(pieces)
    person = rng.choice(np.delete(np.arange(50), [0, 20, 49]), 5_000).astype(np.int32)
    key = rng.integers(-40, 40, len(person)) << 24
    first, found = by_person(list(zip(np.array_split(person, pieces), np.array_split(key, pieces), strict=True)), 50)
    assert np.array_equal(found, key[np.lexsort((key, person))])
    assert np.array_equal(first, np.searchsorted(np.sort(person), np.arange(51)))


def test_nobody_and_nothing_are_no_error() -> None:
    first, found = by_person([], 3)
    assert first.tolist() == [0, 0, 0, 0]
    assert len(found) == 0
