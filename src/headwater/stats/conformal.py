"""Conformal inference for one treated series: its own other periods say how large a departure is usual.

Chernozhukov, Wüthrich & Zhu (2021), JASA 116:1849. Under a stated effect the series' counterfactual is known in every
period; the model is then fitted on all of them, and the departure after the start is ranked among those of every run of
periods as long (moving blocks on the circle of periods). Effects that are not refused make the interval.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from headwater.stats.synthetic import residuals

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.stats.synthetic import Kind

    Floats = NDArray[np.float64]

REACH, STEP = 1.5, 0.005
"""Ratios are tried as far as e^1.5 (4.5 times) from one, in steps of half a per cent."""


def p_values(
    untreated: Floats,
    donors: Floats,
    after: int,
    kind: Kind,
    statistic: Literal["average", "each", "relative"] = "average",
) -> Floats:
    """float64[candidate]: how often a run of periods departs as far as the last `after` periods do.

    untreated: float64[candidate, period], the treated series with each candidate's effect taken out; donors:
    float64[donor, period]. The statistic is the size of the mean departure, for effects that last, of the mean
    departure as a share of what is expected (relative), or the mean of sizes (each).
    """
    gaps = residuals(untreated, donors, after, kind)
    if statistic == "relative":
        # Where series grow, so do their departures, and the last periods would look large for that alone.
        gaps = gaps / np.maximum(untreated - gaps, 1e-300)
    gaps = np.abs(gaps) if statistic == "each" else gaps
    sums = np.cumsum(np.concatenate([np.zeros((len(gaps), 1)), gaps, gaps[:, :after]], axis=1), axis=1)
    runs = np.abs(sums[:, after:-1] - sums[:, : -after - 1])
    own = runs[:, [-after]]
    return np.asarray((runs >= own * (1 - 1e-9)).mean(axis=1))


def ratio_interval(
    target: Floats, donors: Floats, after: int, kind: Kind, level: float, indexed: bool
) -> tuple[float, float] | None:
    """The smallest and the largest ratio of treated to untreated that is not refused; 0 or infinity where no end was
    found.

    indexed: each series in units of its own mean, over all periods alike: the mean before the start would make the
    periods before it fit better than those after, and refuse too much. None where so few periods could refuse nothing:
    a rank among n periods cannot lie under 1/n.
    """
    periods = len(target)
    if after < 1 or periods * (1 - level) < 1:
        return None
    logs = np.arange(-REACH, REACH + STEP / 2, STEP)
    late = np.arange(periods) >= periods - after
    untreated = np.where(late, target * np.exp(-logs)[:, None], target)
    if indexed:
        untreated, donors = (
            rows / np.maximum(rows.mean(axis=1, keepdims=True), 1e-300) for rows in (untreated, donors)
        )
    kept = np.flatnonzero(p_values(untreated, donors, after, kind, "relative") > 1 - level + 1e-12)
    if not len(kept):
        return None
    low = 0.0 if kept[0] == 0 else float(np.exp(logs[kept[0]]))
    high = np.inf if kept[-1] == len(logs) - 1 else float(np.exp(logs[kept[-1]]))
    return low, high
