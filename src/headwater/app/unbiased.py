"""What may be booked of an estimate: families of outcomes controlled, and the luck of whoever passed a threshold given
back."""

from __future__ import annotations

from dataclasses import replace
from math import log
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Verdict
from headwater.savings.prior import stated_prior
from headwater.stats.shrinkage import GRID, averted_of_expected, averted_share, learnt, on_grid, posterior, quantiles

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.evidence import Effect, Evaluation, Finding
    from headwater.domain.uncertainty import Interval

Estimate = tuple[float, float]
"""A log rate ratio and its standard error."""
TOLD = frozenset({Verdict.AVERTED, Verdict.HARM})
LITTLE_LEFT = 0.2
"""A ratio below this leaves so few contacts that sums of them say little."""


def estimate_of(found: Evaluation) -> Estimate | None:
    """The primary outcome's, what other programmes learn from this one; None where it has no rate ratio."""
    return None if found.primary.rate_ratio is None else _estimate(found.primary.rate_ratio)


def shrunk(effect: Effect, findings: Sequence[Finding], others: Sequence[Estimate]) -> Effect:
    """The effect that money is made of: each outcome's draws are those of its posterior, given the other programmes and
    the stated prior. Negative controls, and outcomes of which nothing is told, stay as they are.

    A draw keeps its rank, so that outcomes move together as they did, and the posterior's mean is kept exactly.
    """
    averted = effect.averted.copy()
    for one in findings:
        if one.kind in effect.told and one.own_ratio is not None and one.role is not Role.NEGATIVE_CONTROL:
            at = effect.outcomes.index(one.kind)
            averted[:, at] = _drawn(averted[:, at], one, believed(one, others), effect.followed_days)
    return replace(effect, averted=averted)


def believed(one: Finding, others: Sequence[Estimate]) -> NDArray[np.float64]:
    """float64[1, grid]: what is believed of an outcome with a ratio. Given all sites of the pool that its lock named,
    else given the workspace's other programmes and the stated prior: never both, as one is a belief about the other's
    sites."""
    if one.given is not None:
        return on_grid(one.given.cells, one.given.mass)
    assert one.rate_ratio is not None
    own = _estimate(one.rate_ratio)
    known = np.array(others or (own,))
    return posterior(np.array([own[0]]), np.array([own[1]]), learnt(known[:, 0], known[:, 1], stated_prior()))


def _drawn(
    averted: NDArray[np.float64], one: Finding, belief: NDArray[np.float64], days: NDArray[np.float64]
) -> NDArray[np.float64]:
    """float64[draw, month] of one outcome. A ratio says what was averted of what was seen (1/ratio − 1); where next to
    nothing was seen, what was expected is the firmer base (1 − ratio)."""
    assert one.own_ratio is not None
    total, seen = averted.sum(axis=1), seen_contacts(averted, one)
    ranks = (np.argsort(np.argsort(total, kind="stable"), kind="stable") + 0.5) / len(total)
    shares = quantiles(belief, ranks)
    if one.own_ratio.mid < LITTLE_LEFT:
        shares = shares / (1 + shares)
        new = (total.mean() + seen) * (shares - shares.mean() + averted_of_expected(belief)[0])
    elif seen:
        new = seen * (shares - shares.mean() + averted_share(belief)[0])
    else:
        return averted
    return averted + (new - total)[:, None] * _shape(averted.mean(axis=0), days)


def expected_contacts(effect: Effect, one: Finding) -> float:
    """Contacts of an outcome that would have come without the programme, by its own evidence."""
    averted = effect.averted[:, effect.outcomes.index(one.kind)]
    return float(averted.sum(axis=1).mean()) + seen_contacts(averted, one)


def seen_contacts(averted: NDArray[np.float64], one: Finding) -> float:
    """Contacts after the start: as counted, else what turns the interval of 1/ratio − 1 into that of the draws.
    float64[draw, month] in; nought where either has no width."""
    if one.own.seen is not None:
        return one.own.seen
    ratio = one.own_ratio
    assert ratio is not None
    low, high = np.quantile(averted.sum(axis=1), ((1 - ratio.level) / 2, (1 + ratio.level) / 2))
    width = 1 / max(ratio.low, 1e-9) - 1 / max(ratio.high, 1e-9)
    return float((high - low) / width) if width > 0 and high > low else 0.0


def _shape(mean: NDArray[np.float64], days: NDArray[np.float64]) -> NDArray[np.float64]:
    """float64[month], adding to 1: as the estimate falls over the months where it has one sign, else as the days
    followed."""
    one_sided = bool((mean >= 0).all() or (mean <= 0).all()) and bool(np.abs(mean).sum() > 0)
    shape: NDArray[np.float64] = mean / mean.sum() if one_sided else days / days.sum()
    return shape


def bookable(found: Evaluation) -> tuple[str, ...]:
    """Outcomes of which a lot may open. The primary one first; others that averted only where it did too and only by an
    interval widened for their number (Bonferroni); harm always."""
    family = [one for one in found.findings if one.role in {Role.SECONDARY, Role.DISPLACEMENT}]
    return tuple(
        one.kind
        for one in found.findings
        if one.verdict in TOLD and one.role is not Role.NEGATIVE_CONTROL and _stands(one, found.primary, len(family))
    )


def _stands(one: Finding, primary: Finding, family: int) -> bool:
    if one.verdict is Verdict.HARM or one.role is Role.PRIMARY:
        return True
    if primary.verdict is not Verdict.AVERTED or one.rate_ratio is None:
        return False
    mid, error = _estimate(one.rate_ratio)
    tail = (1 - one.rate_ratio.level) / 2 / max(family, 1)
    return mid + NormalDist().inv_cdf(1 - tail) * error < 0


def _estimate(ratio: Interval) -> Estimate:
    reach = NormalDist().inv_cdf(0.5 + ratio.level / 2)
    low, mid, high = (
        float(np.clip(log(max(value, 1e-9)), GRID[0], GRID[-1])) for value in (ratio.low, ratio.mid, ratio.high)
    )
    # An interval that ends where ratios are looked for no further has its width on the other side alone.
    error = max(mid - low, high - mid) / reach if low == GRID[0] or high == GRID[-1] else (high - low) / (2 * reach)
    return mid, max(error, 1e-6)
