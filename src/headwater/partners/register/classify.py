"""Which style a collaboration is, by rule: who the partners are, and what each does about the demand.

Upstream: partners of different sorts, one of whom could act before the demand arises, act so that less of it arises.
Mirror: all partners are of one sort. Integration: sorts differ and the work is done together. Unsure: what cannot be
told is not guessed. What a collaboration is said to have brought says nothing about its style.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from headwater.partners.register.known_names import CODES
from headwater.partners.register.sorts import SORTS, sort_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.partners.register.resolve import Find

ABLE = frozenset(
    {
        "gp",
        "commissioner",
        "community-trust",
        "mental-health-trust",
        "social-care",
        "housing",
        "care-home",
        "fire",
        "voluntary",
        "vanguards",
    }
)
"""Sorts that can act before the demand arises. A hospital, an ambulance and a police cell mostly meet it when it
has."""

# What is done so that less demand arises: the words by which such work is described.
AVERTING = re.compile(
    r"(?:reduc\w*|cut(?:s|ting)?|lower\w*|fewer|avoid\w*|avert\w*|prevent\w*|divert\w*|instead of)\b(?! (?:the |their"
    r" |its |of )?(?:\w+ )?(?:cost|spend|overhead|duplicat|price|budget|management|back"
    r" office|estate|bureaucra|carbon|fraud|staff|head ?count|waste)\w*)"
    r"|so that\b|\bnot come back\b|\bout of (?:hospital|care|custody)\b|\btreat(?:ed)? at home\b|admission|frequent"
    r" (?:attend|call|user)\w*|attender|attendance|care plan|enhanced health|vanguard|community integrated team"
    r"|multidisciplinary|\bmdt\b|early help|early intervention|\bfalls\b|home safety|safe and well|social"
    r" prescribing|reablement|new care models|hospital discharge|admission avoidance|street triage|high intensity",
    re.IGNORECASE,
)
PLACE = re.compile(r"[A-Z][a-zé'’]+(?:[ -](?:[A-Z][a-zé'’]+|upon|on|in|under|and|the|le|of|with|&))*")
"""How a bare place is written: no initials, no figures."""
NO_PLACE = re.compile(
    r"\b(?:trust|agency|partnership|group|alliance|network|foundation|service|services|board|authority|authorities|systems?|solutions?|audit|academy|centre|consult\w*|shared|joint|law|legal|team|forum|federation|association|union|bank|society|enterprise|works|control|academic|health|healthcare|community|volunteers?)\b",
    re.IGNORECASE,
)
COUNTY = re.compile(r"\bcounty council$|\bCC$", re.IGNORECASE)
BESIDE_PLACES = frozenset({sort for sort, _ in SORTS} | {""}) - {"gp", "care-home", "vanguards"}


def classified(partners: Sequence[str], text: str, find: Find, councils: bool = False) -> tuple[str, str]:
    """(mirror, integration, upstream or unsure; the reason). text: what is done; councils: the list says that its
    bodies are councils."""
    sorts = {
        name: _as_fire(name, partners, text, find) or sort_of(name, find) or _assumed(name, partners, find, councils)
        for name in partners
    }
    unknown = [name for name, sort in sorts.items() if not sort]
    kinds = sorted({sort for sort in sorts.values() if sort})
    able = sorted(set(kinds) & ABLE)
    if len(partners) < 2 and "vanguards" not in kinds and not (kinds and _many(partners)):
        return "unsure", "only one partner is named" if partners else "no partner is named"
    words = AVERTING.search(text) or AVERTING.search(
        " ".join(name for name, sort in sorts.items() if sort == "vanguards")
    )
    if words and able and (len(kinds) > 1 or "vanguards" in kinds):
        return (
            "upstream",
            (
                f"{_list(able)} can act before the demand arises, and the work is meant to lessen it"
                f" (“{words.group(0).lower()}”)"
            ),
        )
    if unknown and not (
        len(kinds) == 1 and len(sorts) - len(unknown) > 1 and all(_own_name(name, text) for name in unknown)
    ):
        return "unsure", f"what sort of body {_list(unknown)} is cannot be told from its name or the register"
    if len(kinds) == 1:
        beside = f"; {_list(unknown)} is taken as the name of what they share" if unknown else ""
        return "mirror", f"all partners are of one sort ({kinds[0]}){_why_assumed(sorts, find)}{beside}"
    return (
        "integration",
        f"the partners are of different sorts ({_list(kinds)}) and work together{_why_assumed(sorts, find)}",
    )


def _as_fire(name: str, partners: Sequence[str], text: str, find: Find) -> str:
    """A county council that is itself the fire authority, among others of them over a fire service."""
    others = {sort_of(one, find) for one in partners if not COUNTY.search(one)}
    return (
        "fire"
        if others == {"fire"} and COUNTY.search(name) and re.search(r"\bfire\b|\b999\b", text, re.IGNORECASE)
        else ""
    )


def _assumed(name: str, partners: Sequence[str], find: Find, councils: bool) -> str:
    """A bare place among nothing but places and councils is a council: lists of councils leave the word out."""
    others = {sort_of(other, find) for other in partners}
    bare = PLACE.fullmatch(" ".join(word for word in name.split() if word.lower() not in CODES).strip())
    if not bare or NO_PLACE.search(name) or len(name.split()) > 6:
        return ""
    return "council" if councils or others <= BESIDE_PLACES else ""


def _own_name(name: str, text: str) -> bool:
    """Whether an unknown partner is a joint body's own name: made of words or letters and figures that are nobody's
    place."""
    return (
        bool(re.search(r"[A-Za-z]\d|^[A-Z]{2,}\b", name)) or bool(NO_PLACE.search(name)) or name.lower() in text.lower()
    )


def _many(partners: Sequence[str]) -> bool:
    """One entry that stands for several bodies: "22 care homes", "five district councils"."""
    return len(partners) == 1 and bool(
        re.match(r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|all)\s.*s$", partners[0], re.IGNORECASE)
    )


def _why_assumed(sorts: dict[str, str], find: Find) -> str:
    assumed = [name for name, sort in sorts.items() if sort == "council" and not sort_of(name, find)]
    return f"; {_list(assumed)}: places by name, taken as their councils" if assumed else ""


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)
