"""The design's own false alarms: its answer for shams of the same panel, and an interval wide enough for them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.alike import alike
from headwater.evidence.places.case_limits import FEWEST_TREATED
from headwater.evidence.places.cohorts import staggered
from headwater.evidence.places.fit import Alarms
from headwater.stats.imputation import NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

SHAMS = 100
DRAWS = 100
FEWEST = 10
"""Fewer shams say nothing of a rate of one in twenty."""


def calibrated(case: Case, fit: Fit, method: str) -> Fit:
    """The fit with its false alarms. Placebos already make the interval of a design that is judged by them; where a
    bootstrap makes it, groups drawn from the untreated show whether it is wide enough, and it is widened where it is
    not."""
    if fit.drawn is None:
        return fit
    if len(fit.errors):
        outside = int(np.sum(np.abs(fit.errors) > fit.half))
        return replace(fit, alarms=Alarms(len(fit.errors), outside))
    many = (
        method in ("did", "buffer")
        and len(case.treated) >= FEWEST_TREATED
        and len(alike(case)) >= 2 * len(case.treated)
    )
    return _widened(case, fit) if many else fit


def _widened(case: Case, fit: Fit) -> Fit:
    z = np.array([off for seed in range(SHAMS) if (off := _sham(case, seed)) is not None])
    if fit.drawn is None or len(z) < FEWEST:
        return fit
    usual = 1.96
    stretch = max(1.0, float(np.quantile(np.abs(z), case.level)) / usual)
    total = fit.drawn[:, fit.post].sum(axis=1)
    middle = float(np.nansum(fit.expected[fit.post]))
    off = np.log(np.maximum(total, 1e-300) / middle)
    drawn = fit.drawn * np.exp(np.clip((stretch - 1) * off, -20, 20))[:, None]
    return replace(fit, drawn=drawn, alarms=Alarms(len(z), int(np.sum(np.abs(z) > usual)), stretch))


def _sham(case: Case, seed: int) -> float | None:
    """The log ratio of a group drawn from the untreated, in its own standard errors; its places begin as the treated
    did."""
    rng = np.random.default_rng([case.seed, seed])
    others = alike(case)
    group = rng.choice(others, len(case.treated), replace=False)
    starts = np.full_like(case.starts, NEVER)
    starts[group] = case.starts[case.treated]
    off = np.zeros_like(case.off)
    if len(off):
        off[group] = case.off[case.treated]
    rest = np.setdiff1d(others, group)
    sham = replace(case, treated=np.sort(group), donors=rest, left=(), starts=starts, off=off, draws=DRAWS, seed=seed)
    fit = staggered(sham)
    return _standardised(fit)


def _standardised(fit: Fit) -> float | None:
    if fit.drawn is None:
        return None
    spread: NDArray[np.float64] = np.log(np.maximum(fit.drawn[:, fit.post].sum(axis=1), 1e-300))
    low, high = np.quantile(spread, (0.025, 0.975))
    half = (high - low) / (2 * 1.96)
    return float(np.log(max(fit.ratio, 1e-9)) / half) if half > 0 else None
