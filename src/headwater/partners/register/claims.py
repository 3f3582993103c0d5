"""What a list claims was saved: amounts, over how long, whose, of what kind; and what is odd about it. A claim is never
a saving.

A claim over a number of contacts is set against what one of them costs (the price tables of the workspace): above the
average cost it cannot be, and above the part of it that changes with a contact it counts cost that stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.partners.register.amounts import A_HEAD, ABOUT, NUMBER, SIZE, TIMES, Amount, amounts, without_fractions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from headwater.domain.money import Price

DEAREST_GBP = 60_000.0
"""No unit of contact in the price tables costs more: a claim over it per unit is not a saving on such a unit."""
LARGE_SHARE = 0.1
"""Of all that the partners spend in a year: sharing a part of it can hardly save so much."""
LARGE_EACH_GBP = 15e6
"""A year for each partner, where what they spend is not known: more than half of English districts spend in all
(£12.3m; RS returns 2017-18)."""
APART = 1.25
AMOUNT = r"(\d[\d,]*\.?\d*)\s*(bn|billion|million|thousand|mn|m|k)?\b"
WORTH_CLAIMING_GBP = 10_000.0
"""In a cell of words smaller amounts are costs of a unit, not claims."""
PER = (
    r"(?:p\.?\s?/?\s?a\.?|(?:per|a|each|every|/)\s?(?:year|yr|annum|month|week|wk|quarter|fortnight|day)"
    r"|annual(?:ly)?|each|apiece|pcm|pw)"
)
ALONE = re.compile(rf"\W*{ABOUT}?\W*(?:GBP)?\s?{NUMBER}\s?{SIZE}?\W*(?:GBP|pounds?)?\W*(?:{PER}\W*)*", re.IGNORECASE)
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
SPELLED = {
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
    "eighteen": 18.0,
    "twenty": 20.0,
}
COUNT = r"(\d+(?:\.\d+)?|" + "|".join(SPELLED) + ")"
YEARLY = re.compile(
    r"(?:\b(?:per|a|each|every|in (?:a|any)) ?(?:year|yr|annum)\b|/ ?(?:yr|year|annum|pa)\b|\bp\.? ?/?"
    r" ?a\.?(?=[\s,;.)]|$)|\bannual(?:ly|ised)?\b|\byearly\b|\byear[- ]on[- ]year\b|(?<!non-)(?<!non"
    r" )\brecurr(?:ing|ent)\b|\bfull[- ]year\b)",
    re.IGNORECASE,
)
PARTS = (
    # part of a year, and how lists say it
    (1 / 12, re.compile(r"\b(?:per|a|each|every) month\b|/ ?(?:month|mth)\b|\bmonthly\b|\bpcm\b", re.IGNORECASE)),
    (1 / 4, re.compile(r"\b(?:per|each|every|a) quarter\b(?! of)|/ ?(?:quarter|qtr)\b|\bquarterly\b", re.IGNORECASE)),
    (1 / 26, re.compile(r"\b(?:per|a|each|every) fortnight\b|\bfortnightly\b", re.IGNORECASE)),
    (
        1 / 52,
        re.compile(
            r"\b(?:per|a|each|every) week\b|/ ?(?:week|wk)\b|\bweekly\b|\bp\.?w\.?(?=[\s,;.)]|$)", re.IGNORECASE
        ),
    ),
    (1 / 365, re.compile(r"\b(?:per|each|every|a) day\b|/ ?day\b|\bdaily\b", re.IGNORECASE)),
)
SPANNED = r"(?P<unit>years?|yrs?|y|months?|mths?)\b"
OVER = re.compile(
    r"\b(?:over|in|for|across|during|within)\s(?:the |its |a |about )?(?:first |next |last |past |life(?:time)? of"
    rf" |contract of )?{COUNT}[ -]?(?:financial )?{SPANNED}"
    rf"|(?<![\d/])/ ?{COUNT} ?{SPANNED.replace('unit', 'slashed')}|\( ?{COUNT}["
    rf" -]?{SPANNED.replace('unit', 'inside')} ?\)"
    rf"|\b{COUNT}[ -]?{SPANNED.replace('unit', 'named')}"
    r" (?:period|contract|saving|plan|total|programme|deal|term|agreement)",
    re.IGNORECASE,
)
BETWEEN = re.compile(
    r"(?:\b(?:over|between|from|during)\s+|\(|(?=(?:19|20)\d{2}/\d{2}\s*(?:-|–|—|to)\s*(?:19"
    r"|20)?\d{2}/\d{2}\b))((?:19|20)\d{2})(?:[/-]\d{2})?\s*(?:-|–|—|to|and|until)\s*((?:19|20)\d{2}|\d{2})(?:/\d{2})?(?!\d)",
    re.IGNORECASE,
)
SUM = re.compile(
    r"\bnon[- ]?recurr(?:ing|ent)\b|\bcapital receipts?\b|\bcumulative(?:ly)?\b|\bin total\b|\ba"
    r" total\b|\btotal(?:ling)?\b|\bto date\b|\bone[- ]off\b|\bover (?:the )?(?:life|lifetime)\b|\bso far\b|\bsince"
    r" \d{4}\b",
    re.IGNORECASE,
)
ONCE = re.compile(
    r"\bone[- ]offs?\b|\bonce[- ](?:only|off)\b|\bsingle payment\b|\bcapital receipts?\b|\bnon[- ]?recurr(?:ing|ent)\b",
    re.IGNORECASE,
)
"""What an amount is that comes once, whatever else of the cell comes every year."""
PERIOD = re.compile(
    r"(per|a|each|every|/) ?(year|yr|annum|quarter|month|fortnight|week|day)\b|\bp\.? ?/? ?a\.?(?=[\s,;.)]|$)|(over |/"
    r" ?|\()[\w.]+ ?(months?|yrs|years)|annual(ly)?|over (the )?(first )?[\w.]+ years?|in [\d.]+"
    r" (years?|yrs?)|cumulative(ly)?|by \d{4}(/\d{2})?|since \d{4}|a total|in total|to date",
    re.IGNORECASE,
)
WHOSE = re.compile(
    r"(both|all|two|three|four|five|six|each) (of the"
    r" )?(councils?|partners?|services?|forces?|boroughs?|organisations?|authorities)( combined)?|combined|(?<=[a-z]"
    r" )each\b",
    re.IGNORECASE,
)
APIECE = re.compile(
    r"\beach\b(?! year| month| week)|\bper"
    r" (?:council|partner|authority|force|service|borough|organisation)\b|\bapiece\b",
    re.IGNORECASE,
)
DEARER = re.compile(
    r"\b(?:higher|dearer|increas(?:e|ed|es|ing)|overspen[dt]|extra|additional|more"
    r" expensive|rose|risen|rise|costlier|over budget|worse)\b[^.;]{0,25}"
    r"|(?<!% of )\b(?:cost|costs|costing|spent|investment|invest(?:ed)?|set-?up|grant|loss|lost|budget|turnover)\b(?!"
    r" ?(?:saving|reduc|cut|avoid))(?:[^.;,]{0,18})$",
    re.IGNORECASE,
)
"""Words beside an amount that make it a cost and no saving."""
NO_SAVING = re.compile(
    r"^\s*(?:of |was |were |is |are |has been |have been )?(?:lost\b|loss(?:es)?\b|shortfall|written"
    r" off|deficit|(?:cost )?overrun|short of|below (?:plan|target)|(?:not|never) (?:\w+"
    r" )?(?:achiev|reali[sz]|deliver|materiali|met\b|found\b)|failed|unachiev|higher|dearer|more"
    r" (?:than|expensive)|overspen[dt]|over budget|extra cost|additional cost|increase in|in set-?up|set-?up"
    r" cost|investment|invested|grant|worse)",
    re.IGNORECASE,
)
KINDS = (
    (
        "evaluated",
        re.compile(
            r"matched control|synthetic|(?i:difference.in.differences?)|\bDiD\b|\bDID\b|\bRCT\b|\brct\b|randomis"
            r"|\bPSM\b|(?i:\b(?:independently |externally )?evaluated\b)|quasi-exp"
        ),
    ),
    (
        "projected",
        re.compile(
            r"(?i)project(?:ed|ion)|estimate|forecast|business case|expected|\bplan(ned)?\b|would save|could"
            r" save|potential|target|anticipat|guarantee|promis|pledge"
        ),
    ),
    (
        "self-reported",
        re.compile(r"(?i)self-report|achieved|\bsaves\b|\bsaved\b|before-after claim|uncontrolled|delivered|realised"),
    ),
)
SAID_BY = re.compile(
    r"\b(report|leader|consultant|auditor?|audit|council"
    r" estimate|according|claim|said|says|source|minister|review|opposition|union|nao|estimate|business"
    r" case|statement|minutes|press)",
    re.IGNORECASE,
)
UNDELIVERED = re.compile(
    r"\bfail(?:ed|s|ing)? to (?:deliver|achieve|save|reali[sz]e|materiali[sz]e)\w*|\bsavings? (?:were |was |have |has"
    r" )?(?:did not|didn't|not|never) (?:been )?(?:achieved|reali[sz]ed|delivered|materiali[sz]ed?|come|happen)\w*|\bno"
    r" savings? (?:were |was |have been |had been )?(?:achieved|made|reali[sz]ed|found|delivered)|(?<!if"
    r" )\b(?:not|never) (?:achieved|reali[sz]ed|delivered|materiali[sz]ed)",
    re.IGNORECASE,
)
NOTHING = re.compile(
    r"\W*(?:none(?: (?:yet|given|stated|identified|reported|quoted))*|n/?a|n/?k|tbc|tbd|to be"
    r" (?:confirmed|determined|decided)|not"
    r" (?:known|stated|quantified|available|given|reported|applicable|disclosed|yet"
    r" known|specified)|unknown|unquantified|no (?:data|figure|figures|info|information)|various|see"
    r" notes?|-+|\?+|yes|no|y|n)?\W*",
    re.IGNORECASE,
)
NOUGHT = re.compile(r"\W*(?:nil|zero|no (?:net )?savings?)\W*", re.IGNORECASE)
BESIDE = re.compile(
    r"\bother (?:reports?|sources?)|\bversus\b|\bno more than\b|\bwhereas\b|\bhowever\b|\bbut\b|\bcontradict|\bdisput",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a row claims. gbp: as it stands; years: over how many, None where it does not say; apiece: each partner's
    own."""

    gbp: float | None
    years: float | None
    apiece: bool = False
    others: tuple[float, ...] = ()
    percent: tuple[float, ...] = ()
    dearer: bool = False
    unread: str = ""
    """What stands in the claim's own column and was not understood."""
    once: bool = False
    """Whether the amount's own words say that it came once."""
    lost: tuple[float, ...] = ()
    """Amounts with a minus that stand beside a claim."""

    def yearly_gbp(self, partners: int) -> float | None:
        """All partners' together in a year; None where the row does not say over how long."""
        if self.gbp is None or not self.years:
            return None
        return self.gbp / self.years * (max(partners, 1) if self.apiece else 1)


