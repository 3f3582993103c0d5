"""The falsification tests of the place designs, in the order they are read, each outcome judged by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.evidence.checks.place_anticipation import anticipation
from headwater.evidence.checks.place_boundary import boundary
from headwater.evidence.checks.place_breaks import treated_breaks
from headwater.evidence.checks.place_conformal import own_months
from headwater.evidence.checks.place_displacement import displacement
from headwater.evidence.checks.place_donors import donor_pool
from headwater.evidence.checks.place_judged import Judged
from headwater.evidence.checks.place_leave_out import leave_one_donor_out
from headwater.evidence.checks.place_methods import methods_agree
from headwater.evidence.checks.place_negative_control import negative_control
from headwater.evidence.checks.place_order import drawn_by_lot
from headwater.evidence.checks.place_plausible import plausible
from headwater.evidence.checks.place_pre_fit import pre_fit
from headwater.evidence.checks.place_selection import selection
from headwater.evidence.checks.place_small_counts import small_counts
from headwater.evidence.checks.place_source import source_change
from headwater.evidence.checks.place_spillover import spillover
from headwater.evidence.checks.place_start_gap import start_gap
from headwater.evidence.checks.place_time import placebo_in_time
from headwater.evidence.places.peak import by_level

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Check
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

ESSENTIAL = (
    "pre-fit",
    "treated-breaks",
    "boundary-change",
    "selection-at-a-peak",
    "negative-control-outcome",
    "placebo-in-time",
    "anticipation",
    "plausible",
    "methods-agree",
    "small-counts",
    "source-change",
    "start-in-a-gap",
)
"""Essential in every place design, beside those the protocol names: one that fails withholds the word. A protocol may
leave out other checks, and none of these."""


CHECKS: dict[str, Callable[[Judged], Check]] = {
    "pre-fit": pre_fit,
    "treated-breaks": treated_breaks,
    "boundary-change": boundary,
    "selection-at-a-peak": selection,
    "small-counts": small_counts,
    "source-change": source_change,
    "start-in-a-gap": start_gap,
    "donor-pool": donor_pool,
    "leave-one-donor-out": leave_one_donor_out,
    "methods-agree": methods_agree,
    "own-months": own_months,
    "placebo-in-time": placebo_in_time,
    "anticipation": anticipation,
    "plausible": plausible,
    "negative-control-outcome": negative_control,
    "displacement": displacement,
    "spillover": spillover,
    "drawn-by-lot": drawn_by_lot,
}
SHARED = ("negative-control-outcome", "displacement", "drawn-by-lot")
"""Checks of the comparison of all outcomes; the others are made for each outcome."""
OF_SHAMS = ("pre-fit", "treated-breaks", "boundary-change", "source-change", "donor-pool")
"""What is asked of an outcome that is itself a check."""
WITHOUT_DONORS = ("donor-pool", "leave-one-donor-out", "own-months", "methods-agree")
AT_PEAK = {
    "boundary-change",
    "small-counts",
    "source-change",
    "start-in-a-gap",
    "selection-at-a-peak",
    "plausible",
    "spillover",
    *SHARED[:2],
}
"""Where the same rule at earlier moments makes the comparison, what judges donors and the weeks before the start is
beside it."""
DESIGNS = {
    "its": set(CHECKS) - {*WITHOUT_DONORS, "spillover", "drawn-by-lot", "selection-at-a-peak"},
    "stepped-wedge": (
        set(CHECKS) - {*WITHOUT_DONORS, "placebo-in-time", "anticipation", "pre-fit", "selection-at-a-peak"}
    ),
}


def place_checks(
    cases: tuple[Case, ...], fits: tuple[Fit, ...], protocol: Protocol, method: str, only: tuple[str, ...] | None = None
) -> tuple[Check, ...]:
    """Every check the design allows, or the essential and those the protocol names: outcome by outcome, then those of
    the comparison. only: for studies of single checks, whose verdicts are nobody's.
    """
    judged = Judged(protocol, method, cases, fits, 0)
    # Without [reach] there is nothing to hold an effect against, and that is no doubt of the comparison.
    essential = {*ESSENTIAL, *protocol.essential} - (set() if protocol.reach else {"plausible"})
    allowed = AT_PEAK if by_level(protocol) else DESIGNS.get(method, set(CHECKS) - {"drawn-by-lot"})
    named = set(CHECKS) if not protocol.checks else {*protocol.checks, *essential}
    wanted = [name for name in CHECKS if name in allowed and name in (named if only is None else only)]
    found = []
    for at, outcome in enumerate(protocol.outcomes):
        sham = outcome.role is Role.NEGATIVE_CONTROL
        names = [name for name in wanted if name not in SHARED and (not sham or name in OF_SHAMS)]
        found += [replace(CHECKS[name](judged.beside(at)), outcome=outcome.kind) for name in names]
    found += [CHECKS[name](judged) for name in wanted if name in SHARED]
    return tuple(replace(check, essential=check.name in essential) for check in found)
