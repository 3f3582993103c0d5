"""Own demand by segment: how many contacts and people a year, what they cost by bucket, which way they go, who sent
them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from headwater.domain.errors import DataProblem
from headwater.domain.progress import silent
from headwater.partners.segments import frailty, members
from headwater.partners.segments.definitions import Before, as_spelt, segments_of
from headwater.partners.segments.presence import presence, told
from headwater.partners.segments.stages import DAY, DAYS_PER_YEAR, STAGES, reason_conditions, reason_rows
from headwater.store.expr import _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from headwater.domain.money import Price
    from headwater.domain.progress import Progress
    from headwater.partners.segments.definitions import Segment
    from headwater.partners.segments.presence import Presence, Told, Untold
    from headwater.store import Store

SENT = (
    "referral-source",
    "referrer",
    "source",
    "arrival-mode",
    "ecds-arrival-mode",
    "discharge-destination",
    "practice",
    "route-of-access",
)
"""Coding systems that say who sent a contact, or where it went."""
SENT_SHOWN = 5
YEAR_MONTHS = 12
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Volume:
    """One segment in the data. Contacts and people over the days counted; by_month in the order of the calendar."""

    segment: Segment
    left_out: tuple[str, ...]
    contacts: int
    once: int
    """Contacts that no segment before it in the order holds: those of all segments add up to contacts that are in
    any."""
    people: int
    places: int
    of_kind: int
    """Contacts of its kinds in the same days."""
    first: date
    last: date
    by_month: tuple[tuple[date, int], ...]
    sent: tuple[tuple[str, str, int], ...]
    """(system, code, contacts): who sent most of them."""
    gbp_each: float | None
    """Over its contacts, each at the price of its own kind; None where any kind has none, which is not nought."""
    shares: tuple[float, float] | None
    """Of the price: what follows each contact, and what goes in whole steps."""

    @property
    def years(self) -> float:
        return max(((self.last - self.first).days + 1) / DAYS_PER_YEAR, 1e-9)

    @property
    def yearly(self) -> float:
        return self.contacts / self.years

    @property
    def gbp(self) -> float | None:
        """Average cost of a year's contacts."""
        return None if self.gbp_each is None else self.yearly * self.gbp_each

    @property
    def change(self) -> tuple[int, int] | None:
        """Contacts of the last twelve whole months and of the twelve before; None with fewer than twenty-four."""
        whole = [n for month, n in self.by_month if _whole(month, self.first, self.last)]
        if len(whole) < 2 * YEAR_MONTHS:
            return None
        return sum(whole[-YEAR_MONTHS:]), sum(whole[-2 * YEAR_MONTHS : -YEAR_MONTHS])


@dataclass(frozen=True, slots=True)
class OwnDemand:
    """All that own records show, and what they cannot."""

    volumes: tuple[Volume, ...]
    nothing: tuple[Told, ...]
    """Segments that could be told, in whole or in part, and of which there is no contact."""
    untold: tuple[Untold, ...]
    here: Presence
    agencies: tuple[str, ...]
    in_any: int


def own_demand(
    store: Store, root: Path, prices: Mapping[str, Price], organisation: str | None = None, progress: Progress = silent
) -> OwnDemand:
    """Every segment that the contacts in the store can show, in the order of assignment.

    root: where segments.toml may lie; organisation: whose contacts, None for everybody's. Raises DataProblem where it
    has none.
    """
    agencies = agencies_of(store, organisation)
    kinds = _kinds(store)
    known = as_spelt(segments_of(root), kinds)
    store.run((*STAGES, frailty.STAGE), {"segments": known}, progress)
    here = presence(store, agencies)
    can, cannot = told(known, here)
    spans = {one.segment.id: _span(one.segment, here) for one in can}
    settings = {
        "told": tuple(one.segment for one in can),
        "conditions": reason_conditions(known),
        "spans": spans,
        "agencies": agencies,
    }
    store.run((members.STAGE,), settings, progress)
    volumes = _volumes(store, can, spans, agencies, prices)
    seen = {one.segment.id for one in volumes}
    nothing = tuple(one for one in can if one.segment.id not in seen)
    return OwnDemand(volumes, nothing, cannot, here, agencies or _agencies(store), sum(one.once for one in volumes))


def _span(segment: Segment, here: Presence) -> tuple[int, int]:
    """Seconds between which it counts: its own kinds' days, less the window of its history from when all that it looks
    at is seen."""
    looked = [kind for one in segment.conditions() if isinstance(one, Before) for kind in one.kinds]
    first, last = here.span(segment.kinds)
    begins = max([first, *(one.first for one in here.of(looked))])
    return int(begins + segment.days * DAY), last


def agencies_of(store: Store, organisation: str | None) -> tuple[str, ...]:
    """The agencies whose contacts are the organisation's own: itself, or those that recorded its services' contacts; ()
    for all."""
    if organisation is None:
        return ()
    contacts, services = store.table("contact"), store.table("service")
    ours = services.filter(services.organisation == organisation).select("service")
    by_service = contacts.semi_join(ours, "service").select("agency").distinct()
    found = {organisation, *map(str, store.arrow(by_service)["agency"].to_pylist())} & set(_agencies(store))
    if not found:
        raise DataProblem(
            f"there are no contacts of {organisation}'s own",
            given=f"contacts of {', '.join(_agencies(store))}",
            allowed="an organisation whose records are loaded",
            next_step="load its contacts, or ask without --for",
        )
    return tuple(sorted(found))


