"""What may be booked of an estimate: families of outcomes controlled, and the luck of whoever passed a threshold given back."""

from __future__ import annotations

from math import log
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from headwater.app.evaluating import held, protocols
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Verdict
from headwater.savings.prior import stated_prior
from headwater.stats.shrinkage import averted_share, learnt, posterior

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.app.place import Place
    from headwater.domain.evidence import Evaluation, Finding
    from headwater.domain.uncertainty import Interval
    from headwater.store import Store

Estimate = tuple[float, float]
"""A log rate ratio and its standard error."""
TOLD = frozenset({Verdict.AVERTED, Verdict.HARM})


def estimates(place: Place, store: Store) -> tuple[Estimate, ...]:
    """Of the primary outcomes of the workspace's collaborations, as their evaluations are kept; in order of id."""
    kept = (held(place, store, protocol) for protocol in protocols(place))
    ratios = (one[1].primary.rate_ratio for one in kept if one is not None)
    return tuple(_estimate(ratio) for ratio in ratios if ratio is not None)


def kept_share(finding: Finding, others: Sequence[Estimate]) -> float:
    """The part of a finding's averted contacts that stands once it is shrunk towards the other programmes and the stated prior."""
    assert finding.rate_ratio is not None
    own = _estimate(finding.rate_ratio)
    known = np.array(others or (own,))
    weights = learnt(known[:, 0], known[:, 1], stated_prior())
    mean = float(averted_share(posterior(np.array([own[0]]), np.array([own[1]]), weights))[0])
    raw = 1 / finding.rate_ratio.mid - 1
    return max(0.0, mean / raw) if raw else 1.0


def bookable(found: Evaluation) -> tuple[str, ...]:
    """Outcomes of which a lot may open. The primary one first; others that averted only where it did too and only by an interval
    widened for their number (Bonferroni); harm always."""
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
    low, mid, high = (log(max(value, 1e-9)) for value in (ratio.low, ratio.mid, ratio.high))
    return mid, max((high - low) / (2 * reach), 1e-6)
