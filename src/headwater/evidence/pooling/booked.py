"""Whether what a site is given by all others may be booked: the rule of the pool, on one page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.domain.evidence import verdict
from headwater.domain.given import GivenAll

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.evidence import Finding
    from headwater.domain.pool import Pool, SiteEvidence


def unbound(agreed: str, own: SiteEvidence | None, sites: Sequence[SiteEvidence], invited: Sequence[str]) -> str:
    """Why nothing of these files may be booked; '' where it may. agreed: what names the pool.

    Every site was locked with the pool before its outcomes were read, and every site that was invited has sent its
    file: which sites are told together then hangs on nothing that any of them found.
    """
    if own is None:
        return "this site's own evidence file is not here: headwater evidence export"
    if strangers := [one.site for one in sites if one.site not in invited]:
        return f"{', '.join(strangers)} was not invited"
    if late := [one.site for one in sites if one.bound != agreed]:
        return f"the pool's protocol was not locked before the outcomes of {', '.join(late)} were read"
    present = {one.site for one in sites}
    if missing := [one for one in invited if one not in present]:
        return f"the file of {', '.join(missing)} is not here, and whoever stays away may have found less"
    return ""


def left_out(told: Pool, own: SiteEvidence, primary: Finding) -> str:
    """Why a pool does not speak for one of its sites; '' where it does."""
    if primary.withheld:
        return f"this site's own word is withheld: {primary.withheld[0]}"
    if own.site in told.left_out:
        return f"this site is left out of it: {told.left_out[own.site]}"
    if told.primary.withheld:
        return told.primary.withheld[0]
    line = own.outcome(primary.kind)
    if line is not None and line.ratio is None and primary.rate_ratio is not None:
        return "this site has too few contacts for its file to tell"
    ratio, seen = primary.rate_ratio, None if line is None else line.ratio
    if (
        ratio is None
        or seen is None
        or any(abs(a - b) > 1e-4 for a, b in ((ratio.low, seen.low), (ratio.high, seen.high)))
    ):
        return "this site's own evidence file says something else than its evidence does now: export it again"
    return ""


def given(finding: Finding, told: Pool, site: str, smallest: float, mark: str) -> Finding | None:
    """An outcome's line given all sites, less its contacts a year; None where the pool says nothing of it."""
    outcome = next((one for one in told.outcomes if one.kind == finding.kind), None)
    line = None if outcome is None else next((one for one in outcome.sites if one.site == site), None)
    if (
        outcome is None
        or line is None
        or finding.role is Role.NEGATIVE_CONTROL
        or finding.withheld
        or finding.rate_ratio is None
    ):
        return None
    word = verdict(line.shrunk, finding.worthwhile or smallest, outcome.withheld)
    believed = GivenAll(told.name, len(outcome.sites), line.cells, line.mass, mark)
    return replace(finding, verdict=word, rate_ratio=line.shrunk, given=believed, alone=finding)
