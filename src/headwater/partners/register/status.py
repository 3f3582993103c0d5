"""How far a collaboration came, by what its row says: refused, abandoned, ended, paused, proposed, running; else not
said.

A partner who leaves does not end what others go on with, and a word that is not known is not guessed at: it is named.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.partners.register.years import year_in

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

NOT_BEGUN = (
    r"not (?:be(?:ing)? )?(?:proceed|pursu|go(?:ing)? ahead|taken (?:forward|up)|implement|progress|adopt|approv|agree)"
)
RULES = (
    # the first that fits; each names what happened to the collaboration itself
    (
        "refused on cost",
        rf"(?:reject|refus|declin|turned down|{NOT_BEGUN}|dropped|ruled out|decided against|voted"
        r" (?:down|against))\w*[^.;]{0,60}\b(?:cost|expens|afford|price|value for money|uneconomic)\w*"
        r"|\b(?:too (?:costly|expensive|dear)|unaffordable|on (?:grounds of cost|cost grounds)|(?:costs?|savings?) did"
        r" not (?:stack|add) up|would (?:have )?cost more than)",
    ),
    (
        "refused",
        (
            r"\brefus(?:ed|al)\b|\breject(?:ed|ion)\b|\bvoted (?:down|against)|\bturned"
            r" down|\bdeclined\b|\bvetoed|\bblocked by\b|\bdecided against|\bnot (?:approved|agreed|supported)"
        ),
    ),
    (
        "abandoned",
        (
            r"\babandon|\bcalled off|\bscrapp|\bcancel|\bwithdrawn\b|\bdid ?n[o']t (?:proceed|go"
            rf" ahead|happen|start|materiali[sz]e)|\b{NOT_BEGUN}|\bnever (?:started|went"
            r" live|happened|got|began|implement|proceed|progress|launched|took off|materiali)|\bfell"
            r" through|\bshelved|\b(?:pulled out|withdrew) before|\bcollapsed|\baborted|\bhalted|\bdiscontinued"
            r" before|\bdropped\b|\bnot going\b"
        ),
    ),
    (
        "running",
        (
            r"\bpart(?:ly|ially|-)\s?\w*(?:dissolv|end|ceas|terminat|wound|transfer|withdr|disband)\w*|\b(?:being|to"
            r" be) (?:wound|phased|run) (?:up|down|out)|\b(?:winding|phasing|running) (?:up|down|out)|\bnotice"
            r" (?:given|served)|\bdue to (?:end|expire|cease)|\b(?:ending|expires|ends) (?:in"
            r" )?(?:(?:19|20)\d{2}|soon|next)"
        ),
    ),
    (
        "ended",
        (
            r"\bended\b|\bends? in \d{4}|\bend(?:ed)?:? ?\d{4}|\bdissolved|\bceased|\bterminat|\bwound["
            r" -](?:up|down)|\bdisband|\bdemerg|\bsplit\b|\bbroke up|\bbroken up|\bbrought (?:back )?in-?house|\bback"
            r" in-?house|\bin-?sourc(?:ed|ing)|\bnovated|\babolished|\bexpired|\blapsed|\buntil (?:\w+"
            r" )?\d{4}|\bde-?coupled|\bno longer\b|\bclosed\b|\bunwound|\bfinished|\breplaced\b|\bsuperseded|\btaken"
            r" back|\bmerged (?:into|to|in|with)\b|\b(?:councils|bodies|forces|trusts|services|partners)"
            r" merged|\bdefunct|\bdiscontinued|\bstopped\b|\bwound\b"
        ),
    ),
    (
        "paused",
        (
            r"\bpaused?\b|\bsuspend|\bon[- ]hold\b|\bdormant\b|\bin"
            r" abeyance|\bstalled\b|\bdeferred|\bpostponed|\bmothballed"
        ),
    ),
    (
        "proposed",
        (
            r"\bpropos|\bunder (?:consideration|discussion|review|development)|(?<!than )(?<!as )(?<!originally"
            r" )\bplan(?:ned|ning)\b|\bin"
            r" (?:discussion|talks|development|planning|negotiation)\b|\bdiscussions?\b|\bexplor|\bfeasibility"
            r"|\b(?:outline|strategic)"
            r" (?:outline )?(?:business )?case|\bto (?:start|begin|launch|go live)\b|\bgo(?:ing|es)? live (?:in"
            r" )?20\d{2}|\bawaiting|\bconsult(?:ing|ation)\b|\bpipeline|\bprospective|\bagreed in principle|\bmay"
            r" share|\bconsidering"
            r"|\bnot"
            r" (?:yet|started|begun|live)|\bidea\b|\bscoping|\bdraft\b|\bintend|\bpending|\bmobilising\b"
            r"|\bforthcoming|\bupcoming"
        ),
    ),
    (
        "running",
        (
            r"\bactive\b|\brunning\b|\bon-?going\b|\blive\b|\bcurrent(?:ly)?\b|\boperational|\boperating\b|\bin"
            r" place|\bcontinu|\bestablished|\bup and running|\bimplemented|\bin"
            r" operation|\bexpand|\bextended|\brenewed|\bstarted\b|\bsince"
            r" \d{4}|\bsaves\b|\bdelivering\b|\bpresent\b|\bin force\b|\bbusiness as usual|\bBAU\b|\bgone live|\bwent"
            r" live|\blaunched|\bmobilised|\bembedded|\bopen\b|\bpermanent"
        ),
    ),
)
RUNS_AND = re.compile(r"\b(?:live|active|running|operational|on-?going|in place)\b\s*[-–—,;:(]", re.IGNORECASE)
"""It runs, and what is said behind the mark is of its future."""
IN_NOTES = ("refused on cost", "refused", "abandoned", "ended", "paused", "proposed")
LESS_IN_NOTES = re.compile(
    r"\bsplit\b|\bwound\b(?! ?-?(?:up|down))|\bclosed\b(?! in)|\breplaced\b(?! by)|\bstopped\b"
    r"|\bno longer\b(?!"
    r" (?:shared|running|operat|in"
    r" place))|\bdropped\b|\bplanning\b|\bidea\b|\bdraft\b|\bintend|\bpending|\bdiscussions?\b"
    r"|\bopen\b|\bdeferred|\bdeclined\b|\bstalled\b|\bnot"
    r" going\b|\bcollapsed\b(?! before)|\blapsed|\bmerged (?:into|to|in|with)\b|\bnot"
    r" (?:approved|agreed|supported)\b|\bsuspend|\bpostponed|\bpaused?\b|\bpropos(?!ed\b)\w*",
    re.IGNORECASE,
)
"""In notes and in the name of what is shared such words are often of something else than the collaboration."""
LEFT = re.compile(
    r"([A-Z][\w&'’ -]*?)?\s*\b(?:withdrew|withdrawal|has left|have left|left|leaves|exited|exits?|pulled"
    r" out|departed|has withdrawn|opted out|dropped out)\b",
    re.IGNORECASE,
)
"""One of several who goes."""
DECIDED = re.compile(r"\b(?:approved|agreed|signed|endorsed|authori[sz]ed|adopted)\b", re.IGNORECASE)
ONE_BODY = re.compile(r"\bmerge[drs]*\b|\bmerger (?:complete|done)|\bamalgamat", re.IGNORECASE)
QUESTION = re.compile(r"\b(still|live|active|running|current|operational|on-?going|continuing)\b", re.IGNORECASE)
"""Headings that a yes or a no answers."""
YES, NO = re.compile(r"(?:y|yes|true|✓|✔|x|1)", re.IGNORECASE), re.compile(r"(?:n|no|false|✗|✘|0)", re.IGNORECASE)
SPAN = re.compile(r"\b((?:19|20)\d{2})\s*(?:-|–|—|to|until)\s*((?:19|20)\d{2}|\d{2})\b(?!\d|/)")
BRIEF = re.compile(r"(?:one|two|three|four|six|a|\d+)[ -](?:day|week|month)s?", re.IGNORECASE)
ONLY_YEAR = re.compile(r"[\s\d/.-]*(?:19|20)\d{2}[\s\d/.-]*")
NOT_SAID = "not said"
KNOWN_WORDS = re.compile(
    "|".join(rule for _, rule in RULES) + f"|{LEFT.pattern}|{DECIDED.pattern}|{ONE_BODY.pattern}", re.IGNORECASE
)
"""By which a column of statuses is known without its heading."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says of how it stands. heading: of its column of statuses; words: service and claim."""

    cell: str = ""
    heading: str = ""
    start: str = ""
    end: str = ""
    words: str = ""
    partners: Sequence[str] = ()


