"""Signs that two bodies share already, whatever anybody lists: one website for both, and posts that say whose they
are."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from headwater.partners.register.resolve import plain
from headwater.partners.sorts import body_sort

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.collaboration import Organisation
    from headwater.store import Store

    Pairs = tuple[tuple[str, str], ...]

MOST_ON_A_HOST = 4
"""A host of more bodies than these is a directory's or a supplier's."""
JOINT = re.compile(r"\b(joint|shared|jointly)\b", re.IGNORECASE)
SORTS = re.compile(r"\b(police|constabulary|force|fire|rescue|and)\b")
"""Words of names that titles leave out, beside those that lists do."""


def shared_hosts(bodies: Sequence[Organisation]) -> Pairs:
    """Pairs of bodies of one sort whose pages lie on one host, `www.` apart."""
    on: dict[tuple[str, str], set[str]] = defaultdict(set)
    for body in bodies:
        host = _host(body.website)
        if host:
            on[host, body_sort(body.sort)].add(body.organisation)
    few = (sorted(codes) for codes in on.values() if len(codes) <= MOST_ON_A_HOST)
    return tuple(sorted({pair for codes in few for pair in combinations(codes, 2)}))


def _host(website: str) -> str:
    address = website.strip().lower()
    found = urlsplit(address if "//" in address else f"//{address}").hostname or ""
    return found.removeprefix("www.")


def joint_posts(store: Store, bodies: Sequence[Organisation]) -> Pairs:
    """Pairs of bodies of one sort of which a post of the one is called joint or shared and names the other."""
    by = {body.organisation: body for body in bodies}
    named = {body.organisation: _own(body.name) for body in bodies if _own(body.name)}
    found = set()
    for row in (
        store.arrow(store.table("post").select("organisation", "title")).to_pylist() if store.has("post") else ()
    ):
        whose, title = row["organisation"], str(row["title"] or "")
        if whose not in by or not JOINT.search(title):
            continue
        for code, words in named.items():
            alike = body_sort(by[code].sort) == body_sort(by[whose].sort)
            if code != whose and alike and re.search(rf"\b{re.escape(words)}\b", _own(title)):
                found.add((min(code, whose), max(code, whose)))
    return tuple(sorted(found))


def _own(name: str) -> str:
    """The words by which a name is this body's."""
    return " ".join(SORTS.sub(" ", plain(name)).split())
