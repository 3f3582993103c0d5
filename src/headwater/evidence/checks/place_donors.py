"""Is the donor pool large enough, and does the comparison rest on more than one or two of it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.places.alike import as_compared

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "donor-pool"


def donor_pool(judged: Judged) -> Check:
    """Fails with too few sound donors. `figure` is the effective number of donors, 1 ÷ the sum of squared weights."""
    fit = judged.fit
    case = as_compared(judged.case, fit)
    waves = len(set(case.starts[case.treated].tolist()))
    if not len(case.donors) and fit.drawn is not None and waves > 1:
        text = f"Nobody is never treated; each of {waves} waves is compared with those whose turn has not come."
        return Check(NAME, True, text, float(len(case.treated)))
    least = case.options.min_donors
    weights = list(fit.weights.values()) or [1 / max(1, len(case.donors))] * max(1, len(case.donors))
    effective = 1 / sum(w * w for w in weights)
    text = (
        f"{len(case.donors)} sound donors of {len(case.donors) + len(case.left)} ({least} are needed); the comparison "
    )
    return Check(NAME, len(case.donors) >= least, text + f"rests on as many as {effective:.0f} equal ones.", effective)
