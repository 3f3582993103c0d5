"""From the studies of an approach to what it may avert of a segment here: chosen, widened for doubt, pooled, drawn.

Studies are used by these rules, all of them settings of this tool and shown beside the answer:
one line a study (several outcomes of one study are not several studies), the one nearest to the segment's kind of
contact; a study without comparison moves nothing; each error is widened for the strength of the design, for the
distance of the country, for another kind of contact and for odds told in place of rates; a null without a printed size
counts as no change, so does a rise without one, and a fall without one counts as nothing, so that silence never helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtri

from headwater.stats.meta import Scepticism, predictive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from headwater.partners.published.library import Approach, PublishedEffect

    Vector = NDArray[np.float64]

GRADE_ERROR = {5: 0.05, 4: 0.10, 3: 0.15}
"""By strength of design, on the log ratio: what bias a study of it may hide (randomised 5 %, matched 15 %)."""
HOME = ("England", "Wales", "Scotland", "UK", "England and Wales")
AWAY_ERROR, MIXED_ERROR = 0.15, 0.07
"""Another country's services and habits; reviews over several countries."""
OTHER_KIND_ERROR = 0.15
ODDS_ERROR = 0.10
UNPRINTED_ERROR = 0.15
"""A figure without an interval, or a direction without a figure."""
REACH_SPREAD = 8.0
"""α + β of the Beta of the reach: a share of 0.5 lies between 0.2 and 0.8."""
SCEPTICISM = Scepticism()
FURTHEST = float(np.log(5.0))
"""Draws stop at a fifth or fivefold: a t on the log ratio has no mean as a ratio, and no study here lies beyond."""


@dataclass(frozen=True, slots=True)
class Study:
    """A study as it was used: its log ratio, and its error after widening, with the words of what widened it."""

    effect: PublishedEffect
    log_ratio: float
    error: float
    widened: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """What an approach may change here. ratio, reach: float64[draw]; averted share of the segment = reach · (1 −
    ratio)."""

    approach: Approach
    used: tuple[Study, ...]
    shown: tuple[PublishedEffect, ...]
    """Every line of the approach's studies, nulls and harms among them."""
    ratio: Vector
    reach: Vector

    @property
    def averted_share(self) -> Vector:
        return self.reach * (1 - self.ratio)

    @property
    def strongest(self) -> int:
        return max((one.effect.grade for one in self.used), default=1)


def prior(approach: Approach, lines: Sequence[PublishedEffect], kinds: Sequence[str], draws: int, seed: int) -> Prior:
    """Draws for a segment of these kinds of contact. Without a usable study it is the scepticism alone, centred on no
    change."""
    used = studies(lines, kinds)
    rng = np.random.default_rng([seed, *approach.id.encode(), *"|".join(kinds).encode()])
    log = predictive([one.log_ratio for one in used], [one.error for one in used], draws, rng, SCEPTICISM)
    return Prior(approach, used, tuple(lines), np.exp(np.clip(log, -FURTHEST, FURTHEST)), _reach(approach, draws, rng))


def studies(lines: Sequence[PublishedEffect], kinds: Sequence[str]) -> tuple[Study, ...]:
    """One usable line a study, the nearest to these kinds, in the order of the library."""
    found: dict[str, Study] = {}
    for line in sorted((one for one in lines if one.compared), key=lambda one: _distance(one, kinds)):
        if line.study not in found and (made := _study(line, kinds)):
            found[line.study] = made
    return tuple(found[line.study] for line in lines if line.study in found and found[line.study].effect is line)


def _distance(line: PublishedEffect, kinds: Sequence[str]) -> tuple[bool, bool, bool]:
    return not same_kind(line, kinds), bool(line.part) and line.part not in kinds, line.ratio is None


def same_kind(line: PublishedEffect, kinds: Sequence[str]) -> bool:
    return line.kind in kinds or line.part in kinds


def _study(line: PublishedEffect, kinds: Sequence[str]) -> Study | None:
    if line.kind in {"spend", "mixed"} or (line.ratio is None and line.found not in {"none", "more"}):
        return None
    parts = _errors(line, kinds)
    error = float(np.sqrt(sum(size**2 for _why, size in parts)))
    return Study(line, float(np.log(line.ratio)) if line.ratio else 0.0, error, tuple(why for why, _size in parts))


def _errors(line: PublishedEffect, kinds: Sequence[str]) -> list[tuple[str, float]]:
    """(why, size) of every part of a study's doubt, on the log ratio; they add in squares."""
    found = [
        ("its own sampling", _sampling(line)) if line.low and line.high else ("no interval printed", UNPRINTED_ERROR)
    ]
    found.append((f"design: {line.design}", GRADE_ERROR[line.grade]))
    if line.country not in HOME:
        several = line.country in {"international", "high-income"}
        found.append((f"setting: {line.country}", MIXED_ERROR if several else AWAY_ERROR))
    if not same_kind(line, kinds):
        found.append((f"another kind of contact: {(line.part or line.kind).replace('_', ' ')}", OTHER_KIND_ERROR))
    if line.scale == "odds":
        found.append(("odds, not rates", ODDS_ERROR))
    return found


def _sampling(line: PublishedEffect) -> float:
    level = (line.level or 95.0) / 100
    return float((np.log(line.high) - np.log(line.low)) / (2 * ndtri((1 + level) / 2)))  # type: ignore[arg-type]


def _reach(approach: Approach, draws: int, rng: np.random.Generator) -> Vector:
    if approach.across_area:
        return np.ones(draws)
    return rng.beta(approach.reach * REACH_SPREAD, (1 - approach.reach) * REACH_SPREAD, draws)


def said(lines: Sequence[PublishedEffect]) -> str:
    """ "Before and after said, the trial said", where the library holds both; '' where it does not."""
    naive = next((one for one in lines if one.before_after), None) or next(
        (one for one in lines if one.grade == 1 and one.ratio is not None), None
    )
    judged = sorted((one for one in lines if one.compared), key=lambda one: (-one.grade, one.ratio is None))
    if naive is None or not judged:
        return ""
    best = naive if naive.before_after and naive.compared else judged[0]
    first = naive.before_after or f"{naive.printed} ({naive.done}, {naive.year})"
    word = "trial" if best.grade == 5 else "study with a comparison"
    return (
        f"Before and after said: {first}. The {word} said: {best.printed}, {_found(best)} ({best.study}, {best.year})."
    )


def _found(line: PublishedEffect) -> str:
    return {"fewer": "fewer", "none": "no difference", "more": "more", "mixed": "mixed"}[line.found]
