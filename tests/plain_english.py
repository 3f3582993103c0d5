"""What no reader may meet: codes, dates and numbers as machines write them, and words that only this house would
understand."""

from __future__ import annotations

import re

ISO_DATE = re.compile(r"(?<![\w/.-])\d{4}-\d{2}-\d{2}(?:T[\d:.]+Z?)?(?![\w/-])")
FAULTS: dict[str, re.Pattern[str]] = {
    "an ISO date": ISO_DATE,
    "a minus after the pound sign": re.compile(r"£\s?[-−]\d"),
    "a hyphen for a minus": re.compile(r"(?<![\w)])-(?:£|\d[\d,.]*%)"),
    "a space before the percent sign": re.compile(r"\d %"),
    "a plural in brackets": re.compile(r"\w\((?:s|es|ies)\)"),
    "a code of a kind or a verdict": re.compile(
        r"\b(?:[a-z]+_[a-z]+(?:_[a-z]+)*|nothing-found|cannot-tell|does-not-pay|negative-control)\b"
    ),
    "a value of a machine": re.compile(r"(?<![\w.])(?:nan|NaN|None|inf|True|False)(?![\w.])"),
    "a percentage over 1,000": re.compile(r"\b\d{4,}%|\b\d,\d{3}%"),
}
BANNED = {
    "lot": "pool of averted contacts",
    "lots": "pools of averted contacts",
    "surely": "clearly",
    "held back for doubt": "allowance for uncertainty",
    "gravest": "most serious",
    "very sure": "the strength of the method",
    "fairly sure": "the strength of the method",
    "not very sure": "the strength of the method",
    "found no saving": "no fall worth having",
    "reckon": "work out",
    "reckoned": "worked out",
    "by lot": "in random order",
    "can not": "cannot",
    "whether it pays cannot be told": "we cannot tell if it pays",
    "P(net > 0)": "the chance of a gain",
    "mend": "put right",
    "anew": "again",
    "left away": "left out",
    "change worth having": "fall worth having",
}
"""Word → what is said instead."""


def faults(text: str, *, but: frozenset[str] = frozenset()) -> list[str]:
    """Each fault of running text with the words around it; `but` names faults or words that may stand there."""
    found = [
        f"{what}: {_around(text, hit)}"
        for what, form in FAULTS.items()
        if what not in but
        for hit in form.finditer(text)
    ]
    for word, instead in BANNED.items():
        if word not in but:
            hits = re.finditer(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text, re.IGNORECASE)
            found += [f"'{word}' (say: {instead}): {_around(text, hit)}" for hit in hits]
    return found


def _around(text: str, hit: re.Match[str]) -> str:
    return " ".join(text[max(0, hit.start() - 30) : hit.end() + 30].split())
