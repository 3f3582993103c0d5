"""Did what counts the treated change within the window?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.evidence import Check
from headwater.evidence.places.case_limits import AROUND_START

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "source-change"


def source_change(judged: Judged) -> Check:
    """Fails when the treated's source alone changes about the start: what is counted anew cannot be told from an
    effect. None, which caps the grade, where all change together. `figure`: how many changes of the treated."""
    case = judged.case
    first = int(case.starts[case.treated].min()) if len(case.treated) else 0
    ours = [one for one in case.recoded if one.unit in case.treated]
    if not ours:
        return Check(NAME, True, "The treated are counted by one source throughout, as far as the data say.", 0.0)

    def named(some: list) -> str:  # type: ignore[type-arg]
        how = [f"{case.panel.units[one.unit]} at {case.panel.periods[one.at]}" for one in some[:3]]
        return ", ".join(how) + (", ..." if len(some) > 3 else "")

    near = [one for one in ours if not one.shared and abs(one.at - first) <= AROUND_START]
    if near:
        what = "rounding" if all(one.rounding for one in near) else "source"
        text = f"The treated's {what} changes about the start ({named(near)}), and the others' does not"
        return Check(NAME, False, f"{text}: that cannot be told from an effect.", float(len(near)))
    shared = [one for one in ours if one.shared and case.used[min(one.at, len(case.used) - 1)]]
    if shared:
        text = f"Nearly all units' source changes with the treated's ({named(shared)})"
        return Check(NAME, None, f"{text}; it is taken out only as far as it moves all alike.", float(len(shared)))
    text = f"The treated's source changes away from the start ({named(ours)}); only the periods of one source are used"
    return Check(NAME, True, f"{text}.", float(len(ours)))
