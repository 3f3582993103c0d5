"""Other people's figures: what a published claim implies a unit, whether any price table bears that out, and plans
against outturn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from headwater.savings.deflator import factor
from headwater.savings.lint import PriceWarning
from headwater.savings.tables import shipped_rows

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Plan:
    """A published plan: so many fewer contacts, so many pounds."""

    contacts: float
    gbp: float

    @property
    def unit_gbp(self) -> float:
        return self.gbp / self.contacts

    def short_by_gbp(self, more_contacts: float) -> float:
        """How much worse than planned, in the plan's own unit value, when contacts rose instead of falling."""
        return self.gbp + more_contacts * self.unit_gbp


def unit_value_warnings(plan: Plan, kind: str, year: int) -> tuple[PriceWarning, ...]:
    """One warning for each shipped average price of the kind that the plan's unit value exceeds, in pounds of
    `year`."""
    return tuple(_above(plan, kind, year))


def _above(plan: Plan, kind: str, year: int) -> Iterator[PriceWarning]:
    for row in shipped_rows():
        if row.price.kind == kind and row.mix == "all":
            gbp = row.price.gbp * factor(row.price.price_year, year)
            if plan.unit_gbp > gbp:
                text = (
                    f"£{plan.unit_gbp:,.0f} a contact, while {row.price.source} {row.price.edition} says £{gbp:,.0f} in"
                    f" prices of {year}"
                )
                yield PriceWarning(row.price.code, "unit value", text)


def cost_behind(net_gbp: float, benefit_per_pound: float) -> float:
    """The cost that a net benefit and a ratio of benefit to cost imply: net / (ratio − 1)."""
    return net_gbp / (benefit_per_pound - 1)


def base_behind(fewer: float, growth_before: float, growth_after: float) -> float:
    """The number of contacts that makes a change of growth rates come to `fewer` contacts."""
    return fewer / (growth_before - growth_after)


def distributional_weight(income_gbp: float, reference_gbp: float, eta: float = 1.3) -> float:
    """What a pound is worth to somebody on an income, against the reference income: (reference / income)^η (Green Book,
    annex A3)."""
    return float((reference_gbp / income_gbp) ** eta)