def _kinds(store: Store) -> set[str]:
    found = store.arrow(store.table("contact").select("kind").distinct())["kind"].to_pylist()
    return {str(kind) for kind in found if kind}


def _agencies(store: Store) -> tuple[str, ...]:
    return tuple(
        sorted(map(str, store.arrow(store.table("contact").select("agency").distinct())["agency"].to_pylist()))
    )


def _volumes(
    store: Store,
    can: Sequence[Told],
    spans: Mapping[str, tuple[int, int]],
    agencies: Sequence[str],
    prices: Mapping[str, Price],
) -> tuple[Volume, ...]:
    rows = store.table("segment_member")
    sums = rows.group_by("segment").agg(
        contacts=_.count(), once=_["first"].sum(), people=_.person.nunique(), places=_.place.nunique()
    )
    totals = {row["segment"]: row for row in store.arrow(sums).to_pylist()}
    for row in store.arrow(rows.group_by("segment", "kind").agg(n=_.count())).to_pylist():
        totals[row["segment"]].setdefault("kinds", {})[row["kind"]] = row["n"]
    months = _by(store.arrow(rows.group_by("segment", "month").agg(n=_.count())).to_pylist())
    sent, kinds = _sent(store), _by_kind(store, agencies)
    return tuple(
        _volume(
            one,
            totals[one.segment.id],
            months[one.segment.id],
            sent.get(one.segment.id, ()),
            (spans[one.segment.id], kinds, prices),
        )
        for one in can
        if one.segment.id in totals
    )


def _by(rows: Sequence[dict[str, Any]]) -> dict[str, tuple[tuple[date, int], ...]]:
    found: dict[str, list[tuple[date, int]]] = {}
    for row in rows:
        found.setdefault(row["segment"], []).append((row["month"], row["n"]))
    return {segment: tuple(sorted(pairs)) for segment, pairs in found.items()}


def _by_kind(store: Store, agencies: Sequence[str]) -> dict[str, list[tuple[int, int]]]:
    """Kind → (day since 1970, own contacts)."""
    rows = store.table("segment_contact")
    mine = rows.filter(rows.agency.isin(agencies)) if agencies else rows
    found: dict[str, list[tuple[int, int]]] = {}
    for row in store.arrow(
        mine.mutate(day=(mine["at"] / DAY).floor()).group_by("kind", "day").agg(n=_.count())
    ).to_pylist():
        found.setdefault(row["kind"], []).append((int(row["day"]), row["n"]))
    return found


Around = tuple[tuple[int, int], dict[str, list[tuple[int, int]]], "Mapping[str, Price]"]


def _volume(
    one: Told,
    total: dict[str, Any],
    months: tuple[tuple[date, int], ...],
    sent: Sequence[tuple[str, str, int]],
    around: Around,
) -> Volume:
    (begins, ends), kinds, prices = around
    segment, first, last = one.segment, begins // DAY, ends // DAY
    each, shares = _priced(total["kinds"], prices)
    return Volume(
        segment,
        one.left_out,
        total["contacts"],
        int(total["once"] or 0),
        total["people"],
        total["places"],
        sum(n for kind in segment.kinds for day, n in kinds.get(kind, ()) if first <= day <= last),
        date.fromordinal(EPOCH + first),
        date.fromordinal(EPOCH + last),
        months,
        tuple(sent),
        each,
        shares,
    )


def _priced(kinds: Mapping[str, int], prices: Mapping[str, Price]) -> tuple[float | None, tuple[float, float] | None]:
    """Average price of these contacts, and the shares of it that follow each contact and that go in steps."""
    if not all(kind in prices for kind in kinds):
        return None, None
    many = sum(kinds.values())
    gbp = sum(n * prices[kind].gbp for kind, n in kinds.items())
    if not gbp:
        return 0.0, (0.0, 0.0)
    variable = sum(n * prices[kind].gbp * prices[kind].variable for kind, n in kinds.items())
    step = sum(n * prices[kind].gbp * prices[kind].step for kind, n in kinds.items())
    return gbp / many, (variable / gbp, step / gbp)


def _sent(store: Store) -> dict[str, list[tuple[str, str, int]]]:
    """Segment → its commonest senders, where the agency says who sent them."""
    reasons = reason_rows({name: store.table(name) for name in ("contact", "contact_reason")})
    named = reasons.filter(reasons.system.isin(SENT)).select("contact", "agency", "system", "code").distinct()
    rows = store.table("segment_member").select("segment", "contact", "agency")
    met = rows.inner_join(named, ["contact", "agency"]).group_by("segment", "system", "code").agg(n=_.count())
    found: dict[str, list[tuple[str, str, int]]] = {}
    for row in sorted(store.arrow(met).to_pylist(), key=lambda row: (-row["n"], row["system"], row["code"])):
        mine = found.setdefault(row["segment"], [])
        if sum(system == row["system"] for system, _code, _n in mine) < SENT_SHOWN:
            mine.append((row["system"], row["code"], row["n"]))
    return found


def _whole(month: date, first: date, last: date) -> bool:
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return first <= month and following.toordinal() <= last.toordinal() + 1