def status(told: Told, today: date) -> tuple[str, str]:
    """(status, the reason)."""
    began = year_in(told.start)
    if told.cell and not ONLY_YEAR.fullmatch(told.cell):
        return _by_cell(told, began, today)
    return _by_words(told.words, "its words", told, IN_NOTES) or _by_years(told, began, today)


def _by_cell(told: Told, began: int | None, today: date) -> tuple[str, str]:
    """The column of statuses speaks alone: what it says in unknown words is not made up from a start."""
    cell = told.cell.strip()
    asked = (
        None
        if re.search(r"status|position|stage|state\b", told.heading, re.IGNORECASE)
        else QUESTION.search(told.heading)
    )
    if asked and YES.fullmatch(cell):
        return "running", f"its column “{told.heading}” says {cell}"
    if asked and NO.fullmatch(cell):
        over = asked[1].lower() in ("still", "continuing") or (began is not None and began <= today.year)
        return (
            "ended" if over else NOT_SAID
        ), f"its column “{told.heading}” says {cell}{f', and it began in {began}' if over and began else ''}"
    found = _by_words(cell, "its status", told, None)
    if found:
        return found
    if began and began < today.year and BRIEF.fullmatch(cell):
        return "ended", f"it lasted {cell} from {began}"
    merged, decided = ONE_BODY.search(cell), DECIDED.search(cell)
    if merged:
        return "ended", f"its status says “{merged[0].lower()}”: the partners are one body since"
    if decided and not (began and began < today.year):
        return "proposed", f"its status says “{decided[0].lower()}”, which is a decision and not yet a start"
    why = "names a decision, not whether it runs" if decided else "is no word that is known here"
    return NOT_SAID, f"its status “{cell}” {why}"


