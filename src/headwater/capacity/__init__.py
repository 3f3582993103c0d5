"""What averted contacts free downstream, and what a plan can expect before launch."""

from headwater.capacity.free import free
from headwater.capacity.goals import Needed, frontier, solve_for
from headwater.capacity.performance import Felt, performance
from headwater.capacity.plan import Ambition, BreakEven, PlanPage, plan_page, spendable_per_contact
from headwater.capacity.whatif import Change, Performance, demand_ahead, what_if

__all__ = [
    "Ambition",
    "BreakEven",
    "Change",
    "Felt",
    "Needed",
    "Performance",
    "PlanPage",
    "demand_ahead",
    "free",
    "frontier",
    "performance",
    "plan_page",
    "solve_for",
    "spendable_per_contact",
    "what_if",
]
