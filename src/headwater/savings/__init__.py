"""What it is worth, and to whom: prices and their vintages, valuation, bearers, gain share."""

from headwater.savings.book import PriceBook, price_book
from headwater.savings.bookings import Booking, bookings
from headwater.savings.caution import optimism
from headwater.savings.fade import forecast
from headwater.savings.gainshare import Settled, settle
from headwater.savings.payers import (
    Headline,
    Payer,
    Tariff,
    headline,
    payers,
    transfers,
    waterfall_figure,
    who_pays,
    who_pays_figure,
)
from headwater.savings.sensitivity import Factor, sensitivity, tornado_figure
from headwater.savings.value import value

__all__ = [
    "Booking", "Factor", "Headline", "Payer", "PriceBook", "Settled", "Tariff", "bookings", "forecast", "headline", "optimism", "payers",
    "price_book", "sensitivity", "settle", "tornado_figure", "transfers", "value", "waterfall_figure", "who_pays", "who_pays_figure",
]  # fmt: skip
