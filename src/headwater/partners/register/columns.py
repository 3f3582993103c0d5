"""Which column of a list holds what: by its heading, then by what stands in it; what nobody recognised is named.

A column that is read wrongly makes wrong claims, one that is not read makes silent gaps. So a heading must say what its
column is,
or most of its cells must: pounds, words of a status, names of bodies, ticks under the name of a body.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.partners.register.amounts import amounts
from headwater.partners.register.known_names import WHOLE
from headwater.partners.register.names import names_in
from headwater.partners.register.resolve import plain
from headwater.partners.register.sorts import sort_of
from headwater.partners.register.status import KNOWN_WORDS, NO, YES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.partners.register.resolve import Find

HEADINGS = {
    "id": (
        "id",
        "ref",
        "reference",
        "number",
        "no",
        "ref no",
        "item",
        "row",
        "unique id",
        "collaboration id",
        "ref number",
        "s/n",
        "#",
    ),
    "name": (
        "name",
        "title",
        "collaboration",
        "programme",
        "scheme",
        "project",
        "arrangement",
        "shared service",
        "shared service name",
        "partnership name",
        "name of partnership",
        "collaboration name",
        "project name",
    ),
    "partners": (
        "partners",
        "partner",
        "organisations",
        "partner organisations",
        "councils",
        "authorities",
        "members",
        "bodies",
        "participants",
        "councils involved",
        "local authorities",
        "partner authorities",
        "who",
        "authority",
        "forces",
        "agencies",
        "lead and partners",
    ),
    "service": (
        "service",
        "services",
        "services shared",
        "what",
        "function",
        "functions",
        "description",
        "service area",
        "area",
        "what is shared",
        "scope",
        "shared services",
        "type",
        "shared function",
        "activity",
        "subject",
        "theme",
    ),
    "start": (
        "start",
        "start date",
        "since",
        "started",
        "from",
        "year",
        "date",
        "start year",
        "established",
        "commenced",
        "year started",
        "went live",
        "begun",
        "began",
        "launched",
        "go live",
    ),
    "end": (
        "end",
        "end date",
        "ended",
        "until",
        "to",
        "end year",
        "closed",
        "date ended",
        "year ended",
        "finish",
        "expiry",
    ),
    "status": ("status", "end_or_status", "state", "stage", "progress", "current status", "position", "rag"),
    "claim": (
        "saving_gbp",
        "claim_gbp",
        "claimed saving",
        "claimed_gbp",
        "claim",
        "saving",
        "savings",
        "result",
        "efficiencies",
        "benefit",
        "benefits",
        "savings achieved",
        "cashable savings",
        "estimated savings",
        "financial benefit",
        "gbp",
        "amount",
        "value",
    ),
    "basis": (
        "saving_basis",
        "basis",
        "period",
        "per",
        "ci",
        "saving period",
        "over",
        "unit",
        "units",
        "frequency",
        "timescale",
    ),
    "kind": ("claim_kind", "kind", "claim type", "claim", "design", "evidence"),
    "bearer": ("bearer", "whose", "whose saving", "to whom", "budget"),
    "text": (
        "claim_text",
        "claim text",
        "text",
        "note",
        "notes",
        "comments",
        "remarks",
        "details",
        "comment",
        "outcome",
        "further information",
        "commentary",
    ),
}
"""What is ours → headings that are it alone, the likeliest first."""
HOLDING = (
    # headings that hold such words, where none is a heading alone; the first that fits
    (
        "status",
        r"\bstatus\b|\bstill\b|\blive\?|\bactive\b|\brunning\b|\bstage\b|\boperational\b|\bcurrent(?:ly)?\b|\by/n\b|\byes/no\b|^live\b",
    ),
    ("end", r"\bend(?:ed|s|ing)?\b|\bclos(?:ed|ure)\b|\bexpir\w+|\bterminat\w+|\bceased\b"),
    (
        "start",
        (
            r"\bstart\w*|\bbeg[au]n\b|\bcommenc\w+|\bestablish\w+|\blaunch\w*|\b(?:go|went|going)[-"
            r" ]live\b|\bsince\b|\bdate"
            r" from\b|\bimplement\w+|\byears?\b|\binception\b|\btimeline\b|\bdates?\b|\bduration\b"
        ),
    ),
    ("claim", r"\bsav(?:ings?|ed|es)\b|\befficienc\w+|\bcashable\b|\bbenefits?\b|\bclaim(?:ed|s)?\b|\barbedion\b"),
    ("id", r"^(?:ref\w*|id|item|number|no)\b|\b(?:id|ref)$"),
    (
        "partners",
        (
            r"\bpartners?\b|\borgani[sz]ations?\b|\bcouncils?\b|\bauthorit(?:y|ies)\b|\bmembers?\b|\bbod(?:y|ies)\b|\bparticipa\w+|\bforces?\b|\bagenc(?:y|ies)\b|\btrusts?\b|\bboroughs?\b|\bdistricts?\b|\bparties\b|\bwho\b|\bcollaborat(?:ors|ing)\b|\bpartneriaid\b|\bhost\b|\blead\b|\b(?:shared|jointly|together|partnered)"
            r" with\b|^with\b"
        ),
    ),
    (
        "service",
        r"\bservices?\b|\bfunctions?\b|\bshared?\b|\bactivit(?:y|ies)\b|\bscope\b|\bdescription\b|\bdetails?\b|\barea\b",
    ),
    ("basis", r"\bper year or\b|\bperiod\b|\bfrequency\b|\bbasis\b"),
    ("text", r"\bnotes?\b|\bcomment\w*|\bremarks?\b|\bdetails?\b|\bsummary\b|\boutcomes?\b"),
    ("name", r"\b(?:name|title)\b"),
)
SPENT = re.compile(
    r"\b(?:costs?|investment|invested|spend\w*|spent|price|fee|grant|contract|turnover|funding|implementation|set-?up|staff|fte|posts|population|tupe)\b(?!.{0,12}\bsav)",
    re.IGNORECASE,
)
"""Headings over pounds, or numbers, that were not saved."""
SURE = re.compile(r"\b(?:achieved|actual|delivered|reali[sz]ed|cashable|to date)\b", re.IGNORECASE)
SOURCE = re.compile(r"url|link|source|seen|style|website|contact (?:name|officer|email)|e-?mail|phone", re.IGNORECASE)
"""Columns whose words say nothing about the collaboration, or say what is to be judged here."""
BELONG = re.compile(
    r"\b(?:with|lead|other|partner|council|authority|organisation|organization|host|client|member|force|body|agency|party|trust|district|borough|county|councils|authorities|organisations|members|forces|bodies|agencies|parties|trusts)\b",
    re.IGNORECASE,
)
MOST = 0.5
"""Share of the filled cells that must be of a sort before the sort is the column's."""
NAMES_ENOUGH = 0.15
"""Share of the names that must hold a body before names stand for partners."""


