"""An appraisal in yearly pounds: any bearers' benefits beside costs, present values at any stated rate, ratios of sums.

For figures that come from elsewhere (a business case, a published evaluation) and for what is hoped for; what was
measured here is `Saving`. Rounding is the reader's: every figure keeps its full precision, and rounded parts meet their
rounded total by the largest-remainder rule (`rounded`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


def factors_at(years: int, rates: float | Sequence[tuple[int, float]], timing: float = 0.0) -> Floats:
    """float64[years + 1]: what a pound of year 0 … `years` is worth at a flat rate, or at bands of (how many years,
    rate).

    timing: 0.5 counts the amounts of years 1, 2, … at the middle of each; year 0 is never discounted.
    """
    bands = [(years, rates)] if isinstance(rates, float | int) else rates
    each = np.concatenate([np.full(number, rate) for number, rate in bands])[:years]
    found = np.concatenate([[1.0], 1 / np.cumprod(1 + each)])
    found[1:] *= (1 + each) ** timing
    return found


def real(nominal_gbp: ArrayLike, inflation: float) -> Floats:
    """Amounts of years 0, 1, … in pounds of year 0: deflate first, discount second."""
    amounts = np.asarray(nominal_gbp, dtype=np.float64)
    return amounts / (1 + inflation) ** np.arange(amounts.shape[-1])


def grown(gbp: float, rate: float, years: int) -> float:
    """A value that rises in real terms by a rate a year, some years on (or back): growth is no inflation, and is done
    beside it."""
    return float(gbp * (1 + rate) ** years)


@dataclass(frozen=True, slots=True, eq=False)
class Appraisal:
    """benefits: bearer → float64[year]; costs: heading → float64[year]; factors: float64[year]. A transfer is no
    heading of cost."""

    benefits: Mapping[str, ArrayLike]
    costs: Mapping[str, ArrayLike]
    factors: Floats

    def benefit_gbp(self, *bearers: str) -> float:
        """Present value of some bearers' benefits; of all where none is named."""
        return sum(self._present(self.benefits[name]) for name in bearers or self.benefits)

    @property
    def cost_gbp(self) -> float:
        return sum(self._present(amounts) for amounts in self.costs.values())

    @property
    def net_gbp(self) -> float:
        return self.benefit_gbp() - self.cost_gbp

    def ratio(self, *bearers: str) -> float:
        """Benefit over cost, of sums. The whole cost stands against each bearer's benefit."""
        return self.benefit_gbp(*bearers) / self.cost_gbp

    def yearly_ratios(self, bearer: str) -> Floats:
        """float64[year]; the factor of a year cancels in it."""
        return np.asarray(self.benefits[bearer], dtype=np.float64) / sum(map(np.asarray, self.costs.values()))

    def _present(self, amounts: ArrayLike) -> float:
        given = np.atleast_1d(np.asarray(amounts, dtype=np.float64))
        return float(given @ self.factors[: given.size])


@dataclass(frozen=True, slots=True)
class Payback:
    """Years until the running total is nought, within a year in proportion; None where it never is.

    first: when it first gets there; lasting: after which it never falls below again, which is when the money is back.
    """

    first: float | None
    lasting: float | None


def payback(net_gbp: ArrayLike) -> Payback:
    """Of net amounts of years 0, 1, … (discounted or not, as given)."""
    amounts = np.asarray(net_gbp, dtype=np.float64)
    total = np.cumsum(amounts)
    below = total < 0
    up = [year for year in range(1, total.size) if below[year - 1] and not below[year]]
    crossings = [year - 1 - total[year - 1] / amounts[year] for year in up]
    if not below[0]:
        crossings.insert(0, 0.0)
    return Payback(float(crossings[0]) if crossings else None, None if below[-1] else float(crossings[-1]))


def incremental(costs_gbp: ArrayLike, effects: ArrayLike) -> Floats:
    """float64[option − 1]: the cost of each further unit of effect, from one option to the next in order of effect."""
    order = np.argsort(effects, kind="stable")
    found: Floats = np.diff(np.asarray(costs_gbp, dtype=np.float64)[order]) / np.diff(
        np.asarray(effects, dtype=np.float64)[order]
    )
    return found


def rounded(parts: ArrayLike, unit: float = 1.0) -> Floats:
    """Parts in whole units that add to their rounded total: those with the largest remainders are rounded up."""
    scaled = np.asarray(parts, dtype=np.float64) / unit
    whole = np.floor(scaled)
    missing = round(scaled.sum()) - int(whole.sum())
    whole[np.argsort(whole - scaled, kind="stable")[:missing]] += 1
    return whole * unit
