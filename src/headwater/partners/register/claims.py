"""What a list claims was saved: amount, kind, period, whose; and what is odd about it. A claim is never a saving.

A claim over a number of contacts is set against what one of them costs (the price tables of the workspace): above the
average cost it cannot be, and above the part of it that changes with a contact it counts cost that stays.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.domain.money import Price

DEAREST_GBP = 60_000.0
"""No unit of contact in the price tables costs more: a claim over it per unit is not a saving on such a unit."""
LARGE_SHARE = 0.1
"""Of all that the partners spend in a year: sharing a part of it can hardly save so much."""
APART = 1.25
TIMES = {"bn": 1e9, "billion": 1e9, "m": 1e6, "million": 1e6, "k": 1e3, "thousand": 1e3}
AMOUNT = r"(\d[\d,]*\.?\d*)\s*(bn|billion|million|thousand|m|k)?\b"
MONEY = re.compile("£" + AMOUNT, re.IGNORECASE)
UNITS = (
    # the first that fits; kind of contact as the price tables have it
    ("ae_attendance", r"a&e|a\s*and\s*e\b|\bae\b|\beds?\b|emergency department|attendances"),
    ("emergency_admission", r"\beas?\b|emergency admissions?|non-elective|unplanned admissions?|\badmissions?"),
    ("ambulance_call", r"ambulances?|\b999\b|call-?outs?"),
    ("fire_incident", r"\bfires?\b"),
    ("police_incident", r"police incidents?|incidents?"),
    ("gp_contact", r"gp (appointments?|contacts?|visits?)"),
    ("", r"patients|people|residents|visits|calls|families|clients|cases|households"),
)
NUMBER = r"(\d[\d,]{1,})"
NAMED = "|".join(pattern for _, pattern in UNITS)
EACH = re.compile(
    rf"£{AMOUNT}\s*(?:/|from|for|on|by averting|through)\s*{NUMBER}\s+(?:[\w-]+\s+){{0,2}}?({NAMED})", re.IGNORECASE
)
COUNTED = re.compile(rf"\b{NUMBER}\s+(?:[\w-]+\s+){{0,2}}?({NAMED})", re.IGNORECASE)
PERIOD = re.compile(
    r"(per|a|each|every) (year|annum|month)|p\.?a\.?\b|annual(ly)?|over (the )?[\w.]+ years?|in [\d.]+ (years?|yrs?)|cumulative(ly)?|by \d{4}(/\d{2})?|since \d{4}",
    re.IGNORECASE,
)
WHOSE = re.compile(r"(both|all|two|three|four|five|six|each|the) (of the )?(councils?|partners?|services?|forces?|boroughs?|organisations?|authorities)( combined)?|combined", re.IGNORECASE)  # fmt: skip
DOUBT = re.compile(r"disput|conflict|contradict|versus|\bvs\b|other reports", re.IGNORECASE)
KINDS = (
    ("evaluated", r"matched control|synthetic|difference.in.differences|\bdid\b|\brct\b|randomis|\bpsm\b|evaluated|quasi-exp"),
    ("projected", r"project|estimate|forecast|business case|expected|\bplan(ned)?\b|would save|could save"),
    ("self-reported", r"self-report|achieved|saves|saved|before-after claim|uncontrolled"),
)  # fmt: skip


def amount(text: str) -> float | None:
    """The first number of a cell as pounds: 6000000, £1.2m, 300k."""
    found = re.search(AMOUNT, text.replace("£", ""), re.IGNORECASE)
    return _pounds(found[1], found[2]) if found else None


def amounts(text: str) -> tuple[float, ...]:
    """Every amount of pounds that the words name, of a thousand pounds or more."""
    found = (_pounds(match[1], match[2]) for match in MONEY.finditer(text))
    return tuple(gbp for gbp in found if gbp >= 1000)


def kind(cell: str, words: str) -> str:
    """evaluated, projected or self-reported, as the row itself says; both where it mixes two; else not said."""
    for text in (cell, words):
        found = [name for name, pattern in KINDS if re.search(pattern, text, re.IGNORECASE)]
        if found:
            return " and ".join(found) if text is cell else found[0]
    return "not said"


def period(words: str) -> str:
    """For how long, in the row's own words; empty where it does not say."""
    found = PERIOD.search(words)
    return found[0] if found else ""


