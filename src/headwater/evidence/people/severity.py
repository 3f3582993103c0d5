"""How far a severity that no record shows could move the ratio: as far as the strongest one that records do show.

What is measured of people's need moves the ratio by its weight in what is expected of them, times how far the enrolled lie from the
rest in it. A hidden one is taken to be as strong as the strongest of those, unless the protocol states another (comparison.options
hidden_severity, on the log scale); benchmarking by measured covariates: Cinelli & Hazlett 2020, JRSS B 82:39.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.propensity import rate_weights

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.design import Design

RIDGE = 5.0


def hidden_severity(design: Design, protocol: Protocol, kind: str) -> float:
    """b, on the log scale, at least nought."""
    stated = protocol.comparison.options.get("hidden_severity")
    if stated is not None:
        return max(0.0, float(stated))
    treated, years = design.units.treated, design.exposure.sum(axis=1)
    counts = design.after[:, design.kinds.index(kind)].sum(axis=1)
    learn = ~treated & (years > 0)
    if not learn.any() or counts[learn].sum() <= 0:
        return 0.0
    weight, scaled = rate_weights(design.covariates, counts, years, learn=learn, ridge=RIDGE)
    moved = weight * (scaled[treated].mean(axis=0) - scaled[~treated].mean(axis=0))
    return float(np.abs(moved).max(initial=0.0))
