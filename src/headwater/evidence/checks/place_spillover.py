"""Did demand move next door, or the benefit spread there?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.places.designs import estimated
from headwater.stats.imputation import NEVER
from headwater.stats.spatial import displacement_quotient

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

NAME = "spillover"


def spillover(judged: Judged) -> Check:
    """Estimates the buffer as if it were treated. Fails when its whole interval lies above no change.

    `figure` is the weighted displacement quotient: −1 all of it moved next door, 0 none, above 0 the benefit spread.
    """
    ring = around(judged.case)
    if ring is None:
        return Check(NAME, None, "No untreated place is known to lie within the buffer (buffer_metres).")
    fit = estimated(ring, judged.method)
    interval = fit.ratio_interval(judged.case.level)
    if interval is None:
        return Check(NAME, None, f"The buffer could not be judged: {fit.problem}.")
    quotient = quotient_of(judged.case, judged.fit, fit)
    moved = "nothing fell that could move" if np.isnan(quotient) else f"displacement quotient {quotient:.2f}"
    return Check(
        NAME,
        interval.low <= 1,
        f"{len(ring.treated)} places within {judged.case.options.buffer_metres:.0f} metres stand at {fit.ratio:.3f} of "
        f"their comparison ({interval.low:.3f} to {interval.high:.3f}); {moved}.",
        quotient,
    )


def around(case: Case) -> Case | None:
    """The buffer in the treated places' stead, from the first start on."""
    near = case.options.buffer_metres
    untreated = np.setdiff1d(np.arange(len(case.panel.units)), case.treated)
    whole = ~np.isnan(case.panel.counts[untreated][:, case.used]).any(axis=1)
    ring = untreated[(case.metres[untreated] <= near) & whole] if near else untreated[:0]
    if not len(ring) or not case.post.any():
        return None
    starts = np.full_like(case.starts, NEVER)
    starts[ring] = case.starts[case.treated].min()
    return replace(case, treated=ring, starts=starts)


def quotient_of(case: Case, treated: Fit, ring: Fit) -> float:
    """From mean contacts per period before and after, the comparison being what both counterfactuals moved by."""
    own, near = ((float(np.nanmean(f.observed[f.pre])), float(np.nanmean(f.observed[f.post]))) for f in (treated, ring))
    far = case.panel.counts[case.donors]
    return displacement_quotient(own, near, (float(np.nanmean(far[:, case.pre])), float(np.nanmean(far[:, case.post]))))
