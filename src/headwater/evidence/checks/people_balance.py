"""Are the enrolled and the compared alike in what was measured before, in where they live, and in how many contacts
they had?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.balance import balance

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case

NAME = "balance"
LIMIT, WORST = 0.1, 0.25
"""Stuart, Lee & Leacy 2013 (J Clin Epidemiol 66): 0.1 is small; up to 0.25 regression can take it out."""
ALIKE = (0.5, 2.0)
"""Rubin 2001 (Health Services & Outcomes Research Methodology 2): variance ratios out of this are extreme. Told, not
judged: a count that nearly nobody has varies by one person."""
MEANS = 0.03
"""How far the mean count of the year before may lie apart, as a share: what is left of it goes into the effect nearly
whole."""
APART = 0.5
"""An area where more than this share of the enrolled live and a quarter as many of the compared, or the other way
about, separates them."""


def balanced(case: Case) -> Check:
    """Fails when a standardised difference is over 0.25, or their mean over 0.1, or a mean count or an area apart, by
    more than chance."""
    treated = case.design.units.treated[case.sets.row]
    if not treated.any():
        return Check(NAME, False, "Nobody could be matched.", limit=WORST)
    found = balance(case.design.covariates[case.sets.row], treated, case.sets.weight)
    smd = np.abs(found.smd)
    # Two groups of n differ by chance alone with a standard error of about √(2/n), and by 0.8 of it in the mean: that
    # much is no fault of the matching. The worst of many measures may be 2.5 standard errors, the mean of all one.
    chance = float(np.sqrt(2 / treated.sum()))
    alike = bool(smd.max() <= max(WORST, 2.5 * chance) and smd.mean() <= max(LIMIT, chance))
    over, apart = (
        int((smd > LIMIT).sum()),
        int(((found.variance_ratio < ALIKE[0]) | (found.variance_ratio > ALIKE[1])).sum()),
    )
    counts, areas = _counts(case, treated), _areas(case, treated)
    return Check(
        NAME,
        alike and not counts[0] and not areas,
        f"The worst standardised difference is {smd.max():.2f}, the mean {smd.mean():.2f}; {over} of {len(smd)}"
        f" measures are over {LIMIT}; what is left is adjusted for. {len(smd) - apart} of {len(smd)} variance ratios"
        f" lie within {ALIKE[0]:g} and {ALIKE[1]:g}. {counts[1]}{areas}",
        float(smd.max()),
        limit=max(WORST, 2.5 * chance),
    )


def _counts(case: Case, treated: NDArray[np.bool_]) -> tuple[bool, str]:
    """Whether the year's mean count of the primary kind is surely apart by more than 3 %, and the sentence."""
    if treated.all():
        return True, "Nobody is compared."
    at = case.design.kinds.index(case.kind)
    year = case.design.before[case.sets.row, at, :4].sum(axis=1)
    ours, theirs = (float(np.average(year[arm], weights=case.sets.weight[arm])) for arm in (treated, ~treated))
    gap = ours / theirs - 1 if theirs > 0 else 0.0
    error = float(year[treated].std()) * np.sqrt(2 / treated.sum()) / max(theirs, 1e-9)
    return (
        abs(gap) > MEANS + 2.5 * error,
        f"The mean count of the year before differs by {gap:+.1%} (limit {MEANS:.0%} and chance). ",
    )


def _areas(case: Case, treated: NDArray[np.bool_]) -> str:
    """A sentence where an area separates the groups, else nothing."""
    area = case.people.area[case.design.units.person[case.sets.row]]
    known = area != ""
    if not (treated & known).any() or not (~treated & known).any():
        return ""
    for name in np.unique(area[known]):
        ours, theirs = (
            float(np.average((area == name)[arm], weights=case.sets.weight[arm])) for arm in (treated, ~treated)
        )
        if max(ours, theirs) > APART and min(ours, theirs) < max(ours, theirs) / 4:
            return (
                "One area holds most of the one group and hardly anybody of the other: it separates them, and nothing"
                " tells the programme from the area."
            )
    return ""
