"""What contacts amount to (bed-days, crew-hours, pounds where agencies record them), and the time to the first one.

Amounts have many noughts and a long tail, so that their ratio is told whole, by a log link that needs the mean to be
right and nothing else (Santos Silva & Tenreyro 2006, Review of Economics and Statistics 88:641), and in two parts
(Mullahy 1998, J. Health Economics 17:247): how soon a first contact comes, as a proportional hazard within matched
sets, which people followed for unlike times do not disturb; and how much a contact amounts to. None of it is booked: it
stands beside the contacts, which are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from headwater.domain.collaboration import Role
from headwater.domain.evidence import Amount, Measure
from headwater.evidence.people.case import Used
from headwater.evidence.people.estimate import adjusting
from headwater.evidence.people.reading import NEVER, QUARTER, amounts
from headwater.stats.first_event import risk_rows
from headwater.stats.poisson import RateModel, rate_model

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case
    from headwater.evidence.people.design import Design
    from headwater.evidence.people.matching import Matched
    from headwater.store import Store

    Floats = NDArray[np.float64]
    Days = NDArray[np.int64]

PLAIN = 1e-9
"""A kind whose every contact counts one has no amount of its own."""


def used(store: Store, design: Design, sets: Matched) -> Used:
    """Counted in the engine, for the members of the matched sets alone."""
    members = np.unique(sets.row)
    units = store.engine.rows_of(
        pa.table(
            {
                "unit": members,
                "person": pa.array(design.people.pseudonym[design.units.person[members]], pa.string()),
                "index_day": design.units.index[members],
                "end_day": design.units.end[members],
            }
        )
    )
    rows = store.arrow(amounts(units, store.table("person_contact"), design.kinds))
    shape = (len(design.units.person), len(design.kinds))
    quarters = design.after.shape[2]
    quantity, counts = np.zeros((*shape, quarters)), np.zeros((*shape, quarters))
    first = np.full(shape, NEVER, dtype=np.int64)
    unit, quarter, n, day = (
        rows[name].to_numpy(zero_copy_only=False).astype(np.int64) for name in ("unit", "quarter", "n", "first")
    )
    kind = pc.index_in(rows["kind"], pa.array(list(design.kinds))).to_numpy(zero_copy_only=False)
    amount = np.nan_to_num(rows["quantity"].cast(pa.float64()).to_numpy(zero_copy_only=False))
    inside = quarter < quarters
    np.add.at(quantity, (unit[inside], kind[inside], quarter[inside]), amount[inside])
    np.add.at(counts, (unit[inside], kind[inside], quarter[inside]), n[inside])
    np.minimum.at(first, (unit, kind), day)
    whole, contacts = (np.bincount(kind, each, len(design.kinds)) for each in (amount, n.astype(np.float64)))
    plain = (np.abs(whole - contacts) < PLAIN * np.maximum(whole, 1)) | (whole <= 0)
    # Whoever stands for others who were enrolled does so with what their contacts amount to.
    return Used(quantity * design.after / np.maximum(counts, 1), first, plain)


def amounts_of(case: Case) -> tuple[Amount, ...]:
    """Of every outcome but the shams; none where nothing was counted of them."""
    if case.used is None or not len(case.sets.row):
        return ()
    kinds = [outcome.kind for outcome in case.protocol.outcomes if outcome.role is not Role.NEGATIVE_CONTROL]
    return tuple(amount for kind in kinds for amount in _of(case, case.used, kind))


def _of(case: Case, found: Used, kind: str) -> list[Amount]:
    at, rows, sets = case.design.kinds.index(kind), case.sets.row, case.sets.sets
    person = case.design.units.person[rows]
    x = np.column_stack([case.design.units.treated[rows].astype(np.float64), adjusting(case.design, case.sets, kind)])
    years = case.design.exposure[rows].sum(axis=1)
    contacts = case.design.after[rows, at].sum(axis=1)
    made: list[tuple[Measure, RateModel | None]] = []
    if not found.plain[at]:
        quantity = found.quantity[rows, at].sum(axis=1)
        some = contacts > 0
        made += [
            (Measure.AMOUNT, rate_model(quantity, years, x, sets, person=person)),
            (Measure.PER_CONTACT, rate_model(quantity[some], contacts[some], x[some], sets[some], person=person[some])),
        ]
    made.append((Measure.FIRST, _first(case, found, at, x)))
    return [Amount(kind, measure, model.ratio(0, case.protocol.level)) for measure, model in made if model is not None]


def _first(case: Case, found: Used, at: int, x: Floats) -> RateModel | None:
    """The hazard ratio: at each first contact, who of the set was still without one."""
    units, rows = case.design.units, case.sets.row
    until = np.minimum(units.end[rows] - 1, units.index[rows] + QUARTER * case.design.after.shape[2])
    came = found.first[rows, at] <= until
    time = np.where(came, found.first[rows, at], until) - units.index[rows]
    row, event, group = risk_rows(time, came, case.sets.sets)
    if not len(row):
        return None
    return rate_model(event, np.ones(len(row)), x[row], group, person=units.person[rows][row])
