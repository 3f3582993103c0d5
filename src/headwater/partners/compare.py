"""The three styles side by side: one order, one figure, one explanation, with doing nothing among them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.money import in_pounds
from headwater.domain.options import SPREAD_YEARS
from headwater.domain.release import FigureData

if TYPE_CHECKING:
    from collections.abc import Sequence

    from headwater.domain.options import Option, Reason
    from headwater.domain.uncertainty import Interval

SHOWN = 12
TOP = 5
SHARED = ("journey", "evidence-board")
SHARED_SHOWN = 6
"""Two pictures for each of the three demands that the best options avert; each further one stands with its option."""
SURE = 0.975
STUDY_GBP = 20_000.0
"""What a small study costs, an assumption of this tool: knowing more must be worth that over five years to be worth
finding out."""


class Worth(StrEnum):
    """What an option is worth, in words."""

    BEATS = "beats doing nothing"
    LIKELY = "expected to pay"
    STUDY = "worth finding out"
    NOT = "not expected to pay"
    SMALL = "too small to matter"
    SEEN = "seen only"
    NEEDS = "needs figures"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an option stands where it stands; rank 0 and no net where its figures cannot be told."""

    id: str
    rank: int
    of: int
    style: str
    worth: str
    net_gbp_per_year: Interval | None
    fiscal_net_gbp_per_year: Interval | None
    chance_worth_it: float | None
    """None where nothing shows that any of the demand can be averted, so that there is no chance to tell."""
    finding_out_gbp: float | None
    chance_first: float
    chance_top_5: float
    beats_nothing: bool
    reasons: tuple[Reason, ...]
    would_change: tuple[str, ...]
    risks: tuple[str, ...]
    alternatives: tuple[str, ...]
    needs: tuple[str, ...]


def lower_bound(option: Option) -> float:
    """What it brings in all but one world of forty."""
    return float(np.quantile(option.net_gbp, 1 - SURE))


def chance(option: Option) -> float:
    """P(net > 0)."""
    return float((option.net_gbp > 0).mean())


def finding_out_gbp(option: Option) -> float:
    """What it would be worth over five years to know before deciding whether the option pays: E max(net, 0) − max(E
    net, 0)."""
    net = option.net_gbp
    return SPREAD_YEARS * float(np.maximum(net, 0.0).mean() - max(net.mean(), 0.0))


def worth(option: Option, floor_gbp: float = 0.0) -> Worth:
    """floor_gbp: a year, below which a gain is not material to whoever asks."""
    if option.needs:
        return Worth.NEEDS
    if option.board == "opportunity":
        return Worth.SEEN
    expected, more = float(option.net_gbp.mean()), finding_out_gbp(option)
    if abs(expected) < floor_gbp and more < STUDY_GBP:
        return Worth.SMALL
    if lower_bound(option) > 0:
        return Worth.BEATS
    if more >= STUDY_GBP:
        return Worth.STUDY
    return Worth.LIKELY if expected > 0 else Worth.NOT


def ranked(options: Sequence[Option], floor_gbp: float = 0.0) -> tuple[Option, ...]:
    """By expected net. What is too small to matter stands after what does, what was only seen after both, what needs
    figures last.

    Blending the two boards silently would let the largest untested opportunity win every time.
    """

    def place(option: Option) -> tuple[bool, bool, bool, float, str]:
        told = worth(option, floor_gbp)
        net = 0.0 if option.needs else float(option.net_gbp.mean())
        return told is Worth.NEEDS, told is Worth.SEEN, told is Worth.SMALL, -net, option.id

    return tuple(sorted(options, key=place))


def told(options: Sequence[Option]) -> tuple[Option, ...]:
    """Those that have figures, in their order."""
    return tuple(option for option in options if not option.needs)


def needing(options: Sequence[Option]) -> tuple[Option, ...]:
    """Those that could be, and whose figures cannot be told before what they need is given."""
    return tuple(option for option in options if option.needs)


def worth_it(options: Sequence[Option], floor_gbp: float = 0.0) -> tuple[Option, ...]:
    """Those that beat doing nothing in all but one world of forty; often none.

    An option that only says who saw the demand first is never among them, whatever its size: seeing is not averting.
    """
    return tuple(option for option in options if worth(option, floor_gbp) is Worth.BEATS)


def chances_first(options: Sequence[Option], top: int = 1) -> dict[str, float]:
    """Option → the share of the draws in which it is among the best `top`, doing nothing (0) being one of them."""
    if not options:
        return {}
    draws = min(len(option.benefit_gbp) for option in options)
    nets = np.stack([option.net_gbp[:draws] for option in options] + [np.zeros(draws)])
    order = np.argsort(-nets, axis=0, kind="stable")[:top]
    return {option.id: float((order == row).any(axis=0).mean()) for row, option in enumerate(options)}


