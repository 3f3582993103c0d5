"""Corrections for hope: optimism bias by grade, and the additionality chain where an effect is not counterfactual."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.errors import ProtocolBreach, Usage
from headwater.savings.deflator import shipped

if TYPE_CHECKING:
    from headwater.domain.evidence import Grade

CORRECTIONS = (0.0, 0.05, 0.10, 0.15, 0.25, 0.40)
"""Shares of the benefits taken off, and put on the costs, from the surest evidence to the least sure: the graded
confidence corrections of the national cost-benefit guidance (HM Treasury, Public Service Transformation Network and New
Economy, Supporting public service transformation: cost benefit analysis guidance for local partnerships, 2014)."""

MATCHED = 3


def optimism(grade: Grade) -> float:
    """The correction for a grade on the Maryland scale: 5 and 4 the first two, a sound 3 the third, a weak 3 the
    fourth, 2 the fifth, 1 the sixth."""
    if grade.level == MATCHED:
        return CORRECTIONS[2] if grade.confidence in {"high", "moderate"} else CORRECTIONS[3]
    return {5: CORRECTIONS[0], 4: CORRECTIONS[1], 2: CORRECTIONS[4]}.get(grade.level, CORRECTIONS[5])


def capital_cost(gbp: float, category: str, mitigation: float = 0.0) -> float:
    """A capital cost with its optimism bias (HM Treasury, after Mott MacDonald 2002), less the share that was
    mitigated."""
    uplift = {row["category"]: float(row["capex_upper"]) for row in shipped("capital_optimism_bias")}
    if category not in uplift:
        raise Usage(
            "there is no optimism bias for that category", given=repr(category), allowed=", ".join(sorted(uplift))
        )
    return with_bias(gbp, uplift[category], mitigation)


def with_bias(gbp: float, uplift: float, mitigation: float = 0.0) -> float:
    """A cost put up by a share, of which a share has been mitigated."""
    return gbp * (1 + uplift * (1 - mitigation))


def additional_share(
    deadweight: float, displacement: float, leakage: float, substitution: float = 0.0, *, counterfactual: bool
) -> float:
    """The share of a gross effect that the collaboration added: (1 − d)(1 − s)(1 − l)(1 − u).

    An effect against a comparison has taken the deadweight off already, so the chain is refused for it
    (ProtocolBreach).
    """
    shares = {"deadweight": deadweight, "displacement": displacement, "leakage": leakage, "substitution": substitution}
    if wrong := {name: share for name, share in shares.items() if not 0 <= share <= 1}:
        raise Usage("additionality shares lie between 0 and 1", given=str(wrong))
    if counterfactual and any(shares.values()):
        raise ProtocolBreach(
            "deadweight would be taken off twice",
            given="an effect measured against a comparison, with "
            + ", ".join(f"{k} {v:g}" for k, v in shares.items() if v),
            allowed="the additionality chain for uncontrolled figures only",
            next_step="leave it out: the comparison already shows what would have happened anyway",
        )
    return (1 - deadweight) * (1 - displacement) * (1 - leakage) * (1 - substitution)
