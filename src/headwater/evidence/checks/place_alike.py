"""Equivalence: a sham ratio that should be one passes when it is shown to be near one, not when nothing could be
shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.places.fit import Fit

FAILS_AT, PASSES_AT = 0.99, 0.90
"""Fails where the 99 % interval leaves one out: an essential check then takes a sound evaluation's word once in a
hundred. Passes where the 90 % interval lies within the limit (two one-sided tests at 5 %; Schuirmann 1987, J.
Pharmacokin. 15:657)."""


def alike(name: str, fit: Fit, limit: float, text: str) -> Check:
    """The check of a fit whose true ratio is one. limit: the share it may be off by; power: the chance that the check
    would have failed had the ratio been off by the limit."""
    wide, narrow = fit.ratio_interval(FAILS_AT), fit.ratio_interval(PASSES_AT)
    if wide is None or narrow is None:
        return Check(name, None, f"{text}: {fit.problem or 'no interval could be made'}.", limit=limit)
    error = max(float(np.log(narrow.high / max(narrow.low, 1e-9))) / (2 * float(stats.norm.ppf(0.95))), 1e-9)
    power = float(stats.norm.sf(stats.norm.ppf(1 - (1 - FAILS_AT) / 2) + np.log(1 - limit) / error))
    within = 1 - limit < narrow.low and narrow.high < 1 / (1 - limit)
    passed = False if not wide.holds(1.0) else True if within else None
    said = f"{text} {fit.ratio:.3f} ({wide.low:.3f} to {wide.high:.3f} at 99%); it should be 1"
    tail = "." if passed is not None else f", and too little is known to show that it is within {limit:.0%} of it."
    return Check(name, passed, said + tail, fit.ratio, power=power, limit=limit)
