"""What a collaboration changed: panels in, effects with their checks, grade and verdict out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from math import isfinite
from typing import TYPE_CHECKING

from headwater.domain.calendar import DAYS_PER_YEAR
from headwater.domain.collaboration import Role, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.calendar import Calendar
    from headwater.domain.given import GivenAll
    from headwater.domain.release import FigureData
    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Counts of one kind of contact, unit × period, the only form in which contacts leave the engine.

    counts, exposure: float64[unit, period]; a gap is NaN in both, never 0. Periods are the ISO dates of first days.
    least, most: float64[unit, period], the range of a count that was told as small alone, NaN elsewhere; `counts` then
    holds its middle.
    source: int64[unit, period], which source counted, below 0 where that is not told.
    """

    kind: str
    units: tuple[str, ...]
    periods: tuple[str, ...]
    counts: NDArray[np.float64]
    exposure: NDArray[np.float64]
    least: NDArray[np.float64] | None = None
    most: NDArray[np.float64] | None = None
    source: NDArray[np.int64] | None = None

    def __post_init__(self) -> None:
        shape = (len(self.units), len(self.periods))
        if self.counts.shape != shape or self.exposure.shape != shape:
            raise ValueError(f"a panel of {shape} needs counts and exposure of that shape")


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Who was enrolled. units: str[n] pseudonyms; index: datetime64[D][n]; left_out: reason → number.

    first, last: datetime64[D][n], each unit's own first day followed and its last, which counts too.
    """

    units: NDArray[np.str_]
    index: NDArray[np.datetime64]
    left_out: dict[str, int]
    first: NDArray[np.datetime64]
    last: NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The matched sets or donors, as sums only: how many, how alike."""

    method: str
    treated: int
    matched: int
    controls: int
    unmatched: int
    worst_smd: float
    over_limit: tuple[str, ...] = ()
    """Covariates whose standardised mean difference stays over 0.1."""


class Verdict(StrEnum):
    """What happened to the contacts. Whether it was worth its money is another verdict."""

    AVERTED = "averted"
    NOTHING_FOUND = "nothing-found"
    HARM = "harm"
    CANNOT_TELL = "cannot-tell"


class ShamVerdict(StrEnum):
    """The word for a sham outcome, which the collaboration cannot have changed."""

    STILL = "still"
    """It did not move, as it should."""
    MOVED = "moved"
    """It moved and should not have: the comparison is not to be trusted."""
    CANNOT_TELL = "cannot-tell"


class MoneyVerdict(StrEnum):
    """Whether it pays, from the chance that benefits exceed costs."""

    PAYS = "pays"
    DOES_NOT_PAY = "does-not-pay"
    CANNOT_TELL = "cannot-tell"


def money_verdict(chance: float | None, pays_from: float = 0.95, does_not_pay_below: float = 0.05) -> MoneyVerdict:
    """The word for P(net benefit > 0); None where the effect could not be told."""
    if chance is None:
        return MoneyVerdict.CANNOT_TELL
    if chance >= pays_from:
        return MoneyVerdict.PAYS
    return MoneyVerdict.DOES_NOT_PAY if chance <= does_not_pay_below else MoneyVerdict.CANNOT_TELL


def verdict(rate_ratio: Interval | None, worthwhile: float, withheld: Sequence[str] = ()) -> Verdict:
    """The word for a rate ratio's interval; `worthwhile` is the smallest fall worth having (0.05 for 5 %).

    *Nothing found* needs an interval that includes no change and excludes a worthwhile fall; one that includes both is
    *cannot tell*, and so is an effect that could not be estimated (None), and any from which the word is `withheld`.
    """
    if rate_ratio is None or withheld:
        return Verdict.CANNOT_TELL
    if rate_ratio.high < 1:
        return Verdict.AVERTED
    if rate_ratio.low > 1:
        return Verdict.HARM
    return Verdict.NOTHING_FOUND if rate_ratio.low > 1 - worthwhile else Verdict.CANNOT_TELL


SHAM_LIMIT = 0.2
"""A sham outcome stands still where its whole interval lies within 20 % of no change, unless its check says another
limit."""


def sham_verdict(rate_ratio: Interval | None, limit: float = SHAM_LIMIT) -> ShamVerdict:
    """The word for a sham outcome: *still* needs an interval that lies within the limit, not only one that includes no
    change."""
    if rate_ratio is None:
        return ShamVerdict.CANNOT_TELL
    if not rate_ratio.holds(1.0):
        return ShamVerdict.MOVED
    within = 1 - limit < rate_ratio.low and rate_ratio.high < 1 / (1 - limit)
    return ShamVerdict.STILL if within else ShamVerdict.CANNOT_TELL


TELLS_THE_RATIO = frozenset(
    (
        "second-opinion",
        "leave-one-area-out",
        "drawings",
        "dispersion",
        "hidden-confounder",
        "regression-to-the-mean",
        "specification-curve",
    )
)
"""Checks whose words and figure are the main outcome's ratio once more, or give it away."""


