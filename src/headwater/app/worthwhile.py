"""The smallest fall worth having where a protocol states none: the one at which the collaboration pays for itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater import capacity, savings
from headwater.app.unbiased import expected_contacts
from headwater.app.valuing import price_book
from headwater.domain.collaboration import Role
from headwater.domain.evidence import verdict

if TYPE_CHECKING:
    from headwater.app.place import Place
    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Evaluation, Finding

PROBE = 0.1
"""The fall that is valued to see what falls are worth."""
LEAST = 0.01


def decided(place: Place, protocol: Protocol, found: Evaluation) -> Evaluation:
    """The evaluation with the primary outcome judged by its break-even fall, where the protocol states no other and one
    is known."""
    stated = next(one.worthwhile for one in protocol.outcomes if one.kind == found.primary.kind)
    fall = None if stated is not None else break_even(place, protocol, found)
    if fall is None:
        return found
    return replace(found, findings=tuple(_judged(one, fall) if one is found.primary else one for one in found.findings))


def _judged(finding: Finding, fall: float) -> Finding:
    """A word of another interval than one that holds no change, or one withheld, does not hang on what is
    worthwhile."""
    ratio = finding.rate_ratio
    if finding.withheld or ratio is None or not ratio.low <= 1 <= ratio.high:
        return replace(finding, worthwhile=fall)
    return replace(finding, worthwhile=fall, verdict=verdict(ratio, fall))


def break_even(place: Place, protocol: Protocol, found: Evaluation) -> float | None:
    """The fall of the primary outcome, as a share of the contacts expected, at which public value meets its costs.

    None without costs, a price or a ratio, and where no fall whatever would pay: whether anything fell is then judged
    by the plain 5 %, and money says that it does not pay.
    """
    kind, ratio, effect = found.primary.kind, found.primary.rate_ratio, found.effect
    if not protocol.costs or ratio is None or kind not in effect.told or found.primary.role is not Role.PRIMARY:
        return None
    expected = expected_contacts(effect, found.primary)
    days = effect.followed_days
    if not expected or not days.sum():
        return None
    averted = PROBE * expected * days / days.sum()
    probe = replace(effect, outcomes=(kind,), rate_ratios=(ratio,), averted=averted[None, None, :].astype(np.float64))
    book = price_book(place, protocol)
    if kind not in book.for_kinds(protocol.prices):
        return None
    freed = capacity.free(probe, book.for_kinds(protocol.prices), place.settings.stations, protocol)
    delivery = savings.delivered(effect, protocol, found.cohort)
    saving = savings.value(probe, freed, protocol, book, savings.optimism(found.grade), delivery=delivery)
    fall = savings.break_even_share(savings.public_value(saving), PROBE)
    return fall if fall is not None and LEAST <= fall < 1 else None
