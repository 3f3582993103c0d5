"""How alike two organisations are, factor by factor, so that the answer to "why this partner?" adds up.

likeness = services × scale × nearness × tier × county; each factor lies in (0, 1], and by their
logarithms they share what being unlike costs. Services are compared as TF-IDF cosine over standard codes: a service
that everybody provides says little. Lists of services are rarely whole, so that a cosine of short lists is drawn
towards the mean of all pairs (shrinkage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.options import Reason
from headwater.partners.sorts import body_sort

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Organisation

FACTORS = ("services", "scale", "nearness", "tier", "county")

# Distances run from edge to edge where areas are known (each body a disc of its area), so that two counties that touch
# are as near as two boroughs that touch. They decay as 1 / (1 + d / d0)^2: at d0 a quarter is left. At 40 km that is no
# cliff: partners two or three councils away are known to share. This and the powers of services and scale were chosen
# on one half of the councils of benchmarks/mirror_recall.py, the gentlest among the best; the other half is what it
# reports.
HALF_WAY_M = 40_000.0
MILDLY = 0.5
"""Power of the services' and the scale's factors: lists are what a council linked, and small bodies share with large
ones."""
POWERS = {
    "county": {"upper"},
    "upper tier": {"upper"},
    "district": {"lower"},
    "lower tier": {"lower"},
    "unitary": {"upper", "lower"},
    "metropolitan": {"upper", "lower"},
    "london-borough": {"upper", "lower"},
}
"""Which of the two sets of a council's powers a tier holds. A unitary shares half of its work with a district or a
county."""
SOME_POWERS = 0.5
OTHER_TIER = 0.1
OTHER_COUNTY = 0.5
LEAST = 0.01
"""No factor is nought: by its logarithm it takes its share of what being unlike costs."""
UNKNOWN = {
    "services": "which services they list is not known of both: neither for nor against",
    "scale": "how many people they serve is not known of both: neither for nor against",
    "nearness": "where they are is not known of both: neither for nor against",
    "tier": "their tier is not known of both: neither for nor against",
    "county": "",
}
"""Factor → what is said where it compares nothing that is known."""
LISTED = 10
"""Services in the shorter list at which the cosine weighs as much as the mean of all pairs."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """factors: float64[factor, organisation, organisation] in FACTORS' order; the product is the likeness."""

    organisations: tuple[str, ...]
    factors: NDArray[np.float64]
    unlike: NDArray[np.bool_]
    """bool[organisation, organisation]: known to be bodies of different sorts that list no service in common."""
    known: NDArray[np.bool_]
    """bool[factor, organisation]: whether anybody says of it what the factor compares; where not, the factor is a
    middle of others'."""

    def told(self, one: int, other: int) -> dict[str, float | None]:
        """Factor → its value for two organisations; None where what it compares is not known of both."""
        both = self.known[:, one] & self.known[:, other]
        values = self.factors[:, one, other]
        return {name: float(values[row]) if both[row] else None for row, name in enumerate(FACTORS)}

    @property
    def product(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.factors.prod(axis=0)
        return found

    @property
    def akin(self) -> NDArray[np.bool_]:
        """bool[organisation, organisation]: of one tier, or with any service in common. What is neither is
        integration's to judge."""
        services, tier = (self.factors[FACTORS.index(name)] for name in ("services", "tier"))
        found: NDArray[np.bool_] = ((services > LEAST**MILDLY) | (tier > OTHER_TIER)) & ~self.unlike
        return found

    def reasons(self, one: int, other: int, unlike_gbp: float) -> tuple[Reason, ...]:
        """What being unlike costs a year, shared out over the factors by their logarithms; together −unlike_gbp."""
        logs = np.log(self.factors[:, one, other])
        shares = logs / logs.sum() if logs.any() else np.full(len(logs), 1 / len(logs))
        said = self.told(one, other)
        return tuple(
            Reason(
                name,
                -float(share) * unlike_gbp,
                f"{_words(name, float(np.exp(log))) if said[name] is not None else UNKNOWN[name]} (×"
                f" {np.exp(log):.2f})",
            )
            for name, share, log in zip(FACTORS, shares, logs, strict=True)
        )


def likeness(organisations: Sequence[Organisation], services: Mapping[str, frozenset[str]]) -> Likeness:
    """services: organisation → standard codes of the services it provides; none known counts as no difference."""
    factors = np.stack(
        (
            _services(organisations, services) ** MILDLY,
            _scale(np.array([_number(one.population) for one in organisations])),
            _nearness(organisations),
            np.maximum(_tiers([one.tier or one.sort for one in organisations]), SOME_POWERS * _within(organisations)),
            np.where(_same([one.upper_tier for one in organisations]), 1.0, OTHER_COUNTY),
        )
    )
    codes = tuple(one.organisation for one in organisations)
    return Likeness(codes, factors, _unlike(organisations, services), _told_of(organisations, services))


def _told_of(organisations: Sequence[Organisation], services: Mapping[str, frozenset[str]]) -> NDArray[np.bool_]:
    """bool[factor, organisation]. A body without a county above it, as a unitary, is told of as it is."""
    rows = [
        (
            bool(services.get(one.organisation)),
            one.population is not None and one.population > 0,
            one.easting is not None and one.northing is not None,
            bool(one.tier or one.sort),
            True,
        )
        for one in organisations
    ]
    found: NDArray[np.bool_] = np.array(rows, dtype=bool).reshape(-1, len(FACTORS)).T
    return found


def _unlike(organisations: Sequence[Organisation], services: Mapping[str, frozenset[str]]) -> NDArray[np.bool_]:
    """Councils of every tier are one sort; what a list of services says outweighs what a body is called."""
    sorts = [body_sort(one.sort) for one in organisations]
    lists = [services.get(one.organisation, frozenset()) for one in organisations]
    common = np.array([[bool(mine & theirs) for theirs in lists] for mine in lists])
    found: NDArray[np.bool_] = ~_same(sorts) & ~common
    return found


def nearest(found: Likeness, one: int, count: int) -> tuple[int, ...]:
    """The `count` akin organisations most like one, best first; ties by code, so that the order of rows never
    matters."""
    product = found.product[one]
    order = sorted(np.flatnonzero(found.akin[one]), key=lambda other: (-product[other], found.organisations[other]))
    return tuple(int(other) for other in order if other != one)[:count]


def within(organisations: Sequence[Organisation], one: int) -> tuple[int, ...]:
    """The body above one, and those that lie within it, by code: another relation than being alike, and told apart."""
    here = organisations[one]
    found = [
        at
        for at, other in enumerate(organisations)
        if at != one
        and (other.organisation == here.upper_tier or (here.organisation == other.upper_tier and here.organisation))
    ]
    return tuple(sorted(found, key=lambda at: organisations[at].organisation))


def _services(organisations: Sequence[Organisation], services: Mapping[str, frozenset[str]]) -> NDArray[np.float64]:
    codes = sorted(set().union(*services.values())) if services else []
    at = {code: column for column, code in enumerate(codes)}
    counts = np.zeros((len(organisations), len(codes)))
    for row, one in enumerate(organisations):
        counts[row, [at[code] for code in services.get(one.organisation, ())]] = 1
    # Smoothed inverse document frequency, so that a service of everybody keeps a little weight.
    weights = counts * (np.log((1 + len(organisations)) / (1 + counts.sum(axis=0))) + 1)
    lengths = np.sqrt((weights**2).sum(axis=1))
    unit = weights / np.where(lengths == 0, 1, lengths)[:, None]
    same = _same([one.tier or one.sort for one in organisations])
    return _shrunk(np.minimum(unit @ unit.T, 1.0), counts.sum(axis=1), same)


def _shrunk(cosine: NDArray[np.float64], listed: NDArray[np.float64], same: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n·cosine + k·mean) / (n + k), n the shorter list's length, the mean that of pairs of the same tier or of the
    others.

    The mean itself where a list is not known, 1 with oneself.
    """
    shorter = np.minimum(listed[:, None], listed[None, :])
    others = (shorter > 0) & ~np.eye(len(listed), dtype=bool)
    mean = np.where(same, _mean(cosine[others & same]), _mean(cosine[others & ~same]))
    found: NDArray[np.float64] = (shorter * cosine + LISTED * mean) / (shorter + LISTED)
    np.fill_diagonal(found, 1.0)
    return np.maximum(found, LEAST)


def _mean(values: NDArray[np.float64]) -> float:
    return float(values.mean()) if values.size else 1.0


def _scale(population: NDArray[np.float64]) -> NDArray[np.float64]:
    """The fourth root of smaller ÷ larger: sixteen times the size leaves half."""
    logs = np.log(population)
    return _known(np.exp(-np.abs(logs[:, None] - logs[None, :]) * MILDLY / 2))


def _nearness(organisations: Sequence[Organisation]) -> NDArray[np.float64]:
    east, north = (
        np.array([getattr(one, name) for one in organisations], dtype=float) for name in ("easting", "northing")
    )
    apart = np.hypot(east[:, None] - east[None, :], north[:, None] - north[None, :])
    radius = 1000 * np.sqrt(np.nan_to_num([_number(one.area_km2) for one in organisations]) / np.pi)
    edges = np.maximum(apart - radius[:, None] - radius[None, :], 0.0)
    return _known((1 + edges / HALF_WAY_M) ** -2.0)


def _tiers(words: list[str]) -> NDArray[np.float64]:
    """1 for the same tier, a half where some powers are shared, a tenth where none are or nobody knows."""
    held = [POWERS.get(word, {word}) for word in words]
    some = np.array([[bool(one & other) for other in held] for one in held])
    return np.where(_same(words), 1.0, np.where(some, SOME_POWERS, OTHER_TIER))


def _within(organisations: Sequence[Organisation]) -> NDArray[np.bool_]:
    """bool[organisation, organisation]: one is the upper tier of the other.

    They hold different powers over the same streets and residents, and their offices need the same staff, computers and
    buildings: nearer to each other than a district is to a county elsewhere.
    """
    codes = np.array([one.organisation for one in organisations], dtype=object)
    above = np.array([one.upper_tier for one in organisations], dtype=object)
    found: NDArray[np.bool_] = (codes[:, None] == above[None, :]) | (codes[None, :] == above[:, None])
    return found


def _known(factor: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is not known is taken as the middle of what is, neither for nor against."""
    if np.isnan(factor).all():
        return np.ones_like(factor)
    return np.where(np.isnan(factor), np.nanmedian(factor), factor)


def _same(words: list[str]) -> NDArray[np.bool_]:
    """Equal, or not known for one of the two."""
    array = np.array(words, dtype=object)
    blank = array == ""
    result: NDArray[np.bool_] = (array[:, None] == array[None, :]) | blank[:, None] | blank[None, :]
    return result


def _number(value: float | None) -> float:
    return float("nan") if value is None or value <= 0 else float(value)


def _words(factor: str, value: float) -> str:
    share = f"{value ** {'scale': 2 / MILDLY, 'services': 1 / MILDLY}.get(factor, 1):.0%}"
    return {
        "services": f"their lists of services are {share} alike",
        "scale": f"the smaller serves {share} of the larger's population",
        "nearness": "they are neighbours" if value > 0.2 else f"distance leaves {share} of the likeness",
        "tier": _tier_words(value),
        "county": "they lie in the same county" if value == 1 else "they lie in different counties",
    }[factor]


def _tier_words(value: float) -> str:
    if value == 1:
        return "they are of the same tier"
    return (
        "they share some of their powers, or one lies within the other"
        if value == SOME_POWERS
        else "they are of different tiers, with different powers"
    )
