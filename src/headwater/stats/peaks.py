"""What places chosen for being busy do by themselves: the same rule applied to the same places at other moments.

A place chosen because its last months were high falls back whether or not anybody acts there. At earlier moments of the
same panel, before anything began, the rule picks places as it did in earnest; what these counted next, given their
counts until then, is what the chosen would have counted. In traffic safety the same fall is taken from a model of the
levels (Hauer 1997, Observational Before–After Studies in Road Safety, ch. 11); moments of the panel itself need no
model of how levels wander.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Flags = NDArray[np.bool_]

LONGEST_RUN = 12
"""Periods of a place's own longer run that stand beside the rule's window, where the history holds them."""
MOMENTS_WANTED = 3
"""The longer run is cut before it leaves fewer earlier moments than these."""


PRIOR_SPREAD, PRIOR_WEIGHT = 0.05, 2
"""Standard deviation (log) by which moments differ of themselves, and how many moments apart that opinion is worth."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The `number` places with most contacts in the last `window` periods, or all with `at_least` contacts in them."""

    window: int
    number: int = 0
    at_least: float = 0.0

    def picks(self, totals: Floats, among: Flags) -> Flags:
        """bool[place]; of equal totals at the edge the first are taken, so that the number is kept."""
        if self.number:
            order = np.argsort(-np.where(among, totals, -np.inf), kind="stable")
            found = np.zeros(len(totals), dtype=bool)
            found[order[: min(self.number, int(among.sum()))]] = True
            return found
        return among & (totals >= self.at_least)


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Places at moments, the true moment last. at: int[moment], the period the rule looked back from; chosen:
    bool[moment, place]; seen: float64[moment, place], contacts over the follow-up; before: float64[part, moment,
    place], over the rule's window and, where the history holds one, over the longer run before it."""

    at: NDArray[np.int64]
    chosen: Flags
    seen: Floats
    before: Floats

    @property
    def number(self) -> int:
        """Earlier moments."""
        return len(self.at) - 1

    def only(self, moments: Flags) -> Moments:
        return Moments(self.at[moments], self.chosen[moments], self.seen[moments], self.before[:, moments])


def place_moments(
    rates: Floats, rule: Rule, now: int, gap: int, after: int, treated: Flags, ranked: Floats | None = None
) -> Moments | None:
    """rates: float64[place, period] without gaps; now: the period the choice looked back from; gap: periods between it
    and the first one followed; after: how many are followed; treated: bool[place]. None where no earlier moment fits.

    At earlier moments every place counts, also the ones treated later: nothing had begun. An earlier follow-up ends
    before the start. ranked: float64[place, period], what the rule looked at where that is another kind of contact; NaN
    from `now` on.
    """
    latest = now - after  # its follow-up, as late as the true one is, ends before the true one begins
    if latest < rule.window:
        return None
    run = int(np.clip(latest - MOMENTS_WANTED, rule.window, rule.window + LONGEST_RUN))
    at = np.r_[np.arange(run, latest + 1), now]
    sums = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(rates, axis=1)], axis=1).T
    seen = sums[at + gap + after] - sums[at + gap]
    recent, longer = sums[at] - sums[at - rule.window], sums[at - rule.window] - sums[at - run]
    looked = recent if ranked is None else _before(ranked, at, rule.window)
    everywhere = np.ones(len(rates), dtype=bool)
    chosen = np.stack([rule.picks(row, everywhere) for row in looked[:-1]] + [treated])
    parts = [recent, *([longer] if run > rule.window else ()), *([] if ranked is None else [looked])]
    before = np.stack(parts)
    enough = chosen.any(axis=1) & ~chosen.all(axis=1)
    return Moments(at, chosen, seen, before) if enough.all() else None


def _before(rates: Floats, at: NDArray[np.int64], window: int) -> Floats:
    """float64[moment, place]: sums over the last `window` periods before each moment."""
    sums = np.concatenate([np.zeros((len(rates), 1)), np.cumsum(np.nan_to_num(rates), axis=1)], axis=1).T
    return np.asarray(sums[at] - sums[at - window])


def expected_at_peak(moments: Moments, weights: Floats) -> tuple[Floats, Floats]:
    """float64[draw] each: the places chosen at the last moment, their contacts and what places at the same peak at the
    other moments led to expect of them.

    weights: float64[draw, place], how often each place counts, among the chosen and among the others alike. What the
    others did carries each part of the past to the follow-up, so that season and trend which all share drop out. The
    expectation is linear in the past so carried; with fewer than twenty place-moments for a coefficient the rule's
    window alone carries it.
    """
    others = ~moments.chosen
    late = np.einsum("dp,mp->dm", weights, others * moments.seen)
    early = np.einsum("dp,kmp->dmk", weights, others * moments.before)
    many = np.einsum("dp,mp->dm", weights, others.astype(float))
    moment, place = np.nonzero(moments.chosen)
    past = np.stack([*moments.before[:, moment, place], np.ones(len(moment))], axis=1)
    carry = late[..., None] / np.maximum(np.concatenate([early, many[..., None]], axis=2), 1e-300)
    columns = slice(None) if (moment < len(moments.at) - 1).sum() >= 20 * past.shape[1] else slice(0, 1)
    X = (past[None] * carry[:, moment])[..., columns]
    seen, w = moments.seen[moment, place], weights[:, place]
    sham = moment < len(moments.at) - 1
    noise = 1 / np.maximum(past[sham, : len(moments.before)].sum(axis=1), 0.5)
    gram = np.einsum("dn,dni,dnj->dij", w[:, sham] * noise, X[:, sham], X[:, sham], optimize=True)
    gram += 1e-9 * np.trace(gram, axis1=1, axis2=2)[:, None, None] * np.eye(X.shape[2])
    beta = np.linalg.solve(gram, np.einsum("dn,dni,n->di", w[:, sham] * noise, X[:, sham], seen[sham])[..., None])
    due = np.einsum("dn,dni,di->d", w[:, ~sham], X[:, ~sham], beta[..., 0])
    return w[:, ~sham] @ seen[~sham], due


