"""How unlike the enrolled are in what no record shows, measured where the programme cannot have acted.

People are sent because they look worse than their records say, or because they are ready to change. What of it lasts shows in the second
year before, on which nobody is matched, and in outcomes that nothing should change. Each is an estimate of the same hidden
difference, the less exact the less it is like the outcome in question; together with the size that such differences may have (a normal
belief around none) they give its middle and its doubt, by which the estimate is moved and widened: negative controls as measures of
bias (Lipsitch, Tchetgen Tchetgen & Cohen 2010, Epidemiology 21:383), their errors and the prior's combined by precision.

How large it may be is as large as the strongest severity that records do show (its weight in what is expected of people, times how far
the enrolled lie from the rest in it: Cinelli & Hazlett 2020, JRSS B 82:39), and never less than a stated size. That is where the belief
ends, nineteen times of twenty. The protocol may state another end (comparison.options hidden_severity, on the log scale); 0 rules it out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.evidence.people.earlier import second_year_before
from headwater.stats.propensity import rate_weights

if TYPE_CHECKING:
    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.stats.poisson import RateModel

RIDGE = 5.0
SIZE = 0.10
"""The least standard deviation of the belief about a hidden difference, on the log scale: one in twenty is over a fifth. Chosen, not
measured; what is measured outweighs it as soon as it is exact to a tenth."""
REACH = 1.96
UNLIKE = {"year": 0.05, "sham": 0.10}
"""How far the hidden difference two years back, or in another outcome, may lie from the one in question: a severity comes and goes, and
does not move every outcome alike."""


@dataclass(frozen=True, slots=True)
class Hidden:
    """mean, sd: of the hidden difference on the log scale; places: in how many it could be measured."""

    mean: float
    sd: float
    places: int


def hidden_difference(
    design: Design, sets: Matched, protocol: Protocol, kind: str, raw: dict[str, RateModel | None]
) -> Hidden:
    """Of one outcome. raw: the rate models as estimated, those of the sham outcomes among them."""
    stated = _stated(protocol)
    size = max(SIZE, strongest(design, kind) / REACH) if stated is None else stated / REACH
    if size <= 0:
        return Hidden(0.0, 0.0, 0)
    shams = [raw[sham] for sham in protocol.outcome_kinds(Role.NEGATIVE_CONTROL) if sham != kind]
    measured = [(second_year_before(design, sets, kind), UNLIKE["year"]), *((model, UNLIKE["sham"]) for model in shams)]
    told = [
        (float(model.beta[0]), float(model.se[0]) ** 2 + unlike**2) for model, unlike in measured if model is not None
    ]
    precision = 1 / size**2 + sum(1 / variance for _, variance in told)
    return Hidden(sum(value / variance for value, variance in told) / precision, float(precision**-0.5), len(told))


def lasting_doubt(protocol: Protocol) -> float:
    """What of the doubt about a hidden difference stays however many are enrolled: the belief and an exactly known second year."""
    stated = _stated(protocol)
    size = SIZE if stated is None else stated / REACH
    return float((1 / size**2 + 1 / UNLIKE["year"] ** 2) ** -0.5) if size > 0 else 0.0


def strongest(design: Design, kind: str) -> float:
    """How far the strongest measured severity moves the log rate of the enrolled from the rest, at least nought."""
    treated, years = design.units.treated, design.exposure.sum(axis=1)
    counts = design.after[:, design.kinds.index(kind)].sum(axis=1)
    learn = ~treated & (years > 0)
    if not learn.any() or counts[learn].sum() <= 0:
        return 0.0
    weight, scaled = rate_weights(design.covariates, counts, years, learn=learn, ridge=RIDGE)
    moved = weight * (scaled[treated].mean(axis=0) - scaled[~treated].mean(axis=0))
    return float(np.abs(moved).max(initial=0.0))


def _stated(protocol: Protocol) -> float | None:
    stated = protocol.comparison.options.get("hidden_severity")
    return None if stated is None else max(0.0, float(stated))
