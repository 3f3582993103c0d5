"""The social lens of contacts: what one of them costs in quality of life, priced by the official value of a year of it.

A protocol says how much is lost with one contact of a kind; the price of a QALY (Department of Health and Social Care,
supplementary Green Book guidance) or of a WELLBY (HM Treasury, Wellbeing guidance for appraisal, 2021) is in the
shipped tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.errors import ProtocolBreach
from headwater.domain.money import Perspective

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.collaboration import Protocol
    from headwater.domain.money import Price
    from headwater.savings.book import PriceBook

QALY, WELLBY = "DHSC-QALY", "HMT-WELLBY"


def with_wellbeing(book: PriceBook, protocol: Protocol) -> PriceBook:
    """The book with a social price for each kind whose loss the protocol states.

    Raises ProtocolBreach for a kind stated both ways: a WELLBY holds health too, and would count the QALY again.
    """
    twice = sorted(set(protocol.qaly) & set(protocol.wellby))
    if twice:
        raise ProtocolBreach(
            "one loss would be counted twice",
            given=f"{', '.join(twice)} under both [qaly] and [wellby]",
            allowed="one of the two for a kind",
            next_step=f"headwater amend {protocol.id} after taking one out",
        )
    said = {**_prices(book, QALY, protocol.qaly, "QALY"), **_prices(book, WELLBY, protocol.wellby, "WELLBY")}
    owns = {(Perspective.SOCIAL, kind): price.code for kind, price in said.items()}
    return replace(book, prices={**book.prices, **{p.code: p for p in said.values()}}, owns={**book.owns, **owns})


def _prices(book: PriceBook, code: str, lost: Mapping[str, float], unit: str) -> dict[str, Price]:
    each = book.price(code)
    return {
        kind: replace(
            each,
            code=f"{code}/{kind}",
            kind=kind,
            gbp=each.gbp * amount,
            unit="contact",
            about=f"{amount:g} {unit} lost with one, as the protocol states, at £{each.gbp:,.0f} each",
        )
        for kind, amount in lost.items()
    }
