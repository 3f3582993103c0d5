"""Whose question it is: what a body gives, whom it pays for, what was looked at on its behalf and what is missing.

A role belongs to a pair of kinds: the body that gives contacts of one kind may gain from those of another and avert a
third. A body that gives none may still pay for those that do.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Style
from headwater.partners.mirror.bodies import organisations
from headwater.partners.sorts import body_sort
from headwater.partners.spend import doubts, post_doubts, spending

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.collaboration import Organisation
    from headwater.domain.money import Price
    from headwater.domain.options import Option
    from headwater.domain.workspace import Settings
    from headwater.store import Store

SHOWN = 3
"""Providers that are named, of many."""
PAYS_FOR = {
    # sort that pays: sorts of its providers, in England in 2024; [partners] pays_for = ["icb > hospital"] says it for a
    # place
    "commissioner": ("hospital-trust", "ambulance", "gp", "community-trust", "mental-health-trust"),
    "council-county": ("social-care", "care-home"),
    "council-unitary": ("social-care", "care-home"),
    "social-care": ("care-home",),
    "police-commissioner": ("police",),
}


@dataclass(frozen=True, slots=True)
class Seat:
    """One asking body. gives: its kinds of contact → how many are in the data; pays_for: its providers' codes."""

    organisation: str
    sort: str
    gives: Mapping[str, int]
    pays_for: tuple[str, ...]
    looked_at: tuple[str, ...]
    missing: tuple[str, ...]
    next_lines: tuple[str, ...] = ()
    """What to type next, with why."""

    @property
    def codes(self) -> frozenset[str]:
        return frozenset((self.organisation, *self.pays_for))


def seat(
    store: Store,
    prices: Mapping[str, Price],
    settings: Settings,
    organisation: str,
    styles: Sequence[Style] = tuple(Style),
) -> Seat:
    """What the body is, and for each style what was looked at and what is missing to look further."""
    bodies = organisations(store, organisation)
    body = next((one for one in bodies if one.organisation == organisation), None)
    sort = body.sort if body else ""
    providers = paid_for(bodies, settings, organisation)
    given = _given(store)
    mine = {kind: n for (agency, kind), n in given.items() if agency == organisation}
    told: list[str] = []
    missing: list[str] = []
    for style in styles:
        seen, lacking = _LOOKS[style](_Sight(store, prices, bodies, organisation, providers, given))
        told.append(seen)
        missing += lacking
    missing = list(dict.fromkeys(missing))
    return Seat(
        organisation, sort, mine, providers, tuple(told), tuple(missing), _next(mine, providers, missing, organisation)
    )


def everybody(store: Store, prices: Mapping[str, Price]) -> Seat:
    """What was looked at where nobody in particular asks, and what is missing to look further."""
    bodies, given = organisations(store), _given(store)
    known = _with_figures(store)
    sorts = Counter(body_sort(one.sort) for one in bodies if body_sort(one.sort))
    agencies, kinds = sorted({agency for agency, _ in given}), sorted({kind for _, kind in given})
    priced = [kind for kind in kinds if kind in prices]
    buildings = len(store.arrow(store.table("asset"))) if store.has("asset") else 0
    told = (
        (
            f"mirror: {_counted(len(bodies), 'body', 'bodies')}, {sum(n for n in sorts.values() if n > 1)} of them"
            f" beside others of their sort, {sum(one.organisation in known for one in bodies)} with posts or spending"
        ),
        (
            f"integration: people known to {_counted(len(agencies), 'agency', 'agencies')};"
            f" {_counted(buildings, 'building', 'buildings')}"
        ),
        (
            f"upstream: {_counted(len(priced), 'priced kind', 'priced kinds')} of contact of {len(kinds)}, of"
            f" {_counted(len(agencies), 'agency', 'agencies')}"
        ),
    )
    missing = (
        []
        if any(n > 1 for n in sorts.values())
        else ["mirror: two bodies of one sort (column sort of the table organisation)"]
    )
    missing += (
        [] if len(known) > 1 else ["mirror: posts or spending of the bodies (a file for the table post or spend)"]
    )
    missing += [] if len(agencies) > 1 else ["integration: contacts of two agencies or more, to know whom they share"]
    missing += _nobody_known(store, given)
    missing += [] if buildings else ["integration: buildings with their place and cost (a file for the table asset)"]
    missing += (
        [] if len(agencies) > 1 else ["upstream: contacts of any other agency: absent records are no absent contact"]
    )
    missing += [_price_wanted(kind) for kind in kinds if kind not in prices]
    gives: Counter[str] = Counter()
    for (_, kind), n in given.items():
        gives[kind] += n
    return Seat("", "", {}, (), told, tuple(missing), _next(gives, (), missing, ""))


