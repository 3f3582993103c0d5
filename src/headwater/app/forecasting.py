"""What a plan promises, booked before launch so that it stands beside what is measured; and what a goal would take."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import capacity, savings
from headwater.app.acting import acting
from headwater.app.answers import plain
from headwater.app.booking import POUNDS
from headwater.app.evaluating import protocol_of
from headwater.app.ledgers import ledger_of
from headwater.app.planning import planned_page
from headwater.app.valuing import price_book
from headwater.domain.calendar import Calendar
from headwater.domain.errors import ProtocolBreach, Usage, one_of
from headwater.domain.evidence import Effect
from headwater.domain.ledger import Claim, ClaimState
from headwater.domain.progress import silent
from headwater.ledger import Spent

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.capacity import Ambition, PlanPage
    from headwater.domain.collaboration import Protocol
    from headwater.domain.progress import Progress
    from headwater.ledger import Ledger

YEAR_DAYS = 365.25
Z95 = 1.959963984540054


def forecast(place: Place, collaboration: str, role: str, reason: str, progress: Progress = silent) -> Answer:
    """Book what the plan hopes for, with its costs, as forecasts: against no lot, in no total, once a collaboration."""
    protocol = protocol_of(place, collaboration)
    ledger = ledger_of(place)
    _refuse_late(ledger, collaboration)
    page, ambition = planned_page(place, protocol, progress)
    effect = hoped(protocol, page, ambition)
    book = price_book(place, protocol)
    freed = capacity.free(effect, book.for_kinds(protocol.prices), place.settings.stations, protocol)
    saving = savings.value(effect, freed, protocol, book)
    rows = savings.bookings(effect, saving)
    claims = [
        Claim(
            claim=f"{protocol.id}/forecast/{row.kind}/{row.bearer}/{row.year}",
            lot="",
            bearer=row.bearer,
            contacts=row.contacts,
            **{name: getattr(row, name) for name in POUNDS},
            year=row.year,
            state=ClaimState.FORECAST,
            role=role,
            reason=reason,
        )
        for row in rows
    ]
    costs = [
        Spent(protocol.id, protocol.style.value, row.bearer, row.year, row.what, row.gbp, ClaimState.FORECAST)
        for row in savings.paid(saving)
    ]
    with acting(place, "ledger forecast", collaboration, (collaboration, role, reason), role) as act:
        ledger = ledger_of(place, act.request)
        if not ledger.done:
            ledger.forecast(protocol.id, protocol.style.value, claims, act.at, costs)
    content = {
        "collaboration": collaboration,
        "kind": page.kind,
        "people": ambition.people,
        "hoped_rate_ratio": ambition.rate_ratio.answer(),
        "claims": [plain(one) for one in claims],
        "invested_gbp": sum(cost.gbp for cost in costs),
        "head_hash": ledger.head_hash,
    }
    return place.answer("ledger-forecast", content)


def _refuse_late(ledger: Ledger, collaboration: str) -> None:
    """A forecast made once the outcome is known is none."""
    if any(lot.collaboration == collaboration for lot in ledger.lots):
        raise ProtocolBreach(
            f"{collaboration} was measured already",
            allowed="a forecast before the first measurement",
            next_step="headwater ledger show",
        )


def hoped(protocol: Protocol, page: PlanPage, ambition: Ambition) -> Effect:
    """The hoped-for effect as draws of averted contacts, month by month: what is expected without the programme times
    the hoped-for fall."""
    ratio = ambition.rate_ratio
    rng = np.random.default_rng(protocol.seed)
    drawn = rng.normal(ratio.mid, (ratio.high - ratio.low) / (2 * Z95), protocol.draws)
    last = protocol.start + timedelta(days=protocol.follow_up_days - 1)
    calendar = Calendar.spanning(protocol.start, last)
    days = calendar.overlap_days(protocol.start, last)
    each = ambition.people * page.expected_without * (1 - drawn)
    averted = each[:, None, None] * (days / days.sum())
    years = ambition.people * protocol.follow_up_days / YEAR_DAYS
    return Effect(
        protocol.id,
        (page.kind,),
        calendar,
        averted,
        (ratio,),
        ambition.people,
        years,
        days.astype(np.float64) * ambition.people,
        protocol.start,
        last,
        protocol.seed,
    )


def goal(place: Place, collaboration: str, wanted: str, progress: Progress = silent) -> Answer:
    """What effect, and how many people, a goal takes: steps=1 that close, wait=0.5 hours, or gbp=67000 a year."""
    name, amount = _wanted(wanted)
    protocol = protocol_of(place, collaboration)
    page, ambition = planned_page(place, protocol, progress)
    each = page.expected_without * (1 - ambition.rate_ratio.mid) * YEAR_DAYS / protocol.follow_up_days
    found = capacity.solve_for(name, amount, _station(place, page.kind, name), each, _worth(place, protocol, page.kind))
    place.note("plan goal", f"{collaboration} {name}")
    hoped_for = ambition.rate_ratio.answer()
    return place.answer(
        "plan-goal",
        {
            "collaboration": collaboration,
            "kind": page.kind,
            "wanted": amount,
            "hoped_rate_ratio": hoped_for,
            **plain(found),
        },
    )


def _wanted(said: str) -> tuple[str, float]:
    name, _, amount = said.partition("=")
    try:
        return name, float(amount)
    except ValueError:
        raise Usage(
            "a goal is GOAL=AMOUNT",
            given=said,
            allowed="steps=1, wait=0.5 or gbp=67000",
            next_step="headwater plan --help",
        ) from None


def _station(place: Place, kind: str, goal_name: str) -> dict[str, Any]:
    known = {str(one["kind"]): dict(one) for one in place.settings.stations}
    if kind in known:
        return known[kind]
    if goal_name == "gbp":  # pounds need no station; one that holds nothing stands in
        return {"kind": kind, "servers": 1, "service_hours": 1.0}
    raise one_of(f"{kind} has no [[station]]", kind, known, "describe the station in headwater.toml")


def _worth(place: Place, protocol: Protocol, kind: str) -> float:
    """Cash and released pounds of one averted contact."""
    prices = price_book(place, protocol).for_kinds(protocol.prices)
    if kind not in prices:
        raise Usage(f"{kind} has no price", allowed=", ".join(sorted(prices)), next_step="headwater prices show")
    return capacity.spendable_per_contact(protocol, prices[kind])
