"""A possible collaboration, ranked among the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Style
    from headwater.domain.evidence import Grade
    from headwater.domain.figures import FigureData
    from headwater.domain.uncertainty import Interval


SPREAD_YEARS = 5
"""One-off costs are spread over so many years, as a business case of this kind is usually judged."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution to the answer to "why this partner?", in pounds; those of an option add up to its mean net benefit a year."""

    factor: str
    contribution: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """A collaboration that could be. benefit_gbp: float64[draw] per year, before cost; all pounds per year or one-off."""

    id: str
    style: Style
    partners: tuple[str, ...]
    """Organisation codes; the first is the one the question was asked for."""
    service: str
    """The service shared, or the demand that would be averted."""
    benefit_gbp: NDArray[np.float64]
    yearly_cost_gbp: float
    one_off_cost_gbp: float
    gains: tuple[str, ...]
    pays: tuple[str, ...]
    staff_transferred: float
    months_to_benefit: float
    grade: Grade
    reasons: tuple[Reason, ...]
    would_change: tuple[str, ...]
    """What would change the answer, in sentences."""
    risks: tuple[str, ...]
    board: str = ""
    """For upstream: evidence or opportunity; the two are never blended."""
    figures: tuple[FigureData, ...] = ()
    counted: tuple[tuple[str, float], ...] = ()
    """(what, how many): numbers of people, places or buildings behind the option; masked and rounded on their way out."""

    def benefit(self, level: float = 0.95) -> Interval:
        from headwater.domain.uncertainty import Interval

        return Interval.of_draws(self.benefit_gbp, level)


@dataclass(frozen=True, slots=True)
class Listed:
    """A real collaboration in the register, classified by rule. A claim is kept as it was made, never as a saving."""

    id: str
    name: str
    partners: tuple[str, ...]
    service: str
    start: str
    style: str
    """mirror, integration, upstream or unsure."""
    style_reason: str
    claim_gbp: float | None
    claim_kind: str
    claim_period: str
    claim_bearer: str
    claim_text: str
    warnings: tuple[str, ...]
    organisations: tuple[str, ...] = ()
    """The partners' codes in their order, '' for one that the organisations do not know."""
