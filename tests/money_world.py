"""What the tests of capacity, savings and ledger share: a small protocol, an effect, prices, lots and claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.calendar import Calendar, Month
from headwater.domain.collaboration import Cost, Entry, Outcome, Protocol, Role, Share, Status, Style
from headwater.domain.collaboration import Standing as Lock
from headwater.domain.errors import HeadwaterError
from headwater.domain.evidence import Effect, Grade
from headwater.domain.ledger import Claim, ClaimState, Lot
from headwater.domain.money import Perspective, Price
from headwater.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AE, STAY, CONTROL = "ae_attendance", "emergency_admission", "fracture_attendance"
LOCK = Lock(Status.LOCKED, "a" * 64, "2023-01-01T09:00:00")
AT = "2024-06-01T12:00:00"
SURE = Grade(5, "high", "randomised")
SOUND = Grade(3, "moderate", "matched on history")


def protocol(**changes: object) -> Protocol:
    """Frequent attenders, led by the GPs, gaining the hospital."""
    plain = Protocol(
        id="frequent-attenders",
        name="Frequent attenders",
        style=Style.UPSTREAM,
        lead="gp",
        partners=("hospital", "community"),
        start=date(2023, 4, 1),
        theory="A shared plan averts crises.",
        owner="programme lead",
        unit="person",
        outcomes=(Outcome(AE, Role.PRIMARY), Outcome(STAY, Role.SECONDARY), Outcome(CONTROL, Role.NEGATIVE_CONTROL)),
        entry=Entry(AE, 3, 90),
        cashable={AE: 0.5},
        backfill={AE: 0.6},
        costs=(Cost("gp", "running", 20_000, 0, yearly=True), Cost("hospital", "set-up", 5_000)),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def effect(means: dict[str, float] | None = None, sd: float = 0.0, years: int = 1, draws: int = 4) -> Effect:
    """Averted contacts a financial year by kind, alike in all months; every draw the mean where sd is 0. 400 people
    throughout."""
    means = {AE: 100.0} if means is None else means
    generator = np.random.default_rng(7)
    calendar = Calendar(Month(2023, 4), 12 * years)
    yearly = np.array(list(means.values()))[None, :, None] + sd * generator.normal(size=(draws, len(means), years))
    averted = np.repeat(yearly / 12, 12, axis=2)
    days = np.array([month.days for month in calendar])
    return Effect(
        "frequent-attenders",
        tuple(means),
        calendar,
        averted,
        (None,) * len(means),
        400,
        400.0 * years,
        400.0 * days,
        calendar.first.first,
        calendar.last.last,
        7,
    )


def price(kind: str = AE, gbp: float = 100.0, **changes: object) -> Price:
    plain = Price(
        f"P-{kind}", kind, kind, gbp, "contact", 2024, Perspective.FISCAL, "hospital", "a source", "1", "OGL v3"
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


SHARED = (Share(AE, "hospital", 0.7), Share(AE, "ambulance", 0.3))


def lot(name: str = "lot-1", averted: float = 96.0, **changes: object) -> Lot:
    low, high = sorted((averted * 0.5, averted * 1.5))
    plain = Lot(
        name,
        "frequent-attenders",
        AE,
        "person",
        "",
        "2023-04-01",
        "2024-03-31",
        averted,
        low,
        high,
        3,
        LOCK.sha256,
        "e" * 64,
        "",
        style="upstream",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


class Sets(dict[str, np.ndarray]):
    """Unit sets held in memory, whose units have the days of their lot."""

    def codes(self, name: str) -> np.ndarray:
        return self[name]

    def days(self, name: str) -> None:
        return None


def people(first: int, after: int) -> list[str]:
    return [f"p{n:07d}" for n in range(first, after)]


def claim(name: str = "claim-1", contacts: float = 10.0, **changes: object) -> Claim:
    plain = Claim(
        name,
        "lot-1",
        "hospital",
        contacts,
        2 * contacts,
        contacts,
        3 * contacts,
        4 * contacts,
        "2023-24",
        ClaimState.MEASURED,
        "analyst",
        "measured by the matched evaluation",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def ledger_in(folder: Path) -> Ledger:
    return Ledger(folder / "ledger.jsonl", folder / ".headwater" / "units")


def opened(folder: Path, *lots: tuple[Lot, list[str]]) -> Ledger:
    """A ledger with lots open; one lot of 96 over 100 people where none is named."""
    ledger = ledger_in(folder)
    for each, units in lots or ((lot(), people(0, 100)),):
        ledger.open_lot(each, units, LOCK, 3, AT)
    return ledger


def stands(act: Callable[[], object]) -> bool:
    """Whether an act is taken; False where it is refused with a sentence."""
    try:
        act()
    except HeadwaterError:
        return False
    return True
