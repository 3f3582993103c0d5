"""What a report is made of: the facts of one collaboration, as its author hands them over."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.collaboration import Protocol, Standing
    from headwater.domain.evidence import Evaluation, MoneyVerdict
    from headwater.domain.governance import Gate, Indicator, Risk
    from headwater.domain.ledger import Statement
    from headwater.domain.money import Saving
    from headwater.domain.options import Option
    from headwater.domain.release import FigureData
    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True)
class LinkRate:
    """How well a group's records were linked: `by` is the characteristic (agency, sex, age ...), `rate` a share."""

    by: str
    group: str
    rate: float
    records: int | None = None
    under: bool = False
    """Whether it is linked far less well than the others at the same agencies."""


@dataclass(frozen=True, slots=True)
class LoadRow:
    """One file as it was read. rows in = kept + quarantined."""

    file: str
    table: str
    rows_in: int
    kept: int
    quarantined: int
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knowing:
    """How likely it is to pay in public value (0 to 1), and what knowing more is worth before the choice: for certain
    (the expected value of perfect information), and by another evaluation as large (of sample information)."""

    chance: float
    perfect_gbp: float
    sample_gbp: float


@dataclass(frozen=True, slots=True, eq=False)
class BoardFacts:
    """Everything a board report can be made of. Only the first four must be there."""

    name: str
    title: str
    date: str
    decision: str
    """The decision asked of the board, as a sentence."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Hashes, versions, seeds and dates."""
    verdicts: str = ""
    """Both verdicts in one sentence, as every door says them."""
    money: MoneyVerdict | None = None
    why_money: str = ""
    """Why money cannot be judged, where it cannot for want of something."""
    break_even_fall: float | None = None
    """The fall, as a share of what was expected, from which on it pays for itself."""
    knowing: Knowing | None = None
    """None where money cannot be judged."""
    evaluation: Evaluation | None = None
    protocol: Protocol | None = None
    standing: Standing | None = None
    saving: Saving | None = None
    statement: Statement | None = None
    options: tuple[Option, ...] = ()
    risks: tuple[Risk, ...] = ()
    risk_npv: tuple[tuple[str, Interval], ...] = ()
    """The net present value before risk, with inherent risks, and with what their controls leave."""
    gates: tuple[Gate, ...] = ()
    indicators: tuple[Indicator, ...] = ()
    link_rates: tuple[LinkRate, ...] = ()
    loads: tuple[LoadRow, ...] = ()
    figures: tuple[FigureData, ...] = ()
    """More figures for the appendix (capacity, power, timeline, tornado ...)."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of organisations by their codes."""

    @property
    def called(self) -> str:
        """The collaboration's name."""
        if self.protocol is not None:
            return self.protocol.name
        return self.evaluation.collaboration if self.evaluation is not None else self.title