def whose(words: str) -> str:
    """Whose saving it is, in the row's own words; empty where it does not say."""
    found = WHOSE.search(words)
    return found[0] if found else ""


def doubtful(gbp: float | None, words: str) -> Iterator[str]:
    """The row itself says that figures differ."""
    if not DOUBT.search(words):
        return
    others = [one for one in _bare_amounts(words) if gbp and not 1 / APART <= one / gbp <= APART]
    told = (
        f": {', '.join(f'£{one:,.0f}' for one in dict.fromkeys(others))} beside £{gbp:,.0f}" if others and gbp else ""
    )
    yield f"conflict: its own words say that the figures differ{told}"


def impossible(gbp: float | None, words: str, prices: Mapping[str, Price]) -> Iterator[str]:
    """Amounts over a number of contacts, against what one contact costs."""
    told = list(EACH.finditer(words))
    for match in told:
        yield from _against(_pounds(match[1], match[2]), match[3], match[4], prices)
    counted = COUNTED.search(words)
    if gbp and counted and not told:
        yield from _against(gbp, counted[1], counted[2], prices)


def too_large(gbp: float | None, words: str, spent: Iterable[float]) -> Iterator[str]:
    """A claim a year beside all that the partners spend in one; nothing is said where the spending of one is not known."""
    known, years = list(spent), _years(words)
    if not gbp or not years or not known or not all(known):
        return
    share = gbp / years / sum(known)
    if share > 1:
        yield f"cannot be: £{gbp / years:,.0f} a year is more than the £{sum(known):,.0f} that the partners spend"
    elif share > LARGE_SHARE:
        yield f"doubtful: £{gbp / years:,.0f} a year is {share:.0%} of the £{sum(known):,.0f} that the partners spend"


def _years(words: str) -> float | None:
    """Years that a claim covers: 1 for a yearly one, five for "over five years"; None where it does not say."""
    over = re.search(r"(?:over|in) (?:the )?([\w.]+) (?:years?|yrs?)", words, re.IGNORECASE)
    if over:
        spelled = {"two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "ten": 10.0}.get(over[1].lower())
        return spelled or (float(over[1]) if re.fullmatch(r"\d+(\.\d+)?", over[1]) else None)
    return 1.0 if re.search(r"(per|a|each|every) (year|annum)|p\.?a\.?\b|annual", words, re.IGNORECASE) else None


def _against(gbp: float, number: str, unit: str, prices: Mapping[str, Price]) -> Iterator[str]:
    count = max(float(number.replace(",", "")), 1.0)
    each, told = gbp / count, f"£{gbp:,.0f} over {count:,.0f} {unit.strip()} is £{gbp / count:,.0f} for each"
    of = next(name for name, pattern in UNITS if re.fullmatch(pattern, unit, re.IGNORECASE))
    price = prices.get(of)
    if price is None:
        if each > DEAREST_GBP:
            yield f"cannot be: {told}, more than any unit in the price tables"
    elif each > price.gbp:
        yield f"cannot be: {told}, {each / price.gbp:.1f} times what one costs (£{price.gbp:,.0f}; {price.source} {price.edition})"
    elif each > price.variable * price.gbp:
        yield f"doubtful: {told}, {each / price.gbp:.0%} of the average cost (£{price.gbp:,.0f}; {price.source} {price.edition}), of which about {price.variable:.0%} changes with one contact"  # fmt: skip


def _bare_amounts(words: str) -> list[float]:
    """Amounts with or without the sign of the pound, where a size is written behind them: 8.5m, 200k."""
    found = re.finditer(r"£?\b(\d[\d,]*\.?\d*)\s*(bn|billion|million|thousand|m|k)\b", words, re.IGNORECASE)
    return [_pounds(match[1], match[2]) for match in found]


def _pounds(number: str, size: str | None) -> float:
    return float(number.replace(",", "").rstrip(".")) * TIMES.get((size or "").lower(), 1.0)
