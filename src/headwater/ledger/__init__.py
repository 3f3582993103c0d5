"""Lots that evidence opened, claims against them, statements: nothing counted twice."""

from headwater.ledger.journal import Problem, Verification
from headwater.ledger.ledger import Ledger
from headwater.ledger.standing import Balance, Booked, Spent
from headwater.ledger.statement import Beside, beside, outturn_figure, promised

__all__ = [
    "Balance",
    "Beside",
    "Booked",
    "Ledger",
    "Problem",
    "Spent",
    "Verification",
    "beside",
    "outturn_figure",
    "promised",
]
