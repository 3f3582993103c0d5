"""Before an action week: the places drawn by lot in their order, and the power of the comparison, from the places' own past.

Power is found by trying: in the months before the start, places are drawn by lot again and again, an effect is put into their
second half by thinning, and the ratio of ratios is judged against draws without any effect (randomisation inference; Fisher 1935).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.errors import DataProblem
from headwater.domain.figures import FigureData
from headwater.domain.progress import silent
from headwater.evidence.places.evaluation import starts_of
from headwater.evidence.places.options import options_of
from headwater.evidence.places.reading import read_panels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.progress import Progress
    from headwater.store import Store

RATIOS = (0.5, 0.6, 0.7, 0.8, 0.9)
TRIALS = 400
WISHED = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class PlacesPlan:
    """order: the places in the order the lot gave; power: rate ratio → chance to tell it from none at 5 %."""

    order: tuple[str, ...]
    numbers: dict[str, float | int | list[str] | None]
    sentences: tuple[str, ...]
    figures: tuple[FigureData, ...]


def plan_places(store: Store, protocol: Protocol, progress: Progress = silent) -> PlacesPlan:
    """The plan of a protocol of places or organisations. Raises DataProblem where too little is known before its start."""
    counts, units = _before(store, protocol)
    chosen = [unit for unit in starts_of(store, protocol) if unit in units]
    number = len(chosen) or max(2, len(units) // 10)
    rng = np.random.default_rng(protocol.seed)
    pool = np.array(sorted(chosen or units), dtype=object)
    order = tuple(str(unit) for unit in rng.permutation(pool)[:number])
    null = np.sort([_ratio_of_ratios(counts, _drawn(len(units), number, rng)) for _ in range(2 * TRIALS)])
    limits = np.quantile(null, (0.025, 0.975))
    power = {}
    for at, ratio in enumerate(RATIOS):
        progress("trying effects on the past", at, len(RATIOS))
        power[ratio] = _power(counts, number, ratio, (float(limits[0]), float(limits[1])), rng)
    progress("", 1, 1)
    told = max((ratio for ratio, chance in power.items() if chance >= WISHED), default=None)
    numbers = {
        "places": number,
        "candidates": len(units),
        "months": counts.shape[1],
        "detectable_rate_ratio": told,
        "order": list(order),
    }
    return PlacesPlan(order, numbers, _sentences(numbers, power, order), (_figure(power, number),))


def _before(store: Store, protocol: Protocol) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Whole months before the start of places that are counted in every one of them."""
    kind = protocol.outcome_kinds(Role.PRIMARY)[0]
    panel = read_panels(store, protocol, options_of(protocol), ("", "")).panels[kind]
    early = np.array([period < protocol.start.isoformat()[:7] for period in panel.periods])
    counts = panel.counts[:, early]
    sound = ~np.isnan(counts).any(axis=1) & (counts.sum(axis=1) > 0)
    if counts.shape[1] < 4 or sound.sum() < 4:
        raise DataProblem(
            "too little is known before the start to plan from",
            given=f"{counts.shape[1]} months, {int(sound.sum())} places counted throughout",
            allowed="at least 4 of each",
            next_step="load earlier contacts of these places, or move the start",
        )
    return counts[sound], tuple(unit for unit, fits in zip(panel.units, sound, strict=True) if fits)


def _drawn(units: int, number: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    chosen = np.zeros(units, dtype=bool)
    chosen[rng.choice(units, min(number, units - 1), replace=False)] = True
    return chosen


def _ratio_of_ratios(counts: NDArray[np.float64], treated: NDArray[np.bool_]) -> float:
    """log of (after ÷ before of the treated) ÷ (after ÷ before of the others), half a contact added to each sum."""
    half = counts.shape[1] // 2
    sums = [
        counts[arm][:, part].sum() + 0.5
        for arm in (treated, ~treated)
        for part in (slice(half, None), slice(None, half))
    ]
    return float(np.log(sums[0] / sums[1]) - np.log(sums[2] / sums[3]))


def _power(
    counts: NDArray[np.float64], number: int, ratio: float, limits: tuple[float, float], rng: np.random.Generator
) -> float:
    """Share of trials in which an effect of `ratio`, put in by thinning the second half, falls outside the null's limits."""
    half, found = counts.shape[1] // 2, 0
    for _ in range(TRIALS):
        treated = _drawn(len(counts), number, rng)
        thinned = counts.copy()
        part = np.ix_(treated, np.arange(half, counts.shape[1]))
        thinned[part] = rng.binomial(counts[part].astype(np.int64), ratio)
        found += not limits[0] <= _ratio_of_ratios(thinned, treated) <= limits[1]
    return found / TRIALS


def _sentences(
    numbers: dict[str, float | int | list[str] | None], power: dict[float, float], order: tuple[str, ...]
) -> tuple[str, ...]:
    told = numbers["detectable_rate_ratio"]
    first = (
        f"{numbers['places']} of {numbers['candidates']} places, judged on {numbers['months']} months before the start."
    )
    second = (
        "No fall of up to a half would surely be told from none."
        if told is None
        else f"A fall of {1 - float(str(told)):.0%} or more would be told from none four times in five."
    )
    third = "; ".join(f"a fall of {1 - ratio:.0%}: {chance:.0%}" for ratio, chance in power.items())
    return (
        first,
        second,
        f"Chance to tell it from none: {third}.",
        f"The order drawn by lot: {', '.join(order[:20])}{' ...' if len(order) > 20 else ''}.",
    )


def _figure(power: dict[float, float], number: int) -> FigureData:
    rows = tuple((ratio, round(chance, 4), "rate ratio", WISHED) for ratio, chance in power.items())
    return FigureData(
        "places-power", "power", f"What {number} places drawn by lot can tell", "Chance to tell an effect from none by its rate ratio.",
        ("x", "power", "x_measure", "wished"), rows,
    )  # fmt: skip
