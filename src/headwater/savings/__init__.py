"""What it is worth, and to whom: prices and their vintages, valuation, bearers, gain share."""

from headwater.savings.book import PriceBook, price_book
from headwater.savings.bookings import Booking, bookings
from headwater.savings.value import value

__all__ = ["Booking", "PriceBook", "bookings", "price_book", "value"]
