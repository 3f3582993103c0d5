"""What can be booked: sums of the saving by kind, bearer and financial year, as one figure each (means over the
draws)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.domain.evidence import Effect
    from headwater.domain.money import Saving

SMALLEST = 1e-9


@dataclass(frozen=True, slots=True)
class Paid:
    """What a bearer puts in under one heading in a financial year, real pounds of the saving's prices."""

    bearer: str
    what: str
    year: str
    gbp: float


def paid(saving: Saving) -> tuple[Paid, ...]:
    """The costs by bearer, heading and financial year."""
    found = (
        Paid(bearer.name, heading, year, float(saving.cost_gbp[at, row, months].sum()))
        for row, bearer in enumerate(saving.bearers)
        for at, heading in enumerate(saving.headings)
        for year, months in saving.calendar.financial_years.items()
    )
    return tuple(one for one in found if one.gbp)


@dataclass(frozen=True, slots=True)
class Booking:
    """Averted contacts of a kind in a financial year, the part that one bearer's budget feels, and their pounds by
    bucket.

    Contacts over all bearers and years of a kind add up to the kind's averted contacts: a lot is claimed once.
    """

    kind: str
    bearer: str
    year: str
    contacts: float
    cash_gbp: float
    released_gbp: float
    absorbed_gbp: float
    none_gbp: float

    def times(self, share: float) -> Booking:
        """The part that is left of it where other lots count some of the same contacts."""
        figures = (self.contacts, self.cash_gbp, self.released_gbp, self.absorbed_gbp, self.none_gbp)
        return Booking(self.kind, self.bearer, self.year, *(figure * share for figure in figures))


def bookings(effect: Effect, saving: Saving) -> tuple[Booking, ...]:
    """One booking a measured kind, bearer and financial year, in that order. What routing only models is not booked."""
    return tuple(
        row for at, kind in enumerate(saving.kinds) if kind in effect.outcomes for row in _of_kind(effect, saving, at)
    )


def _of_kind(effect: Effect, saving: Saving, at: int) -> Iterator[Booking]:
    """Contacts go to bearers as their part of the pounds of the whole kind does, which is their agreed share."""
    kind, gbp = saving.kinds[at], saving.gbp[:, at].mean(axis=0)
    averted = np.zeros(saving.calendar.months)
    averted[effect.calendar.within(saving.calendar)] = effect.averted[:, effect.outcomes.index(kind)].mean(axis=0)
    whole = gbp.sum()
    for row, bearer in enumerate(saving.bearers):
        share = gbp[row].sum() / whole if whole else 0.0
        for year, months in saving.calendar.financial_years.items():
            figures = (share * averted[months].sum(), *gbp[row, months].sum(axis=0).tolist())
            if max(map(abs, figures)) > SMALLEST:
                yield Booking(kind, bearer.name, year, float(figures[0]), *figures[1:])
