"""Co-location: which stations two unlike services could share so that neither gets slower, and what that leaves to pay.

What each could close alone, without anybody, is no gain of working together and is taken off.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Style
from headwater.domain.errors import DataProblem
from headwater.domain.evidence import Grade
from headwater.domain.options import SPREAD_YEARS, Option, Reason
from headwater.domain.release import FigureData
from headwater.stats.siting import Sites, cheapest, covered, expected_cover
from headwater.store.expr import _

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.workspace import Settings
    from headwater.store import Store

# Assumptions of this tool, none a measurement; changed in headwater.toml, [partners], by these names.
ASSUMED = {
    "reach_m": 5000.0,  # straight line within which a station reaches its demand in time
    "slower_share": 0.0,  # demand of a service that may fall out of its reach, as a share of what is in it now
    "estate_realised": 0.5,  # share of a closed station's yearly cost that truly leaves a budget
    "moving_years": 1.0,  # yearly cost of what closes, spent once on moving
    "busy_share": 0.3,  # of the time a crew is on a call
}
REACH_MINUTES = 8.0
CERTAINTY = 8.0
BUILT_FOR = ("fire", "ambulance", "police")
BAYS = {"fire": ("fire",), "ambulance": ("fire", "ambulance")}
"""Sort of service → kinds of station whose bays take its vehicles; a station that names none of these services takes
all."""
AVERTED = 0.1
GRADE = Grade(
    1, "low", "Stations, costs and demand are known; reach is a straight line and what closing really saves is assumed."
)
RISKS = (
    "A lease or a covenant keeps an empty station in the budget.",
    "Crews that share a yard need rules of priority for its doors.",
    "Demand moves: a station closed for good cannot follow it.",
)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """The stations of one organisation and the demand they answer. sites: int[own site] among all of them."""

    organisation: str
    sort: str
    sites: NDArray[np.int64]
    demand: NDArray[np.float64]
    """float64[place]"""


@dataclass(frozen=True, slots=True, eq=False)
class Estate:
    """Every station and place. reach: bool[place, site]; estate_gbp, crews: float64[site]; fixed: bool[site], what
    stays whatever it costs."""

    assets: tuple[str, ...]
    kinds: tuple[str, ...]
    reach: NDArray[np.bool_]
    estate_gbp: NDArray[np.float64]
    crews: NDArray[np.float64]
    networks: tuple[Network, ...]
    fixed: NDArray[np.bool_]

    def reached_from(self, network: Network) -> NDArray[np.bool_]:
        """bool[place, site]: in reach from a station into which the service's vehicles fit."""
        found: NDArray[np.bool_] = self.reach & np.array([fits(network.sort, kind) for kind in self.kinds])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """What two networks keep together, what each could have kept alone, and the demand in reach before and after."""

    kept: Sites
    alone_gbp: float
    now_gbp: float
    before: tuple[float, ...]
    after: tuple[float, ...]


def fits(sort: str, kind: str) -> bool:
    """Whether a service's vehicles fit a station: a fire engine needs a fire station's bay, an ambulance any bay but a
    police yard."""
    words = kind.lower()
    needs = BAYS.get(sort, ())
    return not needs or not any(word in words for word in BUILT_FOR) or any(word in words for word in needs)


def assumed(settings: Settings) -> dict[str, float]:
    return {name: float(str(settings.partners.get(name, value))) for name, value in ASSUMED.items()}


def colocations(store: Store, settings: Settings, draws: int, seed: int) -> tuple[Option, ...]:
    """An option for each two organisations of different sorts whose stations could be fewer with neither slower."""
    given = assumed(settings)
    estate = read_estate(store, given["reach_m"], fixed_stations(settings), travel_times(settings))
    if estate is None:
        return ()
    rng = np.random.default_rng(seed)
    share = rng.beta(given["estate_realised"] * CERTAINTY, (1 - given["estate_realised"]) * CERTAINTY, draws)
    found = []
    sorts = {row["organisation"]: row["sort"] for row in store.arrow(store.table("organisation")).to_pylist()}
    for one, other in combinations(estate.networks, 2):
        if sorts.get(one.organisation) == sorts.get(other.organisation):
            continue
        together = shared(estate, (one, other), given["slower_share"])
        if together and together.alone_gbp - together.kept.value > 1:
            found.append(_option(estate, (one, other), together, share, given))
    return tuple(found)


def shared(estate: Estate, networks: tuple[Network, ...], slower: float) -> Shared | None:
    """The cheapest stations of these networks together at which no service covers less than it does now, less a
    share."""
    sites = np.concatenate([network.sites for network in networks])
    reach = [estate.reached_from(network)[:, sites] for network in networks]
    before = tuple(covered(estate.reached_from(one), one.demand, one.sites) for one in networks)
    least = [(1 - slower) * level for level in before]
    kept = _cheapest(estate, sites, reach, [network.demand for network in networks], least)
    alone = [
        _cheapest(estate, one.sites, [estate.reached_from(one)[:, one.sites]], [one.demand], [level])
        for one, level in zip(networks, least, strict=True)
    ]
    if kept is None or any(one is None for one in alone):
        return None
    after = tuple(covered(estate.reached_from(one), one.demand, kept.chosen) for one in networks)
    return Shared(kept, sum(one.value for one in alone if one), float(estate.estate_gbp[sites].sum()), before, after)


