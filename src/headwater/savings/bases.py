"""The two bases on which money is judged, each reported whole and never mixed.

Fiscal: cash less cash cost, budget by budget. Public value (HM Treasury, Green Book): cash, the opportunity value of
released capacity and social value, less economic cost; payments between public bodies are left out, optimism is taken
off gains and put on costs. Both are present values: year 0 of the collaboration whole, later years discounted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import MoneyVerdict, money_verdict
from headwater.domain.money import BUCKETS, Bucket
from headwater.savings.discount import EDITION, discount_factors
from headwater.stats.voi import value_of_perfect_information, value_of_sample

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.money import Saving

    Draws = NDArray[np.float64]

FISCAL, PUBLIC_VALUE = "fiscal", "public value"
CASH, RELEASED = BUCKETS.index(Bucket.CASH), BUCKETS.index(Bucket.RELEASED)
SPENDABLE = [CASH, RELEASED]
TRANSFERS = frozenset({"transfer"})
"""Headings that move money between public bodies: a cost to whoever pays, none to the public."""


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """One basis, over all bearers or for one. benefit_gbp, net_gbp: float64[draw], present values; cost_gbp is not
    uncertain."""

    basis: str
    bearer: str
    """'' for all together."""
    benefit_gbp: Draws
    cost_gbp: float

    @property
    def net_gbp(self) -> Draws:
        return self.benefit_gbp - self.cost_gbp

    @property
    def chance(self) -> float:
        """P(net > 0)"""
        return float((self.net_gbp > 0).mean())

    @property
    def benefit_cost_ratio(self) -> float | None:
        """Mean benefit over cost; a ratio of means, never a mean of ratios. None where nothing was spent."""
        return float(self.benefit_gbp.mean() / self.cost_gbp) if self.cost_gbp else None

    def verdict(self, pays_from: float = 0.95, not_below: float = 0.05) -> MoneyVerdict:
        return money_verdict(self.chance, pays_from, not_below)


def cautious(gains: Draws, correction: float) -> Draws:
    """Gains less the correction; losses whole."""
    return np.where(gains > 0, gains * (1 - correction), gains)


def weights(saving: Saving, schedule: str = "standard", edition: str = EDITION) -> Draws:
    """float64[month]: what a pound of each month is worth in year 0."""
    return discount_factors(int(saving.years[-1]), schedule, edition)[saving.years]


def accounts(saving: Saving, schedule: str = "standard") -> tuple[Account, ...]:
    """Both bases over all bearers, then cash and cost of each bearer's own budget."""
    factors = weights(saving, schedule)
    cash = saving.by_bearer[..., CASH] @ factors
    paid = saving.invested_gbp @ factors
    own = (Account(FISCAL, bearer.name, cash[:, at], float(paid[at])) for at, bearer in enumerate(saving.bearers))
    return (Account(FISCAL, "", cash.sum(axis=1), float(paid.sum())), public_value(saving, schedule), *own)


def public_value(saving: Saving, schedule: str = "standard", edition: str = EDITION) -> Account:
    """All bearers, cash and released capacity cautiously, social value as stated; transfers are no economic cost."""
    factors = weights(saving, schedule, edition)
    gains = cautious(saving.by_bearer[..., SPENDABLE], saving.correction).sum(axis=(1, 3))
    social = cautious(saving.social_gbp.sum(axis=1), saving.correction)
    real = [at for at, heading in enumerate(saving.headings) if heading not in TRANSFERS]
    cost = saving.cost_gbp[real].sum(axis=(0, 1)) * (1 + saving.correction)
    return Account(PUBLIC_VALUE, "", (gains + social) @ factors, float(cost @ factors))


def npsv(saving: Saving, schedule: str = "standard", edition: str = EDITION) -> Draws:
    """float64[draw]: net present social value, the net of public value."""
    return public_value(saving, schedule, edition).net_gbp


@dataclass(frozen=True, slots=True)
class Information:
    """What knowing more is worth before deciding whether to go on, in pounds of the decision that was measured."""

    perfect_gbp: float
    """Expected value of perfect information."""
    sample_gbp: float
    """Expected value of an evaluation as large again."""


def information(account: Account, settled: Account | None = None) -> Information:
    """From the draws of net benefit; the alternative, not to go on, is worth nothing. settled: the account at the means
    of its prices, since another evaluation as large tells of the effect alone and settles no price; the account itself
    where prices are certain.
    """
    net = account.net_gbp
    mean, sd = float(net.mean()), float(net.std())
    if sd <= 0:
        return Information(0.0, 0.0)
    found = min(sd, float((settled or account).net_gbp.std()))
    # To the penny: the tail of a normal distribution is never quite nothing, and 1e-50 pounds are.
    return Information(round(value_of_perfect_information(mean, sd), 2), round(value_of_sample(mean, found, found), 2))


def acceptability(
    account: Account,
    multiples: tuple[float, ...] = (0.0, 0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0),
) -> tuple[tuple[float, float], ...]:
    """(cost as a multiple of what was spent, P(benefits exceed it)): how dear it may be and still be likely to pay."""
    return tuple((each, float((account.benefit_gbp > each * account.cost_gbp).mean())) for each in multiples)


def break_even_share(account: Account, averted_share: float) -> float | None:
    """The fall, as a share of expected contacts, at which benefits meet costs: what is worthwhile. averted_share: the
    fall found.

    None where benefits are none in the mean, so that no fall in reach would do.
    """
    mean = float(account.benefit_gbp.mean())
    if mean <= 0 or averted_share <= 0:
        return None
    return averted_share * account.cost_gbp / mean
