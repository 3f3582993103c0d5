"""Who paid and who gained: each payer's own account, the investor → beneficiary matrix, and the figures of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.money import BUCKETS, Bucket, about_pounds, in_pounds
from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.savings.bases import SPENDABLE, cautious, weights
from headwater.savings.discount import payback_year

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.domain.evidence import Effect
    from headwater.domain.money import Saving

PUBLIC = "the public"


@dataclass(frozen=True, slots=True)
class Payer:
    """One bearer's own account in public value: present values in £ after the allowance for optimism, off gains and
    onto costs.

    benefit_cost_ratio and payback_year are of cash and released; None where nothing was invested, or it never pays
    back. What the same bearer gains in cash alone is its fiscal account, without the allowance; it is told there and
    not a second time here.
    """

    bearer: str
    invested_gbp: float
    cash_gbp: Interval
    released_gbp: Interval
    net_gbp: Interval
    benefit_cost_ratio: float | None
    payback_year: int | None
    breaks_even: float
    """P(cash and released exceed what it invested)."""


def payers(saving: Saving, level: float = 0.95, schedule: str = "standard") -> tuple[Payer, ...]:
    """Every bearer's account, with the saving's optimism correction off gains and onto costs."""
    years, factors = saving.years, weights(saving, schedule)
    gains = cautious(saving.by_bearer[..., SPENDABLE], saving.correction)
    costs = saving.invested_gbp * (1 + saving.correction)
    return tuple(
        _payer(bearer.name, gains[:, at], costs[at], factors, years, level) for at, bearer in enumerate(saving.bearers)
    )


def _payer(
    name: str,
    gains: NDArray[np.float64],
    cost: NDArray[np.float64],
    factors: NDArray[np.float64],
    years: NDArray[np.int64],
    level: float,
) -> Payer:
    """gains: float64[draw, period, (cash, released)]; cost: float64[period]."""
    present = np.einsum("dpb,p->db", gains, factors)
    paid = float(cost @ factors)
    net = present.sum(axis=1) - paid
    by_year = np.array([gains.sum(axis=2).mean(axis=0)[years == year].sum() for year in range(int(years[-1]) + 1)])
    spent = np.array([cost[years == year].sum() for year in range(int(years[-1]) + 1)])
    return Payer(
        name,
        paid,
        Interval.around_mean(present[:, 0], level),
        Interval.around_mean(present[:, 1], level),
        Interval.around_mean(net, level),
        float(present.sum(axis=1).mean() / paid) if paid else None,
        payback_year(by_year, spent) if paid else None,
        float((net > 0).mean()),
    )


@dataclass(frozen=True, slots=True)
class Headline:
    """The one figure for a board: what will at least be cash. Everything else stands below the line and is not added to
    it."""

    cash_low_gbp: float
    cash_gbp: Interval
    released_gbp: Interval
    absorbed_gbp: Interval
    none_gbp: Interval
    invested_gbp: float


def headline(saving: Saving, level: float = 0.95) -> Headline:
    """Undiscounted pounds over all bearers and periods; the headline is the lower bound of cash."""
    by_bucket = saving.gbp.sum(axis=(1, 2, 3))
    cash, released, absorbed, none = (Interval.around_mean(by_bucket[:, at], level) for at in range(len(BUCKETS)))
    return Headline(cash.low, cash, released, absorbed, none, float(saving.invested_gbp.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class WhoPays:
    """flows_gbp: float64[investor, beneficiary], the beneficiary's gain in proportion to what each investor put in.

    positions_gbp: each bearer's gain less its investment, and the public's, which balances them: they add to zero.
    """

    bearers: tuple[str, ...]
    flows_gbp: NDArray[np.float64]
    positions_gbp: dict[str, float]


def who_pays(saving: Saving) -> WhoPays:
    """The matrix of means, undiscounted, cash and released."""
    gained = saving.by_bearer[..., SPENDABLE].sum(axis=(2, 3)).mean(axis=0)
    paid = saving.invested_gbp.sum(axis=1)
    share = paid / paid.sum() if paid.sum() else np.zeros_like(paid)
    names = tuple(bearer.name for bearer in saving.bearers)
    positions = dict(zip(names, (gained - paid).tolist(), strict=True))
    return WhoPays(names, np.outer(share, gained), {**positions, PUBLIC: float(-(gained - paid).sum())})


@dataclass(frozen=True, slots=True)
class Tariff:
    """What a payer pays a provider for one contact of a kind: money between public bodies, not a cost to the public."""

    kind: str
    payer: str
    provider: str
    gbp: float


def transfers(effect: Effect, tariffs: Sequence[Tariff]) -> dict[str, float]:
    """Body → what averted contacts shift to it (mean, £) because of payment rules alone; over all bodies it adds to
    nothing.

    Shown beside a saving and never in it: a commissioner's tariff saved is a provider's income lost.
    """
    shifted: dict[str, float] = {}
    for tariff in tariffs:
        if tariff.kind in effect.told:
            gbp = float(effect.of(tariff.kind).mean()) * tariff.gbp
            shifted[tariff.payer] = shifted.get(tariff.payer, 0.0) + gbp
            shifted[tariff.provider] = shifted.get(tariff.provider, 0.0) - gbp
    return shifted


def who_pays_figure(saving: Saving) -> FigureData:
    """What each budget pays in, and what it gains or loses by bucket, £; means of the draws, which add up."""
    names = [bearer.name for bearer in saving.bearers]
    paid = saving.invested_gbp.sum(axis=1)
    gained = saving.by_bearer.mean(axis=0).sum(axis=1)
    rows = [
        (name, part, float(gbp))
        for name, cost, gains in zip(names, paid, gained, strict=True)
        for part, gbp in (("invested", cost), *zip((bucket.value for bucket in BUCKETS), gains, strict=True))
        if gbp
    ]
    cash = saving.by_bearer.sum(axis=2)[:, :, SPENDABLE[0]]
    short = [float((draws < cost).mean()) for draws, cost in zip(cash.T, paid, strict=True)]
    return FigureData(
        f"who-pays-{saving.collaboration}",
        "who-pays",
        _who_loses(
            dict(zip(names, short, strict=True)), {name for name, cost in zip(names, paid, strict=True) if cost}
        ),
        "A bar a budget: to the left what it pays in and loses, to the right the cash and the capacity it gains.",
        ("budget", "part", "gbp"),
        tuple(rows),
    )


SURELY = 0.95
"""A chance from which a figure's title says it without a doubt; the money verdict asks as much."""


