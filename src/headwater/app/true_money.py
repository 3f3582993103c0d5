"""What a perfect observer would book: the true averted contacts of a made-up county through the product's own money, by
bearer and year."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from headwater import capacity, savings
from headwater.app.booking import POUNDS
from headwater.app.ledgers import ledger_of
from headwater.app.valuing import price_book
from headwater.domain.calendar import Calendar
from headwater.domain.collaboration import Role
from headwater.domain.evidence import Effect

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol

FIGURES = ("invested_gbp", *POUNDS)
Key = tuple[str, str, str]
"""Collaboration, bearer and financial year."""


def true_money(place: Place, truth: Mapping[str, Any], protocols: Iterable[Protocol]) -> list[dict[str, Any]]:
    """A line a collaboration, bearer and financial year, from the rates that nobody was shown."""
    found: dict[Key, dict[str, float]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0.0))
    for protocol in protocols:
        effect, delivery = true_effect(truth, protocol), _delivered(truth, protocol)
        book = price_book(place, protocol)
        freed = capacity.free(effect, book.for_kinds(protocol.prices), place.settings.stations, protocol)
        saving = savings.value(effect, freed, protocol, book, delivery=delivery)
        for row in savings.bookings(effect, saving):
            for name in POUNDS:
                found[protocol.id, row.bearer, row.year][name] += getattr(row, name)
        for cost in savings.paid(saving):
            found[protocol.id, cost.bearer, cost.year]["invested_gbp"] += cost.gbp
    return _lines(found)


def booked_money(place: Place) -> list[dict[str, Any]]:
    """The same lines as the ledger holds them; forecasts and what was reversed are in none."""
    found: dict[Key, dict[str, float]] = defaultdict(lambda: dict.fromkeys(FIGURES, 0.0))
    for line in ledger_of(place).statement().lines:
        if line.state not in {"forecast", "reversed"}:
            for name in FIGURES:
                found[line.collaboration, line.bearer, line.year][name] += getattr(line, name)
    return _lines(found)


def true_effect(truth: Mapping[str, Any], protocol: Protocol) -> Effect:
    """One draw, the truth: the protocol's outcomes but its controls, month by month; nought where nothing was
    changed."""
    first, last = _span(truth, protocol)
    calendar = Calendar.spanning(first, last)
    controls = protocol.outcome_kinds(Role.NEGATIVE_CONTROL)
    kinds = tuple(kind for kind in protocol.outcome_kinds() if kind not in controls)
    averted = np.zeros((1, len(kinds), calendar.months))
    for at, kind in enumerate(kinds):
        known = truth["averted_by_month"].get(f"{protocol.id}/{kind}", {})
        averted[0, at] = [known.get(month, 0.0) for month in calendar.labels]
    days = calendar.overlap_days(first, last).astype(np.float64)
    people = int(truth["enrolled"][protocol.id])
    return Effect(
        protocol.id,
        kinds,
        calendar,
        averted,
        (None,) * len(kinds),
        people,
        float(people),
        days,
        first,
        last,
        protocol.seed,
    )


def _span(truth: Mapping[str, Any], protocol: Protocol) -> tuple[date, date]:
    """From the first one taken on to the end of the last one's follow-up."""
    first, last = (date.fromisoformat(day) for day in truth["taken_on"].get(protocol.id, [str(protocol.start)] * 2))
    return first, last + timedelta(days=protocol.follow_up_days - 1)


def _delivered(truth: Mapping[str, Any], protocol: Protocol) -> savings.Delivery:
    """Paid for until the last one is taken on, for a whole follow-up at least; places until the last day followed."""
    first, last = _span(truth, protocol)
    whole = timedelta(days=protocol.follow_up_days - 1)
    return savings.Delivery(first, max(last - whole, first + whole) if protocol.unit == "person" else last)


def _lines(found: Mapping[Key, Mapping[str, float]]) -> list[dict[str, Any]]:
    return [{"collaboration": key[0], "bearer": key[1], "year": key[2], **found[key]} for key in sorted(found)]
