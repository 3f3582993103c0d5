"""Did one group die or move away more? Then those who stay of it are others than they were, and what would have come is
not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check
from headwater.domain.uncertainty import Interval
from headwater.evidence.people.reading import QUARTER
from headwater.stats.recurrent import mean_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case

    Floats = NDArray[np.float64]

NAME = "attrition"
LIMIT = 1.10
"""How far what was lost may move the ratio."""
DRAWS = 400
UNTOLD = (
    "No file says who died or moved away, so that whether more of one group did is not known. Add the days between"
    " which each person was seen, and why that ended (table observation, columns to and why_ended), or at least who"
    " died, and when (table record, column death_date)."
)


@dataclass(frozen=True, slots=True, eq=False)
class Loss:
    """As found first, then under redrawn weights of people. ours, theirs: float64[1 + draws], the share of the planned
    time that death and moving cut; times: float64[1 + draws], how many times as many contacts those who were lost had
    while they were there.
    """

    ours: Floats
    theirs: Floats
    times: Floats

    @property
    def shift(self) -> Floats:
        """float64[1 + draws]: on the log scale, by how much the ratio would move if the lost had gone on as they
        were."""
        ours, theirs = (np.log1p(part * (self.times - 1)) for part in (self.ours, self.theirs))
        found: Floats = ours - theirs
        return found


def attrition(case: Case) -> Check:
    """Passes when what death and moving cut can move the ratio by no more than the limit; fails when it surely (99 %)
    moves it so that the result is another. `figure`: the factor by which the ratio would move."""
    units, rows = case.design.units, case.sets.row
    treated = units.treated[rows]
    if treated.all() or not treated.any():
        return Check(NAME, None, "Nobody is compared.", limit=LIMIT)
    if not case.people.losses_told:
        return Check(NAME, None, UNTOLD, limit=LIMIT)
    if not units.lost[rows].any():
        return Check(NAME, True, "Nobody died or moved away during the follow-up.", 1.0, limit=LIMIT)
    loss = lost(case)
    shift, error = float(loss.shift[0]), float(loss.shift[1:].std())
    text = (
        f"Deaths and moves cut the planned time by {loss.ours[0]:.1%} among the enrolled and by {loss.theirs[0]:.1%}"
        f" among the compared. Until then, these people had {loss.times[0]:.1f} times as many contacts as the others."
        f" Had they gone on like that, the ratio would be {np.exp(shift):.2f} times as large."
    )
    passed = True if abs(shift) + 1.645 * error <= np.log(LIMIT) else None
    if abs(shift) > 2.576 * error and _turned(case, shift):
        passed = False
    return Check(NAME, passed, text if passed else f"{text} {_restricted(case)}", float(np.exp(shift)), limit=LIMIT)


def _turned(case: Case, shift: float) -> bool:
    """Whether the result would be another had the lost gone on: an interval off 1 that would hold it, or the other way
    about."""
    raw = case.raw[case.kind]
    if raw is None:
        return abs(shift) > float(np.log(LIMIT))
    ratio, factor = raw.ratio(0, case.protocol.level), float(np.exp(shift))
    return bool(_side(ratio.low, ratio.high) != _side(ratio.low * factor, ratio.high * factor))


def _side(low: float, high: float) -> int:
    """−1 for an interval below 1, 1 for one above, 0 for one that holds it."""
    return int(low > 1) - int(high < 1)


def lost(case: Case) -> Loss:
    """Of the matched, each person's weight redrawn (exponential: the Bayesian bootstrap, Rubin 1981)."""
    units, rows, weight = case.design.units, case.sets.row, case.sets.weight
    treated = units.treated[rows]
    planned = (units.planned - units.index - 1)[rows].astype(np.float64)
    cut = np.where(units.lost[rows], (units.planned - units.end)[rows], 0).astype(np.float64)
    counts, years = (
        part[rows].sum(axis=1)
        for part in (case.design.after[:, case.design.kinds.index(case.kind)], case.design.exposure)
    )
    _, person = np.unique(units.person[rows], return_inverse=True)
    rng = np.random.default_rng((case.protocol.seed, 12))
    drawn = rng.standard_exponential((DRAWS, int(person.max()) + 1))[:, person]
    every = np.concatenate([np.ones((1, len(rows))), drawn]) * weight
    share = [(every[:, arm] @ cut[arm]) / np.maximum(every[:, arm] @ planned[arm], 1e-9) for arm in (treated, ~treated)]
    gone = units.lost[rows]
    # Half a contact to each, so that few who had none are not taken for people who never would.
    rates = [(every[:, who] @ counts[who] + 0.5) / (every[:, who] @ years[who] + 0.5) for who in (gone, ~gone)]
    return Loss(share[0], share[1], rates[0] / rates[1])


def _restricted(case: Case) -> str:
    """Contacts per person enrolled over the whole follow-up, alive or not, with the interval of their ratio."""
    drawn = mean_counts(case, case.kind)
    ratio = Interval.of_draws(drawn[1:, 0] / np.maximum(drawn[1:, 1], 1e-9), case.protocol.level)
    return (
        f"Counted per person whether alive or not: {drawn[0, 0]:.2f} contacts against {drawn[0, 1]:.2f}, "
        f"a ratio of {ratio.mid:.2f} ({ratio.low:.2f} to {ratio.high:.2f})."
    )


def mean_counts(case: Case, kind: str, draws: int = DRAWS) -> Floats:
    """float64[1 + draws, 2]: mean counts of the enrolled and of the compared, as found and under redrawn weights of
    people."""
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
