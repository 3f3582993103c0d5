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

    def of_everybody(self) -> Question:
        return replace(self, organisation=None)
