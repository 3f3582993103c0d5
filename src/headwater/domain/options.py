"""A possible collaboration, ranked among the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Style
    from headwater.domain.evidence import Grade
    from headwater.domain.release import FigureData
    from headwater.domain.uncertainty import Interval


SPREAD_YEARS = 5
"""One-off costs are spread over so many years, as a business case of this kind is usually judged; the one span of all
options."""


COST = "Cost of the contacts"
"""The reason that tells what an act costs, whatever it averts: of several demands averted by one act it counts once."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One contribution to the answer to "why this partner?", in pounds; those of an option add up to its mean net
    benefit a year."""

    factor: str
    contribution: float
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """A collaboration that could be. benefit_gbp: float64[draw] per year, before cost: cash and the value of capacity
    released, as

    programmes are valued on the basis of public value; what stays with whoever pays it is no benefit. All pounds per
    year or one-off. An option whose figures cannot be told names what they need in `needs`; its benefit is then empty
    and it has no net.
    """

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
    staff_transferred: float | None
    """None where nobody knows."""
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
    """(what, how many): numbers of people, places or buildings behind the option; masked and rounded on their way
    out."""
    needs: tuple[str, ...] = ()
    """The tables, lines or files without which no figure can be told."""
    act: str = ""
    """What would be done: options of one act are one option, whose benefits add up and whose cost is paid once."""
    idea: str = ""
    """Options of one idea that share a partner shut each other out: they are one row, the best of them before the
    others."""
    fiscal_share: float = 1.0
    """Share of the benefit that leaves somebody's budget (cash); the rest is capacity released."""
    benefit_shares: tuple[tuple[str, float], ...] = ()
    """(organisation, share of the benefit), together 1; evenly over those who gain where nothing is said."""
    posts_removed: float | None = None
    scales: bool = False
    """Whether its pounds are those of the people in the records, and grow with the people of the place."""
    place_factor: float = 1.0
    """From the people in the records to the people of the place."""
    inside: tuple[Option, ...] = ()
    """The other alternatives of the same idea, best first."""

    def benefit(self, level: float = 0.95) -> Interval:
        from headwater.domain.uncertainty import Interval

        return Interval.around_mean(self.benefit_gbp, level)

    @property
    def net_gbp(self) -> NDArray[np.float64]:
        """float64[draw]: benefit less cost a year, one-off cost spread over five years: the figure by which options are
        ranked."""
        return self.benefit_gbp - self.yearly_cost_gbp - self.one_off_cost_gbp / SPREAD_YEARS

    @property
    def fiscal_net_gbp(self) -> NDArray[np.float64]:
        """float64[draw]: the same, of the benefit only what leaves a budget."""
        return self.net_gbp - (1 - self.fiscal_share) * self.benefit_gbp

    def net(self, level: float = 0.95) -> Interval:
        """The expected net a year, as every list, explanation, picture and report tells it. Raises ValueError where
        needs stand."""
        from headwater.domain.uncertainty import Interval

        return Interval.around_mean(self.net_gbp, level)

    def shares(self) -> dict[str, float]:
        """Organisation → its share of the benefit."""
        even = 1 / len(self.gains) if self.gains else 0.0
        return dict(self.benefit_shares) or dict.fromkeys(self.gains, even)


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
    status: str = "not said"
    """running, paused, proposed, ended, abandoned, refused, refused on cost; not said."""
    status_reason: str = ""
    claim_gbp_per_year: float | None = None
    """All partners' together, a year; None where the row does not say over how long."""
    claim_basis: str = "not said"
    """per year, over N years, per month, in total; not said."""
    claim_others_gbp: tuple[float, ...] = ()
    """Further amounts that the row names."""
    claim_percent: tuple[float, ...] = ()
    from_list: str = ""
    """The file that the row was imported from."""