def claimed(cell: str, words: str, scale: float = 1.0) -> Claimed:
    """cell: the claim's own column; words: basis and text, for how long, whose, and further amounts; scale: of bare
    numbers."""
    cell, words = without_fractions(cell), without_fractions(words)
    own, beside = costed(cell, bare=True, scale=scale), costed(words)
    if not ALONE.fullmatch(cell):
        own = [pair for pair in own if pair[0].gbp >= WORTH_CLAIMING_GBP]
    beside = [pair for pair in beside if pair[0].gbp >= WORTH_CLAIMING_GBP]
    # A bare amount in the claim's column is what the row's own words say of the same amount.
    spent = {one.gbp for one, cost in beside if cost} - {one.gbp for one, cost in beside if not cost}
    own = [(one, cost or one.gbp in spent) for one, cost in own]
    main = next((one.gbp for one, cost in own if not cost), None)
    if main is None and not own:
        main = 0.0 if NOUGHT.fullmatch(cell) else next((one.gbp for one, cost in beside if not cost), None)
    named = (gbp for one, _ in (*own, *beside) for gbp in (one.gbp, one.high) if gbp is not None)
    said = f"{cell}; {words}"
    percent = tuple(dict.fromkeys(float(found[1]) for found in PERCENT.finditer(said)))
    dearer = main is None and any(cost for _, cost in (*own, *beside))
    unread = "" if own or NOTHING.fullmatch(cell) or NOUGHT.fullmatch(cell) or PERCENT.search(cell) else cell.strip()
    clause, once = _own_clause(cell, [one for one, _ in own], main)
    years = (
        None
        if once
        else _behind(clause) or years_of(_without_others(cell, [one for one, _ in own], main)) or years_of(words)
    )
    lost = tuple(dict.fromkeys(one.gbp for one, _ in (*own, *beside) if one.negative and main))
    return Claimed(
        main,
        years,
        bool(APIECE.search(said)),
        tuple(dict.fromkeys(gbp for gbp in named if gbp != main)),
        percent,
        dearer,
        unread,
        once,
        lost,
    )


