"""Designs that set one treated series against donors: synthetic control, synthetic and plain
difference-in-differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from headwater.evidence.places.case_limits import FEWEST_TREATED
from headwater.evidence.places.fit import Fit, cannot
from headwater.evidence.places.refusal import refusal
from headwater.evidence.places.waves import waves_of
from headwater.stats.conformal import ratio_interval
from headwater.stats.placebo import FEWEST, Reference, drawn_errors, moderated, p_value, sizes_at, tempered
from headwater.stats.synthetic import Synthetic, synthetic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.evidence.places.waves import Wave
    from headwater.stats.synthetic import Kind

    Floats = NDArray[np.float64]

GROUPS = 200
"""How many groups of donors stand in for a treated group; their ranks then move in steps of half a percent."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Row 0 is the treated sum, the rest are placebos, each split into the waves in which its members begin.

    counts, exposure: float64[wave, row, period]; allowed: bool[row, donor]."""

    waves: list[Wave]
    counts: Floats
    exposure: Floats
    allowed: NDArray[np.bool_]
    independent: int


@dataclass(frozen=True, slots=True, eq=False)
class _Set:
    """Every row beside its counterfactual, the waves taken together. counts, expected: float64[row, period], before the
    first start and over the treated cells after it; relative: float64[row], the held-out error before the start;
    weights: float64[donor].
    """

    counts: Floats
    expected: Floats
    relative: Floats
    weights: Floats
    freedom: float
    level: int

    def error(self, post: NDArray[np.bool_]) -> Floats:
        """float64[row]: log of seen over due. Half a contact keeps the logarithm of small counts; it is nothing beside
        large ones."""
        seen, due = (np.nansum(part[:, post], axis=1) for part in (self.counts, self.expected))
        return np.asarray(np.log((seen + 0.5) / np.maximum(due + 0.5, 0.5)))


def against_donors(case: Case, kind: Literal["synthetic-control", "synthetic-did", "did"]) -> Fit:
    """One counterfactual for the sum of the treated, and one for each placebo, on the periods that everybody has."""
    given, case = case, case.whole
    if problem := refusal(case, given):
        observed = np.where(case.used, case.panel.counts[case.treated].sum(axis=0), np.nan)
        return cannot(problem, observed, case.pre, case.post)
    return _fitted(case, _placebo_rows(case), kind)


def point(case: Case, kind: Kind) -> float | None:
    """The ratio alone, of the treated to its counterfactual; None where nothing can be told."""
    given, case = case, case.whole
    if refusal(case, given):
        return None
    waves = waves_of(case)
    counts, exposure = (_summed(part, case, waves) for part in (case.panel.counts, case.panel.exposure))
    found = _set(case, _Rows(waves, counts, exposure, np.ones((1, len(case.donors)), dtype=bool), 0), kind)
    seen, due = (float(np.nansum(part[0, case.post])) for part in (found.counts, found.expected))
    return seen / due if due > 0 else None


def _summed(part: Floats, case: Case, waves: list[Wave]) -> Floats:
    """float64[wave, 1, period]: sums over the treated of each wave; a cell in which nobody is treated counts for
    nothing."""
    return np.stack([np.nan_to_num(part[case.treated[wave.members]]).sum(axis=0)[None] for wave in waves])


def _set(case: Case, rows: _Rows, kind: Kind) -> _Set:
    """Each wave beside donors over its own periods, then all together; a row's error is the mean of its waves' by
    size."""
    counts, expected = (np.zeros(rows.counts.shape[1:]) for _ in range(2))
    relative, size, weights = (np.zeros(n) for n in (len(counts), len(counts), len(case.donors)))
    freedom, level, told = np.inf, 0, case.pre.copy()
    for wave, y, e in zip(rows.waves, rows.counts, rows.exposure, strict=True):
        found, due, off = _synthetic(case, wave, (y, e, rows.allowed), kind)
        cells = case.pre | wave.post
        counts[:, cells] += y[:, cells]
        expected[:, cells] += due[:, cells]
        share = np.maximum(due[:, wave.post].sum(axis=1), 1e-9)
        relative, size = relative + share * off, size + share
        weights += share[0] * found.weights[0]
        freedom, level, told = min(freedom, found.freedom), max(level, found.level), told | wave.post
    counts, expected = (np.where(told, part, np.nan) for part in (counts, expected))
    return _Set(counts, expected, relative / size, weights / size[0], freedom, level)


def _synthetic(
    case: Case, wave: Wave, rows: tuple[Floats, Floats, NDArray[np.bool_]], kind: Kind
) -> tuple[Synthetic, Floats, Floats]:
    """The counterfactuals of all rows of a wave; float64[row, period], the counts they expect; float64[row], the
    relative held-out error."""
    (y, e, allowed), used = rows, wave.used
    pre, post = wave.pre[used], wave.post[used]
    rates = y[:, used] / np.maximum(e[:, used], 1e-12)
    targets, unit = _indexed(rates, pre, case.options.scale)
    donors, _ = _indexed(case.rates[np.ix_(case.donors, used)], pre, case.options.scale)
    found = synthetic(targets, donors, allowed, pre, post, kind, case.options.season)
    due = np.full(y.shape, np.nan)
    due[:, used] = found.expected * unit * e[:, used]
    mean = rates[:, pre].mean(axis=1)
    return found, due, found.scale * unit[:, 0] / np.where(mean > 0, mean, 1.0)


def _placebo_rows(case: Case) -> _Rows:
    """Each placebo in the stead of one treated unit; random groups of them in the stead of several, each member in
    one's wave."""
    size, placebos, waves = len(case.treated), case.placebos, waves_of(case)
    groups, independent = _groups(size, len(placebos), case.seed), len(placebos) // max(1, size)
    if independent < FEWEST and size < FEWEST_TREATED and len(placebos) > FEWEST:
        # Groups as large overlap, and units one by one err by more than a mean of several.
        groups, independent = [np.array([j]) for j in range(len(placebos))], len(placebos)
    pick = np.zeros((len(waves), 1 + len(groups), len(placebos)), dtype=bool)
    for row, group in enumerate(groups, 1):
        for at, wave in enumerate(waves):
            pick[at, row, group[wave.members] if len(group) == size else group] = True
    member = pick.astype(float)  # Products of booleans take thirty times as long.
    y, e = (member @ np.nan_to_num(part[placebos]) for part in (case.panel.counts, case.panel.exposure))
    y[:, :1], e[:, :1] = (_summed(part, case, waves) for part in (case.panel.counts, case.panel.exposure))
    # No placebo may be its own comparison.
    picked: NDArray[np.bool_] = np.asarray(pick.any(axis=0))
    allowed = ~picked[:, np.searchsorted(placebos, case.donors)]
    return _Rows(waves, y, e, allowed, independent)


