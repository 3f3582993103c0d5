"""From sites' curves to what they say together: one ratio for all, the average of sites that differ, and each site's
own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.evidence import ShamVerdict, Verdict, sham_verdict, verdict
from headwater.domain.pool import Pool, PooledOutcome, PooledSite, TraitDifference
from headwater.domain.uncertainty import Interval
from headwater.stats.anytime import Boundary
from headwater.stats.pooling import Common, Density, Spread, common, small_study, spread
from headwater.stats.profiles import Profile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from headwater.domain.collaboration import Protocol
    from headwater.domain.pool import SiteEvidence, SiteOutcome

FEWEST = 2
"""Sites from which on there is something to pool."""
FEWEST_OF_A_TRAIT = 3
PLANNED = 10 / 0.2**2
"""The anytime interval is tightest about the information of ten sites with an error of a fifth. A constant, because an
interval tuned to what was seen holds at no time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Site:
    """One site's curve for one outcome. se: of its log ratio; more: the error that calibration added."""

    name: str
    found: SiteOutcome
    curve: Profile
    se: float
    more: float
    traits: Mapping[str, str]


def pooled(
    name: str,
    agreed: Protocol,
    sites: Sequence[SiteEvidence],
    differs: Mapping[str, tuple[str, ...]],
    invited: Sequence[str] = (),
) -> Pool:
    """Every outcome of the agreed protocol over the sites that asked the same question and whose comparison held.

    A site is left out, and named, where its protocol differs or where its comparison failed a check that has to pass;
    which sites those are does not depend on what they found for the outcome. Raises ValueError where fewer than two are
    left.
    """
    left_out = {one.site: "its protocol asks another question" for one in sites if differs.get(one.site)}
    unsound = {one.site: reason for one in sites if one.site not in left_out and (reason := _unsound(one))}
    left_out |= unsound
    used = [one for one in sites if one.site not in left_out]
    if len(used) < FEWEST:
        raise ValueError(f"{len(used)} of {len(sites)} sites can be told together; it takes {FEWEST}")
    found = [(outcome, _curves(used, outcome.kind)) for outcome in agreed.outcomes]
    shams = [
        _outcome(outcome.kind, outcome.role, outcome.smallest, curves, ())
        for outcome, curves in found
        if outcome.role is Role.NEGATIVE_CONTROL and len(curves) >= FEWEST
    ]
    why = tuple(
        f"the sham outcome {one.kind} moved over all sites" for one in shams if one.verdict is ShamVerdict.MOVED
    )
    real = [
        _outcome(outcome.kind, outcome.role, outcome.smallest, curves, why)
        for outcome, curves in found
        if outcome.role is not Role.NEGATIVE_CONTROL and len(curves) >= FEWEST
    ]
    real.sort(key=lambda one: one.role is not Role.PRIMARY)
    if not real or real[0].role is not Role.PRIMARY:
        raise ValueError("the primary outcome was not told by two sites: few contacts keep figures at home")
    missing = tuple(one for one in invited if one not in {each.site for each in sites})
    return Pool(name, (*real, *shams), left_out, differs, missing, _caveats(used, missing, real))


def _unsound(site: SiteEvidence) -> str:
    """Why a site's comparison cannot be used; '' where it can. A site with too few people to be told alone can."""
    if site.status == "exploratory":
        return "its protocol was not locked before outcomes were read"
    primary = next((one for one in site.outcomes if one.role is Role.PRIMARY), None)
    broken = () if primary is None else primary.broken
    return f"a check that has to pass failed ({', '.join(broken).replace('-', ' ')})" if broken else ""


def _curves(sites: Sequence[SiteEvidence], kind: str) -> list[_Site]:
    made = []
    for site in sites:
        found = site.outcome(kind)
        curve = None if found is None else curve_of(found)
        if found is None or curve is None or found.ratio is None:
            continue
        se = found.se if found.se is not None else _se_of(found.raw or found.ratio)
        told = found.calibrated_se if found.calibrated_se is not None else _se_of(found.ratio)
        made.append(_Site(site.site, found, curve, se, float(np.sqrt(max(told**2 - se**2, 0.0))), site.traits))
    return made


def curve_of(found: SiteOutcome) -> Profile | None:
    """A site's curve; that of its interval where no curve left; None where there is neither."""
    if found.height is not None:
        return Profile.of(found.height)
    told = found.raw or found.ratio
    if told is None or told.low <= 0 or not np.isfinite(told.high):
        return None
    return Profile.normal(float(np.log(told.mid)), _se_of(told))


def _se_of(told: Interval) -> float:
    """The error that an interval says, by the normal; infinite where it has no lower end."""
    if told.low <= 0 or not np.isfinite(told.high):
        return float("inf")
    return float((np.log(told.high) - np.log(told.low)) / (2 * 1.959964))


