"""What a group of organisations would save by sharing one set of managers, as draws, with the doubt the record asks
for.

net(g) = η · [Σ_i M_i − M(g)] − D(g) − K(g) / 5 years

η is the share of the saving on paper that comes true. Its prior sits near nothing, because a panel of more than 300
English councils (2008–16) found no link between shared administration and administrative intensity (Elston & Dixon
2020, "The effect of shared service centers on administrative intensity in English local government: a longitudinal
evaluation", JPART 30) and Danish mergers gave none over all (Blom-Hansen, Houlberg, Serritzlev & Treisman 2016,
"Jurisdiction size and local government policy expenditure", APSR 110).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import one_of
from headwater.domain.options import SPREAD_YEARS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.partners.mirror.management import Change


ALIKENESS = 0.25
"""Power of the likeness by which what comes true falls: a pair a tenth alike keeps half of it. An assumption."""


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Assumptions of this tool, each changed under `[partners]` in headwater.toml as mirror_<name>; none is a
    measurement."""

    realised: float = 0.1
    """Mean of η. Near nothing on purpose."""
    realised_sd: float = 0.3
    on_costs: float = 0.3
    redundancy_years: float = 0.75
    """Pay of a removed post spent once on redundancy and pension strain."""
    ict_gbp: float = 75_000.0
    """Joining systems, once, for each organisation after the first (full shared service)."""
    coordination: float = 0.01
    """Share of the shared cost spent each year on working across places, for organisations wholly unlike."""
    management_gbp: float = 4_800_000.0
    """What leading a body costs that spends `management_of_gbp` a year on what it leads itself: Trafford Council's 37
    posts of levels 1 to 3 (organisation structure published under the Local Government Transparency Code, July 2025;
    six without a band taken at the others' mean) with on-costs, beside its £120m of service spending without schools
    (RS returns, 2017-18)."""
    management_of_gbp: float = 120_000_000.0
    management_power: float = 0.5
    """Leading four times as much takes twice as many leaders, not four times."""
    management_most: float = 0.08
    """Of what a small body spends."""
    line_share: float = 0.12
    """Of a service's spending that goes on its managers: one in eight, paid like the others."""
    line_of_gbp: float = 5_000_000.0
    """Up to so much spending on a service; beyond it most is bought, and managers grow as leaders do."""


def assumptions(settings: Mapping[str, object]) -> Assumptions:
    """The assumptions with what the user changed; an unknown mirror_* word is an error that lists the known ones."""
    known = {f"mirror_{field.name}": field.name for field in fields(Assumptions)}
    given = {word: value for word, value in settings.items() if word.startswith("mirror_")}
    for word in given:
        if word not in known:
            raise one_of("headwater.toml, [partners]: no such assumption", word, known)
    numbers = {known[word]: type(getattr(Assumptions(), known[word]))(str(value)) for word, value in given.items()}
    return replace(Assumptions(), **numbers)


def realised(assumed: Assumptions, draws: int, seed: int) -> NDArray[np.float64]:
    """float64[draw]: η, the same draws for every group, so that groups are compared on the same worlds."""
    return np.random.default_rng(seed).normal(assumed.realised, assumed.realised_sd, draws)


def yearly_gbp(change: Change, likeness: float, eta: NDArray[np.float64], assumed: Assumptions) -> NDArray[np.float64]:
    """float64[draw]: pounds a year at full running, net of the yearly cost of being unlike, before one-off cost.

    Less comes true where bodies are unlike, so that a twin next door goes before a stranger far off at equal cost; the
    doubt stays.
    """
    missed = assumed.realised * (1 - likeness**ALIKENESS)
    apart = assumed.coordination * (1 - likeness) * change.after_gbp
    found: NDArray[np.float64] = (eta - missed) * change.paper_gbp - apart
    return found


def one_off_gbp(change: Change, members: int, full: bool, assumed: Assumptions) -> float:
    """K: redundancy and pension strain of the posts removed, and joining systems where a whole service is shared."""
    ict = assumed.ict_gbp * (members - 1) if full else 0.0
    return assumed.redundancy_years * change.removed_gbp + ict


def management_gbp(led_gbp: float, assumed: Assumptions) -> float:
    """Pounds a year that leading a body costs whose posts nobody gave, by what it spends on what it leads."""
    grown = assumed.management_gbp * (led_gbp / assumed.management_of_gbp) ** assumed.management_power
    return float(min(grown, assumed.management_most * led_gbp))


def line_management_gbp(spent_gbp: float, assumed: Assumptions) -> float:
    """Pounds a year that the managers of one service cost, by what is spent on it."""
    beyond = max(spent_gbp / assumed.line_of_gbp, 1.0)
    return assumed.line_share * spent_gbp * float(beyond ** (assumed.management_power - 1))


def net_gbp(yearly: NDArray[np.float64], once: float) -> NDArray[np.float64]:
    """float64[draw]: a year, as every option's net is reckoned."""
    return yearly - once / SPREAD_YEARS
