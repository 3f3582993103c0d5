"""What a saving means to each payer: accounts, lenses, what must be true to break even, settlements; and the prices
behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater import savings
from headwater.app import answers
from headwater.app.answers import plain
from headwater.app.evaluating import estimates, evaluated, protocol_of
from headwater.app.valuing import price_book, worth
from headwater.domain.errors import DataProblem, one_of
from headwater.domain.money import Perspective
from headwater.domain.numbers import numbers
from headwater.domain.progress import silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress


def seen_as(place: Place, collaboration: str, lens: str, progress: Progress = silent) -> Answer:
    """The same effect in the economic or the social lens. Nothing is booked, and lenses are never added."""
    if lens not in set(Perspective):
        raise one_of("there is no such lens", lens, Perspective, f"headwater count {collaboration} --lens social")
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        _standing, found = evaluated(place, store, protocol, progress)
        others = estimates(place, store)
    saving = worth(place, protocol, found, others, Perspective(lens)).saving
    told = numbers(saving)
    a_year = answers.value_by_bucket(told)["released"]
    place.note(f"count --lens {lens}", collaboration)
    content = {
        "collaboration": collaboration,
        "lens": lens,
        "price_year": saving.price_year,
        "value_gbp_per_year": a_year,
        "npv_gbp": answers.interval(told.net),
        "prices": [plain(price) for price in saving.prices],
        "unpriced": list(saving.unpriced),
    }
    return place.answer("count-lens", content, value=saving)


def settlement(
    place: Place, collaboration: str, rule: str, shares: Mapping[str, float], *, a_loss_is_agreed: bool = False
) -> Answer:
    """Payments between the partners that share the gain: they add to zero, and are refused where a partner would
    lose."""
    protocol = protocol_of(place, collaboration)
    with place.store() as store:
        _standing, found = evaluated(place, store, protocol)
        others = estimates(place, store)
    held = savings.payers(worth(place, protocol, found, others).saving)
    gains = {one.bearer: one.cash_gbp.mid + one.released_gbp.mid for one in held}
    costs = {one.bearer: one.invested_gbp for one in held}
    rows = savings.settle(gains, costs, rule, shares or None, a_loss_is_agreed=a_loss_is_agreed)
    place.note("settle", f"{collaboration} {rule}")
    partners = [{**plain(one), "net_gbp": one.net_gbp, "return_on_cost": one.return_on_cost} for one in rows]
    content = {
        "collaboration": collaboration,
        "rule": rule,
        "partners": partners,
        "payments_add_to_gbp": sum(one.payment_gbp for one in rows),
    }
    return place.answer("settle", content, value=rows)


def prices(place: Place, kind: str = "") -> Answer:
    """Every price in the book with its provenance, in pounds of the book's year; `own` marks the one a kind takes by
    itself."""
    book = price_book(place)
    owned = set(book.owns.values())
    rows = [
        {**plain(price), "own": code in owned}
        for code, price in sorted(book.prices.items(), key=lambda pair: (pair[1].kind, pair[0]))
        if kind in {"", price.kind}
    ]
    if kind and not rows:
        raise one_of(
            "no price is of that kind", kind, {price.kind for price in book.prices.values()}, "headwater prices show"
        )
    return place.answer("prices-show", {"price_year": book.price_year, "prices": rows})


def check_prices(place: Place) -> Answer:
    """What the linter finds in the shipped tables and the workspace's own; alarms must be mended."""
    book = price_book(place)
    warned = [plain(warning) for warning in book.warnings]
    tables = list(place.settings.prices)
    content = {"price_year": book.price_year, "tables": tables, "prices": len(book.prices), "warnings": warned}
    return place.answer("prices-check", content, value=book.warnings)


def fail_if_alarmed(content: Mapping[str, Any]) -> None:
    alarms = [one for one in content["warnings"] if one["alarm"]]
    if alarms:
        raise DataProblem(
            f"prices that are wrong or odd: {len(alarms)}",
            given=", ".join(f"{one['code']}: {one['check']}" for one in alarms),
            next_step="mend the price table, then: headwater prices check",
        )
