"""The one base of all styles: what one act averts is summed and paid once, told for the whole place; alternatives in
one row.

All arithmetic between an option's draws and its net a year stands here and in `Option`, so that the value of a pound
can be taken from elsewhere in one place.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.options import COST, Option, Reason
from headwater.domain.release import FigureData

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def on_one_base(found: Iterable[Option], factor: float = 1.0) -> list[Option]:
    """Acts summed, and the records' people scaled to the place's: the figures that every asker gets, drawn step by
    step."""
    return [drawn(placed(option, factor)) for option in summed(found)]


def drawn(option: Option) -> Option:
    """With its reasons as steps in pounds a year that end in its net, as list and explanation tell it."""
    if option.needs or not option.reasons:
        return option
    rows = [(reason.factor, round(reason.contribution), "step", "£ a year") for reason in option.reasons]
    steps = FigureData(
        "steps",
        "waterfall",
        f"What {option.service} would bring a year",
        "Steps in pounds a year from all the cost concerned to what the option brings.",
        ("label", "value", "role", "measure"),
        (*rows, ("Net a year", round(float(option.net_gbp.mean())), "total", "£ a year")),
    )
    return replace(option, figures=(steps, *option.figures))


def summed(found: Iterable[Option]) -> list[Option]:
    """Options of one act as one: every demand that it averts counted once, its cost paid once."""
    by_act: dict[str, list[Option]] = defaultdict(list)
    alone: list[Option] = []
    for option in found:
        (by_act[option.act] if option.act and not option.needs else alone).append(option)
    return [*alone, *(_together(act, parts) for act, parts in by_act.items())]


def _together(act: str, parts: Sequence[Option]) -> Option:
    parts = sorted(parts, key=lambda part: (-float(part.benefit_gbp.mean()), part.id))
    first, benefit = parts[0], np.sum([part.benefit_gbp for part in parts], axis=0)
    cost = max(part.yearly_cost_gbp for part in parts)
    once = max(part.one_off_cost_gbp for part in parts)
    return replace(
        first,
        id=act,
        partners=_union(part.partners for part in parts),
        service=_service(act, parts),
        benefit_gbp=benefit,
        yearly_cost_gbp=cost,
        one_off_cost_gbp=once,
        gains=_union(part.gains for part in parts),
        pays=_union(part.pays for part in parts),
        reasons=_reasons(parts, cost, once),
        would_change=_union(part.would_change for part in parts),
        risks=_union(part.risks for part in parts),
        figures=_figures(parts),
        benefit_shares=_shares(parts),
        fiscal_share=_fiscal(parts),
        grade=min((part.grade for part in parts), key=lambda g: g.level),
        counted=tuple(dict(pair for part in parts for pair in part.counted).items()),
    )


def _service(act: str, parts: Sequence[Option]) -> str:
    """The parts differ in the demand alone, which stands before the words that they share."""
    if len(parts) == 1:
        return parts[0].service
    demands = [part.service.partition(" ") for part in parts]
    return f"{', '.join(sorted(first for first, _, _ in demands))} {demands[0][2]}" if act else parts[0].service


def _reasons(parts: Sequence[Option], cost: float, once: float) -> tuple[Reason, ...]:
    """Each part's reasons but its cost, then the cost once; they add up to the mean net a year as each part's own
    did."""
    told = [reason for part in parts for reason in part.reasons if reason.factor != COST]
    paid = [reason for part in parts for reason in part.reasons if reason.factor == COST]
    dearest = max(paid, key=lambda reason: -reason.contribution, default=None)
    return (*told, *([dearest] if dearest is not None and (cost or once) else []))


def _figures(parts: Sequence[Option]) -> tuple[FigureData, ...]:
    kept = {(figure.name, figure.title): figure for part in parts for figure in part.figures}
    return tuple(kept.values())


def _shares(parts: Sequence[Option]) -> tuple[tuple[str, float], ...]:
    """Who gains how much of the whole, by what each part is expected to avert; harms count against whom they fall
    on."""
    by: dict[str, float] = defaultdict(float)
    for part in parts:
        mean = float(part.benefit_gbp.mean())
        for code, share in part.shares().items():
            by[code] += share * mean
    whole = sum(by.values())
    return tuple((code, gbp / whole) for code, gbp in sorted(by.items())) if whole > 0 else ()


def _fiscal(parts: Sequence[Option]) -> float:
    means = np.array([max(float(part.benefit_gbp.mean()), 0.0) for part in parts])
    shares = np.array([part.fiscal_share for part in parts])
    return float(means @ shares / means.sum()) if means.sum() else float(shares.mean())


def _union(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for each in lists for one in each))


def placed(option: Option, factor: float) -> Option:
    """An option reckoned from people's records, told for all the people of the place; others stand as they are."""
    if factor == 1.0 or not option.scales or option.needs:
        return option
    return replace(
        option,
        benefit_gbp=option.benefit_gbp * factor,
        yearly_cost_gbp=option.yearly_cost_gbp * factor,
        one_off_cost_gbp=option.one_off_cost_gbp * factor,
        place_factor=factor,
        reasons=tuple(replace(reason, contribution=reason.contribution * factor) for reason in option.reasons),
        would_change=(
            *option.would_change,
            (
                f"The records hold part of the place's people: pounds are the records' pounds times {factor:,.1f};"
                " counts in words are the records' own."
            ),
        ),
    )


def rows(found: Sequence[Option]) -> tuple[Option, ...]:
    """Alternatives of one idea as one row, the best with the others inside.

    The best takes its partners; an alternative that shares one of them cannot be had beside it and goes inside. Options
    whose figures cannot be told make one row an idea, whoever their partners are.
    """
    made: list[list[Option]] = []
    for option in sorted(found, key=_promise):
        row = next((row for row in made if _excludes(row[0], option)), None)
        if row is None:
            made.append([option])
        else:
            row.append(option)
    return tuple(replace(row[0], inside=tuple(row[1:])) if len(row) > 1 else row[0] for row in made)


def _excludes(best: Option, option: Option) -> bool:
    if not option.idea or option.idea != best.idea or bool(option.needs) != bool(best.needs):
        return False
    return bool(option.needs) or bool(set(option.partners) & set(best.partners))


def _promise(option: Option) -> tuple[float, float, str]:
    """The greatest expected net first; where none is expected to pay, the one that is worth most if it turns out
    well."""
    if option.needs:
        return 0.0, 0.0, option.id
    net = option.net_gbp
    return -max(float(net.mean()), 0.0), -float(np.maximum(net, 0.0).mean()), option.id


def shares_gbp(option: Option) -> Mapping[str, float]:
    """Organisation → pounds a year that it is expected to gain, before cost."""
    mean = float(option.benefit_gbp.mean()) if len(option.benefit_gbp) else 0.0
    return {code: share * mean for code, share in option.shares().items()}
