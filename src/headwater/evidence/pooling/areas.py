"""Several areas' boards told together, pair by pair: the same pooling as of sites, from each area's estimate and error
alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.areas import PairOfArea, PooledPair
from headwater.domain.uncertainty import Interval
from headwater.stats.pooling import spread
from headwater.stats.profiles import Profile
from headwater.stats.unknown_window import discovered

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.areas import AreaEvidence, Pair

FEWEST = 2
"""Areas in which a pair was judged, from which on there is a spread to tell of it."""
Z = 1.959964


def pooled_pairs(areas: Sequence[AreaEvidence]) -> tuple[PooledPair, ...]:
    """Every pair that two areas judged, whatever they found, the surest to avert first."""
    by_pair: dict[tuple[str, str], list[tuple[str, Pair]]] = defaultdict(list)
    for area in areas:
        for pair in area.pairs:
            by_pair[pair.service, pair.kind].append((area.area, pair))
    told = [_told(found) for _name, found in sorted(by_pair.items()) if len(found) >= FEWEST]
    if not told:
        return ()
    # What a check refuses is no discovery, and does not make room for one.
    stands = discovered(np.array([0.0 if one.refused else one.chance_of_a_fall for one in told]))
    judged = [replace(one, averting=bool(found) and one.mean.high < 1) for one, found in zip(told, stands, strict=True)]
    return tuple(sorted(judged, key=lambda one: (not one.averting, -one.chance_of_a_fall, one.service, one.kind)))


def _told(found: Sequence[tuple[str, Pair]]) -> PooledPair:
    pairs = [pair for _area, pair in found]
    many = spread([Profile.normal(one.log_ratio, one.se) for one in pairs], [one.se for one in pairs])
    lines = tuple(
        PairOfArea(area, alone(pair), site.interval(), pair.refused)
        for (area, pair), site in zip(found, many.sites, strict=True)
    )
    refused = 2 * sum(bool(one.refused) for one in pairs) >= len(pairs)
    between = Interval(*(many.tau(at) for at in (0.025, 0.5, 0.975)))
    return PooledPair(
        pairs[0].service,
        pairs[0].kind,
        lines,
        many.mean.interval(),
        many.next.interval(),
        between,
        many.mean.below(0.0),
        refused=refused,
    )


def alone(pair: Pair) -> Interval:
    """One area's ratio without the others."""
    low, mid, high = (float(np.exp(pair.log_ratio + way * Z * pair.se)) for way in (-1, 0, 1))
    return Interval(low, mid, high)