def _cheapest(
    estate: Estate,
    sites: NDArray[np.int64],
    reach: list[NDArray[np.bool_]],
    demand: list[NDArray[np.float64]],
    least: list[float],
) -> Sites | None:
    """The cheapest of these sites, by their number in the estate. Fixed ones stand at no cost in the search and at
    theirs in the sum."""
    found = cheapest(reach, demand, np.where(estate.fixed[sites], 0.0, estate.estate_gbp[sites]), least)
    if found is None:
        return None
    stays = np.union1d(sites[found.chosen], sites[estate.fixed[sites]])
    return Sites(stays, float(estate.estate_gbp[stays].sum()), found.gap)


def fixed_stations(settings: Settings) -> frozenset[str]:
    """`fixed_stations` of [partners]: those that stay, for a lease, a site or a promise."""
    named = settings.partners.get("fixed_stations", ())
    return frozenset(named) if isinstance(named, list | tuple) else frozenset()


def travel_times(settings: Settings) -> tuple[dict[tuple[str, str], float], float]:
    """((place, asset) → minutes, minutes in which a station reaches its demand) from `travel_times`, a CSV of place,
    asset, minutes.

    Raises DataProblem where the file lacks one of the three columns.
    """
    file = str(settings.partners.get("travel_times", ""))
    limit = float(str(settings.partners.get("reach_minutes", REACH_MINUTES)))
    if not file:
        return {}, limit
    with Path(file).open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines))
    if not rows or not {"place", "asset", "minutes"} <= set(rows[0]):
        raise DataProblem(
            f"{Path(file).name} is no table of travel times",
            given=", ".join(rows[0]) if rows else "no rows",
            allowed="place, asset, minutes",
            next_step="name the three columns so",
        )
    return {(row["place"], row["asset"]): float(row["minutes"]) for row in rows if row["minutes"]}, limit


def read_estate(
    store: Store,
    reach_m: float,
    fixed: frozenset[str] = frozenset(),
    times: tuple[dict[tuple[str, str], float], float] = ({}, REACH_MINUTES),
) -> Estate | None:
    """Stations of organisations of different sorts, and the places they answer; None where there are none of two sorts.

    A pair of place and station of which the travel time is given is reached by it, any other by the straight line.
    """
    assets = [
        row
        for row in store.arrow(store.table("asset").order_by("asset")).to_pylist()
        if row["easting"] is not None and row["northing"] is not None and row["estate_gbp"]
    ]
    sorts = {row["organisation"]: row["sort"] for row in store.arrow(store.table("organisation")).to_pylist()}
    by: dict[str, list[int]] = defaultdict(list)
    for at, row in enumerate(assets):
        by[row["organisation"]].append(at)
    places = _places(store)
    if not places or not assets:
        return None
    where, stands = (
        np.array([[row["easting"], row["northing"]] for row in rows], dtype=float) for rows in (places, assets)
    )
    reach = np.hypot(*(where[:, None, :] - stands[None, :, :]).transpose(2, 0, 1)) <= reach_m
    for at, place in enumerate(places):
        for site, asset in enumerate(assets):
            minutes = times[0].get((str(place["place"]), asset["asset"]))
            reach[at, site] = reach[at, site] if minutes is None else minutes <= times[1]
    # A station with no known place around it is left as it is: nothing says that it is not needed.
    known = reach.any(axis=0)
    many = {one: kept for one, sites in by.items() if len(kept := [site for site in sites if known[site]])}
    if len({sorts.get(one) for one in many}) < 2:
        return None
    found = (
        Network(one, sorts.get(one) or "", np.array(many[one]), _demand(store, one, places)) for one in sorted(many)
    )
    networks = tuple(network for network in found if network.demand.any())
    cost, crews = (np.array([float(row[name] or 0) for row in assets]) for name in ("estate_gbp", "capacity"))
    codes, kinds = (tuple(str(row[name]) for row in assets) for name in ("asset", "kind"))
    return Estate(codes, kinds, reach, cost, crews, networks, np.isin(codes, sorted(fixed)))


def _places(store: Store) -> list[dict[str, object]]:
    """Places with a position that are no other place's area, so that nobody is counted in a street and in its area."""
    rows = [
        row for row in store.arrow(store.table("place").order_by("place")).to_pylist() if row["easting"] is not None
    ]
    areas = {row["area"] for row in rows}
    return [row for row in rows if row["place"] not in areas and row["northing"] is not None]


