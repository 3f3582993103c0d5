"""What data say about one log rate ratio, as a curve: the log-likelihood with everything else fitted anew at each point
(a profile).

Matched sets lie within a site, so the curves of several sites add to the curve of all their rows: a region's common
ratio is found exactly from sums, and no row leaves (Luo et al. 2022, J Am Med Inform Assoc 29:1366; Schuemie et al.
2022, Stat Med 41:3199). The curve is smooth (its nearest singularity lies π off the real line), so its heights at 33
Chebyshev points give it everywhere between them to 1e-9, its slopes too.

It is a pseudo-likelihood: it takes the rate to be right and says nothing true about the spread. `scaled` makes its
curvature that of the error which clustering found (Chandler & Bate 2007, Biometrika 94:167); estimates of a spread
between sites need that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.polynomial import Chebyshev
from scipy.interpolate import CubicSpline

from headwater.stats.poisson import fitted_at, telling_rows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import ArrayLike, NDArray

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]

REACH = 2.5
"""Log rate ratios run from −2.5 to 2.5: from a twelfth to twelvefold."""
POINTS: Vector = REACH * np.cos(np.pi * np.arange(32, -1, -1) / 32)
"""float64[33]: the agreed points, ascending, more of them near the ends."""
DIGITS = 9
"""Of a height that leaves: enough that the top of a sum of five hundred curves is right to 1e-6."""


@dataclass(frozen=True, slots=True, eq=False)
class Profile:
    """A site's curve. height: float64[33] at `POINTS`, in natural logarithms, 0 at the highest of them."""

    height: Vector

    def __post_init__(self) -> None:
        if self.height.shape != POINTS.shape or not np.isfinite(self.height).all():
            raise ValueError(f"a profile is {len(POINTS)} finite heights")

    @property
    def curve(self) -> Chebyshev:
        """The polynomial through the points, for slopes and curvature between them."""
        return Chebyshev.fit(POINTS, self.height, len(POINTS) - 1, domain=[-REACH, REACH])

    def on(self, points: Vector) -> Vector:
        """float64[point]: heights at log rate ratios within the reach; on a straight line beyond its ends."""
        curve, slope = self.curve, self.curve.deriv()
        inside = np.clip(points, -REACH, REACH)
        return np.asarray(curve(inside) + slope(inside) * (points - inside))

    def top(self) -> tuple[float, float]:
        """Where it is highest, and the information (minus its curvature) there.

        An end of the reach where the curve still rises there, as where one arm had no event; the information may then
        be nought.
        """
        curve = self.curve
        slope = curve.deriv()
        bend = slope.deriv()
        roots = slope.roots()
        real = roots.real[(np.abs(roots.imag) < 1e-6) & (np.abs(roots.real) <= REACH)]
        tried = np.concatenate([real, [-REACH, REACH]])
        best = float(tried[np.argmax(curve(tried))])
        if abs(best) < REACH:
            best -= float(slope(best) / bend(best))
        return best, max(float(-bend(best)), 0.0)

    def scaled(self, se: float) -> Profile:
        """The curve whose curvature at its top is 1/se²; as it is where it has no top within its reach."""
        at, information = self.top()
        if not np.isfinite(se) or se <= 0 or information <= 0 or abs(at) >= REACH:
            return self
        return Profile(self.height / (information * se**2))

    @staticmethod
    def of(height: ArrayLike) -> Profile:
        """The curve of these heights at `POINTS`, its highest put at 0. Raises ValueError where they are no curve."""
        heights = np.asarray(height, dtype=np.float64)
        return Profile(np.round(heights - heights.max(), DIGITS))

    @staticmethod
    def through(at: ArrayLike, height: ArrayLike) -> Profile:
        """Somebody else's curve, known at points of their own: by a cubic spline, on straight lines beyond its ends."""
        x, y = np.asarray(at, dtype=np.float64), np.asarray(height, dtype=np.float64)
        curve = CubicSpline(x, y)
        inside = np.clip(POINTS, x[0], x[-1])
        return Profile.of(curve(inside) + curve(inside, 1) * (POINTS - inside))

    @staticmethod
    def normal(estimate: float, se: float) -> Profile:
        """The curve of an estimate that is known by its error alone, as of a place."""
        return Profile.of(-0.5 * ((POINTS - estimate) / se) ** 2)


def added(profiles: Iterable[Profile]) -> Profile:
    """The curve of all sites together: the sum of theirs, as if their rows lay in one file with each site's own
    adjustment."""
    return Profile.of(np.sum([one.height for one in profiles], axis=0))


def profile(counts: Vector, exposure: Vector, design: Vector, sets: Codes) -> Profile | None:
    """The curve of the first covariate's coefficient, the others fitted anew at each point.

    counts, exposure: float64[row]; design: float64[row, covariate]; sets: int64[row], as for `rate_model`. None where
    no set holds an event and a comparison. One arm may be without events: the curve then rises to an end of its reach.
    """
    kept = telling_rows(counts, exposure, design, sets)
    if kept is None:
        return None
    y, t, x, group, w = kept
    height, middle = np.empty(len(POINTS)), len(POINTS) // 2
    for way in (range(middle, len(POINTS)), range(middle - 1, -1, -1)):
        # Each point begins where its neighbour nearer the middle ended, so that a few steps of Newton's are enough.
        rest = np.zeros(x.shape[1] - 1)
        for at in way:
            rest, height[at] = fitted_at(y, t * np.exp(POINTS[at] * x[:, 0]), x[:, 1:], group, w, rest)
    return Profile.of(height)
