"""A pool: locked evaluations of several sites told together, from one small file each. No row of anybody is here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol, Role
    from headwater.domain.evidence import ShamVerdict, Verdict
    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True, eq=False)
class SiteOutcome:
    """What one site found for one outcome.

    height: float64[33], its curve at the agreed points (`stats/profiles`), None where contacts are too few to let it
    leave; se and calibrated_se are of the log ratio, before and after calibration.
    """

    kind: str
    role: Role
    verdict: str
    withheld: tuple[str, ...]
    ratio: Interval | None
    raw: Interval | None
    averted_per_year: Interval | None
    grade: int
    failed: tuple[str, ...] = ()
    """Checks that failed."""
    broken: tuple[str, ...] = ()
    """Those of them that had to pass."""
    height: NDArray[np.float64] | None = None
    se: float | None = None
    calibrated_se: float | None = None
    clusters: int = 0


@dataclass(frozen=True, slots=True)
class SiteEvidence:
    """The evidence file of one site. status: locked, amended or exploratory; followed: ISO days; enrolled: as it may be
    shown."""

    site: str
    collaboration: str
    title: str
    protocol: Protocol
    protocol_sha256: str
    status: str
    locked_at: str
    followed: tuple[str, str]
    enrolled: str
    outcomes: tuple[SiteOutcome, ...]
    freed_gbp_per_year: Mapping[str, Interval] = field(default_factory=dict)
    """By bearer: pounds a calendar year of delivery, taken out or released."""
    traits: Mapping[str, str] = field(default_factory=dict)
    pool: str = ""
    """The hash of the pool's protocol that the site agreed to."""
    bound: str = ""
    """The hash of the pool that its lock held before outcomes were read."""
    code: str = ""
    digest: str = ""
    """The hash of everything else in the file."""
    signed_by: str = ""
    """The public key whose holder signed the file, '' for none."""

    def outcome(self, kind: str) -> SiteOutcome | None:
        return next((one for one in self.outcomes if one.kind == kind), None)


@dataclass(frozen=True, slots=True, eq=False)
class PooledSite:
    """One site within a pool: what it found alone, what it is likely to be given all, and the average without it.

    cells, mass: float64[cell], what is believed of its log ratio given all: evenly spaced values, and chances that add
    to 1.
    """

    site: str
    own: Interval
    shrunk: Interval
    without: Interval
    cells: NDArray[np.float64]
    mass: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TraitDifference:
    """How the average of sites with a trait differs: the ratio of their average ratio to that of the others."""

    trait: str
    value: str
    sites: int
    mean: Interval
    against_others: Interval


@dataclass(frozen=True, slots=True)
class PooledOutcome:
    """One outcome over all sites. Ratios; between: the spread of log ratios between sites.

    common: one ratio for all; mean: of the average site, where sites differ; next: of one more site; anytime: the
    average's, however often it is looked at. small_study: Egger's intercept and its p-value, None below ten sites.
    """

    kind: str
    role: Role
    verdict: Verdict | ShamVerdict
    withheld: tuple[str, ...]
    common: Interval
    raw_common: Interval
    mean: Interval
    next: Interval
    anytime: Interval
    between: Interval
    chance_below_one: float
    sites: tuple[PooledSite, ...]
    traits: tuple[TraitDifference, ...] = ()
    small_study: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything a pool says. left_out: site → why; differs: site → what of its protocol is not the pool's; missing:
    invited, and no file of theirs is here."""

    name: str
    outcomes: tuple[PooledOutcome, ...]
    left_out: Mapping[str, str]
    differs: Mapping[str, tuple[str, ...]]
    missing: tuple[str, ...]
    caveats: tuple[str, ...]

    @property
    def primary(self) -> PooledOutcome:
        return self.outcomes[0]
