"""Lots that evidence opened, claims against them, statements: nothing counted twice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClaimState(StrEnum):
    FORECAST = "forecast"
    MEASURED = "measured"
    ACCEPTED = "finance-accepted"
    REMOVED = "budget-removed"
    DECAYED = "decayed"
    REVERSED = "reversed"


SIGNED = (ClaimState.ACCEPTED, ClaimState.REMOVED)
"""What finance has put its name to."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Averted contacts of one kind, for one set of units, in one period. Negative for harm.

    `units` is the digest of the unit set (people or places); the set itself stays in the workspace's hidden folder.
    """

    lot: str
    collaboration: str
    kind: str
    unit: str
    units: str
    first_day: str
    last_day: str
    averted: float
    averted_low: float
    averted_high: float
    grade: int
    protocol_sha256: str
    evidence_sha256: str
    registered: str
    style: str = ""
    expected: float = 0.0
    """Contacts expected of these units in this period without the collaboration; 0 where it is not known."""
    months: tuple[str, ...] = ()
    """The months of the calendar from the first day to the last, as 2024-03."""
    averted_by_month: tuple[float, ...] = ()
    """Averted contacts in each of them; they add to `averted`."""
    raw_averted: float | None = None
    """As estimated, where what is booked was shrunk towards the other programmes and the stated prior."""
    price_gbp: float | None = None
    """The average cost of one contact in the price book it was counted with: what the four amounts of a claim come
    to."""
    split_gbp: tuple[float, ...] = ()
    """What all its contacts come to as cash, released, absorbed and none: its claims never make more of one out of
    another."""
    due: tuple[tuple[str, str, float, float, float, float, float], ...] = ()
    """By bearer and financial year: contacts, and what they come to as cash, released, absorbed and none. In older
    files not there."""

    def due_to(self, bearer: str, year: str) -> tuple[float, ...] | None:
        """Contacts and pounds by bucket that are one budget's in one year; noughts where it has no part; None where
        nothing is known."""
        if not self.due:
            return None
        rows = [row[2:] for row in self.due if row[:2] == (bearer, year)]
        return tuple(map(sum, zip(*rows, strict=True))) if rows else (0.0,) * 5

    @property
    def bearers(self) -> tuple[str, ...]:
        """Whose budgets have a part in it, in order; none where it is not known."""
        return tuple(dict.fromkeys(row[0] for row in self.due))


@dataclass(frozen=True, slots=True)
class Claim:
    """A saving booked against a lot: contacts claimed, and the pounds they stand for by bucket."""

    claim: str
    lot: str
    bearer: str
    contacts: float
    cash_gbp: float
    released_gbp: float
    absorbed_gbp: float
    none_gbp: float
    year: str
    state: ClaimState
    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class StatementLine:
    bearer: str
    collaboration: str
    style: str
    year: str
    state: ClaimState
    contacts: float
    invested_gbp: float
    cash_gbp: float
    released_gbp: float
    absorbed_gbp: float
    none_gbp: float


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands in the ledger now, line by line; `head_hash` fixes which entries it was made from."""

    head_hash: str
    lines: tuple[StatementLine, ...]
