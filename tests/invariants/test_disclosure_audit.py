"""No masked cell can be reckoned exactly: random tables with true margins, against primary suppression alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.disclosure.audit import exactly_known
from headwater.disclosure.protect import masked
from headwater.disclosure.rules import rule_named

EXACT = rule_named("threshold-10")
HOSPITAL = rule_named("hospital-episodes")


def table(seed: int, rows: int, columns: int, mean: float) -> np.ndarray:
    """Counts with their margins in the last row and column."""
    inner = np.random.default_rng(seed).negative_binomial(0.7, 0.7 / (0.7 + mean), (rows, columns)).astype(float)
    down = np.vstack([inner, inner.sum(axis=0)])
    return np.hstack([down, down.sum(axis=1, keepdims=True)])


@given(st.integers(0, 2**32 - 1), st.integers(2, 4), st.integers(2, 4), st.sampled_from([3.0, 15.0, 60.0]))
@settings(max_examples=60, deadline=None)
def test_no_masked_cell_is_exactly_known(seed: int, rows: int, columns: int, mean: float) -> None:
    counts = table(seed, rows, columns, mean)
    for rule in (EXACT, HOSPITAL):
        assert not exactly_known(counts, masked(counts, rule, totals=True), rule.base)


def test_primary_suppression_alone_gives_cells_away() -> None:
    known = cells = 0
    for seed in range(40):
        counts = table(seed, 4, 3, 20.0)
        hidden = np.vectorize(EXACT.masks)(counts)
        known += len(exactly_known(counts, hidden, EXACT.base))
        cells += int(hidden.sum())
    assert known > 0.05 * cells


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_every_cell_under_the_rule_is_masked(seed: int) -> None:
    counts = table(seed, 3, 3, 8.0)
    hidden = masked(counts, HOSPITAL, totals=True)
    assert hidden[np.vectorize(HOSPITAL.masks)(counts)].all()
