"""Looking often: what an evaluation may say before its follow-up is over, harm first, and from when it could say
anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Look, LookWord
from headwater.domain.uncertainty import Interval
from headwater.stats.anytime import Boundary

if TYPE_CHECKING:
    from datetime import date

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Outcome, Protocol
    from headwater.domain.evidence import Evaluation, Finding

HOPED = 0.8
"""The rate ratio hoped for where the protocol names no detectable effect."""
STILL_ENROLLING = 92
"""Days since the last enrolment within which people are taken to be enrolled further at the pace so far."""
FARTHEST = 3_653
"""Days ahead beyond which no date is told."""


def looks_of(found: Evaluation, protocol: Protocol) -> tuple[Look, ...]:
    """A look at every outcome but the shams, the primary one first. `found`: the evaluation of the data as they are."""
    wanted = sorted(
        (one for one in protocol.outcomes if one.role is not Role.NEGATIVE_CONTROL),
        key=lambda one: one.role is not Role.PRIMARY,
    )
    findings = {finding.kind: finding for finding in found.findings}
    return tuple(_look(found, protocol, outcome, findings[outcome.kind]) for outcome in wanted)


@dataclass(frozen=True, slots=True)
class _Known:
    """What an estimate knows: sampling, its variance as estimated; lasting, what more people do not take away."""

    estimate: float
    sampling: float
    lasting: float

    @property
    def information(self) -> float:
        return 1 / (self.sampling + self.lasting)

    def after(self, growth: float) -> float:
        """The information once so many times the person-years are seen."""
        return 1 / (self.sampling / growth + self.lasting)


def _look(found: Evaluation, protocol: Protocol, outcome: Outcome, finding: Finding) -> Look:
    hoped = float(np.log(protocol.detectable or HOPED))
    alpha = 1 - protocol.level
    # Tuned to where a fixed look would find what is hoped for in four of five: fixed before any data.
    boundary = Boundary(alpha, float(((norm.ppf(1 - alpha / 2) + norm.ppf(0.8)) / hoped) ** 2))
    known, day = _known(finding), found.effect.last_day
    if known is None:
        why = finding.withheld or ("nothing can be estimated yet",)
        return Look(outcome.kind, outcome.role, day, LookWord.GO_ON, None, finding.rate_ratio, None, None, why)
    reach = float(boundary.reach(known.information))
    low, mid, high = (float(np.exp(known.estimate + sign * reach)) for sign in (-1, 0, 1))
    interval = Interval(low, mid, high, protocol.level)
    e_value = float(boundary.e_value(known.estimate, known.information))
    when = _when(found, protocol, known, boundary.needed(hoped))
    return Look(
        outcome.kind,
        outcome.role,
        day,
        _word(interval, finding),
        interval,
        finding.rate_ratio,
        e_value,
        when,
        finding.withheld,
    )


def _known(finding: Finding) -> _Known | None:
    """From the intervals that are told; a normal's reach, so that few clusters give less information, not more."""
    told = finding.rate_ratio
    if told is None or not told.low > 0:
        return None
    raw = finding.raw_ratio or told
    variance, sampling = (_variance(one) for one in (told, raw))
    return _Known(float(np.log(told.mid)), min(sampling, variance), max(variance - sampling, 0.0))


def _variance(ratio: Interval) -> float:
    reach = float(norm.ppf(0.5 + ratio.level / 2))
    return float((np.log(ratio.high) - np.log(ratio.low)) / 2 / reach) ** 2


def _word(interval: Interval, finding: Finding) -> LookWord:
    """Harm is looked at first and is not withheld: a sign of harm is a reason to look, whatever explains it."""
    if interval.low > 1:
        return LookWord.HARM
    if interval.high < 1 and not finding.withheld:
        return LookWord.AVERTED
    return LookWord.GO_ON


def _when(found: Evaluation, protocol: Protocol, known: _Known, needed: float) -> date | None:
    """The day from which what is hoped for could be told, if it is true; None where no number of people is enough, or
    too far ahead."""
    if known.information >= needed:
        return found.effect.last_day
    if 1 / needed <= known.lasting:
        return None
    growth = known.sampling / (1 / needed - known.lasting)
    missing, ahead = (growth - 1) * found.effect.unit_years, _ahead(found, protocol)
    days = np.flatnonzero(np.cumsum(ahead) / 365.25 >= missing)
    return found.effect.last_day + timedelta(days=int(days[0]) + 1) if len(days) else None


def _ahead(found: Evaluation, protocol: Protocol) -> NDArray[np.float64]:
    """float64[day ahead]: people followed on each, those enrolled until their follow-up ends and others at the pace so
    far."""
    cohort, last = found.cohort, np.datetime64(found.effect.last_day)
    days = np.arange(1, FARTHEST + 1)
    left = ((cohort.first - last) / np.timedelta64(1, "D")).astype(np.int64) + protocol.follow_up_days - 1
    # Whoever left before today is not followed again.
    left = np.where(cohort.last < last, 0, left)
    followed: NDArray[np.float64] = (left[:, None] >= days[None, :]).sum(axis=0).astype(np.float64)
    enrolled = np.sort(cohort.index)
    span = int((enrolled[-1] - enrolled[0]) / np.timedelta64(1, "D")) + 1
    idle = int((last - enrolled[-1]) / np.timedelta64(1, "D"))
    if idle > STILL_ENROLLING:
        return followed
    until = FARTHEST if protocol.end is None else max(0, (protocol.end - found.effect.last_day).days)
    coming = (days <= until) * (len(enrolled) / span)
    staying = np.cumsum(coming)
    staying[protocol.follow_up_days :] -= staying[: -protocol.follow_up_days].copy()
    followed += staying
    return followed