def _groups(size: int, donors: int, seed: int) -> list[NDArray[np.intp]]:
    if size <= 1 or donors < 2 * size:
        return [np.array([j]) for j in range(donors)] if donors > 1 else []
    rng = np.random.default_rng(seed)
    return [rng.permutation(donors)[:size] for _ in range(GROUPS)]


def _fitted(case: Case, rows: _Rows, kind: Literal["synthetic-control", "synthetic-did", "did"]) -> Fit:
    found = _set(case, rows, kind)
    error = found.error(case.post)
    if rows.independent < FEWEST and len(case.treated) >= FEWEST_TREATED:
        # Too few groups as large as the treated can be had that do not overlap: the units' own spread says what they
        # cannot.
        return _by_units(case, kind, found, error)
    return _inferred(case, rows, found, error)


def _left_out(case: Case, kind: Kind) -> float:
    """The standard error of the log ratio from leaving out each treated unit and each donor in turn, weights found anew
    each time

    (in up to GROUPS groups a side; the jackknife of Arkhangelsky et al. 2021, Amer. Econ. Rev. 111:4088, algorithm 3).
    """
    rng = np.random.default_rng(case.seed)
    ours, others = (
        np.array_split(rng.permutation(side), min(GROUPS, len(side))) for side in (case.treated, case.donors)
    )
    allowed = np.ones((len(ours) + len(others), len(case.donors)), dtype=bool)
    for row, group in enumerate(others, len(ours)):
        allowed[row, np.searchsorted(case.donors, group)] = False
    waves = waves_of(case)

    def sums(part: Floats) -> Floats:
        left = []
        for wave in waves:
            mine = case.treated[wave.members]
            whole = np.nan_to_num(part[mine]).sum(axis=0)
            gone = [np.nan_to_num(part[np.intersect1d(group, mine)]).sum(axis=0) for group in ours]
            left.append([*(whole - one for one in gone), *(whole for _ in others)])
        return np.array(left)

    rows = _Rows(waves, sums(case.panel.counts), sums(case.panel.exposure), allowed, 0)
    logs = _set(case, rows, kind).error(case.post)
    return float(np.sqrt(sum((len(part) - 1) * np.var(part) for part in np.split(logs, [len(ours)]))))


