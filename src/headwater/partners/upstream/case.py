"""What every upstream option of one downstream kind is made from."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.options import Reason
from headwater.stats.sccs import BEFORE, POST, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.money import Price
    from headwater.partners.upstream.courses import Courses
    from headwater.partners.upstream.evidence import Evidence, Series

    Vector = NDArray[np.float64]

FURTHER = 0.10
"""Options are reckoned for a tenth more contacts of the service than now, each at what one more contact averts."""
RISKS = (
    "Who pays is not who gains (wrong pocket).",
    "Several programmes may claim the same averted contacts.",
    "The effect may fade, or other demand may fill what is freed.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One downstream kind: its board, everybody's contacts, who gives what, what it costs, which services could act
    earlier."""

    board: Evidence
    fits: Series
    found: Courses
    agencies: Mapping[str, tuple[str, ...]]
    prices: Mapping[str, Price]
    usable: tuple[int, ...]
    link_error: float | None = None

    @property
    def kind(self) -> str:
        return self.found.kinds[self.board.kind]

    @property
    def where(self) -> str:
        return "" if self.found.units == "people" else " at the places it comes to"

    def board_id(self, service: int) -> str:
        """What a service does for people is one act, what it does at places another."""
        return f"upstream{'' if self.found.units == 'people' else '-places'}:{self.name(service)}"

    @property
    def ours(self) -> tuple[str, ...]:
        return self.agencies.get(self.kind, ())

    @property
    def price(self) -> float:
        """The average cost of the demand, a reference."""
        return self.prices[self.kind].gbp

    @property
    def freed(self) -> float:
        """What one of the demand less frees: what options are worth."""
        return self.prices[self.kind].freed_gbp

    def stays(self, gbp: float) -> Reason:
        """The step from a demand's average cost to what it frees. gbp: a year, at average cost."""
        fixed = 1 - self.freed / self.price if self.price else 0.0
        return Reason(
            "Cost that stays", -fixed * gbp, f"{fixed:.0%} of what {self.kind} cost is fixed and leaves nobody's budget"
        )

    @property
    def at(self) -> int:
        """The kind's place in the series."""
        return self.fits.at(self.board.kind)

    def averts(self, service: int) -> bool:
        """Whether the service stands among the evidence: its estimate says so and no diagnostic says otherwise."""
        return bool(self.board.discovered[service])

    def name(self, service: int) -> str:
        return self.found.kinds[service]

    def theirs(self, service: int) -> tuple[str, ...]:
        return self.agencies.get(self.name(service), ())

    def partners(self, service: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.ours, *self.theirs(service))))

    def further(self, service: int) -> float:
        """A tenth of the service's contacts a year."""
        return FURTHER * self.found.contacts(service) / max(self.found.years, 1e-9)

    def own_cost(self, service: int) -> float | None:
        """Pounds a year that a tenth more contacts cost whoever gives them; None where the service has no price."""
        own = self.prices.get(self.name(service))
        return self.further(service) * own.gbp if own else None

    def seen_each(self, service: int) -> float:
        """Events in the 180 days after a contact, as they are, per contact."""
        return float(self.board.observed[service].sum() / max(self.board.contacts[service], 1.0))

    def raw_each(self, service: int) -> float:
        """Events that one contact averts by the series alone: not calibrated, not shrunk."""
        beta = self.board.raw.beta[service, POST]
        return float(np.expm1(-beta) @ self.board.observed[service] / max(self.board.contacts[service], 1.0))

    def further_share(self, service: int) -> float:
        """What one more contact averts over what the average one does, over the windows that the effect may last
        through."""
        judged = self.board.averaged
        last = np.arange(judged.shapes.shape[1])[(judged.shapes > 0).sum(axis=1) - 1]
        weight = judged.weight[self.board.place(service)]
        return float(weight @ self.board.further[service, last] / max(weight.sum(), 1e-12))

    def lead(self, service: int) -> NDArray[np.int64]:
        """int64[181]: events by days since the latest contact of the service."""
        counts: NDArray[np.int64] = self.fits.seen.lead[self.at, service]
        return counts

    def median_lead_days(self, service: int) -> float:
        counts = np.cumsum(self.lead(service))
        return float(np.searchsorted(counts, counts[-1] / 2)) if counts[-1] else float("nan")


def seeded(seed: int, *names: str) -> np.random.Generator:
    """Draws of a pair by its names, so that they are the same whatever other kinds there are."""
    said = hashlib.sha256("\n".join(names).encode()).digest()
    return np.random.default_rng((seed, int.from_bytes(said[:8], "big")))


def window_words() -> tuple[str, ...]:
    """Of the windows before a contact and after it, in their order."""
    before = tuple(f"days {-high} to {-low} before" for low, high in WINDOWS[BEFORE])
    return (*before, *(f"days {low} to {high} after" for low, high in WINDOWS[POST]))
