"""What a group of organisations would save by sharing one set of managers, as draws, with the doubt the record asks for.

V(g) = Σ_t (1+r)^−t · φ_t · η · [Σ_i M_i − M(g)] − K(g) − D(g)

η is the share of the saving on paper that comes true. Its prior sits near nothing, because a panel of more than 300
English councils (2008–16) found no link between shared administration and administrative intensity (Elston & Dixon 2020,
"The effect of shared service centers on administrative intensity in English local government: a longitudinal evaluation",
JPART 30) and Danish mergers gave none over all (Blom-Hansen, Houlberg, Serritzlev & Treisman 2016, "Jurisdiction size and
local government policy expenditure", APSR 110).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import one_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.partners.mirror.management import Change


@dataclass(frozen=True, slots=True)
class Assumptions:
    """Assumptions of this tool, each changed under `[partners]` in headwater.toml as mirror_<name>; none is a measurement."""

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
    management_share: float = 0.02
    """Share of a body's spending that goes on leading it, taken where its posts were not given."""
    ramp_years: int = 3
    horizon_years: int = 10
    rate: float = 0.035
    """HM Treasury, The Green Book (2022): 3.5 % a year."""


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
    """float64[draw]: pounds a year at full ramp, net of the yearly cost of being unlike, before one-off cost."""
    apart = assumed.coordination * (1 - likeness) * change.after_gbp
    return eta * change.paper_gbp - apart


def one_off_gbp(change: Change, members: int, full: bool, assumed: Assumptions) -> float:
    """K: redundancy and pension strain of the posts removed, and joining systems where a whole service is shared."""
    ict = assumed.ict_gbp * (members - 1) if full else 0.0
    return assumed.redundancy_years * change.removed_gbp + ict


def value_gbp(yearly: NDArray[np.float64], once: float, assumed: Assumptions) -> NDArray[np.float64]:
    """float64[draw]: V(g), present value over the horizon, year 0 undiscounted, ramped in straight line."""
    years = np.arange(assumed.horizon_years)
    ramp = np.minimum((years + 1) / assumed.ramp_years, 1.0)
    return yearly * float((ramp * (1 + assumed.rate) ** -years).sum()) - once
