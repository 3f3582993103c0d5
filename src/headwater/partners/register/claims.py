"""What a list claims was saved: amounts, over how long, whose, of what kind; and what is odd about it. A claim is never a saving.

A claim over a number of contacts is set against what one of them costs (the price tables of the workspace): above the
average cost it cannot be, and above the part of it that changes with a contact it counts cost that stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.domain.money import Price

DEAREST_GBP = 60_000.0
"""No unit of contact in the price tables costs more: a claim over it per unit is not a saving on such a unit."""
LARGE_SHARE = 0.1
"""Of all that the partners spend in a year: sharing a part of it can hardly save so much."""
LARGE_EACH_GBP = 15e6
"""A year for each partner, where what they spend is not known: more than half of English districts spend in all (£12.3m; RS returns 2017-18)."""
APART = 1.25
TIMES = {"bn": 1e9, "billion": 1e9, "m": 1e6, "mn": 1e6, "million": 1e6, "k": 1e3, "thousand": 1e3}
AMOUNT = r"(\d[\d,]*\.?\d*)\s*(bn|billion|million|thousand|mn|m|k)?\b"
MONEY = re.compile("(?:£|GBP ?)" + AMOUNT, re.IGNORECASE)
SIZED = re.compile(r"(?:£|GBP ?)?(?<![\w.])(\d[\d,]*\.?\d*)\s*(bn|billion|million|thousand|mn|m|k)\b(?!\s*(?:people|patients|residents|population|calls|visits))", re.IGNORECASE)  # fmt: skip
WORTH_CLAIMING_GBP = 10_000.0
"""In a cell of words smaller amounts are costs of a unit, not claims."""
ALONE = re.compile(rf"\s*(?:c\.?|circa|about|approx\.?|around|~|up to|over|more than|>|at least)?\s*-?£?\s*{AMOUNT}\+?\s*(?:p\.?a\.?|per (?:year|annum|month)|a year|annually|each|pcm)?\s*", re.IGNORECASE)  # fmt: skip
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent\b)", re.IGNORECASE)
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
SPELLED = {"one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0, "six": 6.0, "seven": 7.0, "eight": 8.0, "nine": 9.0, "ten": 10.0, "fifteen": 15.0, "twenty": 20.0}  # fmt: skip
COUNT = r"(\d+(?:\.\d+)?|" + "|".join(SPELLED) + ")"
YEARLY = re.compile(r"(?:\b(?:per|a|each|every|in (?:a|any)|/) ?(?:year|yr|annum)\b|/ ?(?:yr|year|annum)\b|\bp\.? ?a\.?(?=[\s,;.)]|$)|\bannual(?:ly|ised)?\b|\byearly\b|\byear[- ]on[- ]year\b|\brecurr(?:ing|ent)\b|\bfull[- ]year\b)", re.IGNORECASE)  # fmt: skip
MONTHLY = re.compile(r"\b(?:per|a|each|every) month\b|/ ?month\b|\bmonthly\b|\bpcm\b", re.IGNORECASE)
WEEKLY = re.compile(r"\b(?:per|a|each|every) week\b|\bweekly\b|\bp\.?w\.?\b", re.IGNORECASE)
OVER = re.compile(rf"\b(?:over|in|for|across|during|within) (?:the |its |a |about )?(?:first |next |last |past |life(?:time)? of |contract of )?{COUNT}[ -](?:financial )?(?:years?|yrs?)\b|\b{COUNT}[ -]?(?:year|yr) (?:period|contract|saving|plan|total|programme|deal|term)", re.IGNORECASE)  # fmt: skip
SUM = re.compile(r"\bcumulative(?:ly)?\b|\bin total\b|\ba total\b|\btotal(?:ling)?\b|\bto date\b|\bone[- ]off\b|\bover (?:the )?(?:life|lifetime)\b|\bso far\b|\bsince \d{4}\b", re.IGNORECASE)  # fmt: skip
PERIOD = re.compile(
    r"(per|a|each|every) (year|annum|month|week)|p\.?a\.?\b|annual(ly)?|over (the )?(first )?[\w.]+ years?|in [\d.]+ (years?|yrs?)|cumulative(ly)?|by \d{4}(/\d{2})?|since \d{4}|a total|in total|to date",
    re.IGNORECASE,
)
WHOSE = re.compile(r"(both|all|two|three|four|five|six|each) (of the )?(councils?|partners?|services?|forces?|boroughs?|organisations?|authorities)( combined)?|combined|(?<=[a-z] )each\b", re.IGNORECASE)  # fmt: skip
APIECE = re.compile(r"\beach\b(?! year| month| week)|\bper (?:council|partner|authority|force|service|borough|organisation)\b|\bapiece\b", re.IGNORECASE)  # fmt: skip
DEARER = re.compile(
    r"\b(?:higher|dearer|increas(?:e|ed|es|ing)|overspen[dt]|extra|additional|more expensive|rose|risen|rise|costlier|over budget|worse)\b[^.;]{0,25}"
    r"|(?<!% of )\b(?:cost|costs|costing|spent|investment|invest(?:ed)?|set-?up|grant|loss|lost|budget|turnover)\b(?! ?(?:saving|reduc|cut|avoid))(?:[^.;,]{0,18})$",
    re.IGNORECASE,
)
"""Words beside an amount that make it a cost and no saving."""
NO_SAVING = re.compile(r"^\s*(?:of |was |were |is |are )?(?:higher|dearer|more (?:than|expensive)|overspen[dt]|over budget|extra cost|additional cost|increase in|in set-?up|set-?up cost|investment|invested|grant|worse)", re.IGNORECASE)  # fmt: skip
KINDS = (
    ("evaluated", re.compile(r"matched control|synthetic|(?i:difference.in.differences?)|\bDiD\b|\bDID\b|\bRCT\b|\brct\b|randomis|\bPSM\b|(?i:\b(?:independently |externally )?evaluated\b)|quasi-exp")),
    ("projected", re.compile(r"(?i)project(?:ed|ion)|estimate|forecast|business case|expected|\bplan(ned)?\b|would save|could save|potential|target|anticipat")),
    ("self-reported", re.compile(r"(?i)self-report|achieved|\bsaves\b|\bsaved\b|before-after claim|uncontrolled|delivered|realised")),
)  # fmt: skip
SAID_BY = re.compile(r"\b(report|leader|consultant|auditor?|audit|council estimate|according|claim|said|says|source|minister|review|opposition|union|nao|estimate|business case|statement|minutes|press)", re.IGNORECASE)  # fmt: skip
BESIDE = re.compile(r"\bother (?:reports?|sources?)|\bversus\b|\bno more than\b|\bwhereas\b|\bhowever\b|\bbut\b|\bcontradict|\bdisput", re.IGNORECASE)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a row claims. gbp: as it stands; years: over how many, None where it does not say; apiece: each partner's own."""

    gbp: float | None
    years: float | None
    apiece: bool = False
    others: tuple[float, ...] = ()
    percent: tuple[float, ...] = ()
    dearer: bool = False

    def yearly_gbp(self, partners: int) -> float | None:
        """All partners' together in a year; None where the row does not say over how long."""
        if self.gbp is None or not self.years:
            return None
        return self.gbp / self.years * (max(partners, 1) if self.apiece else 1)