@dataclass(frozen=True, slots=True)
class Check:
    """A falsification test. passed is None where it could not tell; the text then says why, and the grade is capped.

    power: the chance that it would have failed had things been wrong by as much as `limit`, in the unit of `figure`.
    """

    name: str
    passed: bool | None
    text: str
    figure: float | None = None
    essential: bool = False
    outcome: str = ""
    """The kind it judges; '' where it judges the comparison of all outcomes."""
    power: float | None = None
    limit: float | None = None


@dataclass(frozen=True, slots=True)
class Grade:
    """How sure. `level` is on the Maryland scale, 1 (before–after only) to 5 (randomised)."""

    level: int
    confidence: str
    """high, moderate, low or very low."""
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Effect:
    """Averted contacts as draws, never money; positive is averted, negative is demand added.

    averted: float64[draw, outcome, month] in the months of `calendar`, filled from each unit's own days after its
    start;
    followed_days: float64[month], unit-days followed; first_day: the first start; last_day: the last day anybody was
    followed;
    counted_days: float64[month], days of each month between the two on which outcomes are counted, all where it is not
    said.
    """

    collaboration: str
    outcomes: tuple[str, ...]
    calendar: Calendar
    averted: NDArray[np.float64]
    rate_ratios: tuple[Interval | None, ...]
    treated: int
    unit_years: float
    followed_days: NDArray[np.float64]
    first_day: date
    last_day: date
    seed: int
    counted_days: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.averted.shape[1:] != (len(self.outcomes), self.calendar.months):
            raise ValueError("averted runs over draws, outcomes and the calendar's months")
        if self.followed_days.shape != (self.calendar.months,):
            raise ValueError("followed days run over the calendar's months")

    def of(self, outcome: str) -> NDArray[np.float64]:
        """float64[draw]: contacts of one kind averted over the whole follow-up."""
        return self.averted[:, self.outcomes.index(outcome), :].sum(axis=1)

    def without(self, kinds: Iterable[str]) -> Effect:
        """The effect with nothing told of some of its outcomes."""
        averted, left_out = self.averted.copy(), set(kinds)
        averted[:, [at for at, kind in enumerate(self.outcomes) if kind in left_out]] = float("nan")
        return replace(self, averted=averted)

    @property
    def delivery_years(self) -> float:
        """Years of 365.25 days from the first start to the last day followed, less days on which nothing is counted:
        what *a year* divides by."""
        if self.counted_days is not None:
            return float(self.counted_days.sum()) / DAYS_PER_YEAR
        return ((self.last_day - self.first_day).days + 1) / DAYS_PER_YEAR

    @property
    def counted_shares(self) -> NDArray[np.float64]:
        """float64[month]: of each month's days between the first and the last, the share on which outcomes are
        counted."""
        days = self.calendar.overlap_days(self.first_day, self.last_day).astype(float)
        shares, there = days * 0.0 + 1.0, days > 0
        if self.counted_days is not None:
            shares[there] = self.counted_days[there] / days[there]
        return shares

    @property
    def told(self) -> tuple[str, ...]:
        """The outcomes of which something can be told; the draws of the others are NaN, never zeros."""
        return tuple(
            kind for at, kind in enumerate(self.outcomes) if not (self.averted[:, at] != self.averted[:, at]).any()
        )


@dataclass(frozen=True, slots=True)
class Naive:
    """The before–after figure most business cases would use, and what explains it. Changes are shares (−0.4 is −40
    %)."""

    change: float
    explained_by_regression_to_the_mean: float | None
    """Share of the naive change that the comparison shows without any programme; over 1 when it fell further. None
    where
    there is no comparison: the change is then told, and that nothing is known of what would have come anyway; and None
    where there was no fall to explain."""
    before: float | None = None
    """Contacts before the start, as many units as are followed at once in a calendar year of delivery; as the two that
    follow."""
    expected_anyway: float | None = None
    """Contacts a year that would have come after the start without the collaboration, as the estimate has it."""
    seen: float | None = None
    """Contacts a year that came."""

    def with_averted(self, per_year: Interval | None) -> Naive:
        """The chain told by the estimate: what was expected anyway is what was seen and what was averted together, so
        that whoever takes one from the other finds the number that is told. Where nothing was estimated the
        comparison's own change stands.
        """
        if per_year is None or self.seen is None or self.expected_anyway is None or not isfinite(per_year.mid):
            return self
        return replace(self, expected_anyway=max(self.seen + per_year.mid, 0.0))