def _demand(store: Store, organisation: str, places: list[dict[str, object]]) -> NDArray[np.float64]:
    """Its contacts at each place; where it has none at any, the people who live there."""
    number = {}
    if store.has("contact"):
        contacts = store.table("contact")
        mine = contacts.filter((contacts.agency == organisation) & contacts.place.notnull())
        counted = mine.group_by("place").agg(n=_.count())
        number = {row["place"]: row["n"] for row in store.arrow(counted).to_pylist()}
    seen = np.array([float(number.get(str(row["place"]), 0)) for row in places])
    return seen if seen.any() else np.array([float(str(row["population"] or 0)) for row in places])


def _option(
    estate: Estate, networks: tuple[Network, ...], found: Shared, share: NDArray[np.float64], given: dict[str, float]
) -> Option:
    codes = tuple(network.organisation for network in networks)
    gain = found.alone_gbp - found.kept.value
    return Option(
        id=f"integration:stations:{'+'.join(codes)}",
        style=Style.INTEGRATION,
        partners=codes,
        service="shared stations",
        benefit_gbp=share * gain,
        yearly_cost_gbp=0.0,
        one_off_cost_gbp=given["moving_years"] * gain,
        gains=codes,
        pays=codes,
        staff_transferred=0.0,
        months_to_benefit=18.0,
        grade=GRADE,
        reasons=_reasons(found, float(np.mean(share)), given["moving_years"]),
        would_change=(
            *_kept_words(estate, networks, found),
            *_busy_words(estate, networks, found, given["busy_share"]),
        ),
        risks=RISKS,
        idea="shared stations",
        figures=(_waterfall(found, float(np.mean(share))),),
    )


def _reasons(found: Shared, share: float, moving_years: float) -> tuple[Reason, ...]:
    """Pounds that add up to the mean net benefit a year."""
    gain = found.alone_gbp - found.kept.value
    return (
        Reason("stations now", found.now_gbp, f"their stations cost £{found.now_gbp:,.0f} a year"),
        Reason(
            "stay",
            gain - found.now_gbp,
            f"{gain / found.now_gbp:.0%} of that is not needed if they share, beyond what each could close alone, and"
            " neither covers less of its demand",
        ),
        Reason("not realised", gain * (share - 1), f"{share:.0%} of what closes is assumed to leave a budget"),
        Reason(
            "moving",
            -moving_years * gain / SPREAD_YEARS,
            f"£{moving_years * gain:,.0f} once for moving, spread over {SPREAD_YEARS} years",
        ),
    )


def _kept_words(estate: Estate, networks: tuple[Network, ...], found: Shared) -> tuple[str, ...]:
    closing = [site for network in networks for site in network.sites if site not in found.kept.chosen]
    return (
        f"Stations kept: {', '.join(estate.assets[site] for site in sorted(found.kept.chosen))}.",
        f"Stations no longer needed: {', '.join(estate.assets[site] for site in sorted(closing))}.",
        *(
            f"{network.organisation}: {before / network.demand.sum():.1%} of its demand is in reach now, and"
            f" {after / network.demand.sum():.1%} would be then."
            for network, before, after in zip(networks, found.before, found.after, strict=True)
        ),
        "Travel times by road in place of straight lines may change which stations are needed.",
    )


def _busy_words(estate: Estate, networks: tuple[Network, ...], found: Shared, busy: float) -> tuple[str, ...]:
    """What averted demand is worth in reach: crews move with their service to the nearest kept station, and are less
    busy."""
    told = []
    for network in networks:
        reach = estate.reached_from(network)
        crews = estate.crews[network.sites].sum()
        if not crews:
            continue
        spread = np.zeros(len(estate.assets))
        spread[found.kept.chosen] = crews / len(found.kept.chosen)
        now, then = (
            expected_cover(reach, network.demand, spread, q) / network.demand.sum()
            for q in (busy, busy * (1 - AVERTED))
        )
        told.append(
            f"{network.organisation}: with crews busy {busy:.0%} of the time {now:.1%} of its demand finds a free crew"
            f" in reach; were a tenth of it averted, {then:.1%}."
        )
    return tuple(told)


def _waterfall(found: Shared, share: float) -> FigureData:
    gain = found.alone_gbp - found.kept.value
    return FigureData(
        "stations-waterfall",
        "waterfall",
        f"£{gain * share:,.0f} a year of £{found.now_gbp:,.0f} might be saved by sharing stations",
        "What the stations cost now, what each could close alone, what sharing makes needless, and what is left.",
        ("label", "value", "role", "measure"),
        (
            ("stations now", found.now_gbp, "total", "£ a year"),
            ("needless even alone", found.alone_gbp - found.now_gbp, "step", "£ a year"),
            ("needless if shared", -gain, "step", "£ a year"),
            ("stations kept", found.kept.value, "total", "£ a year"),
        ),
    )
