"""How alike two organisations are, factor by factor, so that the answer to "why this partner?" adds up.

likeness = services × scale × nearness × tier × county; each factor lies in (0, 1], and their logarithms are the
contributions. Services are compared as TF-IDF cosine over standard codes: a service that everybody provides says little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.options import Reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.collaboration import Organisation

FACTORS = ("services", "scale", "nearness", "tier", "county")

# Distances decay as 1 / (1 + d / d0)^2: at d0 a quarter is left. 15 km is half the usual way between two district town
# halls, so that the decay tells neighbours from strangers without telling one neighbour from the next.
HALF_WAY_M = 15_000.0
# exp(−|ln ratio|): twice the size leaves half.
OTHER_TIER = 0.1
OTHER_COUNTY = 0.5
LEAST_SERVICES = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """factors: float64[factor, organisation, organisation] in FACTORS' order; the product is the likeness."""

    organisations: tuple[str, ...]
    factors: NDArray[np.float64]

    @property
    def product(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = self.factors.prod(axis=0)
        return found

    def reasons(self, one: int, other: int) -> tuple[Reason, ...]:
        """The contributions ln(factor), which add up to ln(likeness)."""
        return tuple(
            Reason(name, float(np.log(value)), _words(name, float(value)))
            for name, value in zip(FACTORS, self.factors[:, one, other], strict=True)
        )


def likeness(organisations: Sequence[Organisation], services: Mapping[str, frozenset[str]]) -> Likeness:
    """services: organisation → standard codes of the services it provides; none known counts as no difference."""
    factors = np.stack(
        (
            _services(organisations, services),
            _scale(np.array([_number(one.population) for one in organisations])),
            _nearness(
                np.array([_number(one.easting) for one in organisations]),
                np.array([_number(one.northing) for one in organisations]),
            ),
            np.where(_same([one.tier or one.sort for one in organisations]), 1.0, OTHER_TIER),
            np.where(_same([one.upper_tier for one in organisations]), 1.0, OTHER_COUNTY),
        )
    )
    return Likeness(tuple(one.organisation for one in organisations), factors)


def nearest(found: Likeness, one: int, count: int) -> tuple[int, ...]:
    """The `count` organisations most like one, best first; ties by code, so that the order of rows never matters."""
    product = found.product[one]
    order = sorted(range(len(product)), key=lambda other: (-product[other], found.organisations[other]))
    return tuple(other for other in order if other != one)[:count]


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
    cosine = np.maximum(unit @ unit.T, LEAST_SERVICES)
    unknown = lengths == 0
    cosine[unknown, :] = cosine[:, unknown] = 1.0
    result: NDArray[np.float64] = np.minimum(cosine, 1.0)
    return result


def _scale(population: NDArray[np.float64]) -> NDArray[np.float64]:
    logs = np.log(population)
    return _known(np.exp(-np.abs(logs[:, None] - logs[None, :])))


def _nearness(easting: NDArray[np.float64], northing: NDArray[np.float64]) -> NDArray[np.float64]:
    distance = np.hypot(easting[:, None] - easting[None, :], northing[:, None] - northing[None, :])
    return _known((1 + distance / HALF_WAY_M) ** -2.0)


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
    share = f"{value:.0%}"
    return {
        "services": f"their lists of services are {share} alike",
        "scale": f"the smaller serves {share} of the larger's population",
        "nearness": "they are neighbours" if value > 0.2 else f"distance leaves {share} of the likeness",
        "tier": "they are of the same tier" if value == 1 else "they are of different tiers, with different powers",
        "county": "they lie in the same county" if value == 1 else "they lie in different counties",
    }[factor]