def claimed(cell: str, words: str) -> Claimed:
    """cell: the claim's own column; words: basis and text, for how long, whose, and further amounts."""
    own, beside = amounts_in(cell, bare=True), amounts_in(words, bare=False)
    if not ALONE.fullmatch(cell):
        own = [pair for pair in own if pair[0] >= WORTH_CLAIMING_GBP]
    beside = [pair for pair in beside if pair[0] >= WORTH_CLAIMING_GBP]
    # A bare amount in the claim's column is what the row's own words say of the same amount.
    spent = {gbp for gbp, cost in beside if cost} - {gbp for gbp, cost in beside if not cost}
    own = [(gbp, cost or gbp in spent) for gbp, cost in own]
    dearer = [gbp for gbp, cost in (*own, *beside) if cost]
    main = next((gbp for gbp, cost in own if not cost), None)
    if main is None and not own:
        main = next((gbp for gbp, cost in beside if not cost), None)
    others = tuple(dict.fromkeys(gbp for gbp, _ in (*own, *beside) if gbp != main))
    said = f"{cell}; {words}"
    percent = tuple(dict.fromkeys(float(found[1]) for found in PERCENT.finditer(said)))
    return Claimed(main, years_of(said), bool(APIECE.search(said)), others, percent, bool(dearer) and main is None)


