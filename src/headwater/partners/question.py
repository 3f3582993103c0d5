"""What is asked of the finders."""

from __future__ import annotations

from dataclasses import dataclass, replace

from headwater.domain.collaboration import Style


@dataclass(frozen=True, slots=True)
class Question:
    """organisation: whose partners are sought, None for everybody's; draws and seed of the benefits."""

    organisation: str | None = None
    styles: tuple[Style, ...] = tuple(Style)
    draws: int = 2000
    seed: int = 20240101
    ties: tuple[tuple[str, str], ...] = ()
    """Pairs of organisations that the register of collaborations says share already."""

    def of_everybody(self) -> Question:
        return replace(self, organisation=None, ties=())
