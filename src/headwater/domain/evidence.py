"""What a collaboration changed: panels in, effects with their checks, grade and verdict out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role, Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.figures import FigureData
    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Counts of one kind of contact, unit × period, the only form in which contacts leave the engine.

    counts, exposure: float64[unit, period]; a gap is NaN in both, never 0. Periods are the ISO dates of first days.
    """

    kind: str
    units: tuple[str, ...]
    periods: tuple[str, ...]
    counts: NDArray[np.float64]
    exposure: NDArray[np.float64]

    def __post_init__(self) -> None:
        shape = (len(self.units), len(self.periods))
        if self.counts.shape != shape or self.exposure.shape != shape:
            raise ValueError(f"a panel of {shape} needs counts and exposure of that shape")


@dataclass(frozen=True, slots=True, eq=False)
class Cohort:
    """Who was enrolled. units: str[n] pseudonyms; index: datetime64[D][n]; left_out: reason → number."""

    units: NDArray[np.str_]
    index: NDArray[np.datetime64]
    left_out: dict[str, int]


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
    SAVED = "saved"
    NOTHING_FOUND = "nothing-found"
    HARM = "harm"
    CANNOT_TELL = "cannot-tell"


def verdict(rate_ratio: Interval | None, worthwhile: float, withheld: Sequence[str] = ()) -> Verdict:
    """The word for a rate ratio's interval; `worthwhile` is the smallest fall worth having (0.05 for 5 %).

    *Nothing found* needs an interval that includes no change and excludes a worthwhile fall; one that includes both is
    *cannot tell*, and so is an effect that could not be estimated (None), and any from which the word is `withheld`.
    """
    if rate_ratio is None or withheld:
        return Verdict.CANNOT_TELL
    if rate_ratio.high < 1:
        return Verdict.SAVED
    if rate_ratio.low > 1:
        return Verdict.HARM
    return Verdict.NOTHING_FOUND if rate_ratio.low > 1 - worthwhile else Verdict.CANNOT_TELL


@dataclass(frozen=True, slots=True)
class Check:
    """A falsification test. passed is None where it could not be run; the text then says why."""

    name: str
    passed: bool | None
    text: str
    figure: float | None = None
    essential: bool = False


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

    averted: float64[draw, outcome, period]; `periods` are ISO first days of follow-up years or quarters.
    """

    collaboration: str
    outcomes: tuple[str, ...]
    periods: tuple[str, ...]
    averted: NDArray[np.float64]
    rate_ratios: tuple[Interval | None, ...]
    treated: int
    unit_years: float
    seed: int

    def __post_init__(self) -> None:
        if self.averted.shape[1:] != (len(self.outcomes), len(self.periods)):
            raise ValueError("averted runs over draws, outcomes and periods")

    def of(self, outcome: str) -> NDArray[np.float64]:
        """float64[draw]: contacts of one kind averted over the whole follow-up."""
        return self.averted[:, self.outcomes.index(outcome), :].sum(axis=1)

    @property
    def told(self) -> tuple[str, ...]:
        """The outcomes of which something can be told; the draws of the others are NaN, never zeros."""
        return tuple(
            kind for at, kind in enumerate(self.outcomes) if not (self.averted[:, at] != self.averted[:, at]).any()
        )


@dataclass(frozen=True, slots=True)
class Naive:
    """The before–after figure most business cases would use, and what explains it. Changes are shares (−0.4 is −40 %)."""

    change: float
    explained_by_regression_to_the_mean: float | None
    """Share of the naive change that the comparison shows without any programme; over 1 when it fell further. None where
    there is no comparison: the change is then told, and that nothing is known of what would have come anyway."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One outcome's line in the verdict."""

    kind: str
    role: Role
    verdict: Verdict
    rate_ratio: Interval | None
    averted_per_year: Interval | None
    naive: Naive | None
    detectable: float | None = None
    """The smallest fall, as a rate ratio, this evaluation could have told from none."""
    withheld: tuple[str, ...] = ()
    """Why the verdict is *cannot tell* whatever the interval says; the interval shows what was seen, not what was done."""


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """Everything an evaluation found. `primary` is the first primary outcome's finding."""

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

    @property
    def primary(self) -> Finding:
        return next(finding for finding in self.findings if finding.role is Role.PRIMARY)
