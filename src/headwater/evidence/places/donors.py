"""Designs that set one treated series against donors: synthetic control, synthetic and plain difference-in-differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy import stats

from headwater.evidence.places.case_limits import FEWEST_TREATED
from headwater.evidence.places.fit import Fit, cannot
from headwater.evidence.places.refusal import refusal
from headwater.stats.conformal import ratio_interval
from headwater.stats.placebo import FEWEST, Reference, drawn_errors, moderated, p_value, sizes_at, tempered
from headwater.stats.synthetic import Synthetic, synthetic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.places.case import Case
    from headwater.stats.synthetic import Kind

    Floats = NDArray[np.float64]

GROUPS = 200
"""How many groups of donors stand in for a treated group; their ranks then move in steps of half a percent."""


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Row 0 is the treated sum, the rest are placebos. counts, exposure: float64[row, period]; allowed: bool[row, donor]."""

    counts: Floats
    exposure: Floats
    allowed: NDArray[np.bool_]
    independent: int


def against_donors(case: Case, kind: Literal["synthetic-control", "synthetic-did", "did"]) -> Fit:
    """One counterfactual for the sum of the treated, and one for each placebo, on the periods that everybody has."""
    given, case = case, case.whole
    rows = _placebo_rows(case)
    observed = np.where(case.used, rows.counts[0], np.nan)
    if problem := refusal(case, given):
        return cannot(problem, observed, case.pre, case.post)
    return _fitted(case, rows, kind, observed)


def point(case: Case, kind: Kind) -> float | None:
    """The ratio alone, of the treated to its counterfactual; None where nothing can be told."""
    given, case = case, case.whole
    if refusal(case, given):
        return None
    counts, exposure = (part[case.treated].sum(axis=0)[None] for part in (case.panel.counts, case.panel.exposure))
    rows = _Rows(counts, exposure, np.ones((1, len(case.donors)), dtype=bool), 0)
    used = case.used
    found, unit = _synthetic(case, rows, kind)
    due = float((found.expected * unit * exposure[:, used])[0, case.post[used]].sum())
    return float(counts[0, case.post].sum() / due) if due > 0 else None


def _synthetic(case: Case, rows: _Rows, kind: Kind) -> tuple[Synthetic, Floats]:
    """The counterfactuals of all rows in units of their own, and those units: float64[row, 1]."""
    used = case.used
    pre, post = case.pre[used], case.post[used]
    targets, unit = _indexed(rows.counts[:, used] / rows.exposure[:, used], pre, case.options.scale)
    donors, _ = _indexed(case.rates[np.ix_(case.donors, used)], pre, case.options.scale)
    return synthetic(targets, donors, rows.allowed, pre, post, kind, case.options.season), unit


