"""Why a design cannot tell anything, and what would mend it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import numpy as np

from headwater.evidence.places.fit import CLOSED, said_periods

if TYPE_CHECKING:
    from collections.abc import Collection

    from headwater.evidence.places.case import Case


def refusal(case: Case, given: Case) -> str:
    """What keeps a sum of the treated from being set beside donors; '' where nothing does. given: the same with the
    periods in which some of the treated are missing."""
    if why := nobody(case) or _nothing_after(case) or _little_before(case, given):
        return why
    some = np.nansum(case.panel.counts[case.treated][:, case.pre]) > 0
    return _few_donors(case) if some else "no contacts before the start; look at treated and at the kind of the outcome"


def nobody(case: Case) -> str:
    if len(case.treated):
        return ""
    return "no treated unit is in the data; look at treated in the protocol and at the units that were loaded"


def _nothing_after(case: Case) -> str:
    if case.post.any():
        return ""
    if case.silent:
        return f"the treated series stops at the start, or is nought where it never was before: {CLOSED}"
    return "no period after the start is in the data; load later periods, or look at start and follow_up_days"


def _little_before(case: Case, given: Case) -> str:
    before, needed = int(case.pre.sum()), case.options.min_pre_periods
    if before >= needed:
        return ""
    said = f"{said_periods(before)} before the start, and {needed} are needed"
    return f"{said}; {load_earlier(case)}, or start later{_short(given)}"


def load_earlier(case: Case) -> str:
    """What to do for a longer past: earlier periods may be loaded already and be kept out by the protocol."""
    first = int(np.flatnonzero(case.used)[0]) if case.used.any() else len(case.used)
    there = int(np.isfinite(case.panel.counts[case.treated][:, :first]).all(axis=0).sum()) if len(case.treated) else 0
    if not there or case.options.pre_periods:
        return "load earlier ones"
    why = "history_days or a change of source leaves" if case.recoded else "history_days leaves"
    return f"{there} earlier are loaded that {why} out (raise history_days)"


def _few_donors(case: Case) -> str:
    donors, needed = len(case.donors), case.options.min_donors
    if donors >= needed:
        return ""
    said = f"{donors} sound donors, and {needed} are needed"
    if len(set(case.starts[case.treated].tolist())) > 1:
        return (
            f"{said}; those whose turn comes later can be the comparison where ten or more begin in turns "
            '(method = "did"), or where the order was drawn at random (method = "stepped-wedge")'
        )
    return f'{said}; load more units like the treated, or set the series against its own past (method = "its")'


def _short(case: Case) -> str:
    """Which of several treated units lack periods before the start, for a sum has the periods that all have."""
    window = case.pre
    missing = np.isnan(case.panel.counts[case.treated][:, window]).sum(axis=1)
    short = [case.panel.units[row] for row, lost in zip(case.treated.tolist(), missing.tolist(), strict=True) if lost]
    if len(case.treated) < 2 or not short:
        return ""
    return (
        f" (missing in some of {said_periods(int(window.sum()))}:"
        f" {', '.join(short[:5])}{', ...' if len(short) > 5 else ''})"
    )


def not_there(treated: Collection[str], units: tuple[str, ...]) -> str:
    """Which of the treated no row of the data names, and whom they may mean; '' where all are there."""
    missing = sorted(set(treated) - set(units))
    if not missing:
        return ""
    folded = {unit.casefold(): unit for unit in units}
    names = []
    for unit in missing[:5]:
        near = folded.get(unit.casefold()) or next(iter(get_close_matches(unit, units, 1, 0.8)), None)
        names.append(f"{unit} (is it {near}?)" if near else unit)
    more = ", ..." if len(missing) > 5 else ""
    return f"{len(missing)} of {len(treated)} treated units are not in the data: {', '.join(names)}{more}."
