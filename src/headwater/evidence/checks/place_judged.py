"""What a check of places is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from headwater.domain.collaboration import Outcome, Protocol
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check may look at: every outcome's case and fit, and which outcome is judged."""

    protocol: Protocol
    method: str
    cases: tuple[Case, ...]
    fits: tuple[Fit, ...]
    at: int

    @property
    def outcome(self) -> Outcome:
        return self.protocol.outcomes[self.at]

    @property
    def case(self) -> Case:
        return self.cases[self.at]

    @property
    def fit(self) -> Fit:
        return self.fits[self.at]

    def beside(self, at: int) -> Judged:
        """The same with another outcome judged."""
        return replace(self, at=at)