def _next(
    gives: Mapping[str, int], providers: Sequence[str], missing: Sequence[str], organisation: str
) -> tuple[str, ...]:
    """The commands that lead on from here: what one's own records say by themselves, whose records to ask for, what to
    add."""
    whose = f" --for {organisation}" if organisation else ""
    lines = []
    if gives:
        lines += [
            f"headwater segments{whose}: what of its own demand others could meet earlier, by its own records alone"
        ]
    elif providers:
        lines += [
            f"headwater partners --for {one}: the same question from the seat of whom it pays for"
            for one in providers[:SHOWN]
        ]
    if gives and any("any other agency" in one for one in missing):
        lines.append("headwater request: whose records to ask for first, and the text to ask with")
    if any("a price of" in one for one in missing):
        lines.append("headwater prices: the prices in use; a kind without one is not told in pounds")
    if any("a file for the table" in one or "column sort" in one for one in missing):
        lines.append("headwater add FILE, then headwater load: for the files named as missing")
    return tuple(lines)


def giving(store: Store) -> frozenset[str]:
    """Codes of the agencies whose contacts are in the data."""
    return frozenset(agency for agency, _ in _given(store) if agency)


def _nobody_known(store: Store, given: Mapping[tuple[str, str], int]) -> list[str]:
    """Contacts of which nobody can say whose they are, because no file holds the records that they name."""
    if not given or store.has("person"):
        return []
    return [
        "integration, upstream: who the contacts' people are (a file for the table record, with the numbers that the"
        " contacts name)"
    ]


def _price_wanted(kind: str) -> str:
    return f"upstream: a price of {kind} (a row of a file named in prices of headwater.toml)"


def _with_figures(store: Store) -> set[str]:
    """Codes of the bodies whose posts or spending are known."""
    posts = (
        {row["organisation"] for row in store.arrow(store.table("post")).to_pylist()} if store.has("post") else set()
    )
    posts -= {one.organisation for one in post_doubts(store)}
    return posts | set(spending(store) if store.has("spend") else ())


def paid_for(bodies: Sequence[Organisation], settings: Settings, organisation: str) -> tuple[str, ...]:
    """Codes of the bodies whose work this one pays for: as the settings say, else by the two sorts."""
    said = settings.partners.get("pays_for", ())
    pairs = [one.partition(">") for one in said] if isinstance(said, list | tuple) else []
    named = tuple(provider.strip() for payer, _, provider in pairs if payer.strip() == organisation)
    if named:
        return named
    sorts = next((PAYS_FOR.get(one.sort, ()) for one in bodies if one.organisation == organisation), ())
    return tuple(one.organisation for one in bodies if one.sort in sorts and one.organisation != organisation)


def concerns(option: Option, seat: Seat | None) -> bool:
    """Whether an option is the asking body's to judge: it is a partner, or it pays for one that gains."""
    if seat is None or seat.organisation in option.partners:
        return True
    return bool(set(seat.pays_for) & set(option.gains)) and option.style is not Style.MIRROR


@dataclass(frozen=True, slots=True)
class _Sight:
    store: Store
    prices: Mapping[str, Price]
    bodies: Sequence[Organisation]
    organisation: str
    providers: tuple[str, ...]
    given: Mapping[tuple[str, str], int]


def _given(store: Store) -> dict[tuple[str, str], int]:
    """(agency, kind) → contacts, the most first, then by name, so that every run says the same."""
    if not store.has("contact"):
        return {}
    rows = store.table("contact")
    counted = store.arrow(rows.group_by("agency", "kind").agg(n=rows.contact.count())).to_pylist()
    told = sorted(counted, key=lambda row: (-row["n"], row["agency"] or "", row["kind"] or ""))
    return {(row["agency"], row["kind"]): row["n"] for row in told if row["kind"]}


def _upstream(at: _Sight) -> tuple[str, list[str]]:
    codes = {at.organisation, *at.providers}
    mine = sorted({kind for agency, kind in at.given if agency in codes})
    others = sorted({agency for agency, _ in at.given if agency not in codes})
    priced = [kind for kind in mine if kind in at.prices]
    lacking = []
    if not mine:
        whose = " or its providers" if at.providers else ""
        lacking.append(
            f"upstream: contacts of {at.organisation}{whose} (a file for the table contact): without them nobody can"
            " say who sees its demand first"
        )
    if not others:
        lacking.append("upstream: contacts of any other agency: absent records are no absent contact")
    for kind in mine:
        if kind not in at.prices:
            lacking.append(_price_wanted(kind))
    return _seen_upstream(at.organisation, mine, priced, others), lacking


