"""A design without donors: the treated series against its own past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.fit import Fit, cannot, said_periods
from headwater.evidence.places.refusal import load_earlier, nobody
from headwater.evidence.places.waves import waves_of
from headwater.stats.interrupted import interrupted, needed, two_sided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.evidence.places.waves import Wave

    Floats = NDArray[np.float64]


def against_its_past(case: Case) -> Fit:
    """Interrupted time series of the treated units' sum; gaps are left out, never filled."""
    case = case.whole
    waves = waves_of(case)
    observed = np.full(len(case.used), 0.0)
    for wave in waves:
        observed += _summed(case.panel.counts, case, wave) * (case.pre | wave.post)
    observed = np.where(case.used, observed, np.nan)
    least = max(case.options.min_pre_periods, needed(case.options.season))
    if not len(case.treated) or not case.post.any() or case.pre.sum() < least:
        why = (
            f"{said_periods(int(case.pre.sum()))} before the start and {int(case.post.sum())} after; {least} and 1 are"
            f" needed; {load_earlier(case)}"
        )
        return cannot(nobody(case) or why, observed, case.pre, case.post)
    expected, drawn = _forecast(case)
    totals = drawn[:, case.post].sum(axis=1)
    residual = (observed - expected)[case.pre] / expected[case.pre]
    return Fit(
        observed,
        expected,
        drawn,
        case.pre,
        case.post,
        "Student's forecast error, autocorrelated and overdispersed",
        scale=float(np.sqrt(np.mean(residual**2))),
        typical_scale=float(np.sqrt(np.mean(residual**2))),
        p=two_sided(totals, float(observed[case.post].sum())),
        detectable=float(max(0.0, 1 - 2.8 * np.std(totals) / np.mean(totals))),
    )


def _summed(part: Floats, case: Case, wave: Wave) -> Floats:
    return np.asarray(np.nan_to_num(part[case.treated[wave.members]]).sum(axis=0))


def _forecast(case: Case) -> tuple[Floats, Floats]:
    """float64[period], float64[draw, period]: each wave's own past carried on, then all together. The waves' draws go
    up and down
    as one: what hits one wave may hit all, and nobody stands beside them who could tell."""
    expected, drawn = np.zeros(len(case.used)), np.zeros((case.draws, len(case.used)))
    for wave in waves_of(case):
        y, e = (
            np.where(wave.used, _summed(part, case, wave), np.nan) for part in (case.panel.counts, case.panel.exposure)
        )
        filled = np.where(np.isnan(e), np.nanmedian(e), e)
        found = interrupted(y, filled, wave.pre, wave.post, case.options.season, case.draws, case.seed)
        expected += np.where(case.pre | wave.post, found.expected, 0.0)
        drawn[:, wave.post] += found.draws[:, wave.post]
    return np.where(case.used, expected, np.nan), drawn