def _by_units(case: Case, kind: Kind, found: _Set, error: Floats) -> Fit:
    """The fit with Student's tails for the smaller side. No narrower than counting, or than groups of placebos (which
    overlap)."""
    observed, spread = found.counts[0], found.expected[0]
    groups = float(np.sqrt(np.mean(error[1:] ** 2))) if len(case.placebos) >= 2 * len(case.treated) else 0.0
    width = max(_left_out(case, kind), _by_counting(case, observed), groups)
    freedom = min(len(case.treated), len(case.donors)) - 1
    levels = (np.arange(case.draws) + 0.5) / case.draws
    off = np.random.default_rng(case.seed).permutation(width * stats.t.ppf(levels, freedom))
    return Fit(
        observed,
        spread,
        np.exp(off)[:, None] * spread,
        case.pre,
        case.post & np.isfinite(spread),
        "a jackknife over units",
        weights=_weights(case, found),
        scale=float(found.relative[0]),
        typical_scale=float(np.median(found.relative[1:])),
        p=float(2 * stats.t.sf(abs(error[0]) / width, freedom)),
        detectable=float(np.exp(-width * stats.t.ppf([(1 + case.level) / 2, 0.8], freedom).sum())),
        level=found.level,
    )


def _weights(case: Case, found: _Set) -> dict[int, float]:
    return {int(case.donors[j]): float(w) for j, w in enumerate(found.weights) if w > 1e-6}


def conformal(case: Case, method: str) -> tuple[float, float] | None:
    """The ratios that the treated sum's own other periods do not refuse; None where there are too few periods, or
    several waves."""
    case = case.whole
    if len(waves_of(case)) > 1:
        return None
    kind: Kind = (
        "did" if method in ("did", "buffer") else "synthetic-did" if method == "synthetic-did" else "synthetic-control"
    )
    order = np.r_[np.flatnonzero(case.pre), np.flatnonzero(case.post)]
    counts, exposure = (
        part[np.ix_(case.treated, order)].sum(axis=0) for part in (case.panel.counts, case.panel.exposure)
    )
    donors, after = case.rates[np.ix_(case.donors, order)], int(case.post.sum())
    return ratio_interval(counts / exposure, donors, after, kind, case.level, case.options.scale == "own")


def _indexed(rates: Floats, pre: NDArray[np.bool_], scale: str) -> tuple[Floats, Floats]:
    """The rates in units of their own pre-period mean (or as they are), and those units: float64[row, 1]."""
    unit = rates[:, pre].mean(axis=1, keepdims=True) if scale == "own" else np.ones((len(rates), 1))
    unit = np.where(unit > 0, unit, 1.0)
    return rates / unit, unit


def _by_counting(case: Case, observed: Floats) -> float:
    """The standard error of the log ratio that counting alone gives the treated: no interval is narrower than that."""
    sums = [max(float(np.nansum(observed[part])), 0.5) for part in (case.pre, case.post)]
    return float(np.sqrt(1 / sums[0] + 1 / sums[1]))


def _inferred(case: Case, rows: _Rows, found: _Set, error: Floats) -> Fit:
    observed, spread, post = found.counts[0], found.expected[0], case.post & np.isfinite(found.expected[0])
    scale = tempered(moderated(found.relative, found.freedom), error)
    sound = scale > 1e-12
    studentised = np.divide(error, scale, out=np.full_like(error, np.nan), where=sound)
    reference = Reference(studentised[1:][np.isfinite(studentised[1:])], rows.independent)
    gaps, weights = found.counts[1:] / found.expected[1:] - 1, _weights(case, found)
    if not reference.usable or not sound[0]:
        why = f"{reference.independent} independent placebos, too few to say how large an error is usual"
        return Fit(observed, spread, None, case.pre, post, "none", why, gaps, weights)
    scale[0] = max(scale[0], _by_counting(case, observed) / float(np.sqrt(np.mean(reference.errors**2))))
    factor = np.exp(scale[0] * drawn_errors(reference, case.draws, case.seed))
    half, power = sizes_at(reference, np.array([case.level, 0.6]))
    return Fit(
        observed,
        spread,
        factor[:, None] * spread,
        case.pre,
        post,
        reference.kind,
        "",
        gaps,
        weights,
        float(found.relative[0]),
        float(np.median(found.relative[1:])),
        p_value(float(studentised[0]), reference),
        float(np.exp(-scale[0] * (half + power))),
        errors=reference.errors,
        half=float(half),
        level=found.level,
    )