def basis_in(cell: str) -> str:
    """What a column of bases says, in the words of a claim: "annum" is "per annum", "3 yrs" is "over 3 yrs"."""
    if re.search(
        r"^\W*(?:£?\s?(?:k|m|mn|000'?s?|thousands?|millions?)\b\W*)?(?:annum|year|yr|month|week|quarter)\W*$",
        cell,
        re.IGNORECASE,
    ):
        return (
            f"per {cell}"
            if cell[:1].isalpha()
            else re.sub(r"(annum|year|yr|month|week|quarter)", r"per \1", cell, flags=re.IGNORECASE)
        )
    return (
        f"over {cell}"
        if re.fullmatch(rf"\W*{COUNT}[ -]?(?:years?|yrs?|months?|mths?)\W*", cell, re.IGNORECASE)
        else cell
    )


def _own_clause(cell: str, own: list[Amount], main: float | None) -> tuple[str, bool]:
    """What stands between the claimed amount and the next one, and whether the amount's own words, to the next mark,
    say that it came once."""
    at = next((at for at, one in enumerate(own) if one.gbp == main), None)
    if at is None:
        return "", len(own) == 0 and bool(ONCE.search(cell))
    behind = cell[own[at].end : own[at + 1].start if at + 1 < len(own) else len(cell)]
    before = re.split(r"[;.,]\s|\band\b", cell[own[at - 1].end if at else 0 : own[at].start])[-1]
    return behind, bool(ONCE.search(before) or ONCE.search(re.split(r"[;.]\s", behind)[0]))


