"""What every step after the estimate reads: the people, their design and what was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.people.severity import Hidden
from headwater.evidence.people.shams import Shams

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Days = NDArray[np.int64]
    Floats = NDArray[np.float64]

    from headwater.domain.collaboration import Protocol
    from headwater.domain.uncertainty import Interval
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.evidence.people.reading import Population
    from headwater.stats.calibration import SystematicError
    from headwater.stats.poisson import RateModel


@dataclass(frozen=True, slots=True, eq=False)
class Used:
    """Of the design's units that are matched, noughts and NEVER for all others. quantity: float64[unit, kind, quarter],
    weighted as the contacts are; first: int64[unit, kind], the day of the first contact after the index day; plain:
    bool[kind], whether each contact counts one.
    """

    quantity: Floats
    first: Days
    plain: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Everything a check may look at. Of each outcome: raw, the rate model as estimated; models, calibrated by what the
    same method finds where nothing was done (shams, and the negative controls) and by what is hidden; exact: the
    interval where no model can be had; None for none."""

    protocol: Protocol
    design: Design
    sets: Matched
    raw: dict[str, RateModel | None]
    models: dict[str, RateModel | None]
    exact: dict[str, Interval | None]
    shams: dict[str, Shams] = field(default_factory=dict)
    systematic: dict[str, SystematicError] = field(default_factory=dict)
    hidden: dict[str, Hidden] = field(default_factory=dict)
    relinked: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    """How many times as many contacts the enrolled had under each drawn partition; nothing where none moves anybody."""
    used: Used | None = None
    """What contacts amounted to; None where nobody counted it."""
    judged: str = ""
    """The outcome that a check is made of; '' for the primary one."""

    @property
    def kind(self) -> str:
        return self.judged or self.protocol.primary_kind

    @property
    def people(self) -> Population:
        return self.design.people

    def ratio(self, kind: str) -> Interval | None:
        """The interval that is told."""
        model = self.models[kind]
        return self.exact[kind] if model is None else model.ratio(0, self.protocol.level)

    @property
    def unmodelled(self) -> str:
        """Why the outcome judged has no rate model, in one sentence; '' where it has one."""
        if self.raw[self.kind] is not None:
            return ""
        if not len(self.sets.row):
            return "Nobody of those enrolled could be compared with anybody."
        if self.exact[self.kind] is None:
            return "Too few were compared, or had such a contact afterwards, for a ratio."
        return (
            "The ratio is exact, because few were compared or one group had no contact at all; this cannot be made"
            " of it."
        )