@dataclass(frozen=True, slots=True, eq=False)
class Regressed:
    """log_ratio: of the chosen to the expectation; draws: float64[draw] of it; fall: what places at the same peak did
    by themselves, as a ratio of what their window's level would give; shams: float64[moment], log ratios of moments
    whose follow-up none of the moments they are judged by shares; moments, places: how many stood behind it."""

    log_ratio: float
    draws: Floats
    fall: float
    shams: Floats
    moments: int
    places: int


def regressed(moments: Moments, draws: int, seed: int, after: int) -> Regressed:
    """The estimate, with a Bayesian bootstrap over places: a place at several moments is drawn as one."""
    places = moments.chosen.shape[1]
    rng = np.random.default_rng(seed)
    ratio = float(_log_ratio(moments, np.ones((1, places)))[0])
    pieces = [_log_ratio(moments, rng.standard_exponential((50, places))) for _ in range(0, draws, 50)]
    off = np.concatenate(pieces)[:draws]
    off = off - float(np.median(off))
    treated = int(moments.chosen[-1].sum())
    freedom = max(1, treated - 1)
    # As for any mean of few units: Student's tails, and the spread that exponential weights take off.
    tails = np.sqrt(freedom / rng.chisquare(freedom, draws)) * np.sqrt((freedom + 2) / freedom)
    shams = _shams(moments, after)
    own = float(np.var(off)) * (freedom + 2) / freedom
    shared = rng.normal(0, np.sqrt(_of_moments(shams, own, after)), draws)
    return Regressed(ratio, ratio + off * tails + shared, _fall(moments), shams, moments.number, treated)


def _of_moments(shams: Floats, own: float, after: int) -> float:
    """The variance that all places of a moment share, beyond `own`: busy places as a group may have good and bad years.
    Shams of overlapping follow-ups are worth as many as fit beside each other, and a prior stands in while these are
    few."""
    apart = 1 + (len(shams) - 1) // after if len(shams) else 0
    beyond = max(0.0, float(np.mean(shams**2)) - own) if apart else 0.0
    return (PRIOR_WEIGHT * PRIOR_SPREAD**2 + apart * beyond) / (PRIOR_WEIGHT + apart)


def _log_ratio(moments: Moments, weights: Floats) -> Floats:
    seen, due = expected_at_peak(moments, weights)
    return np.asarray(np.log((seen + 0.25) / np.maximum(due + 0.25, 0.25)))


def _fall(moments: Moments) -> float:
    """What the places chosen at earlier moments counted, over what their window carried by the others would give."""
    chosen, others = moments.chosen[:-1], ~moments.chosen[:-1]
    carry = (others * moments.seen[:-1]).sum(axis=1) / np.maximum((others * moments.before[0, :-1]).sum(axis=1), 1e-300)
    due = (chosen * moments.before[0, :-1]).sum(axis=1) @ carry
    return float((chosen * moments.seen[:-1]).sum() / max(due, 1e-300))


def _shams(moments: Moments, after: int) -> Floats:
    found = []
    ones = np.ones((1, moments.chosen.shape[1]))
    for k, at in enumerate(moments.at[:-1].tolist()):
        apart = np.flatnonzero(np.abs(moments.at[:-1] - at) >= after)
        if len(apart):
            keep = np.r_[apart, k]
            part = Moments(moments.at[keep], moments.chosen[keep], moments.seen[keep], moments.before[:, keep])
            found.append(float(_log_ratio(part, ones)[0]))
    return np.array(found)


# Whether a choice looks like one for being busy


def likeness(totals: Floats, treated: Flags) -> float:
    """The share of the treated that are among the busiest as many."""
    number = int(treated.sum())
    return float(Rule(1, number).picks(totals, np.ones(len(totals), dtype=bool))[treated].mean()) if number else 0.0


def excess(rates: Floats, treated: Flags, recent: int) -> float:
    """log of the treated's last `recent` periods over their longer run, less the same of the others (sums of each)."""

    def change(rows: Flags) -> float:
        late, early = rates[rows, -recent:].mean(), rates[rows, :-recent].mean()
        return float(np.log((late + 1e-9) / (early + 1e-9)))

    return change(treated) - change(~treated)