def _behind(clause: str) -> float | None:
    """ "£1m pa (£16m over 15 years)" is a million a year."""
    return 1.0 if YEARLY.match(clause.lstrip(" ,(")) else years_of(clause)


def _without_others(cell: str, own: list[Amount], main: float | None) -> str:
    """The cell without what stands behind further amounts, to the next mark: "a year" is said of the amount that it
    follows."""
    kept, at = [], 0
    for one in own:
        if one.gbp != main and any(other.gbp == main for other in own):
            end = re.compile(r"[;.)]\s|[;)]|$").search(cell, one.end)
            kept.append(cell[at : one.start])
            at = max(at, end.start() if end else one.end)
    return "".join([*kept, cell[at:]])


def costed(text: str, bare: bool = False, scale: float = 1.0) -> list[tuple[Amount, bool]]:
    """Each amount of a text, and whether its sign or the words beside it make it no saving; amounts of each head are
    left out."""
    text = without_fractions(text)
    return [
        (one, one.negative or _cost_beside(text, one))
        for one in amounts(text, bare, scale)
        if (bare or one.gbp >= 1000) and not A_HEAD.match(text[one.end :])
    ]


def _cost_beside(text: str, one: Amount) -> bool:
    before = re.split(r"[;.,]\s", text[: one.start])[-1]
    return bool(DEARER.search(before) and not re.search(r"sav|reduc|cut|avoid", before, re.IGNORECASE)) or bool(
        NO_SAVING.search(text[one.end :])
    )


def amount(text: str) -> float | None:
    """The first number of a cell as pounds: 6000000, £1.2m, 300k; a percentage is none."""
    return next((one.gbp for one in amounts(text, bare=True)), None)


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
    """Years that a claim covers: 1 for a yearly one, five for "over five years", a twelfth for a monthly one; None
    where it does not say."""
    over = OVER.search(words)
    if over:
        told = next(group for group in over.groups() if group and (group[0].isdigit() or group.lower() in SPELLED))
        many = SPELLED.get(told.lower()) or float(told)
        return (
            many / 12 if any(str(unit).lower().startswith("m") for unit in over.groupdict().values()) else many
        ) or None
    if YEARLY.search(words):
        return 1.0
    part = next((years for years, pattern in PARTS if pattern.search(words)), None)
    return part or _years_between(words)


