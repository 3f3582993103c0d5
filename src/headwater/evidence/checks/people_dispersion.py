"""Does a negative binomial model, which weighs frequent users less, say the same?"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.evidence.people.estimate import follow

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "dispersion"


def dispersion(case: Case) -> Check:
    """Fails when the negative binomial rate ratio lies outside the interval of the main one."""
    kind = case.kind
    model = case.raw[kind]
    if model is None:
        return Check(NAME, None, case.unmodelled)
    ratio = _negative_binomial(case, kind)
    if ratio is None:
        return Check(NAME, None, "The negative binomial model did not settle.")
    main = model.ratio(0, 0.99)
    passed = main.low <= ratio <= main.high
    return Check(NAME, passed, f"A negative binomial model gives {ratio:.2f}, against {main.mid:.2f}.", ratio)


def _negative_binomial(case: Case, kind: str) -> float | None:
    """Weighted NB2 with the adjustment, without set effects; statsmodels fits it."""
    import statsmodels.api as sm

    found = follow(case.design, case.sets, kind)
    keep = found.exposure > 0
    x = np.column_stack([np.ones(keep.sum()), found.treated[keep], found.adjust[keep]])
    mean = float(found.counts[keep].sum() / found.exposure[keep].sum())
    spread = float(found.counts[keep].var() / max(found.counts[keep].mean(), 1e-9))
    alpha = max((spread - 1) / max(mean, 1e-9), 1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            fit = sm.GLM(
                found.counts[keep],
                x,
                family=sm.families.NegativeBinomial(alpha=alpha),
                exposure=found.exposure[keep],
                var_weights=case.sets.weight[keep],
            ).fit()
        except (ValueError, np.linalg.LinAlgError):
            return None
    return float(np.exp(fit.params[1])) if np.isfinite(fit.params[1]) else None
