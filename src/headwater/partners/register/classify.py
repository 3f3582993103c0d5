"""Which style a collaboration is, by rule: who the partners are, and what each does about the demand.

Upstream: partners of different sorts, one of whom could act before the demand arises, act so that less of it arises.
Mirror: all partners are of one sort. Integration: sorts differ and the work is done together. Unsure: what cannot be told is not
guessed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.partners.register.resolve import Find

# The first pattern that fits a name says its sort; the order matters ("fire and rescue authority" is not a council).
SORTS = (
    ("ambulance", r"\bambulance\b"),
    ("fire", r"\bfire\b|\brescue\b"),
    ("police", r"\bpolice\b|\bconstabulary\b"),
    ("commissioner", r"\bccgs?\b|\bclinical commissioning\b|\bicbs?\b|\bintegrated care board\b"),
    ("care-home", r"\bcare homes?\b|\bnursing homes?\b"),
    ("gp", r"\bgps?\b|\bgeneral practice\b|\bprimary care\b|\bpractices?\b|\bprincipia\b"),
    ("hospital-trust", r"\bhospitals?\b|\bfoundation trust\b|\binfirmary\b|\bnhs trust\b"),
    ("community-trust", r"\bcommunity (health|trust|services)\b"),
    ("mental-health-trust", r"\bmental health\b"),
    ("social-care", r"\bsocial care\b|\bsocial services\b"),
    ("housing", r"\bhousing\b|\bhomes\b|\btenants\b"),
    ("vanguards", r"\bvanguards?\b"),
    ("voluntary", r"\bcharit|\bvoluntary\b|\bage uk\b|\bred cross\b"),
    ("council", r"\bcouncil\b|\bborough\b|\bdistrict\b|\bcounty\b|\bcity of\b|\bunitary\b"),
)
COUNCIL = re.compile(r"council|district|county|borough|unitary|city corporation", re.IGNORECASE)
"""How registers call the kinds of council; all of them are one sort of body."""
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
"""Sorts that can act before the demand arises. A hospital, an ambulance and a police cell mostly meet it when it has."""

# What is done so that less demand arises: the words by which such work is described.
AVERTING = re.compile(
    r"reduc|avert|avoid|prevent|fewer|so that|instead of|admission|attender|attendance|care plan|enhanced health|vanguard|community integrated team"
    r"|multidisciplinary|\bmdt\b|early help|falls|home safety|social prescribing|reablement|new care models",
    re.IGNORECASE,
)
SHARING = re.compile(
    r"shar(ed|ing)|joint (management|control|headquarters|estate|procurement|chief)|merger|single (team|management|chief)",
    re.IGNORECASE,
)


def sort_of(name: str, find: Find) -> str:
    """The sort of a partner: the register's where the name is known, a council's kinds being one; else by its name; '' for neither."""
    found = find(name, None)
    if found is not None and found.sort:
        return "council" if COUNCIL.search(found.sort) else found.sort
    return next((sort for sort, pattern in SORTS if re.search(pattern, name.lower())), "")


def classified(partners: Sequence[str], text: str, find: Find) -> tuple[str, str]:
    """(mirror, integration, upstream or unsure; the reason). text: the service and the claim in words."""
    sorts = {name: sort_of(name, find) or _assumed(name, partners, find) for name in partners}
    unknown = [name for name, sort in sorts.items() if not sort]
    kinds = sorted({sort for sort in sorts.values() if sort})
    able = sorted(set(kinds) & ABLE)
    if len(partners) < 2 and "vanguards" not in kinds:
        return "unsure", "only one partner is named"
    words = AVERTING.search(text)
    if words and able and (len(kinds) > 1 or "vanguards" in kinds):
        return (
            "upstream",
            f"{_list(able)} can act before the demand arises, and the work is meant to lessen it (“{words.group(0).lower()}”)",
        )
    if unknown:
        return "unsure", f"what sort of body {_list(unknown)} is cannot be told from its name or the register"
    if len(kinds) == 1:
        return "mirror", f"all partners are of one sort ({kinds[0]})"
    return "integration", f"the partners are of different sorts ({_list(kinds)}) and work together"


def _assumed(name: str, partners: Sequence[str], find: Find) -> str:
    """A bare place name among nothing but place names and councils is a council: lists of councils leave the word out."""
    others = [sort_of(other, find) for other in partners]
    bare = re.fullmatch(r"[A-Z][\w' .&-]*", name.strip()) is not None and not any(ch.isdigit() for ch in name)
    return (
        "council"
        if bare and set(others) <= {"", "council", "police", "fire", "ambulance", "commissioner", "hospital-trust"}
        else ""
    )


def _list(words: Sequence[str]) -> str:
    return ", ".join(words)
