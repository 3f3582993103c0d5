"""Claims about one collaboration that cannot all be true: same partners, same service, different pounds a year."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

from headwater.partners.register.claims import APART
from headwater.partners.register.resolve import plain
from headwater.partners.spend import service_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.options import Listed

SAYS_NOTHING = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "for",
        "in",
        "on",
        "to",
        "with",
        "by",
        "from",
        "at",
        "shared",
        "share",
        "sharing",
        "joint",
        "jointly",
        "single",
        "combined",
        "common",
        "partnership",
        "service",
        "services",
        "arrangement",
        "scheme",
        "project",
        "programme",
        "team",
        "teams",
        "council",
        "councils",
        "borough",
        "district",
        "county",
        "city",
        "working",
        "collaboration",
        "agreement",
        "shared-services",
        "integrated",
        "new",
        "full",
    ]
)
"""Words that every collaboration's name has."""
OVER = frozenset(("ended", "abandoned", "refused", "refused on cost"))
BETWEEN_ROWS = re.compile(r"conflict: \S.* (?:claims|says) .* (?:for|of) the same partners and service")
LONGEST = 10.0
"""Years over which a sum may have been added up."""
SAME_WORDS = (
    ("chief executive", r"chief exec\w*|\bceo?\b|head of paid service"),
    ("management", r"manage\w*|leadership|directors?"),
    ("legal", r"\blaw\w*|legal\w*|solicitor\w*"),
)


def conflicts(found: Sequence[Listed]) -> dict[int, list[str]]:
    """Row → what another row about the same collaboration claims instead."""
    told: dict[int, list[str]] = {}
    for (at, one), (beside, other) in combinations(enumerate(found), 2):
        if not same(one, other):
            continue
        said = _words if differ(one, other) else _stands if stand_apart(one, other) else None
        if said:
            told.setdefault(at, []).append(said(one, other))
            told.setdefault(beside, []).append(said(other, one))
    return told


def stand_apart(one: Listed, other: Listed) -> bool:
    """Whether two lists say that it runs and that it does not; rows of one list may be two times of one
    collaboration."""
    stands = {one.status, other.status}
    said = all(row.status_reason.startswith("its status") for row in (one, other))
    return said and one.from_list != other.from_list and "running" in stands and bool(stands & OVER)


def afresh(found: Sequence[Listed]) -> tuple[Listed, ...]:
    """The same rows with the conflicts among all of them, whichever list each came from."""
    against = conflicts(found)
    return tuple(
        replace(
            one,
            warnings=tuple(
                dict.fromkeys((*against.get(at, ()), *(w for w in one.warnings if not BETWEEN_ROWS.match(w))))
            ),
        )
        for at, one in enumerate(found)
    )


def same(one: Listed, other: Listed) -> bool:
    """Whether two rows are about one collaboration: its partners, its subject, and no start years apart."""
    mine, theirs = _bodies(one), _bodies(other)
    if len(mine & theirs) < 2 or not (mine <= theirs or theirs <= mine):
        return False
    years = [re.search(r"(?:19|20)\d{2}", row.start) for row in (one, other)]
    if years[0] and years[1] and abs(int(years[0][0]) - int(years[1][0])) > 2:
        return False
    words, others = subject(one), subject(other)
    return bool(words & others) or (not words and not others)


def differ(one: Listed, other: Listed) -> bool:
    """Whether their pounds cannot both be, whatever a row that does not say over how long may mean."""
    if one.claim_gbp is None or other.claim_gbp is None:
        return False
    if one.claim_gbp_per_year is None and other.claim_gbp_per_year is None:
        (low, high), (least, most) = ((abs(row.claim_gbp or 0.0),) * 2 for row in (one, other))
    else:
        (low, high), (least, most) = _could_be(one), _could_be(other)
    return low > APART * most or least > APART * high


def _could_be(one: Listed) -> tuple[float, float]:
    """The least and the most a year that the row can mean: a sum without years is one of a year, or of up to ten."""
    if one.claim_gbp_per_year is not None:
        return (abs(one.claim_gbp_per_year),) * 2
    whole = abs(one.claim_gbp or 0.0)
    return whole / LONGEST, whole


def subject(one: Listed) -> set[str]:
    """The words that say what is shared, equal services under one word."""
    text = f"{one.service} {one.name}".lower()
    found = {name for name, pattern in SAME_WORDS if re.search(pattern, text)}
    for part in re.split(r"[,;/&:]|\band\b", one.service.lower()):
        service = service_of(part.strip())
        if service != " ".join(part.split()):
            found.add(service)
    words = re.findall(r"[a-z][a-z-]+", text)
    bodies = {word for name in one.partners for word in plain(name).split()}
    return found | {_stem(word) for word in words if word not in SAYS_NOTHING and word not in bodies}


def _stem(word: str) -> str:
    return re.sub(r"(?:ing|ed|es|s)$", "", word) if len(word) > 4 else word


def _bodies(one: Listed) -> frozenset[str]:
    codes = one.organisations or ("",) * len(one.partners)
    return frozenset(code or _bare(name) or name.lower() for name, code in zip(one.partners, codes, strict=False))


def _bare(name: str) -> str:
    """One name for a brigade and its authority, a constabulary and its force."""
    words = re.sub(r"\bconstabular(?:y|ies)\b", "police", plain(name))
    return " ".join(
        re.sub(
            r"\b(?:rescue|combined|frs|force|ft)\b", lambda match: "fire" if match[0] == "frs" else " ", words
        ).split()
    )


def _words(one: Listed, other: Listed) -> str:
    return (
        f"conflict: {other.id} claims {_pounds(other)} for the same partners and service, and this row {_pounds(one)}"
    )


def _stands(one: Listed, other: Listed) -> str:
    return (
        f"conflict: {other.id} says {other.status} of the same partners and service ({other.status_reason}), and this"
        f" row {one.status}"
    )


def _pounds(one: Listed) -> str:
    yearly = f" (£{one.claim_gbp_per_year:,.0f} a year together)" if one.claim_gbp_per_year is not None else ""
    return f"£{one.claim_gbp:,.0f}{yearly}"