@dataclass(frozen=True, slots=True)
class Columns:
    """ours: our column → their heading; more: further headings of partners, of savings; ticked: headings that are
    bodies."""

    ours: Mapping[str, str]
    partners: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()
    ticked: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    by_content: tuple[tuple[str, str], ...] = ()

    def __contains__(self, ours: str) -> bool:
        return ours in self.ours

    @property
    def hold_partners(self) -> bool:
        return bool("partners" in self.ours or self.partners or self.ticked)


def words_of(heading: str) -> str:
    """A heading in small letters, without marks, currency and sizes: "Savings (£k)" is "savings"."""
    bare = re.sub(
        r"\(?\s*(?:£|gbp\b)\s*(?:k|m|mn|millions?|000s?|'000|thousands?)?\s*\)?|\((?:k|m|000s?|thousands?|millions?)\)",
        " ",
        heading.lower(),
    )
    return " ".join(re.sub(r"[^\w&/#\s?-]", " ", bare).split()).strip(" -:") or heading.lower().strip()


def columns_of(rows: Sequence[Mapping[str, str]], find: Find) -> Columns:
    """Every column of the list by what it holds."""
    headings = list(dict.fromkeys(heading for row in rows for heading in row))
    ours = _alone(headings) if headings else {}
    partners = _beside(headings, ours)
    ours |= _held(headings, {**ours, **{f"+{at}": name for at, name in enumerate(partners)}})
    ticked = tuple(one for one in headings if one not in {*ours.values(), *partners} and _is_ticked(one, rows, find))
    by_content = _content(rows, headings, ours, {*partners, *ticked}, find)
    ours |= dict(by_content)
    claims = tuple(one for one in headings if one not in {*ours.values(), *partners} and _is_claim(one))
    used = {*ours.values(), *partners, *ticked, *claims}
    unread = tuple(
        one for one in headings if one not in used and not SOURCE.search(one) and any(row.get(one) for row in rows)
    )
    return Columns(ours, partners, claims, ticked, unread, tuple(by_content))


def known_headings(line: Sequence[str]) -> int:
    """How many cells of a line are headings that lists have."""
    alone = {name for names in HEADINGS.values() for name in names}
    cells = [words_of(cell) for cell in line if cell.strip() and len(cell) < 60]
    return sum(2 * (cell in alone) or any(re.search(p, cell) for _, p in HOLDING) for cell in cells)


def names_hold_partners(names: Sequence[str], find: Find) -> bool:
    """Whether names of programmes name bodies: "Nottingham City care homes"."""
    given = [name for name in names if name]
    return bool(given) and sum(bool(sort_of(name, find)) for name in given) >= max(1.0, NAMES_ENOUGH * len(given))


