"""The falsification tests of the place designs, in the order they are read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from headwater.domain.collaboration import Role
from headwater.evidence.checks.place_anticipation import anticipation
from headwater.evidence.checks.place_breaks import treated_breaks
from headwater.evidence.checks.place_conformal import own_months
from headwater.evidence.checks.place_displacement import displacement
from headwater.evidence.checks.place_donors import donor_pool
from headwater.evidence.checks.place_leave_out import leave_one_donor_out
from headwater.evidence.checks.place_negative_control import negative_control
from headwater.evidence.checks.place_order import drawn_by_lot
from headwater.evidence.checks.place_pre_fit import pre_fit
from headwater.evidence.checks.place_spillover import spillover
from headwater.evidence.checks.place_time import placebo_in_time

if TYPE_CHECKING:
    from collections.abc import Callable

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Check
    from headwater.evidence.places.case import Case
    from headwater.evidence.places.fit import Fit

ESSENTIAL = ("pre-fit", "treated-breaks", "negative-control-outcome", "placebo-in-time")
"""Essential in every place design, beside those the protocol names."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a check may look at: every outcome's case and fit, and which outcome is the primary one."""

    protocol: Protocol
    method: str
    cases: tuple[Case, ...]
    fits: tuple[Fit, ...]
    main: int

    @property
    def case(self) -> Case:
        return self.cases[self.main]

    @property
    def fit(self) -> Fit:
        return self.fits[self.main]


CHECKS: dict[str, Callable[[Judged], Check]] = {
    "pre-fit": pre_fit,
    "treated-breaks": treated_breaks,
    "donor-pool": donor_pool,
    "leave-one-donor-out": leave_one_donor_out,
    "own-months": own_months,
    "placebo-in-time": placebo_in_time,
    "anticipation": anticipation,
    "negative-control-outcome": negative_control,
    "displacement": displacement,
    "spillover": spillover,
    "drawn-by-lot": drawn_by_lot,
}
WITHOUT_DONORS = ("donor-pool", "leave-one-donor-out", "own-months")
DESIGNS = {
    "its": set(CHECKS) - {*WITHOUT_DONORS, "spillover", "drawn-by-lot"},
    "stepped-wedge": set(CHECKS) - {*WITHOUT_DONORS, "placebo-in-time", "anticipation", "pre-fit"},
}


def place_checks(cases: tuple[Case, ...], fits: tuple[Fit, ...], protocol: Protocol, method: str) -> tuple[Check, ...]:
    """Every check the design allows, or those of them the protocol names."""
    main = next(at for at, outcome in enumerate(protocol.outcomes) if outcome.role is Role.PRIMARY)
    judged = Judged(protocol, method, cases, fits, main)
    allowed = DESIGNS.get(method, set(CHECKS) - {"drawn-by-lot"})
    wanted = [name for name in CHECKS if name in allowed and (not protocol.checks or name in protocol.checks)]
    essential = (*ESSENTIAL, *protocol.essential)
    return tuple(replace(CHECKS[name](judged), essential=name in essential) for name in wanted)
