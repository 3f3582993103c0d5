"""Did one group die or move away more? Then the living of that group are others than they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.domain.uncertainty import Interval
from headwater.evidence.people.reading import QUARTER
from headwater.stats.poisson import rate_model
from headwater.stats.recurrent import mean_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.evaluation import Case

NAME = "attrition"
FEWEST = 10
"""Deaths and moves in each group from which a ratio of them is told: under it the ratio would tell the numbers."""


def attrition(case: Case) -> Check:
    """Deaths and moves per year followed. Fails when they differ surely; the mean count per person, alive or not, is then told."""
    units, rows = case.design.units, case.sets.row
    treated = units.treated[rows].astype(np.float64)
    years = case.design.followed[rows]
    model = rate_model(
        units.lost[rows].astype(np.float64), years, treated[:, None], case.sets.sets, person=units.person[rows]
    )
    lost = units.lost[rows]
    if model is None or min(lost[treated > 0].sum(), lost[treated == 0].sum()) < FEWEST:
        return Check(NAME, None, "Too few died or moved away to compare.")
    ratio = model.ratio(0, 0.99)
    passed = ratio.holds(1.0)
    text = f"The enrolled died or moved {ratio.mid:.2f} times as often ({ratio.low:.2f} to {ratio.high:.2f})."
    return Check(NAME, passed, text if passed else f"{text} {_restricted(case)}", ratio.mid)


def _restricted(case: Case) -> str:
    """Contacts per person enrolled over the whole follow-up, alive or not, with the interval of their ratio."""
    drawn = mean_counts(case, case.kind)
    ratio = Interval.of_draws(drawn[1:, 0] / np.maximum(drawn[1:, 1], 1e-9), case.protocol.level)
    return (
        f"Counted per person whether alive or not: {drawn[0, 0]:.2f} contacts against {drawn[0, 1]:.2f}, "
        f"a ratio of {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f})."
    )


def mean_counts(case: Case, kind: str, draws: int = 400) -> NDArray[np.float64]:
    """float64[1 + draws, 2]: mean counts of the enrolled and of the compared, as found and under redrawn weights of people."""
    units, rows = case.design.units, case.sets.row
    quarters = case.design.exposure.shape[1]
    died = units.lost & (case.people.why[units.person] == "death")
    last = np.clip((units.end - units.index - 1) // QUARTER, 0, quarters - 1)
    deaths = (died[:, None] & (np.arange(quarters) == last[:, None])).astype(np.float64)
    counts = case.design.after[:, case.design.kinds.index(kind)]
    rng = np.random.default_rng((case.protocol.seed, 11))
    found = []
    for arm in (units.treated[rows], ~units.treated[rows]):
        ours, weight = rows[arm], case.sets.weight[arm]
        _, person = np.unique(units.person[ours], return_inverse=True)
        redrawn = rng.standard_exponential((draws, int(person.max()) + 1))[:, person]
        every = np.concatenate([np.ones((1, len(ours))), redrawn]) * weight
        seen, years, dead = (every @ part[ours] for part in (counts, case.design.exposure, deaths))
        found.append(mean_count(seen, years, dead, QUARTER / 365.25))
    return np.stack(found, axis=1)