def ticks(row: Mapping[str, str], columns: Columns) -> list[str]:
    """Headings of bodies that the row ticks."""
    return [name for name in columns.ticked if YES.match((row.get(name) or "").strip())]


def _alone(headings: Sequence[str]) -> dict[str, str]:
    """Our column → their heading, by the whole heading; a heading serves once. Savings that were achieved go before all
    others."""
    lower = {heading.strip().lower(): heading for heading in headings}
    lower = {words_of(heading): heading for heading in headings} | lower
    found: dict[str, str] = {}
    for ours, names in HEADINGS.items():
        theirs = next((lower[name] for name in names if name in lower and lower[name] not in found.values()), None)
        if theirs is not None:
            found[ours] = theirs
    return found


def _beside(headings: Sequence[str], ours: Mapping[str, str]) -> tuple[str, ...]:
    """Headings of one partner each: "Lead authority", "Partner 2", "Council C"."""
    free = [
        one
        for one in headings
        if one not in ours.values()
        and BELONG.search(words_of(one))
        and re.search(HOLDING[5][1], words_of(one))
        and not re.search(
            r"\bsav|\bcost|\bofficer|\bcontact|\btype\b|\bnumber of|\bregion|\bdate\b|\bservices?\b|\bno of|\bhow many",
            words_of(one),
        )
    ]
    return tuple(free) if "partners" in ours or len(free) > 1 else ()


def _held(headings: Sequence[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Our columns that no heading is alone, by the words that a heading holds."""
    found: dict[str, str] = {}
    for ours, pattern in HOLDING:
        free = [
            one
            for one in headings
            if one not in taken.values() and one not in found.values() and not SOURCE.search(one)
        ]
        fits = [
            one for one in free if re.search(pattern, words_of(one)) and not (ours == "claim" and SPENT.search(one))
        ]
        if ours in ("status", "end", "start"):
            fits = [one for one in fits if not _is_claim(one)]
        if ours == "partners":
            fits = [
                one
                for one in fits
                if not re.search(r"\bnumber of|\bno of|\bhow many|\bofficer|\bcontact", words_of(one))
            ]
        if fits and ours not in taken:
            found[ours] = min(fits, key=lambda one: not SURE.search(one)) if ours == "claim" else fits[0]
    return found


def _is_claim(heading: str) -> bool:
    return bool(re.search(HOLDING[3][1], words_of(heading))) and not SPENT.search(heading)


def _is_ticked(heading: str, rows: Sequence[Mapping[str, str]], find: Find) -> bool:
    """A column of ticks under the name of a body."""
    given = [cell for row in rows if (cell := (row.get(heading) or "").strip())]
    marks = bool(given) and all(
        YES.fullmatch(cell) or NO.fullmatch(cell) or cell.lower() in ("lead", "-") for cell in given
    )
    place = re.fullmatch(r"[A-Z][a-z'’]+(?:[ -](?:[A-Z][a-z'’]+|upon|on|in|under|and|the|of|&))*", heading.strip())
    return marks and (bool(sort_of(heading, find)) or plain(heading) in WHOLE or bool(place))


def _content(
    rows: Sequence[Mapping[str, str]], headings: Sequence[str], ours: Mapping[str, str], taken: set[str], find: Find
) -> list[tuple[str, str]]:
    """(our column, their heading) for columns whose cells say what they hold."""
    found: list[tuple[str, str]] = []
    tests = {
        "claim": lambda cell: bool(re.search(r"£|\bGBP\b", cell) and amounts(cell)),
        "status": lambda cell: len(cell) < 60 and bool(KNOWN_WORDS.search(cell)),
        "partners": lambda cell: _holds_bodies(cell, find),
    }
    for name, test in tests.items():
        if name in ours or (name == "partners" and any(sort_of(one, find) for one in taken)):
            continue
        free = [
            one
            for one in headings
            if one not in {*ours.values(), *taken, *dict(found).values()} and not SOURCE.search(one)
        ]
        likely = Counter({one: _share(rows, one, test) for one in free if not (name == "claim" and SPENT.search(one))})
        best = likely.most_common(1)
        if best and best[0][1] > MOST:
            found.append((name, best[0][0]))
    return found


def _share(rows: Sequence[Mapping[str, str]], heading: str, test: object) -> float:
    given = [cell for row in rows if (cell := (row.get(heading) or "").strip())]
    return sum(map(test, given)) / len(given) if given and callable(test) else 0.0


def _holds_bodies(cell: str, find: Find) -> bool:
    named = names_in(cell, find)
    return len(named) > 1 and any(sort_of(name, find) for name in named)
