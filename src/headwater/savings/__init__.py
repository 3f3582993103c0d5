"""What it is worth, and to whom: prices and their vintages, valuation, bearers, gain share."""

from headwater.savings.bases import (
    FISCAL,
    PUBLIC_VALUE,
    Account,
    acceptability,
    accounts,
    break_even_share,
    information,
    npsv,
    public_value,
)
from headwater.savings.book import PriceBook, price_book
from headwater.savings.bookings import Booking, Paid, bookings, paid
from headwater.savings.caution import optimism
from headwater.savings.costs import Delivery, delivered
from headwater.savings.fade import forecast
from headwater.savings.figures import chance_figure, figures
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
from headwater.savings.wellbeing import with_wellbeing

__all__ = [
    "FISCAL",
    "PUBLIC_VALUE",
    "Account",
    "Booking",
    "Delivery",
    "Factor",
    "Headline",
    "Paid",
    "Payer",
    "PriceBook",
    "Settled",
    "Tariff",
    "acceptability",
    "accounts",
    "bookings",
    "break_even_share",
    "chance_figure",
    "delivered",
    "figures",
    "forecast",
    "headline",
    "information",
    "npsv",
    "optimism",
    "paid",
    "payers",
    "price_book",
    "public_value",
    "sensitivity",
    "settle",
    "tornado_figure",
    "transfers",
    "value",
    "waterfall_figure",
    "who_pays",
    "who_pays_figure",
    "with_wellbeing",
]