@dataclass(frozen=True, slots=True)
class Finding:
    """One outcome's line in the verdict."""

    kind: str
    role: Role
    verdict: Verdict | ShamVerdict
    """Of a sham outcome (negative control) a word of its own."""
    rate_ratio: Interval | None
    """The ratio that is told: the calibrated one, where there is one."""
    averted_per_year: Interval | None
    naive: Naive | None
    detectable: float | None = None
    """The smallest fall, as a rate ratio, this evaluation could have told from none."""
    withheld: tuple[str, ...] = ()
    """Why the verdict is *cannot tell* whatever the interval says; the interval shows what was seen, not what was
    done."""
    checks: tuple[Check, ...] = ()
    """Those that judge this outcome, and those that judge the comparison of all."""
    grade: Grade | None = None
    worthwhile: float | None = None
    """The smallest fall worth having that its word was judged by, where that is the break-even and not the protocol's
    own."""
    raw_ratio: Interval | None = None
    """As estimated, before calibration; None where it is the one told."""
    caveats: tuple[str, ...] = ()
    given: GivenAll | None = None
    """Where the ratio told, its word and its contacts a year are given all sites of a pool."""
    seen: float | None = None
    """Contacts of the enrolled after their start, as they were counted; None where it is not told apart from what was
    averted."""
    alone: Finding | None = None
    """The line of this site's own evidence, where the line told is given all."""

    @property
    def own_ratio(self) -> Interval | None:
        """What this site's own evidence says, whatever other sites found: what the draws of the effect are of."""
        return self.own.rate_ratio

    @property
    def own(self) -> Finding:
        """The line as it stands without any other site."""
        return self.alone or self


@dataclass(frozen=True, slots=True)
class TrialPart:
    """One row of the target-trial table: the trial one would have run, and what stands for it in the records (Hernán &
    Robins 2016, American Journal of Epidemiology 183:758)."""

    part: str
    target: str
    emulated: str


@dataclass(frozen=True, slots=True)
class FlowStep:
    """People of a group who came so far: eligible, enrolled, matched, followed; and why the others did not. Numbers are
    of people, and pass disclosure control before they are shown."""

    group: str
    """enrolled or compared."""
    step: str
    people: int
    lost: dict[str, int] = field(default_factory=dict)


class Measure(StrEnum):
    """What is compared beside the number of contacts."""

    AMOUNT = "amount"
    """What they amount to a year, in the units the agency records (bed-days, crew-hours, pounds): noughts and tails in
    it."""
    PER_CONTACT = "amount-per-contact"
    FIRST = "time-to-first"
    """The hazard of the first contact: below 1, it comes later."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Enrolled to compared, within matched sets, as estimated; nothing of it is booked."""

    kind: str
    measure: Measure
    ratio: Interval


class LookWord(StrEnum):
    """What a look before the end may say."""

    HARM = "harm"
    """A rise that holds however often one looks: stop and find out."""
    AVERTED = "averted"
    GO_ON = "go-on"


@dataclass(frozen=True, slots=True)
class Look:
    """One outcome while people are still followed, by an interval that holds however often one looks."""

    kind: str
    role: Role
    day: date
    """The last day that was followed."""
    word: LookWord
    any_time: Interval | None
    once: Interval | None
    """The interval that holds for one look alone, at the end."""
    e_value: float | None
    """The worth of a wager against no change that began at 1."""
    could_tell_from: date | None
    """When what is hoped for could be told, if it is true; None where it could not be, or not within ten years."""
    withheld: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Likelihood:
    """What one outcome's rows say about its log rate ratio, for telling several sites together.

    height: float64[33] at the agreed points (`stats/profiles`). se: the clustered error of the log ratio, calibrated_se
    that of the ratio told; None where one arm had no contact. clusters: what they rest on. seen: contacts of the
    treated and of the compared that the curve is made of, from which both could be reckoned; by_size: where nothing is
    adjusted for, contacts in sets of one compared, of two, …, which each bend the curve in a way of their own and could
    be reckoned too.
    """

    kind: str
    height: NDArray[np.float64]
    se: float | None
    calibrated_se: float | None
    clusters: int
    seen: tuple[int, int]
    by_size: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything an evaluation found. `checks` and `grade` are those of `primary`, the first primary outcome's
    finding."""

    collaboration: str
    design: str
    status: Status
    protocol_sha256: str
    cohort: Cohort
    comparison: Comparison
    effect: Effect
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]
    grade: Grade
    caveats: tuple[str, ...]
    figures: tuple[FigureData, ...]
    likelihoods: tuple[Likelihood, ...] = ()
    """One an outcome, where people are compared in sets; of places the interval says all there is."""
    trial: tuple[TrialPart, ...] = ()
    """The protocol as a target trial; empty for places."""
    flow: tuple[FlowStep, ...] = ()
    """The way of the people from step to step, group by group; empty for places."""
    amounts: tuple[Amount, ...] = ()
    """Beside the contacts: what they amount to, and when the first came."""
    together: bool = False
    """Whether most of the treated were another programme's at the same time, so that what is told is what both did."""
    pool_says: str = ""
    """Whether the lines are given all sites of the pool that the protocol names, and why not; '' where it names
    none."""

    @property
    def primary(self) -> Finding:
        return next(finding for finding in self.findings if finding.role is Role.PRIMARY)
