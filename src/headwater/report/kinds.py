"""Codes in words: kinds of contact and organisations as a reader knows them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.release import FigureData

KINDS = {
    "ae_attendance": "A&E attendances",
    "emergency_admission": "emergency admissions",
    "ambulance_call": "ambulance calls",
    "gp_contact": "GP contacts",
    "community_nursing": "community nursing visits",
    "social_care_visit": "social care visits",
    "respite_stay": "respite stays",
    "mental_health_contact": "mental health contacts",
    "housing_contact": "housing contacts",
    "police_incident": "police incidents",
    "fire_incident": "fire incidents",
    "home_safety_visit": "home safety visits",
    "benefits_claim": "benefits claims",
    "advice_line_call": "advice line calls",
    "fracture_attendance": "fracture attendances",
    "outpatient_appointment": "outpatient appointments",
}
"""Kinds of contact in words, many of them; a kind that is not here is said by its own name."""


def kind_words(kind: str) -> str:
    return KINDS.get(kind) or many(kind.replace("_", " ").replace("-", " "))


def many(word: str) -> str:
    """The plural of an English word: burglaries, weeks, losses, days."""
    if word.endswith(("s", "x", "ch", "sh")):
        return word if word.endswith("s") and not word.endswith("ss") else word + "es"
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


_CODES = re.compile(rf"(?<![\w/.:-])(?:{'|'.join(sorted(KINDS, key=len, reverse=True))})(?![\w/]|[.:-]\w)")


def plain(text: str) -> str:
    """Text in which codes of known kinds stand as words; a file's name or a longer code is left as it is."""
    said = _CODES.sub(lambda code: KINDS[code[0]], text)
    return capital(said) if said != text and _CODES.match(text) else said


_ISO = re.compile(r"(?<![\w/.-])\d{4}-\d{2}-\d{2}(?![\w/-]|\.\w)")


_MINUS, _LOSS, _PER_CENT = (
    re.compile(r"(?<![\w.,)\]*/-])-(?=£?\d)"),
    re.compile(r"£[-−](?=\d)"),
    re.compile(r"(?<=\d) %"),
)
"""A minus before a number, the minus that comes after the pound sign, and a percent sign away from its number."""


def in_words(text: str) -> str:
    """Text as a reader meets it: codes of known kinds and whole cells that are a code in words, dates and numbers as
    they are read."""
    said = _ISO.sub(
        lambda day: day_words(day[0]), SLUGS.get(text) or _TESTS.sub(lambda name: TESTS[name[0]], plain(text))
    )
    return _PER_CENT.sub("%", _LOSS.sub("−£", _MINUS.sub("−", said)))


def named(code: str, names: Mapping[str, str]) -> str:
    """An organisation's name; its code in words where nobody gave one; a name that is no code stays as it is."""
    if found := names.get(code) or SAID.get(code):
        return found
    if not _CODE.fullmatch(code):
        return code
    return code.upper() if len(code) <= 3 else code.replace("-", " ")


TESTS = {
    "negative control outcome": "outcomes that should not move",
    "pre trend": "trend before the start",
    "pre fit": "fit before the start",
    "placebo cohort": "sham cohorts",
    "placebo period": "sham start date",
    "placebo in time": "sham start date",
}
"""Names of checks as they stand in running text, in words."""
_TESTS = re.compile(rf"(?<![\w-])(?:{'|'.join(TESTS)})(?![\w-])")

SLUGS = {
    "primary": "main outcome",
    "secondary": "other outcome",
    "negative-control": "should not change",
    "displacement": "other agencies’ demand",
    "nothing-found": "no change found",
    "cannot-tell": "cannot tell",
    "does-not-pay": "does not pay",
    "age_band": "age",
    "finance-accepted": "accepted by finance",
    "budget-removed": "out of the budget",
}
"""Codes that may stand alone in a cell, in words."""

SAID = {"unknown": "a budget not named"}
"""What stands for a budget where neither the protocol nor the price names one."""
_CODE = re.compile(r"[a-z0-9-]+")


def day_words(iso: str) -> str:
    """An ISO date as it is read, 6 January 2025; anything else stays as it is."""
    try:
        day = date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def capital(words: str) -> str:
    return words[:1].upper() + words[1:]


_TOGETHER = re.compile(r"^([a-z0-9-]+(?: \+ [a-z0-9-]+)*)(: .*)?$")
_FIRST = re.compile(r"^([a-z0-9-]+)(?= )")


def renamed(figure: FigureData, names: Mapping[str, str]) -> FigureData:
    """The figure with names in the place of codes: cells that are a code, or codes joined by + before a colon, and the
    title's first word where a cell is that code. Codes are common words (police, community), so no other text is
    touched.
    """
    codes = {cell for row in figure.rows for cell in row if isinstance(cell, str) and cell in names}
    rows = tuple(tuple(_renamed(cell, names) if isinstance(cell, str) else cell for cell in row) for row in figure.rows)
    title = _FIRST.sub(lambda found: names[found[1]] if found[1] in codes else found[1], figure.title)
    return replace(figure, rows=rows, title=title)


def _renamed(cell: str, names: Mapping[str, str]) -> str:
    found = _TOGETHER.match(cell)
    if found is None or not (codes := found[1].split(" + ")) or not all(code in names for code in codes):
        return cell
    return " + ".join(names[code] for code in codes) + (found[2] or "")