def _outcome(
    kind: str, role: Role, worthwhile: float, sites: Sequence[_Site], withheld: tuple[str, ...]
) -> PooledOutcome:
    one = common(
        [each.curve for each in sites], [each.se for each in sites], [each.found.clusters or 50 for each in sites]
    )
    many = spread([each.curve for each in sites], [each.se for each in sites])
    more = _shared(sites, one)
    mean, ahead = many.mean.widened(more), many.next.widened(more)
    told = mean.interval()
    word = sham_verdict(told) if role is Role.NEGATIVE_CONTROL else verdict(told, worthwhile, withheld)
    told_se = float(np.log(told.high / told.low) / (2 * 1.959964))
    return PooledOutcome(
        kind=kind,
        role=role,
        verdict=word,
        withheld=withheld if word is Verdict.CANNOT_TELL else (),
        common=_with_more(one, more),
        raw_common=one.ratio(),
        mean=told,
        next=ahead.interval(),
        anytime=_anytime(float(np.log(told.mid)), told_se),
        between=Interval(*(many.tau(at) for at in (0.025, 0.5, 0.975))),
        chance_below_one=mean.below(0.0),
        sites=_sites(sites, many, more),
        traits=tuple(_traits(sites, more)),
        small_study=(
            small_study(
                np.array([float(np.log(each.found.ratio.mid)) for each in sites if each.found.ratio]),
                np.array([each.se for each in sites]),
            )
            if all(np.isfinite(each.se) and each.found.ratio and each.found.ratio.mid > 0 for each in sites)
            else None
        ),
    )


def _anytime(estimate: float, se: float) -> Interval:
    """The interval of the average that holds however often sites and months are added."""
    reach = float(Boundary(0.05, PLANNED).reach(se**-2))
    low, mid, high = (float(np.exp(estimate + way * reach)) for way in (-1, 0, 1))
    return Interval(low, mid, high)


def _shared(sites: Sequence[_Site], one: Common) -> float:
    """The error that calibration added, taken as shared: the sites use one design, so that its systematic error does
    not average out."""
    weight = np.array([max(-float(each.curve.curve.deriv(2)(one.estimate)), 1e-9) for each in sites])
    return float((weight * np.array([each.more for each in sites])).sum() / weight.sum())


def _with_more(one: Common, more: float) -> Interval:
    return Common(one.estimate, float(np.hypot(one.se, more)), one.degrees, one.information, one.sites).ratio()


def _sites(sites: Sequence[_Site], many: Spread, more: float) -> tuple[PooledSite, ...]:
    made = []
    for each, shrunk, without in zip(sites, many.sites, many.without, strict=True):
        assert each.found.ratio is not None
        believed, left = shrunk.widened(more), without.widened(more).interval()
        made.append(PooledSite(each.name, each.found.ratio, believed.interval(), left, believed.cells, believed.mass))
    return tuple(made)


def _traits(sites: Sequence[_Site], more: float) -> list[TraitDifference]:
    """The average of the sites that share a declared trait beside that of the others, where there are three of each."""
    found = []
    for trait, value in sorted({(trait, value) for each in sites for trait, value in each.traits.items()}):
        those = [each for each in sites if each.traits.get(trait) == value]
        others = [each for each in sites if trait in each.traits and each.traits[trait] != value]
        if min(len(those), len(others)) < FEWEST_OF_A_TRAIT:
            continue
        mean, other = (_mean(each, sites) for each in (those, others))
        found.append(
            TraitDifference(trait, value, len(those), mean.widened(more).interval(), mean.less(other).interval())
        )
    return found


def _mean(some: Sequence[_Site], all_of: Sequence[_Site]) -> Density:
    """The average of some sites, on the cells that all sites give."""
    finest = min((each.se for each in all_of if np.isfinite(each.se)), default=float("nan"))
    return spread([each.curve for each in some], [each.se for each in some], finest=finest).mean


def _caveats(used: Sequence[SiteEvidence], missing: Sequence[str], real: Sequence[PooledOutcome]) -> tuple[str, ...]:
    said = []
    if missing:
        said.append(
            f"Of the sites invited these gave no file: {', '.join(missing)}. Those that stay away may have found less."
        )
    if len(used) < 5:
        said.append(f"With {len(used)} sites the spread between them rests largely on what was believed before.")
    for one in real:
        if one.small_study and one.small_study[1] < 0.1:
            said.append(
                f"{one.kind}: small sites found more than large ones (p = {one.small_study[1]:.2f}), as they do where"
                " small ones that found nothing stay away."
            )
    amended = [one.site for one in used if one.status == "amended"]
    if amended:
        said.append(f"Amended after the lock: {', '.join(amended)}.")
    return tuple(said)