def _seen_upstream(organisation: str, mine: Sequence[str], priced: Sequence[str], others: Sequence[str]) -> str:
    """What there was to look at; where others gave nothing, who acted earlier cannot be told, which is not that nobody
    did."""
    if not mine:
        return f"upstream: no contact of {organisation} is in the data"
    if not others:
        return (
            f"upstream: {', '.join(mine)} of {organisation}, and no other agency's contacts, so that who saw them"
            " earlier cannot be told"
        )
    if not priced:
        return (
            f"upstream: {', '.join(mine)} of {organisation}, of which none has a price, beside the contacts of"
            f" {_agencies(len(others))}"
        )
    kinds = "kind" if len(priced) == 1 else "kinds"
    return (
        f"upstream: {len(priced)} priced {kinds} of contact ({', '.join(priced)}) against the contacts of"
        f" {_agencies(len(others))}"
    )


def _counted(n: int, one: str, many: str) -> str:
    return f"{n} {one if n == 1 else many}"


def _agencies(n: int) -> str:
    return _counted(n, "other agency", "other agencies")


def _integration(at: _Sight) -> tuple[str, list[str]]:
    agencies = sorted({agency for agency, _ in at.given})
    known = at.organisation in agencies
    beside = (
        f" and to each of {_agencies(len(agencies) - 1)}" if len(agencies) > 1 else ", and no other agency's records"
    )
    seen = (
        f"integration: people known to {at.organisation}{beside}"
        if known
        else f"integration: {at.organisation} gives no records"
    )
    lacking = [] if known else [f"integration: records of {at.organisation}, to know whom it shares with others"]
    stations = at.store.arrow(at.store.table("asset")).to_pylist() if at.store.has("asset") else []
    mine = sum(row["organisation"] == at.organisation for row in stations)
    lacking += _nobody_known(at.store, at.given) if known else []
    lacking += (
        []
        if mine
        else [f"integration: buildings of {at.organisation} with their place and cost (a file for the table asset)"]
    )
    return f"{seen}; {mine} of its buildings beside {len(stations) - mine} of others", lacking


def _mirror(at: _Sight) -> tuple[str, list[str]]:
    sort = body_sort(next((one.sort for one in at.bodies if one.organisation == at.organisation), ""))
    alike = (
        [one for one in at.bodies if body_sort(one.sort) == sort and one.organisation != at.organisation]
        if sort
        else []
    )
    known = _with_figures(at.store)
    figures = sum(one.organisation in known for one in alike)
    seen = (
        f"mirror: {_counted(len(alike), 'other body', 'other bodies')} of its sort ({sort or 'no sort is given'}),"
        f" {figures} of them with posts or spending"
    )
    lacking = []
    if not sort:
        lacking.append(f"mirror: the sort of {at.organisation} (column sort of the table organisation)")
    elif not alike:
        lacking.append(f"mirror: other bodies of the sort {sort} (rows of the table organisation)")
    if at.organisation not in known:
        doubt = "; ".join(doubts(at.store).get(at.organisation, {}).values())
        wanted = f"in pounds a year, as its peers' are: {doubt}" if doubt else "(a file for the table post or spend)"
        lacking.append(f"mirror: posts or spending of {at.organisation} {wanted}")
    if alike and figures < len(alike):
        lacking.append(f"mirror: posts or spending of {len(alike) - figures} more of its sort")
    nowhere = [
        one.organisation
        for one in at.bodies
        if (one in alike or one.organisation == at.organisation) and None in (one.easting, one.northing)
    ]
    if alike and nowhere:
        lacking.append(
            f"mirror: where {_few(nowhere)} {'is' if len(nowhere) == 1 else 'are'} (columns easting and northing of the"
            " table organisation), so that nearness counts"
        )
    return seen, lacking


def _few(codes: Sequence[str]) -> str:
    return ", ".join(codes[:SHOWN]) + (f" and {len(codes) - SHOWN} more" if len(codes) > SHOWN else "")


_LOOKS = {Style.UPSTREAM: _upstream, Style.INTEGRATION: _integration, Style.MIRROR: _mirror}
