"""Which counts may be seen, and how. One rule holds for a whole workspace; `headwater.toml` names it."""

from __future__ import annotations

from dataclasses import dataclass

from headwater.domain.errors import one_of
from headwater.domain.release import Shown

MASK = "*"


@dataclass(frozen=True, slots=True)
class Rule:
    """Counts from `low` to `high` are masked, the others rounded to the nearest `base`; nought is seen unless masked.

    `dominance` refuses a sum of money of which the `n` largest contributors make more than the share `k`;
    `p_percent` refuses one from which the largest contributor can be reckoned to within that share by the second.
    """

    name: str
    low: int
    high: int
    base: int
    dominance: tuple[int, float] | None = None
    p_percent: float | None = None

    def masks(self, count: float) -> bool:
        return self.low <= abs(count) <= self.high

    def shown(self, count: float) -> Shown:
        if self.masks(count):
            return Shown(MASK, None)
        # Halves go up, as the published tables of hospital episodes have it (12.5 cannot occur; 7.5 of a mean can).
        rounded = float(int(abs(count) / self.base + 0.5) * self.base) * (-1 if count < 0 else 1)
        return Shown(f"{rounded:,.0f}", rounded)

    def whole_numbers(self, count: float) -> tuple[int, int]:
        """The least and the greatest whole number that is shown as this one is; those of the mask where it is
        masked."""
        if self.masks(count):
            return self.low, self.high
        shown = int(abs(count) / self.base + 0.5) * self.base
        if shown == 0:
            return 0, 0
        least = -(-(2 * shown - self.base) // 2)
        return max(least, self.high + 1), -(-(2 * shown + self.base) // 2) - 1

    def hides(self, parts: tuple[float, ...]) -> bool:
        """Whether a sum of money would tell too much about its largest contributors."""
        largest, total = sorted(map(abs, parts), reverse=True), sum(map(abs, parts))
        if not largest:
            return False
        if self.dominance and sum(largest[: self.dominance[0]]) > self.dominance[1] * total:
            return True
        rest = total - sum(largest[:2])
        return self.p_percent is not None and rest < self.p_percent * largest[0]


RULES = {
    rule.name: rule
    for rule in (
        # NHS England, Hospital Episode Statistics analysis guide: 1 to 7 suppressed, the others to the nearest 5.
        Rule("hospital-episodes", 1, 7, 5, (2, 0.9), 0.1),
        # Counts below 10 masked, nought among them, the others exact.
        Rule("threshold-10", 0, 9, 1, (2, 0.9), 0.1),
        # For money alone: the two largest must not make more than nine tenths (Hundepool et al. 2012).
        Rule("dominance", 1, 7, 5, (2, 0.9), None),
        Rule("p-percent", 1, 7, 5, None, 0.1),
    )
}


def rule_named(name: str) -> Rule:
    if name not in RULES:
        raise one_of("no such disclosure rule", name, RULES, "headwater.toml, [disclosure] rule")
    return RULES[name]
