"""Pounds as lists write them: £1.2m, 1,5m, 1.012.000 £, (150000), -£150k, £2-3m, half a million; and what cannot be
read.

Of a range the low end stands. A comma before one, two or four figures is a decimal mark; before three it parts
thousands. What has one point before three figures and no size, another currency, or is told of each head, is not read
and not guessed at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

TIMES = {
    "bn": 1e9,
    "billion": 1e9,
    "m": 1e6,
    "mn": 1e6,
    "mil": 1e6,
    "mill": 1e6,
    "mln": 1e6,
    "mm": 1e6,
    "million": 1e6,
    "millions": 1e6,
    "k": 1e3,
    "thousand": 1e3,
    "thousands": 1e3,
    "000s": 1e3,
}
SIZE = r"(bn|billion|millions?|mill?|mln|mn|mm|m|thousands?|k|000s)"
NUMBER = r"(\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?![\d])|\d[\d.,]*e\+?\d{1,2}|\d[\d,.]*\d|\d)"
SIGN = r"([-−–]\s?)?"
POUND = r"(?:£|\bGBP|\bpounds?)\s?"
RANGED = re.compile(
    rf"(?:between\s+|from\s+)?{SIGN}(?:£\s?)?(?<![\w.,]){NUMBER}\s?{SIZE}?\s?(?:-|–|—|to|and|or|/)\s?(£\s?)?{NUMBER}\s?{SIZE}?(?![\w%])",
    re.IGNORECASE,
)
MONEY = re.compile(rf"{SIGN}{POUND}{SIGN}{NUMBER}\s?{SIZE}?(?![a-z])(\s?[-−](?![\d£\w ]))?", re.IGNORECASE)
LOOSE = re.compile(rf"{SIGN}{POUND}{SIGN}{NUMBER}", re.IGNORECASE)
BEHIND = re.compile(rf"{SIGN}(?<![\w.,£]){NUMBER}\s?{SIZE}?\s?(?:£|GBP\b|pounds?\b|quid\b)", re.IGNORECASE)
PEOPLE = (
    r"(?!\s*(?:people|patients|residents|population|calls|visits|households|homes|contacts|customers"
    r"|transactions|tonnes|hours|miles|km|metres))"
)
SIZED = re.compile(rf"{SIGN}(?<![\w.,]){NUMBER}\s?{SIZE}\b{PEOPLE}", re.IGNORECASE)
SPELLED = re.compile(
    r"\b(three[- ]quarters of an?|half an?|a half|a quarter of an?|quarter of"
    r" an?|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty) (million|billion)\b",
    re.IGNORECASE,
)
WORDS = {
    "three quarters of a": 0.75,
    "three-quarters of a": 0.75,
    "half a": 0.5,
    "a half": 0.5,
    "a quarter of a": 0.25,
    "quarter of a": 0.25,
    "a": 1.0,
    "one": 1.0,
    "two": 2.0,
    "three": 3.0,
    "four": 4.0,
    "five": 5.0,
    "six": 6.0,
    "seven": 7.0,
    "eight": 8.0,
    "nine": 9.0,
    "ten": 10.0,
    "twelve": 12.0,
    "fifteen": 15.0,
    "twenty": 20.0,
}
FOREIGN = re.compile(
    rf"(?:€|\$|\b(?:eur|usd)\s?)\s?{NUMBER}\s?{SIZE}?|{NUMBER}\s?{SIZE}?\s?(?:€|\$|\b(?:eur|euros?|usd|dollars?)\b)",
    re.IGNORECASE,
)
A_HEAD = re.compile(
    r"^\s*(?:per|a|for each|/|each)\s?(?:employee|fte|head|person|capita|resident|household|home|property|member of"
    r" staff|officer|user|customer|patient|transaction|tonne|hour|visit|call|case|post|day)\b",
    re.IGNORECASE,
)
WHOLE_NEGATIVE = re.compile(
    rf"\s*\(\s*(?:{POUND})?{NUMBER}\s?{SIZE}?\s*\)\s*|\s*{POUND}\(\s*{NUMBER}\s?{SIZE}?\s*\)\s*", re.IGNORECASE
)
ABOUT = (
    r"(?:c\.?|circa|about|approx\.?|approximately|around|roughly|nearly|almost|just over|over|up to|more than|at"
    r" least|estimated|est\.?|some|say|~|≈|>|<|=)"
)
BARE = re.compile(rf"\s*{ABOUT}?\s*{SIGN}{NUMBER}\+?\s*(-)?\s*", re.IGNORECASE)
LEAST_BARE_GBP = 1000.0
SCALE = re.compile(r"^\W*(?:in )?£?\s?(?:(m|mn|millions?|bn|billions?)|(k|000'?s?|thousands?))\W*$", re.IGNORECASE)
HEADED = ((1e3, r"£\s?k\b|\(k\)|000|\bthousands?\b|\bk£"), (1e6, r"£\s?m\b|\(m\)|\bmillions?\b|\bm£|£\s?mn\b"))


@dataclass(frozen=True, slots=True)
class Amount:
    """Pounds, always above nought; where they stand in the text; whether a sign takes them away; the high end of a
    range."""

    gbp: float
    start: int
    end: int
    negative: bool = False
    high: float | None = None


def scale_of(words: str) -> float | None:
    """What a heading, or a cell beside, says that bare numbers are counted in: "£m", "£000", "(thousands)"; None for
    ones."""
    for times, pattern in HEADED:
        if re.search(pattern, words, re.IGNORECASE):
            return times
    return None


def size_alone(cell: str) -> float | None:
    """The size that a cell holds and nothing else: "£m"."""
    found = SCALE.fullmatch(cell)
    return None if found is None else 1e9 if (found[1] or "").lower().startswith("b") else 1e6 if found[1] else 1e3


def amounts(text: str, bare: bool = False, scale: float = 1.0) -> list[Amount]:
    """In their order; they stand in the text `without_fractions`. bare: a number that stands alone is pounds as well,
    times `scale`."""
    text = without_fractions(text)
    found: dict[int, Amount] = {}
    taken: list[tuple[int, int]] = [match.span() for match in FOREIGN.finditer(text)]
    for reading in (_ranges, _marked, _behind, _sized, _spelled):
        for amount in reading(text):
            if not any(start < amount.end and amount.start < end for start, end in taken):
                found[amount.start] = amount
                taken.append((amount.start, amount.end))
    negative = WHOLE_NEGATIVE.fullmatch(text) is not None
    if bare and not found and not taken:
        found = _bare(text.strip("() ") if negative else text, scale)
    kept = [found[at] for at in sorted(found)]
    return [Amount(one.gbp, one.start, one.end, True) for one in kept] if negative else kept


FRACTIONS = {"½": ".5", "¼": ".25", "¾": ".75", "1/2": "0.5", "1/4": "0.25", "3/4": "0.75"}


def without_fractions(text: str) -> str:
    """ "£½m", "£1¼m", "£1/4m" and "£.5m" with their decimals."""
    text = re.sub(r"(\d?)([½¼¾])", lambda match: (match[1] or "0") + FRACTIONS[match[2]], text)
    text = re.sub(rf"(?<![\d.\w])\.(?=\d+ ?{SIZE}\b)", "0.", text, flags=re.IGNORECASE)
    return re.sub(
        rf"(?<![\d/.,])([13]/[24])(?= ?(?:{SIZE[1:-1]})\b)",
        lambda match: FRACTIONS.get(match[1], match[1]),
        text,
        flags=re.IGNORECASE,
    )


def number(text: str) -> float | None:
    """A number by its own marks; None where they do not tell, as "1.012" without a size and "1,23,456"."""
    plain = re.sub(r"[ \u00a0\u202f']", "", text).rstrip(".,")
    if re.fullmatch(r"\d+(?:\.\d+)?e\+?\d+", plain, re.IGNORECASE) or re.fullmatch(r"\d+(?:\.\d+)?", plain):
        return float(plain)
    if re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain):
        return float(plain.replace(",", ""))
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?", plain) or re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+", plain):
        return float(plain.replace(".", "").replace(",", "."))
    return float(plain.replace(",", ".")) if re.fullmatch(r"\d+,(?:\d{1,2}|\d{4,})", plain) else None


def _pounds(text: str, size: str | None) -> float | None:
    value = number(text)
    # "£1.012" is a thousand and twelve or a pound and a penny: nobody claims the latter, and the former is not so
    # written here.
    if value is None or (not size and re.fullmatch(r"\d{1,3}\.\d{3}", text) and value < 1000):
        return None
    return round(value * TIMES.get((size or "").lower(), 1.0), 2)


def _ranges(text: str) -> list[Amount]:
    """ "£2-3m", "£2m to £3m", "between £6.8m and £8.6m": a size or a sign of pounds makes two numbers a range of
    money."""
    found = []
    for match in RANGED.finditer(text):
        sign, low, size, pound, high, last = match.groups()
        marked = "£" in match[0] or size or last
        if (
            not marked
            or (sign and not pound and not size and not last)
            or re.match(r"\s*(?:years?|yrs?|months?)\b", text[match.end() :], re.IGNORECASE)
        ):
            continue
        if re.search(r"\d\s?\w*\s?(?:and|or|/)\s?(?:£|\d)", match[0], re.IGNORECASE) and not match[
            0
        ].lower().startswith("between"):
            continue
        top, least = _pounds(high, last), _pounds(low, size or last)
        if top is not None and least is not None and least > top and not size:
            least = _pounds(low, None)
        if top is not None and least is not None and 0 < least < top and not _year_span(low, high, size, last):
            found.append(Amount(least, match.start(), match.end(), bool(sign), top))
    return found


def _year_span(low: str, high: str, size: str | None, last: str | None) -> bool:
    return not size and not last and bool(re.fullmatch(r"(?:19|20)\d{2}", low)) and len(high) in (2, 4)


def _marked(text: str) -> list[Amount]:
    found: list[Amount] = []
    for match in (*MONEY.finditer(text), *LOOSE.finditer(text)):
        sign, within, figures, size, behind = (*match.groups(), None, None)[:5]
        value = _pounds(str(figures), size)
        if value is not None and not any(one.start <= match.start() < one.end for one in found):
            taken_away = bool(sign and _is_sign(text, match.start())) or bool(within or behind)
            found.append(Amount(value, match.start(), match.end(), taken_away))
    return found


def _is_sign(text: str, at: int) -> bool:
    """A dash between words and an amount parts them; a minus stands at the beginning, or close before it and behind a
    space or a bracket."""
    return not text[:at].strip() or (not re.match(r"[-−–]\s", text[at:]) and text[at - 1] in " (:;,")


def _behind(text: str) -> list[Amount]:
    return [
        Amount(value, match.start(), match.end(), bool(match[1] and _is_sign(text, match.start())))
        for match in BEHIND.finditer(text)
        if (value := _pounds(match[2], match[3])) is not None
    ]


def _sized(text: str) -> list[Amount]:
    return [
        Amount(value, match.start(), match.end(), bool(match[1] and _is_sign(text, match.start())))
        for match in SIZED.finditer(text)
        if (value := _pounds(match[2], match[3])) is not None
    ]


def _spelled(text: str) -> list[Amount]:
    return [
        Amount(
            WORDS[re.sub(r"^(.* )?an$", r"\1a", match[1].lower())] * TIMES[match[2].lower()], match.start(), match.end()
        )
        for match in SPELLED.finditer(text)
    ]


def _bare(text: str, scale: float) -> dict[int, Amount]:
    ends = re.fullmatch(rf"\s*{NUMBER}\s?(?:-|–|—|to)\s?{NUMBER}\s*", text)
    if ends:
        low, high = (_bare(one, scale).get(0) for one in ends.groups())
        return {0: Amount(low.gbp, 0, len(text), False, high.gbp)} if low and high and low.gbp < high.gbp else {}
    only = BARE.fullmatch(text)
    value = _pounds(only[2], None if scale == 1.0 else "k") if only else None
    if only is None or value is None:
        return {}
    pounds = value if scale == 1.0 else value / 1000.0 * scale
    # Nobody lists a collaboration for pounds and pence: such a number is counted in something that the list does not
    # say.
    if 0 < pounds < LEAST_BARE_GBP:
        return {}
    return {0: Amount(pounds, 0, len(text), bool(only[1] or only[3]))}