def _years_between(words: str) -> float | None:
    """ "over 2011 to 2015": every year that is named, the last one too; two figures behind a year may be one financial
    year."""
    found = BETWEEN.search(words)
    if found is None:
        return None
    last = int(found[2]) if len(found[2]) == 4 else int(found[1][:2] + found[2])
    years = last - int(found[1]) + 1
    return float(years) if 2 < years <= 40 or (years == 2 and len(found[2]) == 4) else None


def basis_of(words: str, years: float | None) -> str:
    """per year, over N years or months, per quarter, month or week, in total, or not said."""
    if years is None:
        return "in total" if SUM.search(words) else "not said"
    if years >= 1.0 and years % 0.5 == 0.0 and years != 1.5:
        return "per year" if years == 1.0 else f"over {years:g} years"
    named = {1 / 4: "per quarter", 1 / 12: "per month", 1 / 26: "per fortnight", 1 / 52: "per week", 1 / 365: "per day"}
    return named.get(years, f"over {years * 12:.0f} months")


def undelivered(words: str) -> Iterator[str]:
    """A row whose own words say that what it claims did not come."""
    found = UNDELIVERED.search(words)
    if found:
        yield f"its own words say that the saving did not come: “{found[0].lower()}”"


def contradicted(claim_gbp: float | None, words: str) -> Iterator[str]:
    """One row that sets other amounts against what it claims, each said by somebody. A word alone makes no conflict."""
    mark = BESIDE.search(words)
    if not claim_gbp or not mark or not SAID_BY.search(words):
        return
    others = dict.fromkeys(one.gbp for one, cost in costed(words) if not cost and one.gbp >= WORTH_CLAIMING_GBP)
    far = [gbp for gbp in others if not 1 / APART <= gbp / claim_gbp <= APART]
    if far:
        yield f"conflict: its own words set {', '.join(f'£{gbp:,.0f}' for gbp in far)} beside £{claim_gbp:,.0f}"


def lost_beside(found: Claimed) -> Iterator[str]:
    """A claim beside an amount with a minus, as a total to date that is a loss."""
    if found.gbp and found.lost:
        yield (
            f"conflict: beside the £{found.gbp:,.0f} that it claims it says"
            f" −{', −'.join(f'£{gbp:,.0f}' for gbp in found.lost)}"
        )


def impossible(gbp: float | None, words: str, prices: Mapping[str, Price]) -> Iterator[str]:
    """Amounts over a number of contacts, against what one contact costs."""
    told = list(EACH.finditer(words))
    for match in told:
        yield from _against(_pounds(match[1], match[2]), match[3], match[4], prices)
    counted = COUNTED.search(words)
    if gbp and counted and not told:
        yield from _against(gbp, counted[1], counted[2], prices)


def too_large(yearly_gbp: float | None, partners: int, spent: Iterable[float]) -> Iterator[str]:
    """A claim a year beside all that the partners spend in one, or beside what bodies of their kind spend where that is
    not known."""
    known = list(spent)
    if not yearly_gbp:
        return
    if not known or not all(known):
        if partners and yearly_gbp / partners > LARGE_EACH_GBP:
            yield (
                f"doubtful: £{yearly_gbp / partners:,.0f} a year for each partner is more than most district councils"
                " spend in all; what these spend is not known here"
            )
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
        yield (
            f"cannot be: {told}, {each / price.gbp:.1f} times what one costs (£{price.gbp:,.0f}; {price.source}"
            f" {price.edition})"
        )
    elif each > price.variable * price.gbp:
        yield (
            f"doubtful: {told}, {each / price.gbp:.0%} of the average cost (£{price.gbp:,.0f}; {price.source}"
            f" {price.edition}), of which about {price.variable:.0%} changes with one contact"
        )


def _pounds(number: str, size: str | None) -> float:
    return float(number.replace(",", "").rstrip(".")) * TIMES.get((size or "").lower(), 1.0)
