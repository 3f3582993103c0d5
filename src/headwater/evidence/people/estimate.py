"""From matched sets to rate ratios and averted contacts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.poisson import RateModel, log_ratios, rate_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched

    Vector = NDArray[np.float64]

MOST = 10.0
"""The log of the most contacts a year that are expected of anybody."""


@dataclass(frozen=True, slots=True, eq=False)
class Follow:
    """The matched sets' follow-up for one kind: one row a member. Ready for the rate model."""

    counts: Vector
    exposure: Vector
    treated: NDArray[np.bool_]
    adjust: Vector


def follow(design: Design, sets: Matched, kind: str, quarters: slice = slice(None)) -> Follow:
    """Counts of a kind and years at risk over some quarters."""
    at = design.kinds.index(kind)
    return Follow(
        counts=design.after[sets.row, at][:, quarters].sum(axis=1),
        exposure=design.time(kind, quarters)[sets.row],
        treated=design.units.treated[sets.row],
        adjust=adjusting(design, sets, kind),
    )


def adjusting(design: Design, sets: Matched, kind: str) -> Vector:
    """float64[member, few]: the score matched on and the count expected from history, standardised.

    Doubly robust: either the propensity by which people were matched or the expectation need be right. The expectation
    was learnt from the candidates alone, so that the enrolled's outcomes shape nothing. No column where nobody was
    matched.
    """
    if not len(sets.row):
        return np.empty((0, 0))
    chosen = np.column_stack([design.expected[sets.row, design.kinds.index(kind)], sets.score[sets.row]])
    chosen = chosen[:, np.isfinite(chosen).all(axis=0)]
    spread = chosen.std(axis=0)
    kept: Vector = (chosen - chosen.mean(axis=0))[:, spread > 1e-9] / spread[spread > 1e-9]
    # One score is enough where both say the same.
    return kept[:, :1] if kept.shape[1] == 2 and abs(float((kept[:, 0] * kept[:, 1]).mean())) > 0.9999 else kept


def fitted(found: Follow, design: Design, sets: Matched, *, adjusted: bool = True) -> RateModel | None:
    """The rate ratio of enrolled to compared, set effects out, adjusted for what matching left."""
    first = found.treated.astype(np.float64)[:, None]
    x = np.column_stack([first, found.adjust]) if adjusted else first
    return rate_model(found.counts, found.exposure, x, sets.sets, person=design.units.person[sets.row])


def rate_ratio(design: Design, sets: Matched, kind: str, *, adjusted: bool = True) -> RateModel | None:
    """The rate ratio of the sets of all drawings together, and in its error what is left of the drawings' lot."""
    model = fitted(follow(design, sets, kind), design, sets, adjusted=adjusted)
    if model is None or design.drawings < 2:
        return model
    drawn = by_drawing(design, sets, kind)
    covariance = model.covariance.copy()
    covariance[0, 0] += float(drawn.var(ddof=1)) / len(drawn) if len(drawn) > 1 else 0.0
    return replace(model, covariance=covariance)


def by_drawing(design: Design, sets: Matched, kind: str) -> Vector:
    """float64[drawing]: the log rate ratio that each drawing of waits and ties alone would give; some may be
    missing."""
    found, drawing = follow(design, sets, kind), design.units.drawing[sets.row]
    x = np.column_stack([found.treated.astype(np.float64), found.adjust])
    made = []
    for at in range(design.drawings):
        keep = found.treated | (drawing == at)
        beta = log_ratios(found.counts[keep], found.exposure[keep], x[keep], sets.sets[keep])
        made += [] if beta is None else [float(beta[0])]
    return np.array(made)


def averted(design: Design, sets: Matched, kind: str, log_ratio: Vector) -> Vector:
    """float64[draw, month]: expected less observed contacts of the matched enrolled, by month of their own follow-up.

    What was seen, divided by the ratio, is what would have been: expected − observed = observed (1/ratio − 1).
    """
    found: Vector = (np.exp(-np.clip(log_ratio, -20, 20)) - 1)[:, None] * by_month(design, sets, kind)[None, :]
    return found


def seen_after(design: Design, sets: Matched, kind: str) -> float:
    """Contacts of the matched enrolled in their follow-up."""
    return float(by_month(design, sets, kind).sum())


def by_month(design: Design, sets: Matched, kind: str) -> Vector:
    """float64[month]: the contacts of the matched enrolled, those that were seen, as their days and their histories let
    them fall.

    A month holds few of one programme's contacts, so that its own number is mostly chance, and the financial years
    would be too.
    """
    at, ours = design.kinds.index(kind), sets.row[design.units.treated[sets.row]]
    rate = np.exp(np.clip(np.nan_to_num(design.expected[:, at]), -MOST, MOST))
    return design.monthly.fallen(design.units, ours, at, rate, design.pace[at])


def rates(design: Design, sets: Matched, kind: str) -> tuple[float, float, float, float]:
    """Contacts a year of the enrolled and of the compared, in the year before and in the follow-up: (t0, t1, c0, c1).

    All nought where nobody was matched.
    """
    if not len(sets.row):
        return 0.0, 0.0, 0.0, 0.0
    at = design.kinds.index(kind)
    treated = design.units.treated[sets.row]
    found = []
    for arm in (treated, ~treated):
        rows, weight = sets.row[arm], sets.weight[arm]
        before = design.before[rows, at, :4].sum(axis=1)
        after, years = design.after[rows, at].sum(axis=1), design.exposure[rows].sum(axis=1)
        found += [
            float(np.average(before, weights=weight)),
            float((after * weight).sum() / max((years * weight).sum(), 1e-9)),
        ]
    return found[0], found[1], found[2], found[3]


def detectable(model: RateModel | None, power: float = 0.8, level: float = 0.95) -> float | None:
    """The smallest fall, as a rate ratio, that this evaluation had the power to tell from none."""
    if model is None:
        return None
    from scipy.stats import norm

    return float(np.exp(-(norm.ppf(0.5 + level / 2) + norm.ppf(power)) * model.se[0]))
