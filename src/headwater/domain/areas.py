"""The partner question asked in several areas: what each one's boards say of a pair of kinds, and of all areas
together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True)
class Pair:
    """How a demand runs in the 180 days after contacts with a service, against the same people's other times:
    calibrated, not shrunk.

    log_ratio, se: of the mean over those days; seen: events in them and the service's contacts, of which nothing
    leaves; refused: names of the checks by which a fall is of another kind than that the service averts.
    """

    service: str
    kind: str
    log_ratio: float
    se: float
    seen: tuple[int, int] = (0, 0)
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AreaEvidence:
    """One area's file. controls: pairs that are declared to be nothing, by which all others were calibrated; days: ISO,
    first and last."""

    area: str
    days: tuple[str, str]
    controls: int
    pairs: tuple[Pair, ...]
    hidden: int = 0
    """Pairs that stayed at home because few contacts stand behind them."""
    traits: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    digest: str = ""
    signed_by: str = ""


@dataclass(frozen=True, slots=True)
class PairOfArea:
    """One area's ratio alone, and what it is likely to be given all areas."""

    area: str
    own: Interval
    with_all: Interval
    refused: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PooledPair:
    """One pair over all areas, as ratios. mean: of the average area; next: of one more; between: the spread of log
    ratios.

    averting: whether it stands among those that avert, at a false discovery rate of 5 % over all pairs, and is not
    refused.
    """

    service: str
    kind: str
    areas: tuple[PairOfArea, ...]
    mean: Interval
    next: Interval
    between: Interval
    chance_of_a_fall: float
    averting: bool = False
    refused: bool = False
    """Refused by a check in half of the areas or more."""
