"""Organisations, the three styles, and the protocol of a collaboration."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Style(StrEnum):
    MIRROR = "mirror"
    INTEGRATION = "integration"
    UPSTREAM = "upstream"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A body that could collaborate. Coordinates in metres on the national grid; an `end` says it lives no more.

    successor: the code of the body that took it over; several, where it was divided, stand with commas between.
    """

    organisation: str
    name: str
    sort: str = ""
    tier: str = ""
    upper_tier: str = ""
    region: str = ""
    population: float | None = None
    easting: float | None = None
    northing: float | None = None
    start: date | None = None
    end: date | None = None
    successor: str = ""
    area_km2: float | None = None
    website: str = ""


class Role(StrEnum):
    """What an outcome is in an evaluation."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NEGATIVE_CONTROL = "negative-control"
    DISPLACEMENT = "displacement"
    """Another agency's demand, which must not rise instead."""


PLAIN_FALL = 0.05


@dataclass(frozen=True, slots=True)
class Outcome:
    kind: str
    role: Role
    worthwhile: float | None = None
    """The smallest fall worth having, as a share of the expected contacts (0.05 is a rate ratio of 0.95); None, of a
    primary outcome alone, for the fall at which the collaboration pays for itself."""

    def __post_init__(self) -> None:
        if self.worthwhile is None and self.role is not Role.PRIMARY:
            object.__setattr__(self, "worthwhile", PLAIN_FALL)

    @property
    def smallest(self) -> float:
        """The fall worth having as stated, else the plain one, which stands where no break-even is known."""
        return PLAIN_FALL if self.worthwhile is None else self.worthwhile


@dataclass(frozen=True, slots=True)
class Entry:
    """Who is taken on: at least `at_least` contacts of `kind` within `within_days` before the index date."""

    kind: str
    at_least: int
    within_days: int
    minimum_age: int | None = None
    maximum_age: int | None = None
    areas: tuple[str, ...] = ()


class Choice(StrEnum):
    """How places came to be treated."""

    BUSIEST = "busiest"
    THRESHOLD = "threshold"
    LOT = "lot"
    JUDGEMENT = "judgement"


@dataclass(frozen=True, slots=True)
class Selection:
    """How the places were chosen: the entry rule of a design on places, as `Entry` is for people."""

    rule: Choice
    periods: int = 0
    """The last so many periods before the choice that were looked at."""
    number: int = 0
    """Of the busiest: how many; 0 for as many as are treated."""
    at_least: float = 0.0
    """Of a threshold: contacts within those periods."""
    chosen: date | None = None
    """The day of the choice; the start where it is left out."""
    kind: str = ""
    """The kind of contact looked at where it is not the outcome judged: places busy in one kind are often busy in
    another."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What the programme could have averted at most: people reached in the treated places, and what they used."""

    people: int = 0
    contacts: dict[str, float] = field(default_factory=dict)
    """Kind of contact → contacts a year of those reached, before the start."""
    share: float = 1.0
    """The largest share of them that an effect may claim."""


