"""Lots that evidence opened, claims against them, statements: nothing counted twice."""

from headwater.ledger.draft import Counted
from headwater.ledger.ledger import Ledger
from headwater.ledger.standing import Balance, Booked, Spent
from headwater.ledger.statement import Beside, beside, outturn_figure, promised
from headwater.ledger.units import Followed
from headwater.store.chain import Problem, Verification

__all__ = [
    "Balance",
    "Beside",
    "Booked",
    "Counted",
    "Followed",
    "Ledger",
    "Problem",
    "Spent",
    "Verification",
    "beside",
    "outturn_figure",
    "promised",
]