def chances_top(options: Sequence[Option], top: int = TOP) -> dict[str, float]:
    """As `chances_first`, each board among its own: what was only seen first takes no place from what has evidence."""
    known = told(options)
    seen = [option for option in known if option.board == "opportunity"]
    others = [option for option in known if option.board != "opportunity"]
    return {**dict.fromkeys((one.id for one in options), 0.0), **chances_first(others, top), **chances_first(seen, top)}


def doing_nothing(options: Sequence[Option], floor_gbp: float = 0.0) -> int:
    """After how many of the ranked options doing nothing stands: those that matter and are expected to bring more than
    nothing."""
    outside = (Worth.SEEN, Worth.SMALL, Worth.NEEDS)
    return sum(worth(one, floor_gbp) not in outside and float(one.net_gbp.mean()) > 0 for one in options)


def explain(options: Sequence[Option], option_id: str, floor_gbp: float = 0.0) -> Explanation:
    """One option of the ranked ones, or one inside their rows: its reasons, its alternatives, what would change the
    answer."""
    at, option = next(
        (row, one) for row, best in enumerate(options) for one in (best, *best.inside) if one.id == option_id
    )
    known = not option.needs
    pool = [option, *(one for one in options if one.id != options[at].id)]
    return Explanation(
        option.id,
        at + 1 if known else 0,
        len(told(options)),
        option.style.value,
        worth(option, floor_gbp).value,
        option.net() if known else None,
        _fiscal(option) if known else None,
        chance(option) if known and option.board != "opportunity" else None,
        finding_out_gbp(option) if known else None,
        chances_top(pool, 1)[option_id],
        chances_top(pool)[option_id],
        worth(option, floor_gbp) is Worth.BEATS,
        option.reasons,
        option.would_change,
        option.risks,
        _alternatives(options, at, option),
        option.needs,
    )


def _fiscal(option: Option) -> Interval:
    from headwater.domain.uncertainty import Interval

    return Interval.around_mean(option.fiscal_net_gbp)


def _alternatives(options: Sequence[Option], at: int, option: Option) -> tuple[str, ...]:
    """First those of the same idea, then the row's neighbours in the ranking."""
    same = [one for one in (options[at], *options[at].inside) if one.id != option.id]
    near = [
        other
        for other in options
        if other.id != options[at].id
        and (other.service == option.service or set(other.partners) & set(option.partners))
    ]
    return tuple(f"{other.id}: {_words(other)}" for other in (same + near)[:3])


def _words(option: Option) -> str:
    if option.needs:
        return f"{option.style}, needs {option.needs[0]}"
    net = option.net()
    return f"{option.style}, {_rounded(net.mid)} ({_rounded(net.low)} to {_rounded(net.high)}) a year net"


def _rounded(gbp: float) -> str:
    """An estimate in running words, to three figures."""
    return in_pounds(float(f"{gbp:.3g}"))


def figures(options: Sequence[Option], floor_gbp: float = 0.0) -> tuple[FigureData, ...]:
    """The dot plot over all options that are more than seen, best first, doing nothing as the line at nought; then
    where the demand comes from."""
    known = told(options)
    if not known:
        return ()
    tested = [option for option in known if option.board != "opportunity"]
    rows = []
    for option in tested[:SHOWN]:
        net = option.net()
        span = (round(net.low), round(net.mid), round(net.high))
        rows.append((_label(option), option.style.value, *span, option.grade.level, _measure(len(known) - len(tested))))
    dots = FigureData(
        "options",
        "options",
        headline(known, floor_gbp),
        "Expected net a year of each option with its interval, by style; left of nought is a loss.",
        ("label", "style", "low", "mid", "high", "grade", "measure"),
        tuple(rows),
    )
    # Options of one demand carry the same two figures of it; each is shown once.
    shared = {figure.title: figure for option in known for figure in option.figures if figure.name in SHARED}
    told_of = list(shared.values())[:SHARED_SHOWN]
    return (dots, *(replace(figure, name=f"{figure.name}-{at}") for at, figure in enumerate(told_of, 1)))


def _measure(untested: int) -> str:
    """What is drawn. The worth of demand that was only seen first is no net gain, and has no place on the same line."""
    if not untested:
        return "£ a year, net"
    return f"£ a year, net; {untested} that nobody has tested {'is' if untested == 1 else 'are'} not drawn"


def headline(options: Sequence[Option], floor_gbp: float = 0.0) -> str:
    """How many surely beat doing nothing, and how many more are expected to."""
    sure, expected = len(worth_it(options, floor_gbp)), doing_nothing(options, floor_gbp)
    more = expected - sum(float(one.net_gbp.mean()) > 0 for one in worth_it(options, floor_gbp))
    beat = (
        f"{sure} of {len(options)} options {'beats' if sure == 1 else 'beat'} doing nothing"
        if sure
        else "No option clearly beats doing nothing"
    )
    return f"{beat}; {more} more may" if more else beat


def _label(option: Option) -> str:
    return f"{' + '.join(option.partners)}: {option.service}"
