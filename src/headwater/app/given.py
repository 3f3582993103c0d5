"""A site's evaluation given all sites of the pool that its protocol names: what is told, priced and booked where the
lock held the pool before outcomes were read, with the site's own figures beside it; and why not, where it may not
be."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from headwater import governance
from headwater.app.evidence_file import read
from headwater.app.pool_files import files, invitation_of, invitations, under_its_key
from headwater.app.unbiased import seen_contacts
from headwater.domain.errors import HeadwaterError, Usage
from headwater.domain.uncertainty import Interval
from headwater.evidence.pooling import differences, given, left_out, pooled, unbound
from headwater.store import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from headwater.app.place import Place
    from headwater.app.pool_files import Invitation
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Effect, Evaluation, Finding
    from headwater.domain.pool import Pool, SiteEvidence

T = TypeVar("T")
Stamp = tuple[str, int, int]
"""A file, its size and the time of its last change."""


def given_all(place: Place, protocol: Protocol, found: Evaluation) -> Evaluation:
    """Each outcome given all sites, or the evaluation as it is, with a sentence that says why."""
    if not protocol.pool:
        return found
    why = _not_locked(place, protocol) or _missing(place, protocol)
    if not why:
        asked, sites, told, why = _told(protocol.pool, _stamps(place))
        own = _own(place, protocol, sites)
        why = why or unbound(protocol.pool, own, sites, asked.sites)
        if not why and own is not None and told is not None and not (why := left_out(told, own, found.primary)):
            return _with(found, told, own.site, protocol, key_of(protocol.pool, *sorted(one.digest for one in sites)))
    return _saying(found, f"This is not given the other sites of its pool, because {why}.")


def _saying(found: Evaluation, says: str) -> Evaluation:
    return replace(found, caveats=(says, *found.caveats), pool_says=says)


def _not_locked(place: Place, protocol: Protocol) -> str:
    bound = governance.bound_pool(place.workspace, protocol.id)
    return "" if bound == protocol.pool else "the pool's protocol was not locked before outcomes were read"


def _missing(place: Place, protocol: Protocol) -> str:
    known = [asked.hash for _file, asked in invitations(place)]
    return "" if protocol.pool in known else f"its protocol ({protocol.pool}) is not in the folder evidence/"


def _stamps(place: Place) -> tuple[Stamp, ...]:
    found = (*files(place, "pool"), *files(place, "evidence"))
    return tuple((str(file), (at := file.stat()).st_size, at.st_mtime_ns) for file in found)


@lru_cache(maxsize=8)
def _told(hash_: str, stamps: tuple[Stamp, ...]) -> tuple[Invitation, tuple[SiteEvidence, ...], Pool | None, str]:
    """The pool of these files as they are now; None, with why, where it cannot be told. The last file of a site
    counts."""
    asked = next(one for one in _read(stamps, "-pool.json", invitation_of) if one.hash == hash_)
    by_site = {one.site: one for one in _read(stamps, "-evidence.json", read) if one.pool == hash_}
    sites = tuple(by_site[name] for name in sorted(by_site))
    try:
        for one in sites:
            under_its_key(one, asked.keys)
        differs = {one.site: parts for one in sites if (parts := differences(asked.agreed, one.protocol))}
        return asked, sites, pooled(asked.name, asked.agreed, sites, differs, asked.sites), ""
    except HeadwaterError as problem:
        return asked, sites, None, problem.what
    except ValueError as problem:
        return asked, sites, None, str(problem)


def _read(stamps: Iterable[Stamp], ending: str, reader: Callable[[Path], T]) -> Iterator[T]:
    for name, _size, _at in stamps:
        if name.endswith(ending):
            try:
                yield reader(Path(name))
            except Usage:
                continue


def _own(place: Place, protocol: Protocol, sites: tuple[SiteEvidence, ...]) -> SiteEvidence | None:
    """This workspace's own file among those of the pool."""
    file = place.workspace.releases / f"{protocol.id}-evidence.json"
    try:
        mine = read(file).digest
    except Usage:
        return None
    return next((one for one in sites if one.digest == mine), None)


def _with(found: Evaluation, told: Pool, site: str, protocol: Protocol, mark: str) -> Evaluation:
    smallest = {one.kind: one.smallest for one in protocol.outcomes}
    lines = []
    for one in found.findings:
        made = given(one, told, site, smallest[one.kind], mark) if one.kind in found.effect.told else None
        lines.append(one if made is None else replace(made, averted_per_year=_a_year(made, found.effect)))
    says = (
        f"What is told is given all {len(told.primary.sites)} sites of the pool {told.name}, which was locked before"
        " outcomes were read: what this site alone would say is likely to be chance in part, and stands beside it."
    )
    return _saying(replace(found, findings=tuple(lines)), says)


def _a_year(one: Finding, effect: Effect) -> Interval | None:
    ratio = one.rate_ratio
    if one.own_ratio is None or ratio is None:
        return None
    seen = seen_contacts(effect.averted[:, effect.outcomes.index(one.kind)], one) / effect.delivery_years
    low, mid, high = (seen * (1 / end - 1) for end in (ratio.high, ratio.mid, ratio.low))
    return Interval(low, mid, high, ratio.level)