def _placebo_rows(case: Case) -> _Rows:
    """Each placebo in the stead of one treated unit; random groups of them in the stead of several."""
    size, placebos = len(case.treated), case.placebos
    groups = _groups(size, len(placebos), case.seed)
    pick = np.zeros((1 + len(groups), len(placebos)), dtype=bool)
    for row, group in enumerate(groups, 1):
        pick[row, group] = True
    counts, exposure = (np.nan_to_num(rows[placebos]) for rows in (case.panel.counts, case.panel.exposure))
    member = pick.astype(float)  # Products of booleans take thirty times as long.
    y, e = member @ counts, member @ exposure
    y[0], e[0] = (rows[case.treated].sum(axis=0) for rows in (case.panel.counts, case.panel.exposure))
    # No placebo may be its own comparison.
    allowed = ~pick[:, np.searchsorted(placebos, case.donors)]
    return _Rows(y, e, allowed, len(placebos) // max(1, size))


def _groups(size: int, donors: int, seed: int) -> list[NDArray[np.intp]]:
    if size <= 1 or donors < 2 * size:
        return [np.array([j]) for j in range(donors)] if donors > 1 else []
    rng = np.random.default_rng(seed)
    return [rng.permutation(donors)[:size] for _ in range(GROUPS)]


def _fitted(
    case: Case, rows: _Rows, kind: Literal["synthetic-control", "synthetic-did", "did"], observed: Floats
) -> Fit:
    used = case.used
    pre, post = case.pre[used], case.post[used]
    found, unit = _synthetic(case, rows, kind)
    targets = rows.counts[:, used] / rows.exposure[:, used]
    expected = found.expected * unit * rows.exposure[:, used]
    relative = found.scale * unit[:, 0] / np.mean(targets[:, pre], axis=1)
    seen, due = (part[:, post].sum(axis=1) for part in (rows.counts[:, used], expected))
    # Half a contact keeps the logarithm of small counts; it is nothing beside large ones.
    error = np.log((seen + 0.5) / np.maximum(due + 0.5, 0.5))
    if rows.independent < FEWEST and len(case.treated) >= FEWEST_TREATED:
        # Too few groups as large as the treated can be had that do not overlap: the units' own spread says what they cannot.
        return _by_units(case, kind, found, (observed, expected, relative, error))
    return _inferred(case, rows, found, (observed, expected, relative, error))


def _left_out(case: Case, kind: Kind) -> float:
    """The standard error of the log ratio from leaving out each treated unit and each donor in turn, weights found anew each time

    (in up to GROUPS groups a side; the jackknife of Arkhangelsky et al. 2021, Amer. Econ. Rev. 111:4088, algorithm 3)."""
    rng = np.random.default_rng(case.seed)
    ours, others = (
        np.array_split(rng.permutation(side), min(GROUPS, len(side))) for side in (case.treated, case.donors)
    )
    allowed = np.ones((len(ours) + len(others), len(case.donors)), dtype=bool)
    for row, group in enumerate(others, len(ours)):
        allowed[row, np.searchsorted(case.donors, group)] = False

    def sums(part: Floats) -> Floats:
        whole = part[case.treated].sum(axis=0)
        return np.array([*(whole - part[group].sum(axis=0) for group in ours), *(whole for _ in others)])

    rows = _Rows(sums(case.panel.counts), sums(case.panel.exposure), allowed, 0)
    found, unit = _synthetic(case, rows, kind)
    used = case.used
    post = case.post[used]
    seen = rows.counts[:, used][:, post].sum(axis=1)
    due = (found.expected * unit * rows.exposure[:, used])[:, post].sum(axis=1)
    logs = np.log((seen + 0.5) / np.maximum(due + 0.5, 0.5))
    return float(np.sqrt(sum((len(part) - 1) * np.var(part) for part in np.split(logs, [len(ours)]))))


def _by_units(case: Case, kind: Kind, found: Synthetic, told: tuple[Floats, Floats, Floats, Floats]) -> Fit:
    """The fit with Student's tails for the smaller side. No narrower than counting, or than groups of placebos (which overlap)."""
    observed, expected, relative, error = told
    spread = np.full(observed.shape, np.nan)
    spread[case.used] = expected[0]
    groups = float(np.sqrt(np.mean(error[1:] ** 2))) if len(case.placebos) >= 2 * len(case.treated) else 0.0
    width = max(_left_out(case, kind), _by_counting(case, observed), groups)
    freedom = min(len(case.treated), len(case.donors)) - 1
    levels = (np.arange(case.draws) + 0.5) / case.draws
    off = np.random.default_rng(case.seed).permutation(width * stats.t.ppf(levels, freedom))
    return Fit(
        observed, spread, np.exp(off)[:, None] * spread, case.pre, case.post, "a jackknife over units",
        weights=_weights(case, found), scale=float(relative[0]), typical_scale=float(np.median(relative[1:])),
        p=float(2 * stats.t.sf(abs(error[0]) / width, freedom)),
        detectable=float(np.exp(-width * stats.t.ppf([(1 + case.level) / 2, 0.8], freedom).sum())), level=found.level,
    )  # fmt: skip


def _weights(case: Case, found: Synthetic) -> dict[int, float]:
    return {int(case.donors[j]): float(w) for j, w in enumerate(found.weights[0]) if w > 1e-6}


def conformal(case: Case, method: str) -> tuple[float, float] | None:
    """The ratios that the treated sum's own other periods do not refuse; None where there are too few periods."""
    case = case.whole
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


def _inferred(case: Case, rows: _Rows, found: Synthetic, parts: tuple[Floats, Floats, Floats, Floats]) -> Fit:
    observed, expected, relative, error = parts
    scale = tempered(moderated(relative, found.freedom), error)
    sound = scale > 1e-12
    studentised = np.divide(error, scale, out=np.full_like(error, np.nan), where=sound)
    reference = Reference(studentised[1:][np.isfinite(studentised[1:])], rows.independent)
    spread = np.full(observed.shape, np.nan)
    spread[case.used] = expected[0]
    gaps = np.full((len(expected) - 1, len(observed)), np.nan)
    gaps[:, case.used] = rows.counts[1:, case.used] / expected[1:] - 1
    weights = _weights(case, found)
    if not reference.usable or not sound[0]:
        why = f"{reference.independent} independent placebos, too few to say how large an error is usual"
        return Fit(observed, spread, None, case.pre, case.post, "none", why, gaps, weights)
    scale[0] = max(scale[0], _by_counting(case, observed) / float(np.sqrt(np.mean(reference.errors**2))))
    factor = np.exp(scale[0] * drawn_errors(reference, case.draws, case.seed))
    half, power = sizes_at(reference, np.array([case.level, 0.6]))
    return Fit(
        observed, spread, factor[:, None] * spread, case.pre, case.post, reference.kind, "", gaps, weights,
        float(relative[0]), float(np.median(relative[1:])), p_value(float(studentised[0]), reference),
        float(np.exp(-scale[0] * (half + power))), errors=reference.errors, half=float(half),
        level=found.level,
    )  # fmt: skip
