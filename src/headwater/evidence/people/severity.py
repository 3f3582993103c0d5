"""How unlike the enrolled are in what no record shows, measured where the programme cannot have acted.

People are sent because they look worse than their records say, or because they are ready to change. What of it lasts
shows in the second year before, on which nobody is matched, and in outcomes that nothing should change. Each is an
estimate of the same hidden difference, the less exact the less it is like the outcome in question; together with the
size that such differences may have (a normal belief around none) they say by how much the estimate is to be moved:
negative controls as measures of bias (Lipsitch, Tchetgen Tchetgen & Cohen 2010, Epidemiology 21:383), combined by
precision. Chance that made the enrolled look ill in the second year made them look ill afterwards too, so what is moved
away takes some of the estimate's own error with it (generalised least squares).

The interval is widened by the errors of what was measured. What may still be hidden beyond that is a belief and not a
measurement: a rise has to survive it before it is called harm, a fall that it would explain is graded lower and says
so, and where nothing could be measured it stands in the interval to both sides.

How large it may be is as large as the strongest severity that records do show (its weight in what is expected of
people, times how far the enrolled lie from the rest in it: Cinelli & Hazlett 2020, JRSS B 82:39), and never less than a
stated size. That is where the belief ends, nineteen times of twenty. The protocol may state another end
(comparison.options hidden_severity, on the log scale); 0 rules it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.evidence.people.earlier import error_in_common, second_year_before
from headwater.stats.propensity import rate_weights

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.poisson import RateModel

RIDGE = 5.0
SIZE = 0.10
"""The least standard deviation of the belief about a hidden difference, on the log scale: one in twenty is over a
fifth. Chosen, not measured; what is measured outweighs it as soon as it is exact to a tenth."""
REACH = 1.96
UNLIKE = {"year": 0.05, "sham": 0.10}
"""How far the hidden difference two years back, or in another outcome, may lie from the one in question: a severity
comes and goes, and does not move every outcome alike."""
MOST_SHARED = 0.8
"""The highest correlation that is taken for true of the errors of the estimate and of the second year."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """mean: of the hidden difference on the log scale, by which an estimate is moved. variance: what moving it adds to
    the variance of the estimate; below nought where both err together. sd: what may still be hidden. places: in how
    many it could be measured.
    """

    mean: float
    variance: float
    sd: float
    places: int

    @property
    def told(self) -> float:
        """The variance that an interval has more: of what was measured, and all that may be hidden where nothing
        was."""
        return self.variance if self.places else self.sd**2


@dataclass(frozen=True, slots=True)
class _Measure:
    """value: of the hidden difference; variance: of its chance; unlike: how far it may lie from the one in question;
    shared: the covariance of its chance with the estimate's own."""

    value: float
    variance: float
    unlike: float
    shared: float = 0.0


def hidden_difference(
    design: Design, sets: Matched, protocol: Protocol, kind: str, raw: dict[str, RateModel | None]
) -> Hidden:
    """Of one outcome. raw: the rate models as estimated, those of the sham outcomes among them."""
    stated = _stated(protocol)
    size = max(SIZE, strongest(design, kind) / REACH) if stated is None else stated / REACH
    if size <= 0:
        return Hidden(0.0, 0.0, 0.0, 0)
    shams = [raw[sham] for sham in protocol.outcome_kinds(Role.NEGATIVE_CONTROL) if sham != kind]
    found = [_Measure(float(one.beta[0]), float(one.se[0]) ** 2, UNLIKE["sham"]) for one in shams if one is not None]
    return weighed([*_year(design, sets, kind, raw[kind]), *found], size)


def _year(design: Design, sets: Matched, kind: str, own: RateModel | None) -> list[_Measure]:
    """The second year before as a measure; none where too few were observed then."""
    year = second_year_before(design, sets, kind)
    if year is None:
        return []
    error = float(year.se[0])
    most = MOST_SHARED * error * (0.0 if own is None else float(own.se[0]))
    shared = min(error_in_common(design, sets, kind), most)
    return [_Measure(float(year.beta[0]), error**2, UNLIKE["year"], shared)]


def weighed(measured: Sequence[_Measure], size: float) -> Hidden:
    """The measures combined, under a belief of that standard deviation. With D their variances, U how unlike they are,
    c what they share with the estimate and s the belief: weights w = (s² 11' + D + U)⁻¹ (s² 1 + c)."""
    value, variance, unlike, shared = (
        np.array([[one.value, one.variance, one.unlike**2, one.shared] for one in measured]).reshape(-1, 4).T
    )
    weight = np.linalg.solve(size**2 + np.diag(variance + unlike), size**2 + shared)
    left = size**2 * (1 - weight.sum()) ** 2 + weight**2 @ unlike
    more = weight**2 @ variance - 2 * weight @ shared
    return Hidden(float(weight @ value), float(more), float(np.sqrt(left)), len(measured))


def strongest(design: Design, kind: str) -> float:
    """How far the strongest measured severity moves the log rate of the enrolled from the rest, at least nought."""
    treated, years = design.units.treated, design.exposure.sum(axis=1)
    counts = design.after[:, design.kinds.index(kind)].sum(axis=1)
    learn = ~treated & (years > 0)
    if not learn.any() or counts[learn].sum() <= 0:
        return 0.0
    weight, scaled = rate_weights(design.covariates, counts, years, learn=learn, ridge=RIDGE)
    moved = weight * (scaled[treated].mean(axis=0) - scaled[~treated].mean(axis=0))
    return float(np.abs(moved).max(initial=0.0))


def _stated(protocol: Protocol) -> float | None:
    stated = protocol.comparison.options.get("hidden_severity")
    return None if stated is None else max(0.0, float(stated))