def amounts_in(text: str, bare: bool) -> list[tuple[float, bool]]:
    """(pounds, whether the words beside it make it a cost). bare: numbers without a sign or a size are pounds as well."""
    found: dict[int, tuple[float, bool]] = {}
    for pattern in (MONEY, SIZED):
        for match in pattern.finditer(text):
            at = match.start(1)
            found.setdefault(at, (_pounds(match[1], match[2]), _cost_beside(text, match)))
    if bare and not found:
        only = re.fullmatch(r"\s*(?:c\.?|circa|about|approx\.?|~|up to|>|at least)?\s*(-?\d[\d,]*(?:\.\d+)?)\s*", text, re.IGNORECASE)  # fmt: skip
        if only:
            found[0] = (_pounds(only[1].lstrip("-"), None), only[1].startswith("-"))
    return [pair for _, pair in sorted(found.items()) if pair[0] >= 1000 or bare]


def _cost_beside(text: str, match: re.Match[str]) -> bool:
    before = re.split(r"[;.,]\s", text[: match.start()])[-1]
    return bool(DEARER.search(before) and not re.search(r"sav|reduc|cut|avoid", before, re.IGNORECASE)) or bool(
        NO_SAVING.search(text[match.end() :])
    )


def amount(text: str) -> float | None:
    """The first number of a cell as pounds: 6000000, £1.2m, 300k; a percentage is none."""
    return next((gbp for gbp, _ in amounts_in(text, bare=True)), None)


def kind(cell: str, words: str) -> str:
    """evaluated, projected or self-reported, as the row itself says; both where it mixes two; else not said."""
    for text in (cell, words):
        found = [name for name, pattern in KINDS if pattern.search(text)]
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


def years_of(words: str) -> float | None:
    """Years that a claim covers: 1 for a yearly one, five for "over five years", a twelfth for a monthly one; None where it does not say."""
    over = OVER.search(words)
    if over:
        told = next(group for group in over.groups() if group)
        return SPELLED.get(told.lower()) or float(told)
    if YEARLY.search(words):
        return 1.0
    return 1 / 12 if MONTHLY.search(words) else 7 / 365.25 if WEEKLY.search(words) else None


def basis_of(words: str, years: float | None) -> str:
    """per year, over N years, per month, in total, or not said."""
    if years is None:
        return "in total" if SUM.search(words) else "not said"
    if years == 1.0:
        return "per year"
    return f"over {years:g} years" if years > 1 else "per month" if years > 0.05 else "per week"


def contradicted(claim_gbp: float | None, words: str) -> Iterator[str]:
    """One row that sets other amounts against what it claims, each said by somebody. A word alone makes no conflict."""
    mark = BESIDE.search(words)
    if not claim_gbp or not mark or not SAID_BY.search(words):
        return
    others = dict.fromkeys(gbp for gbp, cost in amounts_in(words, bare=False) if not cost and gbp >= WORTH_CLAIMING_GBP)
    far = [gbp for gbp in others if not 1 / APART <= gbp / claim_gbp <= APART]
    if far:
        yield f"conflict: its own words set {', '.join(f'£{gbp:,.0f}' for gbp in far)} beside £{claim_gbp:,.0f}"


def impossible(gbp: float | None, words: str, prices: Mapping[str, Price]) -> Iterator[str]:
    """Amounts over a number of contacts, against what one contact costs."""
    told = list(EACH.finditer(words))
    for match in told:
        yield from _against(_pounds(match[1], match[2]), match[3], match[4], prices)
    counted = COUNTED.search(words)
    if gbp and counted and not told:
        yield from _against(gbp, counted[1], counted[2], prices)


def too_large(yearly_gbp: float | None, partners: int, spent: Iterable[float]) -> Iterator[str]:
    """A claim a year beside all that the partners spend in one, or beside what bodies of their kind spend where that is not known."""
    known = list(spent)
    if not yearly_gbp:
        return
    if not known or not all(known):
        if partners and yearly_gbp / partners > LARGE_EACH_GBP:
            yield f"doubtful: £{yearly_gbp / partners:,.0f} a year for each partner is more than most district councils spend in all; what these spend is not known here"
        return
    share = yearly_gbp / sum(known)
    if share > 1:
        yield f"cannot be: £{yearly_gbp:,.0f} a year is more than the £{sum(known):,.0f} that the partners spend"
    elif share > LARGE_SHARE:
        yield f"doubtful: £{yearly_gbp:,.0f} a year is {share:.0%} of the £{sum(known):,.0f} that the partners spend"


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


def _pounds(number: str, size: str | None) -> float:
    return float(number.replace(",", "").rstrip(".")) * TIMES.get((size or "").lower(), 1.0)
