"""The year, or the day, that a cell means: 2011, 2013-14, Apr-15, 01/04/2008, 1.4.2019, FY13/14, a spreadsheet's number
of days."""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED_MONTH = r"\b(" + "|".join(MONTHS) + r")[a-z]*"
SERIAL = re.compile(r"\s*(\d{5})(?:\.\d+)?\s*")
SERIALS = (29_221, 55_153)
"""Days that spreadsheets count from the end of 1899: 1980 to 2050."""
FOUR = re.compile(r"(?<!\d)((?:19|20)\d{2})(?!\d)")
DOTTED = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?!\d)")
MONTH_YEAR = re.compile(NAMED_MONTH + r"\.?[\s'’,/-]*(\d{4}|\d{2})(?!\d)", re.IGNORECASE)
NUMBERED_MONTH = re.compile(r"(?<!\d)(\d{1,2})[/.-]((?:19|20)\d{2})(?!\d)")
SHORT = re.compile(r"(?:FY|’|')\s?(\d{2})(?:\s?[/-]\s?\d{2})?(?!\d)|(?<!\d)(\d{2})/(\d{2})(?!\d|/)", re.IGNORECASE)


def written(cell: str) -> str:
    """The cell, a spreadsheet's number of days as the day that it means."""
    found = SERIAL.fullmatch(cell)
    if found and SERIALS[0] <= int(found[1]) <= SERIALS[1]:
        return (date(1899, 12, 30) + timedelta(days=int(found[1]))).isoformat()
    return cell


def year_in(text: str) -> int | None:
    """The first year that the text names; None where it names none."""
    four, dotted, month = FOUR.search(text), DOTTED.search(text), MONTH_YEAR.search(text)
    if dotted and (not four or dotted.start() <= four.start()):
        return _whole(dotted[3])
    if month and (not four or month.start() < four.start()):
        return _whole(month[2])
    if four:
        return int(four[1])
    short = SHORT.search(text)
    if short is None or (short[2] and (int(short[2]) + 1) % 100 != int(short[3])):
        return None
    return _whole(short[1] or short[2])


def day_in(text: str) -> date | None:
    """The day a start means: its own, or the last of the year or month that it names."""
    iso, dotted = re.search(r"(?<!\d)(\d{4})-(\d{2})(?:-(\d{2}))?(?!\d)", text), DOTTED.search(text)
    if iso and int(iso[2]) <= 12:
        return _day(int(iso[1]), int(iso[2]), int(iso[3] or 28))
    if dotted:
        return _day(_whole(dotted[3]), int(dotted[2]), int(dotted[1]))
    month, numbered = MONTH_YEAR.search(text), NUMBERED_MONTH.search(text)
    if month:
        return _day(_whole(month[2]), MONTHS.index(month[1].lower()) + 1, 28)
    if numbered:
        return _day(int(numbered[2]), int(numbered[1]), 28)
    year = year_in(text)
    return _day(year, 12, 28) if year else None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _whole(year: str) -> int:
    """Two figures are of this century up to fifty, of the last one after."""
    return int(year) if len(year) == 4 else int(year) + (2000 if int(year) <= 50 else 1900)
