"""Were people who were not enrolled changed too, where many around them were?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.stats.equivalence import of_model
from headwater.stats.poisson import rate_model

if TYPE_CHECKING:
    from headwater.evidence.people.case import Case

NAME = "spillover"
FEWEST_AREAS = 6
MARGIN = 1.25
"""The others of areas with more enrolled are the same as those of areas with fewer within this; the sham cohorts are
judged by it too."""


def spillover(case: Case) -> Check:
    """The compared of areas with more enrolled than most, against those of areas with fewer, in the follow-up."""
    units = case.design.units
    area = case.people.area[units.person]
    known = np.unique(area[area != ""])
    if len(known) < FEWEST_AREAS:
        return Check(NAME, None, "There are too few areas to see whether neighbours changed.")
    share = {name: float(units.treated[area == name].mean()) for name in known}
    free = ~units.treated & (area != "")
    much = np.array([share.get(name, 0.0) for name in area]) > np.median(list(share.values()))
    at = case.design.kinds.index(case.kind)
    counts, years = case.design.after[:, at].sum(axis=1), case.design.exposure.sum(axis=1)
    x = np.column_stack([much.astype(float), np.log1p(case.design.before[:, at, :4].sum(axis=1))])
    strata = case.design.strata * 10_000 + units.index // 91
    model = rate_model(counts[free], years[free], x[free], strata[free], person=units.person[free])
    if model is None:
        return Check(NAME, None, "Too few contacts to see whether neighbours changed.")
    found = of_model(model, MARGIN)
    text = f"Where more were enrolled, the others' rate ratio is {found}."
    return Check(NAME, found.passed, text, found.ratio.mid, power=found.power, limit=MARGIN)
