"""What the evidence board of people says of every pair that it judged, for areas that are told together: not only of
those it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.areas import Pair
from headwater.partners.upstream.boards import mean_effect
from headwater.partners.upstream.courses import courses
from headwater.partners.upstream.options import cases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from headwater.domain.money import Price
    from headwater.domain.workspace import Settings
    from headwater.partners.upstream.case import Case
    from headwater.store import Store


def pairs(store: Store, prices: Mapping[str, Price], settings: Settings) -> tuple[int, tuple[Pair, ...]]:
    """How many pairs that are nothing calibrated the others, and the others; nothing without contacts of people."""
    if not store.has("person_contact"):
        return 0, ()
    found = list(cases(store, prices, settings, courses(store)))
    controls = max((case.board.systematic[0].controls for case in found), default=0)
    return controls, tuple(pair for case in found for pair in pairs_of(case))


def pairs_of(case: Case) -> list[Pair]:
    """Of one downstream kind, service by service. A ratio is the mean over the half year after a contact, before any
    shrinking."""
    theta, error = mean_effect(case.board, case.fits.seen.days)
    made = []
    for at in case.usable:
        if at in case.board.used:
            told = case.board.diagnoses.get(at)
            refused = () if told is None else tuple(one.name for one in told.checks if one.passed is False)
            seen = (int(case.board.observed[at].sum()), int(case.board.contacts[at]))
            made.append(Pair(case.name(at), case.kind, float(theta[at]), float(error[at]), seen, refused))
    return made
