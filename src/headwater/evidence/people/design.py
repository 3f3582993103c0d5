"""The risk sets: enrolled people and candidates, each at their index day, with their histories and what followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem
from headwater.evidence.people.censoring import Censored, reweighted
from headwater.evidence.people.covariates import age_of, covariates_of, strata_of
from headwater.evidence.people.eligible import enrolling, holds_on, moments
from headwater.evidence.people.monthly import Monthly, on_calendar
from headwater.evidence.people.order import by_content, ordered, person_bits, waits
from headwater.evidence.people.reading import LOSSES, NEVER, QUARTER, Counter, Population
from headwater.evidence.people.together import beside, joined, taken_on
from headwater.evidence.people.units import Course, Units
from headwater.stats.content import even, mixed, named_seed
from headwater.stats.propensity import prognostic_score

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.eligible import Moments

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]

EVEN = 20.0
"""Contacts that an even pace over the follow-up is worth beside those seen."""
CALENDAR_DAYS = 122
"""How far apart two index days may lie, unless the protocol's comparison.options say calendar_days."""
PROGNOSTIC_RIDGE = 5.0
"""On standardised covariates; some twenty of them are learnt from a few hundred contacts."""
STANDING = 20_000
"""Moments from which it is learnt how long they stand."""
DRAWINGS, MOST_MOMENTS = 5, 400_000
"""How often waits and ties are drawn anew (comparison.options redrawn), and the candidate moments that all drawings
together may have: among so many people a drawing moves nothing that anybody would see, and each costs a count of
histories."""


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Units with what is known of them. before: float64[unit, kind, window]; after: float64[unit, kind, quarter].

    people: those of the units alone, in the order of their content. exposure: float64[unit, quarter] in years; after
    and exposure of the compared are weighted for those who were enrolled later. covariates: float64[unit, covariate]
    with their names; expected: float64[unit, kind], the log yearly count that a history lets expect without the
    programme, learnt from the candidates; NaN where it is not needed; pace: float64[kind, quarter], how many contacts
    the compared have in each quarter, beside an even spread.
    """

    people: Population
    units: Units
    kinds: tuple[str, ...]
    before: Vector
    after: Vector
    exposure: Vector
    covariates: Vector
    names: tuple[str, ...]
    strata: Days
    expected: Vector
    pace: Vector
    censored: Censored
    left_out: dict[str, int]
    monthly: Monthly

    @property
    def drawings(self) -> int:
        return int(self.units.drawing.max(initial=0)) + 1

    @property
    def followed(self) -> Vector:
        """float64[unit]: years really followed, nobody standing for anybody else."""
        found: Vector = np.maximum(self.units.end - self.units.index - 1, 0) / 365.25
        return found

    @property
    def standing(self) -> Vector:
        """float64[unit, quarter]: for how many each stands there, itself and those like it who were enrolled."""
        own = _exposure(self.units, self.exposure.shape[1])
        found: Vector = np.where(own > 0, self.exposure / np.where(own > 0, own, 1.0), 1.0)
        return found

    def time(self, kind: str, quarters: slice = slice(None)) -> Vector:
        """float64[unit]: years followed, each quarter counting by how many contacts the compared have in it.

        Contacts fall back after a peak: whoever is followed for the first half alone has a higher rate for that and
        nothing else.
        """
        found: Vector = self.exposure[:, quarters] @ self.pace[self.kinds.index(kind)][quarters]
        return found

    def only(self, keep: NDArray[np.bool_]) -> Design:
        """The design of some of its units."""
        arrays = {
            name: getattr(self, name)[keep]
            for name in ("before", "after", "exposure", "covariates", "strata", "expected")
        }
        return replace(
            self,
            units=self.units.only(keep),
            censored=self.censored.only(keep),
            monthly=self.monthly.only(keep),
            **arrays,
        )

    def learnt(self, kinds: Sequence[str]) -> Design:
        """The design with its pace and its expectations learnt anew, from those who are candidates now."""
        free = ~self.units.treated
        paced = replace(self, pace=_pace(self.after[free].sum(axis=0), self.exposure[free].sum(axis=0)))
        expected = np.full((len(self.units.treated), len(self.kinds)), np.nan)
        for at in sorted({self.kinds.index(kind) for kind in kinds}):
            expected[:, at] = prognostic_score(
                self.covariates,
                self.after[:, at].sum(axis=1),
                years=paced.time(self.kinds[at]),
                learn=free,
                ridge=PROGNOSTIC_RIDGE,
            )
        return replace(paced, expected=expected)


def designed(
    people: Population,
    contacts: tuple[Days, Days],
    protocol: Protocol,
    kinds: tuple[str, ...],
    window: tuple[int, int],
    count: Counter,
) -> Design:
    """The risk sets of a protocol. window: first and last day on which all data are complete; count: who counts
    histories."""
    people = beside(people, protocol.follow_up_days)
    units, left_out = risk_sets(people, contacts, protocol, window)
    if not units.treated.any():
        raise DataProblem(
            f"nobody enrolled in {protocol.id!r} can be compared",
            given="; ".join(f"{reason}: {count}" for reason, count in left_out.items()),
            next_step="check [entry] of the protocol against how people were really taken on",
        )
    quarters = max(1, round(protocol.follow_up_days / QUARTER))
    counts = count(units.person, units.index, units.end, quarters)
    who, rows = by_content(people, contacts, units, counts, protocol.seed)
    ours, mine, number = ordered(people, contacts, who)
    found = replace(units.only(rows), person=number[units.person[rows]])
    covariates, names = covariates_of(ours, found, counts[0][rows], kinds, protocol, mine)
    after, exposure, censored = reweighted(found, covariates, (counts[1][rows], _exposure(found, quarters)), who, count)
    return Design(
        ours,
        found,
        kinds,
        counts[0][rows],
        after,
        exposure,
        covariates,
        names,
        strata_of(ours, found, protocol),
        np.empty((0, len(kinds))),
        np.ones((len(kinds), quarters)),
        censored,
        left_out,
        on_calendar(found, quarters, who, count),
    ).learnt(protocol.outcome_kinds())


def _pace(seen: Vector, years: Vector) -> Vector:
    """seen: float64[kind, quarter]; years: float64[quarter], of the compared."""
    mean = seen.sum(axis=1, keepdims=True) / max(float(years.sum()), 1e-9)
    found = (seen + EVEN) / (mean * years + EVEN)
    pace: Vector = found / found.mean(axis=1, keepdims=True)
    return pace


def risk_sets(
    people: Population, contacts: tuple[Days, Days], protocol: Protocol, window: tuple[int, int]
) -> tuple[Units, dict[str, int]]:
    """Enrolled people at their enrolment, and everybody else at the moments at which they too could have been
    enrolled."""
    if protocol.entry is None:
        raise DataProblem(f"{protocol.id!r} has no [entry] rule", next_step="add [entry] to the protocol")
    found = moments(*contacts, protocol.entry)
    enrolled = np.flatnonzero(people.enrolled < NEVER)
    start = people.enrolled[enrolled]
    at = enrolling(found, enrolled, start)
    sound, left_out = _sound(people, contacts, protocol, enrolled, start, at, window)
    enrolled, start, at = enrolled[sound], start[sound], at[sound]
    near = _near(found, start, window[1], (apart(protocol), protocol.entry.within_days))
    drawn = _drawn(people, contacts, found[near], (start, start - found.day[at]), protocol)
    free = [_candidates(people, contacts, found[near], index, (start, window[1]), protocol) for _waited, index in drawn]
    ours = _stand(enrolled, start, (start - found.met[at], start - found.day[at]), np.zeros(len(start), dtype=np.int64))
    theirs = [
        _stand(
            found.person[near][keep],
            index[keep],
            (index[keep] - found.met[near][keep], waited[keep]),
            np.full(int(keep.sum()), drawing),
        )
        for drawing, ((waited, index), keep) in enumerate(zip(drawn, free, strict=True))
    ]
    who, when, met, last, drawing = (np.concatenate(parts) for parts in zip(ours, *theirs, strict=True))
    treated = np.arange(len(who)) < len(enrolled)
    return _followed(people, treated, (who, when, Course(met, last), drawing), protocol, window), left_out


def _stand(who: Days, index: Days, course: tuple[Days, Days], drawing: Days) -> tuple[Days, ...]:
    return who, index, *course, drawing


def _near(found: Moments, start: Days, last: int, reach: tuple[int, int]) -> NDArray[np.bool_]:
    """bool[moment]: near enough to the enrolments for a candidate; nobody waits for longer than the rule can hold."""
    if not len(start):
        return np.zeros(len(found.day), dtype=bool)
    near: NDArray[np.bool_] = (found.day >= start.min() - sum(reach)) & (found.day <= start.max() + reach[0])
    return near & (found.day < last)


def _drawn(
    people: Population, contacts: tuple[Days, Days], found: Moments, enrolled: tuple[Days, Days], protocol: Protocol
) -> list[tuple[Days, Days]]:
    """For each drawing, each moment's wait and the day at its end. enrolled: the days they started and their waits."""
    who, mine = np.unique(found.person, return_inverse=True)
    content = person_bits(people, contacts, who)[mine]
    most = int(protocol.comparison.options.get("redrawn", DRAWINGS))
    times = max(1, min(most, MOST_MOMENTS // max(len(found.day), 1)))
    some = (
        even(mixed(content.view(np.int64), found.day, named_seed(protocol.seed, "standing"))) * len(content) < STANDING
    )
    gaps = _gaps(people, contacts, found[some], enrolled[1], protocol)
    waited = [waits(content, found.day, gaps, protocol.seed, drawing) for drawing in range(times)]
    return [(wait, found.day + wait) for wait in waited]


def _gaps(
    people: Population, contacts: tuple[Days, Days], found: Moments, waited: Days, protocol: Protocol
) -> tuple[Days, Vector]:
    """int64[gap], days, and float64[gap]: the share of waits that are no longer, where nothing ends a wait but
    enrolment.

    found: some of the moments; waited: of the enrolled. Of those a long wait is seen too seldom, for a further contact
    begins it anew; so each gap counts by how many of the moments still stand after as long.
    """
    gap, seen = np.unique(waited, return_counts=True)
    standing = [int(_free(people, contacts, found, found.day + days, protocol).sum()) for days in gap]
    hazard = np.cumsum(seen / np.maximum(standing, 1))
    return gap, hazard / (hazard[-1] if len(hazard) else 1.0)


def _candidates(
    people: Population,
    contacts: tuple[Days, Days],
    found: Moments,
    index: Days,
    window: tuple[Days, int],
    protocol: Protocol,
) -> NDArray[np.bool_]:
    """bool[moment]: those who stand as candidates, near enough to an enrolment."""
    start, last = window
    if not len(start):
        return np.zeros(len(index), dtype=bool)
    reach = apart(protocol)
    free = _free(people, contacts, found, index, protocol)
    near: NDArray[np.bool_] = (index >= start.min() - reach) & (index <= start.max() + reach) & (index < last)
    return free & near


def _free(
    people: Population, contacts: tuple[Days, Days], found: Moments, index: Days, protocol: Protocol
) -> NDArray[np.bool_]:
    """bool[moment]: alive, observed, not yet enrolled on the index day, and still at this moment: the rule holds and no
    other came."""
    entry = protocol.entry
    assert entry is not None
    who = found.person
    free: NDArray[np.bool_] = (people.enrolled[who] > index) & (people.first[who] <= index) & (people.last[who] > index)
    free &= found.following > index
    return free & holds_on(*contacts, who, index, entry) & _admitted(people, who, index, protocol)


def _sound(
    people: Population,
    contacts: tuple[Days, Days],
    protocol: Protocol,
    enrolled: Days,
    start: Days,
    at: Days,
    window: tuple[int, int],
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Which of the enrolled can be evaluated, and why the others cannot; each is counted under its first reason."""
    entry = protocol.entry
    assert entry is not None
    reasons = {
        "enrolled before they were observed, or after death or moving": (
            (people.first[enrolled] > start) | (people.last[enrolled] <= start)
        ),
        "enrolled outside the time the data cover": (start >= window[1]) | (start < window[0]),
        "did not meet the entry rule when enrolled": (at < 0) | ~holds_on(*contacts, enrolled, start, entry),
        "of another age or area than the entry rule": ~_admitted(people, enrolled, start, protocol),
    }
    listed = people.listed
    sound = np.ones(len(enrolled), dtype=bool)
    left_out = {
        "on the list, but linked to nobody": listed.unlinked,
        "on the list, but never observed": listed.unobserved,
    }
    left_out = {reason: number for reason, number in left_out.items() if number}
    for reason, wrong in reasons.items():
        if new := int((wrong & sound).sum()):
            left_out[reason] = new
        sound &= ~wrong
    return sound, left_out


def _admitted(people: Population, who: Days, when: Days, protocol: Protocol) -> NDArray[np.bool_]:
    entry = protocol.entry
    age = age_of(people, who, when)
    fits = np.ones(len(who), dtype=bool)
    if entry is not None and entry.minimum_age is not None:
        fits &= ~(age < entry.minimum_age)
    if entry is not None and entry.maximum_age is not None:
        fits &= ~(age > entry.maximum_age)
    if entry is not None and entry.areas:
        fits &= np.isin(people.area[who], entry.areas)
    return fits


def _followed(
    people: Population,
    treated: NDArray[np.bool_],
    stand: tuple[Days, Days, Course, Days],
    protocol: Protocol,
    window: tuple[int, int],
) -> Units:
    """Until when each is followed: the protocol's days, the end of the data, death or moving, enrolment here or
    elsewhere."""
    who, index, course, drawing = stand
    days = min(protocol.follow_up_days, people.followed_days or protocol.follow_up_days)
    planned = np.minimum(index + 1 + days, window[1] + 1)
    left = people.last[who] + 1
    later = np.where(treated, NEVER, taken_on(people, who, index))
    # Whoever was in the other programme already stays; it is part of what people are matched on.
    other = np.where((people.elsewhere[who] > index) & ~joined(people, who), people.elsewhere[who], NEVER)
    gone = np.isin(people.why[who], LOSSES)
    end = np.maximum(np.minimum(np.minimum(planned, left), np.minimum(later, other)), index + 1)
    return Units(
        treated,
        who,
        index,
        course,
        drawing,
        planned,
        end,
        (left <= end) & (left <= planned) & gone,
        (later <= end) & (later < np.minimum(planned, left)),
        (other <= end) & (other < np.minimum(planned, left)) & (other < later),
    )


def _exposure(units: Units, quarters: int) -> Vector:
    """float64[unit, quarter]: years followed in each quarter from the day after the index day."""
    first = units.index[:, None] + 1 + QUARTER * np.arange(quarters)
    days = np.clip(np.minimum(units.end[:, None], first + QUARTER) - first, 0, QUARTER)
    found: Vector = days / 365.25
    return found


def apart(protocol: Protocol) -> int:
    """How far two index days may lie apart, in days."""
    return int(protocol.comparison.options.get("calendar_days", CALENDAR_DAYS))
