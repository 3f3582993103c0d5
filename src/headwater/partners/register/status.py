"""How far a collaboration came, by what its row says: refused on cost, abandoned, ended, proposed, running; else not said."""

from __future__ import annotations

import re
from datetime import date

RULES = (
    # the first that fits; each names what happened to the collaboration itself
    ("refused on cost", r"(?:reject|refus|declin|turned down|not (?:proceed|pursu|go(?:ing)? ahead|taken forward)|dropped|ruled out|decided against)\w*[^.;]{0,60}\b(?:cost|expens|afford|price|value for money|uneconomic)\w*"
        r"|\b(?:too (?:costly|expensive|dear)|unaffordable|on (?:grounds of cost|cost grounds)|(?:costs?|savings?) did not (?:stack|add) up|would (?:have )?cost more than)"),
    ("abandoned", r"\babandon|\bcalled off|\bscrapp|\bcancel|\bwithdr[ae]w|\bdid ?n[o']t (?:proceed|go ahead|happen|start)|\bnot (?:proceed|pursu|going ahead|taken forward|implemented|progressed)|\bnever (?:started|went live|happened|got)|\bfell through|\bshelved|\bpulled out before|\brejected|\bcollapsed before|\bvoted down|\baborted|\bhalted"),
    ("ended", r"\bended\b|\bends? in \d{4}|\bend(?:ed)?:? ?\d{4}|\bdissolved|\bceased|\bterminat|\bwound (?:up|down)|\bdisband|\bdemerg|\bsplit (?:up )?in \d{4}|\bbroke up|\bbrought (?:back )?in-?house|\bexpired|\buntil (?:\w+ )?\d{4}|\bleft in \d{4}|\bde-?coupled|\bno longer (?:shared|running|operat|in place)|\bclosed in \d{4}|\bunwound|\bfinished|\breplaced by\b|\btaken back"),
    ("proposed", r"\bpropos|\bunder (?:consideration|discussion|review)|(?<!than )(?<!as )(?<!originally )\bplanned\b|\bin (?:discussion|talks|development|planning)\b|\bexplor|\bfeasibility|\boutline business case|\bto (?:start|begin|launch|go live)\b|\bawaiting|\bconsult(?:ing|ation)\b|\bpipeline|\bprospective|\bagreed in principle|\bmay share|\bconsidering|\bnot yet"),
    ("running", r"\bactive\b|\brunning\b|\bon-?going\b|\blive\b|\bcurrent(?:ly)?\b|\boperational|\bin place|\bcontinu|\bestablished|\bup and running|\bimplemented|\bin operation|\bexpanded|\bextended|\brenewed|\bstarted\b|\bsince \d{4}|\bsaves\b|\bdelivering\b|\bpresent\b|\bcompleted?\b"),
)  # fmt: skip
SPAN = re.compile(r"\b((?:19|20)\d{2})\s*(?:-|–|—|to|until)\s*((?:19|20)\d{2}|\d{2})\b(?!\d|/)")
BRIEF = re.compile(r"(?:one|two|three|four|six|a|\d+)[ -](?:day|week|month)s?", re.IGNORECASE)
NOT_SAID = "not said"


def status(cell: str, start: str, end: str, words: str, today: date) -> tuple[str, str]:
    """(status, the reason). cell: a column of its own; start and end: as dates or years; words: service and claim."""
    for text, where in ((cell, "its status"), (words, "its words")):
        for name, pattern in RULES:
            found = re.search(pattern, text, re.IGNORECASE)
            if found and (where == "its status" or name != "running"):
                return name, f"{where} say “{found[0].strip().lower()}”"
    for text, where in ((end, "end"), (cell, "status")):
        year = re.search(r"\b(?:19|20)\d{2}\b", text)
        if year:
            return ("ended", f"its {where} is {year[0]}") if int(year[0]) <= today.year else ("running", f"it ends in {year[0]}")  # fmt: skip
    began = re.search(r"\b(?:19|20)\d{2}\b", start)
    if began and int(began[0]) < today.year and BRIEF.fullmatch(cell.strip()):
        return "ended", f"it lasted {cell.strip()} from {began[0]}"
    span = SPAN.search(start)
    last = 0 if span is None else int(span[2]) if len(span[2]) == 4 else int(span[1][:2] + span[2])
    # Two figures behind a year are a month or the second half of a financial year, unless they are years later.
    if span is not None and last > int(span[1]) + (1 if len(span[2]) == 2 else -1):
        return ("ended", f"it ran to {last}") if last < today.year else ("running", f"it runs to {last}")
    if began and int(began[0]) > today.year:
        return "proposed", f"it is to start in {began[0]}"
    live = re.search(RULES[-1][1], words, re.IGNORECASE)
    if live:
        return "running", f"its words say “{live[0].strip().lower()}”"
    return ("running", f"it has a start ({began[0]}) and no end") if began else (NOT_SAID, "neither a start nor how it stands is given")  # fmt: skip
