"""Before launch: the places drawn by lot in their order, and the power of the design, from the places' own past."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.collaboration import Role
from headwater.domain.errors import DataProblem
from headwater.domain.progress import silent
from headwater.domain.release import FigureData
from headwater.evidence.checks.place_time import backdated
from headwater.evidence.places.case import ready
from headwater.evidence.places.case_limits import FEWEST_TREATED
from headwater.evidence.places.designs import estimated
from headwater.evidence.places.evaluation import starts_of
from headwater.evidence.places.options import method_of, options_of
from headwater.evidence.places.reading import positions, read_panels
from headwater.evidence.places.trials import against_placebos, beside_others, in_turns
from headwater.stats.stepped import drawn_order

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.domain.evidence import Panel
    from headwater.domain.progress import Progress
    from headwater.store import Store

WISHED = 0.8
LONGEST_HISTORY = 3660


@dataclass(frozen=True, slots=True, eq=False)
class PlacesPlan:
    """order: the places in the order the lot gave; power: rate ratio → chance to tell it from none at 5 %."""

    order: tuple[str, ...]
    numbers: dict[str, float | int | str | list[str] | None]
    sentences: tuple[str, ...]
    figures: tuple[FigureData, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Past:
    """The primary outcome before the start. counts: float64[unit, period] of the units counted in every period kept."""

    panel: Panel
    units: tuple[str, ...]
    counts: NDArray[np.float64]


def plan_places(store: Store, protocol: Protocol, progress: Progress = silent) -> PlacesPlan:
    """The plan of a protocol of places or organisations. Raises DataProblem where too little is known before its
    start."""
    past, named, method = _past(store, protocol), starts_of(store, protocol), method_of(protocol)
    chosen = sorted(named) or _chosen(past.units, protocol.seed)
    by_lot = method == "stepped-wedge" or not named or (protocol.unit == "place" and len(chosen) > 1)
    turns = drawn_order(len(chosen), len(chosen), protocol.seed)
    order = tuple(chosen[k] for k in np.argsort(turns)) if by_lot else ()
    power = _power(store, protocol, past, chosen, progress)
    progress("", 1, 1)
    numbers = {
        "places": len(chosen),
        "candidates": len(past.units),
        "months": past.counts.shape[1],
        "design": method,
        "detectable_rate_ratio": max((ratio for ratio, chance in power.items() if chance >= WISHED), default=None),
        "order": list(order),
    }
    return PlacesPlan(order, numbers, _sentences(numbers, power, order), (_figure(power, len(chosen)),))


def _chosen(units: tuple[str, ...], seed: int) -> list[str]:
    """A tenth of the places, drawn by lot, where the protocol names none."""
    number = max(2, len(units) // 10)
    return sorted(str(unit) for unit in np.random.default_rng([seed, 1]).permutation(np.array(units))[:number])


def _power(store: Store, protocol: Protocol, past: _Past, chosen: list[str], progress: Progress) -> dict[float, float]:
    """By the way the design will be judged: the lot's orders, places against places, or a few against placebos."""
    method, options, seed = method_of(protocol), options_of(protocol), protocol.seed
    if method == "stepped-wedge":
        rows = [past.units.index(unit) for unit in chosen if unit in past.units]
        return in_turns(past.counts[rows], options.steps or len(rows), seed, progress)
    if method in ("did", "buffer") and len(chosen) >= FEWEST_TREATED:
        return beside_others(past.counts, len(chosen), seed, progress)
    progress("pretending an earlier start", 0, 1)
    starts = dict.fromkeys(chosen, protocol.start)
    # The past stands in for the time after the start, so that all of it is looked at.
    whole = replace(protocol, history_days=LONGEST_HISTORY)
    case = ready(past.panel, starts, whole, options, positions(store, past.panel.units))
    sham = backdated(case, max(1, min(int(case.pre.sum()) // 3, round(protocol.follow_up_days / 30))))
    return against_placebos(estimated(sham, method) if sham else None, protocol.level)


def _past(store: Store, protocol: Protocol) -> _Past:
    """Periods before the start that most units have, and the units that are counted in every one of them."""
    kind = protocol.outcome_kinds(Role.PRIMARY)[0]
    panel = read_panels(store, protocol, options_of(protocol), ("", "")).panels[kind]
    early = np.array([period < protocol.start.isoformat()[:7] for period in panel.periods])
    early &= np.isnan(panel.counts).mean(axis=0) <= 0.5
    counts = panel.counts[:, early]
    sound = ~np.isnan(counts).any(axis=1) & (counts.sum(axis=1) > 0)
    if counts.shape[1] < 4 or sound.sum() < 4:
        raise DataProblem(
            "too little is known before the start to plan from",
            given=f"{counts.shape[1]} periods, {int(sound.sum())} units counted throughout",
            allowed="at least 4 of each",
            next_step="load earlier contacts of these places, or move the start",
        )
    units = tuple(unit for unit, fits in zip(panel.units, sound, strict=True) if fits)
    return _Past(panel, units, counts[sound])


def _sentences(
    numbers: dict[str, float | int | str | list[str] | None], power: dict[float, float], order: tuple[str, ...]
) -> tuple[str, ...]:
    told = numbers["detectable_rate_ratio"]
    first = (
        f"{numbers['places']} of {numbers['candidates']} places, judged on {numbers['months']} periods before the"
        " start."
    )
    second = (
        "No fall of up to a half could be told from none with confidence."
        if told is None
        else f"A fall of {1 - float(str(told)):.0%} or more would be told from none four times in five."
    )
    third = "; ".join(f"a fall of {1 - ratio:.0%}: {chance:.0%}" for ratio, chance in power.items())
    said = [first, second, f"Chance to tell it from none: {third}."]
    if order:
        more = f" ... and {len(order) - 20} more" if len(order) > 20 else ""
        said.append(f"The order drawn at random: {', '.join(order[:20])}{more}.")
    return tuple(said)


def _figure(power: dict[float, float], number: int) -> FigureData:
    rows = tuple((ratio, round(chance, 4), "rate ratio", WISHED) for ratio, chance in power.items())
    return FigureData(
        "places-power",
        "power",
        f"What {number} places drawn at random can tell",
        "Chance to tell an effect from none by its rate ratio.",
        ("x", "power", "x_measure", "wished"),
        rows,
    )
