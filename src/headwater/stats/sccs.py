"""All services at once in one conditional-Poisson self-controlled case series, for many downstream kinds in the same passes.

log λ_d(i, t) = α_i + calendar(t) + age + Σ_u Σ_w β_uw post_uw(t) + Σ_u γ_u pre_u(t), in days; α_i drops out given the person's
own number of events (Farrington 1995, Biometrics 51; several exposures at once as in Morel et al. 2020, Biostatistics 21). The
pre-window takes up events that led to the service rather than came after it; contacts of one day are unordered and count as
before. Within a person age and date run together, so age is a trend of its own for each age band. A ridge keeps rare services
finite; errors are a sandwich by person.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.progress import silent
from headwater.stats.sccs_kernels import by_kind, stretches, sums

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from headwater.domain.progress import Progress

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Terms = Callable[[Codes], Vector]

# Days from the contact: first and last of each window, the pre-window first.
WINDOWS = np.array([(-30, 0), (1, 7), (8, 30), (31, 90), (91, 180)], dtype=np.int64)
DAYS_OF = (WINDOWS[:, 1] - WINDOWS[:, 0] + 1).astype(np.float64)
POST = slice(1, len(WINDOWS))
RIDGE = 0.5
REACH = 180
YEAR = 365.25
# Stretches of 4,000 people with 33 contacts each are some 20 MB: they stay in the cache while every kind passes over them.
BLOCK = 4_000
THIN, MANY = 8, 50_000
"""Of kinds that more than so many people have, the bend and the errors come from every eighth block of people; the estimate is
that of everybody."""
BENDS, PATIENCE = 3, 8
FAR = 12.0
"""Log ratios are held within ± 12 while a fit is under way, so that no rate vanishes."""
SHARDS = 2
"""Sums are made in so many parts whatever the number of cores, so that they are the same on every machine."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Contacts of many people: those of person i are rows first[i] … first[i + 1] − 1, sorted by day.

    day: int32[contact]; blur: int8[contact], days after `day` up to which it may lie (0 unless the date is coarse); service:
    int16[contact]; start, end: int32[person], first and last day observed; band: int8[person], age band; services: how many.
    """

    first: Codes
    day: NDArray[np.int32]
    blur: NDArray[np.int8]
    service: NDArray[np.int16]
    start: NDArray[np.int32]
    end: NDArray[np.int32]
    band: NDArray[np.int8]
    services: int

    @property
    def people(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """windows: int64[window, 2], lags in days; terms: days → float64[day, K], the calendar, its last term by age band.

    tolerance: of Newton's decrement, the squared length of a step in standard errors: 0.001 leaves some 3 % of one.
    """

    windows: Codes
    terms: Terms
    ridge: float = RIDGE
    tolerance: float = 1e-3
    passes: int = 30


@dataclass(frozen=True, slots=True, eq=False)
class SelfControlled:
    """beta: float64[service, window]; covariance: float64[service, window, window], of each service's own windows.

    supported: bool[service, window], whether anybody with an event had days in it; events: how many; calendar: float64[term].
    """

    kind: int
    beta: Vector
    covariance: Vector
    supported: NDArray[np.bool_]
    calendar: Vector
    events: int


def seasonal(day: Codes) -> Vector:
    """float64[day, 3]: the year's wave and the years from the middle of the days, of which the last is by age band."""
    angle = 2 * np.pi * day / YEAR
    return np.stack([np.cos(angle), np.sin(angle), (day - day.mean()) / YEAR], axis=1)


PLAIN = Model(WINDOWS, seasonal)


def course_of(
    first: Codes, day: Codes, service: Codes, window: tuple[Codes, Codes], services: int, band: Codes | None = None,
    blur: Codes | None = None,
) -> Course:  # fmt: skip
    """A Course of plain arrays, in the widths the kernels are compiled for."""
    start, end = window
    return Course(
        np.asarray(first, np.int64), np.asarray(day, np.int32),
        np.zeros(len(day), np.int8) if blur is None else np.asarray(blur, np.int8), np.asarray(service, np.int16),
        np.asarray(start, np.int32), np.asarray(end, np.int32),
        np.zeros(len(start), np.int8) if band is None else np.asarray(band, np.int8), services,
    )  # fmt: skip


