"""The three styles side by side: one order, one figure, one explanation, with doing nothing among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.figures import FigureData
from headwater.domain.options import SPREAD_YEARS
from headwater.domain.uncertainty import Interval

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.options import Option, Reason

SHOWN = 12
TOP = 5
SHARED = ("journey", "evidence-board")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an option stands where it stands."""

    id: str
    rank: int
    of: int
    style: str
    net_gbp_per_year: Interval
    chance_worth_it: float
    chance_first: float
    chance_top_5: float
    beats_nothing: bool
    reasons: tuple[Reason, ...]
    would_change: tuple[str, ...]
    risks: tuple[str, ...]
    alternatives: tuple[str, ...]


def net_gbp(option: Option) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """float64[draw]: benefit less cost a year, one-off cost spread over five years."""
    return option.benefit_gbp - option.yearly_cost_gbp - option.one_off_cost_gbp / SPREAD_YEARS


def lower_bound(option: Option) -> float:
    """What it brings in all but one world of forty."""
    return float(np.quantile(net_gbp(option), 0.025))


def ranked(options: Sequence[Option]) -> tuple[Option, ...]:
    """By lower bound; an option that only claims an opportunity never stands before one with evidence for it.

    Blending the two boards silently would let the largest untested opportunity win every time.
    """
    return tuple(sorted(options, key=lambda option: (option.board == "opportunity", -lower_bound(option), option.id)))


def worth_it(options: Sequence[Option]) -> tuple[Option, ...]:
    """Those that beat doing nothing in all but one world of forty; often none.

    An option that only says who saw the demand first is never among them, whatever its size: seeing is not averting.
    """
    return tuple(option for option in options if option.board != "opportunity" and lower_bound(option) > 0)


def chances_first(options: Sequence[Option], top: int = 1) -> dict[str, float]:
    """Option → the share of the draws in which it is among the best `top`, doing nothing (0) being one of them."""
    if not options:
        return {}
    draws = min(len(option.benefit_gbp) for option in options)
    nets = np.stack([net_gbp(option)[:draws] for option in options] + [np.zeros(draws)])
    order = np.argsort(-nets, axis=0, kind="stable")[:top]
    return {option.id: float((order == row).any(axis=0).mean()) for row, option in enumerate(options)}


def chances_top(options: Sequence[Option], top: int = TOP) -> dict[str, float]:
    """As `chances_first`, each board among its own: what was only seen first takes no place from what has evidence."""
    seen = [option for option in options if option.board == "opportunity"]
    others = [option for option in options if option.board != "opportunity"]
    return {**chances_first(others, top), **chances_first(seen, top)}


def doing_nothing(options: Sequence[Option]) -> int:
    """After how many of the ranked options doing nothing stands: those that surely beat it."""
    return len(worth_it(options))


def explain(options: Sequence[Option], option_id: str) -> Explanation:
    """One option of the ranked ones: its reasons, its neighbours in the ranking, what would change the answer."""
    at = next(row for row, option in enumerate(options) if option.id == option_id)
    option, net = options[at], net_gbp(options[at])
    near = [
        other
        for other in options
        if other.id != option_id and (other.service == option.service or set(other.partners) & set(option.partners))
    ]
    return Explanation(
        option.id, at + 1, len(options), option.style.value, Interval.of_draws(net), float((net > 0).mean()),
        chances_top(options, 1)[option_id], chances_top(options)[option_id], option in worth_it(options), option.reasons, option.would_change, option.risks,
        tuple(f"{other.id}: {_words(other)}" for other in near[:3]),
    )  # fmt: skip


def _words(option: Option) -> str:
    low, high = (float(np.quantile(net_gbp(option), q)) for q in (0.025, 0.975))
    return f"{option.style}, {_pounds(low)} to {_pounds(high)} a year net"


def _pounds(gbp: float) -> str:
    return f"{'-' if gbp <= -0.5 else ''}£{abs(gbp):,.0f}"


def figures(options: Sequence[Option]) -> tuple[FigureData, ...]:
    """The dot plot over all options, best first, doing nothing as the line at nought; then where the demand comes from."""
    if not options:
        return ()
    good = worth_it(options)
    verb = "beats" if len(good) == 1 else "beat"
    title = f"{len(good)} of {len(options)} options {verb} doing nothing" if good else "No option surely beats doing nothing"  # fmt: skip
    rows = []
    for option in options[:SHOWN]:
        found = Interval.of_draws(net_gbp(option))
        span = (round(found.low), round(found.mid), round(found.high))
        rows.append((_label(option), option.style.value, *span, option.grade.level, "£ a year, net"))
    dots = FigureData(
        "options", "options", title, "Net benefit a year of each option with its interval, by style; left of nought is a loss.",
        ("label", "style", "low", "mid", "high", "grade", "measure"), tuple(rows),
    )  # fmt: skip
    # Options of one demand carry the same two figures of it; each is shown once.
    shared = {figure.title: figure for option in options for figure in option.figures if figure.name in SHARED}
    return (dots, *(replace(figure, name=f"{figure.name}-{at}") for at, figure in enumerate(shared.values(), 1)))


def _label(option: Option) -> str:
    return f"{' + '.join(option.partners)}: {option.service}"