def _who_loses(chances: Mapping[str, float], paying: Collection[str]) -> str:
    """The figure's finding, of cash alone and no surer than the money verdict. chances: budget → that it pays in more
    than it gains; paying: those that pay in anything. A single budget is named first, so that its code can be told by
    its name.
    """
    wrong = [name for name, chance in chances.items() if chance >= SURELY]
    unclear = sum(1 - SURELY < chance < SURELY for chance in chances.values())
    if not wrong:
        return (
            "It is not clear yet whether any budget gains more in cash than it pays in"
            if unclear
            else "No budget pays in more than it gains in cash"
        )
    more = f"; for {unclear} it is not clear yet" if unclear else ""
    bare = [name for name in wrong if name not in paying]
    if len(wrong) == 1:
        return f"{wrong[0]} {'loses cash' if bare else 'pays in more than it gains in cash'}{more}"
    said = "lose cash or pay in more than they gain" if bare else "pay in more than they gain in cash"
    return f"{'All' if len(wrong) == len(chances) else len(wrong)} budgets {said}{more}"


def waterfall_figure(saving: Saving) -> FigureData:
    """From the average-cost value, which many business cases stop at, down to the net value; the steps add up to the
    last."""
    by_bucket = saving.gbp.mean(axis=0).sum(axis=(0, 1, 2))
    by = dict(zip(BUCKETS, by_bucket.tolist(), strict=True))
    gains = float(by[Bucket.CASH] + by[Bucket.RELEASED])
    invested = float(saving.invested_gbp.sum())
    net = float(saving.npv_gbp.mean())
    social = float(saving.social_gbp.sum(axis=(1, 2)).mean())
    social_step = [("value to people, in no budget", social)] if social else []
    steps = [
        ("average-cost value", float(by_bucket.sum())),
        ("fixed costs unchanged", -by[Bucket.UNCHANGED]),
        ("absorbed by other demand", -by[Bucket.ABSORBED]),
        ("cost of the collaboration", -invested),
        *social_step,
        ("allowance for uncertainty, and discounting", net - (gains + social - invested)),
    ]
    rows = (*steps, ("net present value", net))
    title = _of_average(float(by_bucket.sum()), float(by[Bucket.CASH]), float(by[Bucket.RELEASED]))
    return FigureData(
        f"waterfall-{saving.collaboration}",
        "waterfall",
        title,
        "Steps from the average-cost value of averted contacts to the net present value.",
        ("step", "gbp"),
        rows,
    )


def _of_average(whole: float, cash: float, released: float) -> str:
    """What of the average-cost value is cash, and what capacity; of added demand it is told as what it costs."""
    if whole < 0 and cash <= 0 and released <= 0:
        return (
            f"Added demand costs {_about(-whole)} at average cost, of which {_about(-cash)} is cash and"
            f" {_about(-released)} capacity"
        )
    return f"Of {_about(whole)} at average cost, {_about(cash)} is cash and {_about(released)} released capacity"


def _about(gbp: float) -> str:
    return in_pounds(about_pounds(float(gbp)))