def joint_sccs(
    course: Course, kinds: Sequence[int], model: Model = PLAIN, without: NDArray[np.bool_] | None = None,
    progress: Progress = silent,
) -> tuple[SelfControlled, ...]:  # fmt: skip
    """One series for each downstream kind, over all other services; contacts of the kind itself are no exposure of it.

    without: bool[kind, service], exposures to leave out of a kind's series. Every pass cuts each block of people into stretches
    once and lets all kinds that have not settled go over them.
    """
    asked = np.asarray(kinds, np.int64)
    out = np.zeros((len(asked), course.services), dtype=bool) if without is None else without.copy()
    out[np.arange(len(asked)), asked] = True
    fit = _Fit(course, asked, model, out)
    fit.settle(progress)
    progress("", 1, 1)
    _, information, meat = fit.sums(fit.every(), bend=True)
    return tuple(fit.answer(at, information[at], meat[at]) for at in range(len(kinds)))


class _Fit:
    """Newton's method for many kinds in the same passes. beta: float64[kind, column]; without: bool[kind, service]."""

    def __init__(self, course: Course, kinds: Codes, model: Model, without: NDArray[np.bool_]) -> None:
        self.course, self.kinds, self.model = course, kinds, model
        self.without = np.repeat(without, len(model.windows), axis=1)
        self.base = course.services * len(model.windows)
        self.zero, last = (int(course.start.min()), int(course.end.max())) if course.people else (0, 0)
        self.design = np.asarray(model.terms(np.arange(self.zero, last + 1, dtype=np.int64)), dtype=np.float64)
        self.bands = int(course.band.max(initial=0)) + 1
        self.columns = self.base + self.design.shape[1] - 1 + self.bands
        self.beta = np.zeros((len(kinds), self.columns))
        self.inverse = np.zeros((len(kinds), self.columns, self.columns))
        having = [_ordered_events(course, int(kind)) > 0 for kind in kinds]
        self.wanted = np.logical_or.reduce(having) if having else np.zeros(course.people, dtype=bool)
        self.thin = np.where(np.array([one.sum() for one in having]) > MANY, THIN, 1)
        edges = np.linspace(0, course.people, SHARDS + 1).astype(np.int64)
        self.shards = [
            [(low, min(low + BLOCK, int(b))) for low in range(int(a), int(b), BLOCK)] for a, b in pairwise(edges)
        ]

    def every(self) -> NDArray[np.bool_]:
        return np.ones(len(self.kinds), dtype=bool)

    def settle(self, progress: Progress) -> None:
        """First on the blocks that serve for bends, which is everybody for rare kinds; then frequent kinds on everybody.

        The second round uses the last bend of the first, so each pass costs a score.
        """
        for sampled in (True, False):
            moving = self.every() if sampled else self.thin > 1
            for turn in range(self.model.passes):
                if not moving.any():
                    break
                progress("self-controlled series", turn, self.model.passes)
                fresh = sampled and (turn < BENDS or turn >= PATIENCE)
                moving = self.step(moving, fresh, sampled)

    def step(self, moving: NDArray[np.bool_], fresh: bool, sampled: bool) -> NDArray[np.bool_]:
        """bool[kind]: which of the moving ones have not arrived."""
        score, information, _ = self.sums(moving, bend=fresh, sampled=sampled)
        penalty = np.where(np.arange(self.columns) < self.base, self.model.ridge, 0.0)
        still = np.zeros_like(moving)
        for at in map(int, np.flatnonzero(moving)):
            if fresh:
                self.inverse[at] = self._inverse(at, information[at])
            pull = score[at] - penalty * self.beta[at]
            move = np.clip(self.inverse[at] @ pull, -1.0, 1.0)
            self.beta[at] += move
            still[at] = pull @ move > self.model.tolerance
        return still

    def _inverse(self, at: int, information: Vector) -> Vector:
        """Of the penalised information over columns that are exposures of this kind and have days; nought elsewhere."""
        ridge = np.where(np.arange(self.columns) < self.base, self.model.ridge, 1e-9)
        used = np.diag(information) > 1e-12
        used[: self.base] &= ~self.without[at]
        found = np.zeros_like(information)
        cells = np.ix_(used, used)
        found[cells] = np.linalg.inv(information[cells] + np.diag(ridge[used]))
        return found

    def sums(
        self, moving: NDArray[np.bool_], bend: bool, sampled: bool = True
    ) -> tuple[Vector, Vector, Vector]:  # fmt: skip
        """(score[kind, column], information[kind, column, column], meat), the last two nought unless `bend`.

        sampled: over the blocks that serve for bends only, weighted to stand for everybody.
        """
        wide = self.columns if bend else 1
        tables = [self._table(at) if moving[at] else np.zeros((0, 0, 0)) for at in range(len(self.kinds))]

        def work(shard: list[tuple[int, int]]) -> tuple[Vector, Vector, Vector]:
            shape = (len(self.kinds), wide, wide)
            out = (np.zeros((len(self.kinds), self.columns)), np.zeros(shape), np.zeros(shape))
            for number, block in enumerate(shard):
                some = np.flatnonzero(moving & (number % self.thin == 0 if sampled else True))
                self._block(block, some, tables, out, bend)
            return out

        with ThreadPoolExecutor(max_workers=SHARDS) as pool:
            made = list(pool.map(work, self.shards))
        for other in made[1:]:
            for total, part in zip(made[0], other, strict=True):
                total += part
        score, information, meat = made[0]
        if sampled:
            for at in np.flatnonzero(self.thin > 1):
                for found in made[0]:
                    found[at] *= self._weight(int(self.thin[at]))
        return score, _both_sides(information), _both_sides(meat)

    def _weight(self, thin: int) -> float:
        """People over people in every thin-th block."""
        some = sum(high - low for shard in self.shards for low, high in shard[::thin])
        return self.course.people / max(some, 1)

    def _block(
        self, block: tuple[int, int], some: Codes, tables: list[Vector], out: tuple[Vector, Vector, Vector], bend: bool
    ) -> None:  # fmt: skip
        """Cut the block once; each of some kinds goes over the stretches."""
        if not len(some):
            return
        c, (low, high) = self.course, block
        cut = stretches(c.first, c.day, c.blur, c.service, c.start, c.end, self.wanted, self.model.windows, low, high)
        at, rows, people = by_kind(c.first, c.service, low, high, c.services)
        for k in some:
            kind = int(self.kinds[k])
            mine = slice(at[kind], at[kind + 1])
            ratios = np.exp(np.clip(self.beta[k, : self.base], -FAR, FAR))
            sums(
                cut, (rows[mine], people[mine]), (c.day, c.blur, c.start, c.end), c.band, low, ratios, tables[k], self.zero,
                (out[0][k], out[1][k], out[2][k]), bend,
            )  # fmt: skip

    def _table(self, at: int) -> Vector:
        """float64[band, day + 1, 1 + K + K·K]: running sums of the calendar's rate, times its terms and their products."""
        x = self.design
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        columns = np.concatenate([np.ones((len(x), 1)), x, products], axis=1)
        gamma = self.beta[at, self.base :]
        shared = x[:, :-1] @ gamma[: x.shape[1] - 1]
        rates = np.exp(np.clip(shared + x[:, -1] * gamma[x.shape[1] - 1 :, None], -FAR, FAR))
        running = np.cumsum(rates[:, :, None] * columns, axis=1)
        return np.concatenate([np.zeros((self.bands, 1, columns.shape[1])), running], axis=1)

    def answer(self, at: int, information: Vector, meat: Vector) -> SelfControlled:
        bread = self._inverse(at, information)
        covariance = bread @ meat @ bread
        windows = len(self.model.windows)
        shape = (self.course.services, windows)
        blocks = np.stack([covariance[k : k + windows, k : k + windows] for k in range(0, self.base, windows)])
        supported = (np.diag(bread)[: self.base] > 0).reshape(shape)
        beta = np.where(supported, self.beta[at, : self.base].reshape(shape), 0.0)
        kind = int(self.kinds[at])
        return SelfControlled(
            kind, beta, blocks, supported, self.beta[at, self.base :], int(_ordered_events(self.course, kind).sum())
        )


def _ordered_events(course: Course, kind: int) -> NDArray[np.int64]:
    """int64[person]: contacts of the kind that lie in the person's window and whose day is known."""
    rows = np.flatnonzero((course.service == kind) & (course.blur == 0))
    person = np.searchsorted(course.first, rows, side="right") - 1
    seen = (course.day[rows] >= course.start[person]) & (course.day[rows] <= course.end[person])
    return np.bincount(person[seen], minlength=course.people)


def _both_sides(half: Vector) -> Vector:
    """float64[kind, column, column] of which each product stands on one side only → the symmetric matrices, in place."""
    for one in half:
        across = np.diag(one).copy()
        one += one.T.copy()
        np.fill_diagonal(one, across)
    return half