@dataclass(frozen=True, slots=True)
class ComparisonPlan:
    """How the comparison is made. `options` are the method's own settings, checked by the method."""

    method: str = "matched"
    """people: matched; places: synthetic-control, synthetic-did, did, its, stepped-wedge, buffer."""
    exact: tuple[str, ...] = ("age_band", "sex")
    distance: str = "propensity"
    """propensity, prognostic or mahalanobis."""
    caliper: float | None = 0.2
    """In standard deviations of the distance."""
    per_unit: int = 3
    replacement: bool = False
    donors: tuple[str, ...] = ()
    """For places and organisations: which may be donors; empty for all that are untreated and sound."""
    excluded: tuple[str, ...] = ()
    options: dict[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Cost:
    """One cost of the collaboration. `year` counts from its start, 0 the first; `yearly` costs recur from there on."""

    bearer: str
    what: str
    """set-up, running, dual-running, redundancy, pensions, ict, pay-harmonisation, governance, exit."""
    gbp: float
    year: int = 0
    yearly: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of the value of an averted contact of a kind a bearer's budget feels."""

    kind: str
    bearer: str
    share: float


@dataclass(frozen=True, slots=True)
class Agreement:
    """A data-sharing agreement, an impact assessment, a contract."""

    what: str
    between: tuple[str, ...]
    signed: date | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Protocol:
    """The plan of an evaluation, as `collaborations/<id>.toml` holds it."""

    id: str
    name: str
    style: Style
    lead: str
    partners: tuple[str, ...]
    start: date
    theory: str
    owner: str
    unit: str
    """person, place or organisation: what is enrolled."""
    outcomes: tuple[Outcome, ...]
    end: date | None = None
    entry: Entry | None = None
    treated: tuple[str, ...] = ()
    """For places and organisations: the units treated (for people the enrolment table says)."""
    comparison: ComparisonPlan = ComparisonPlan()
    estimand: str = "att"
    estimator: str = "poisson"
    checks: tuple[str, ...] = ()
    """Names of the checks to run; empty for all that the design allows."""
    essential: tuple[str, ...] = (
        "pre-trend",
        "negative-control-outcome",
        "placebo-cohort",
        "balance",
        "placebo-period",
        "overlap",
        "contamination",
    )
    subgroups: tuple[str, ...] = ()
    multiplicity: str = "holm"
    follow_up_days: int = 365
    history_days: int = 730
    minimum_grade: int = 3
    """The ledger refuses an effect below this grade."""
    level: float = 0.95
    seed: int = 1
    draws: int = 2000
    detectable: float | None = None
    """The minimum detectable effect the plan was made for, as a rate ratio."""
    stopping_rule: str = ""
    pool: str = ""
    """What names the pool whose sites are told together with this one: its effect is booked given them all where the
    lock held this before outcomes were read."""
    prices: dict[str, str] = field(default_factory=dict)
    """Kind of contact → price code; kinds not named take the price book's own."""
    price_year: int | None = None
    cashable: dict[str, float] = field(default_factory=dict)
    """Kind of contact → share of the variable cost that can really be taken out of a budget."""
    backfill: dict[str, float] = field(default_factory=dict)
    """Kind of contact → share of the freed capacity that other demand fills at once."""
    qaly: dict[str, float] = field(default_factory=dict)
    """Kind of contact → quality-adjusted life years lost with one of them; valued in the social lens alone."""
    wellby: dict[str, float] = field(default_factory=dict)
    """Kind of contact → points of life satisfaction (0 to 10) lost for a year with one of them; in the social lens
    alone."""
    income_share: dict[str, float] = field(default_factory=dict)
    """Kind of contact → income of those who gain, as a share of the national median; value to people is weighed by it
    where stated."""
    bearers: tuple[Share, ...] = ()
    costs: tuple[Cost, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    selection: Selection | None = None
    """How the places were chosen."""
    reach: Reach | None = None
    phases: str = ""
    """The name of the phase template, or of a file in governance/."""
    pays_from: float = 0.95
    """P(net benefit > 0) from which the word is *pays*."""
    does_not_pay_below: float = 0.05
    """P(net benefit > 0) up to which the word is *does not pay*."""

    @property
    def primary_kind(self) -> str:
        """The kind of the first primary outcome, wherever it stands in the list; of the first outcome where none is
        primary."""
        return (*self.outcome_kinds(Role.PRIMARY), *self.outcome_kinds())[0]

    def outcome_kinds(self, *roles: Role) -> tuple[str, ...]:
        return tuple(outcome.kind for outcome in self.outcomes if not roles or outcome.role in roles)


class Status(StrEnum):
    """How the protocol stood when the outcomes were read."""

    LOCKED = "locked"
    EXPLORATORY = "exploratory"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class Standing:
    """The protocol's lock as it is now; `sha256` is the hash the result must carry."""

    status: Status
    sha256: str
    locked_at: str = ""
    deviations: tuple[str, ...] = ()