def _by_words(text: str, where: str, told: Told, among: Sequence[str] | None) -> tuple[str, str] | None:
    gone = _one_left(text, where, told)
    for name, pattern in RULES:
        for found in re.finditer(pattern, text, re.IGNORECASE):
            if name == "proposed" and RUNS_AND.search(text[: found.start()]):
                continue
            if among is not None and (name not in among or LESS_IN_NOTES.match(text, found.start())):
                continue
            if (
                name == "abandoned"
                and gone
                and "withdr" in found[0].lower()
                and _names_partner(text[: found.start()], told.partners)
            ):
                return gone
            return name, f"{where} say{'s' if among is None else ''} “{_phrase(text, found)}”"
    return gone


def _one_left(text: str, where: str, told: Told) -> tuple[str, str] | None:
    """A partner who goes: with three or more the others go on, with two it is over."""
    found = LEFT.search(text)
    if found is None or (where != "its status" and not _names_partner(found[1] or "", told.partners)):
        return None
    said = f"{where} {'says' if where == 'its status' else 'say'} “{text[found.start() :].strip()[:60].lower()}”"
    if len(told.partners) > 2:
        return "running", f"{said}, and the others go on"
    return ("ended", f"{said}, and there were two") if told.partners else ("abandoned", said)


def _names_partner(name: str, partners: Sequence[str]) -> bool:
    words = set(re.findall(r"[a-z]{4,}", name.lower()))
    return bool(words) and any(words & set(re.findall(r"[a-z]{4,}", one.lower())) for one in partners)


def _phrase(text: str, found: re.Match[str]) -> str:
    """The word with the year behind it, where one stands there."""
    more = re.match(r"\w*(?:\s+(?:in |on )?(?:\w+ )?(?:19|20)\d{2}\b)?", text[found.end() :])
    return (found[0] + (more[0] if more else "")).strip().lower()


def _by_years(told: Told, began: int | None, today: date) -> tuple[str, str]:
    last = year_in(told.end) or (year_in(told.cell) if "end" in told.heading.lower() else None)
    if last:
        return ("ended", f"its end is {last}") if last <= today.year else ("running", f"it ends in {last}")
    if re.search(r"\b(?:present|now|date|on-?going|continuing|open)\b", told.end, re.IGNORECASE):
        return "running", f"its end is given as “{told.end.strip()}”"
    if told.cell:
        return NOT_SAID, f"its status is {told.cell.strip()}: a year alone does not say what happened then"
    span = SPAN.search(told.start)
    last = 0 if span is None else int(span[2]) if len(span[2]) == 4 else int(span[1][:2] + span[2])
    # Two figures behind a year are a month or the second half of a financial year, unless they are years later.
    if span is not None and last > int(span[1]) + (1 if len(span[2]) == 2 else -1):
        return ("ended", f"it ran to {last}") if last < today.year else ("running", f"it runs to {last}")
    if began and began > today.year:
        return "proposed", f"it is to start in {began}"
    live = re.search(RULES[-1][1], told.words, re.IGNORECASE)
    if live:
        return "running", f"its words say “{live[0].strip().lower()}”"
    return (
        ("running", f"it has a start ({began}) and no end")
        if began
        else (NOT_SAID, "neither a start nor how it stands is given")
    )
