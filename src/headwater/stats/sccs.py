"""All services at once in one conditional-Poisson self-controlled case series, for many downstream kinds in the same
passes.

log λ_d(i, t) = α_i + calendar(t) + age + Σ_u Σ_w β_uw post_uw(t) + Σ_u γ_u pre_u(t), in days; α_i drops out given the
person's own number of events (Farrington 1995, Biometrics 51; several exposures at once as in Morel et al. 2020,
Biostatistics 21). The pre-window takes up events that led to the service rather than came after it; contacts of one day
are unordered and count as before. Within a person age and date run together, so age is a trend of its own for each age
band. A ridge keeps rare services finite; errors are a sandwich by person.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.progress import silent
from headwater.stats.sccs_kernels import INFORMATION, MEAT, SCORE, known, shard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from numpy.typing import NDArray

    from headwater.domain.progress import Progress

    Vector = NDArray[np.float64]
    Codes = NDArray[np.int64]
    Terms = Callable[[Codes], Vector]

# Days from the contact: first and last of each window, those before it first, and last one in which whatever a contact
# did is over.
WINDOWS = np.array(
    [(-180, -91), (-90, -31), (-30, 0), (1, 7), (8, 30), (31, 90), (91, 180), (181, 365)], dtype=np.int64
)
BEFORE, POST, AFTERWARDS = slice(0, 3), slice(3, 7), 7
RIDGE = 0.5
REACH = 180
YEAR = 365.25
# Edges of 4,000 people with 33 contacts each are some 10 MB: they stay in the cache while every kind passes over them.
BLOCK = 4_000
MANY = 25_000
"""Of kinds that more people have, the bend and the errors come from some of the blocks, about so many people; the
estimate is that of everybody."""
BENDS, PATIENCE = 2, 8
ROOM = 2**28
"""Bytes of the squares that one pass holds in each part; kinds go through in so large groups."""
FAR = 12.0
"""Log ratios are held within ± 12 while a fit is under way, so that no rate vanishes."""
SHARDS = 2
"""Sums are made in so many parts whatever the number of cores, so that they are the same on every machine."""


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """Contacts of many people: those of person i are rows first[i] … first[i + 1] − 1, sorted by day.

    day: int32[contact]; blur: int8[contact], days after `day` up to which it may lie (0 unless the date is coarse);
    service: int16[contact]; start, end: int32[person], first and last day observed; band: int8[person], age band;
    services: how many.
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

    weekly: multiply each day by how often the kind comes in its week, over all people, before the terms are fitted:
    what strikes everybody (an epidemic, a strike, a hard winter) is no service's doing. tolerance: of Newton's
    decrement for each column, the squared length of a step in standard errors: after a step of a tenth of one, a
    hundredth is left.
    """

    windows: Codes
    terms: Terms
    ridge: float = RIDGE
    tolerance: float = 1e-2
    passes: int = 30
    weekly: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class SelfControlled:
    """beta: float64[service, window]; covariance: float64[service, window, window], of each service's own windows.

    supported: bool[service, window], whether anybody with an event had days in it; events: how many; calendar:
    float64[term].
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


PLAIN = Model(WINDOWS, seasonal, weekly=True)
BLEND = 30.0
"""Events by which a week leans on its four weeks, and these on all."""


def course_of(
    first: Codes,
    day: Codes,
    service: Codes,
    window: tuple[Codes, Codes],
    services: int,
    band: Codes | None = None,
    blur: Codes | None = None,
) -> Course:
    """A Course of plain arrays, in the widths the kernels are compiled for."""
    start, end = window
    return Course(
        np.asarray(first, np.int64),
        np.asarray(day, np.int32),
        np.zeros(len(day), np.int8) if blur is None else np.asarray(blur, np.int8),
        np.asarray(service, np.int16),
        np.asarray(start, np.int32),
        np.asarray(end, np.int32),
        np.zeros(len(start), np.int8) if band is None else np.asarray(band, np.int8),
        services,
    )


def joint_sccs(
    course: Course,
    kinds: Sequence[int],
    model: Model = PLAIN,
    without: NDArray[np.bool_] | None = None,
    progress: Progress = silent,
) -> tuple[SelfControlled, ...]:
    """One series for each downstream kind, over all other services; contacts of the kind itself are no exposure of it.

    without: bool[kind, service], exposures to leave out of a kind's series. Every pass lists the edges of each block
    of people once and lets all kinds that have not settled go over them.
    """
    asked = np.asarray(kinds, np.int64)
    out = np.zeros((len(asked), course.services), dtype=bool) if without is None else without.copy()
    out[np.arange(len(asked)), asked] = True
    fit = _Fit(course, asked, model, out)
    fit.settle(progress)
    progress("", 1, 1)
    return fit.answers()


class _Fit:
    """Newton's method for many kinds in the same passes. beta: float64[kind, column]; without: bool[kind, service]."""

    def __init__(self, course: Course, kinds: Codes, model: Model, without: NDArray[np.bool_]) -> None:
        self.course, self.kinds, self.model = course, kinds, model
        self.rows = (course.first, course.day, course.blur, course.service, course.start, course.end)
        self.without = np.repeat(without, len(model.windows), axis=1)
        self.base = course.services * len(model.windows)
        self.zero, last = (int(course.start.min()), int(course.end.max())) if course.people else (0, 0)
        self.design = np.asarray(model.terms(np.arange(self.zero, last + 1, dtype=np.int64)), dtype=np.float64)
        self.bands = int(course.band.max(initial=0)) + 1
        self.columns = self.base + self.design.shape[1] - 1 + self.bands
        self.beta = np.zeros((len(kinds), self.columns))
        # Single precision is enough for a direction; with 100 services and kinds it is 270 MB.
        self.inverse = np.zeros((len(kinds), self.columns, self.columns), dtype=np.float32)
        self.moved = np.ones(len(kinds))
        place = np.full(course.services, -1, dtype=np.int64)
        place[kinds] = np.arange(len(kinds))
        self.events, having, self.wanted, daily = known(self.rows, place, self.zero, len(self.design))
        self.weekly = by_week(daily, self._at_risk()) if model.weekly else np.ones((len(kinds), len(self.design)))
        self.thin = np.maximum(having // MANY, 1)
        edges = np.linspace(0, course.people, SHARDS + 1).astype(np.int64)
        self.shards = [
            np.array([(low, min(low + BLOCK, b)) for low in range(a, b, BLOCK)], np.int64).reshape(-1, 2)
            for a, b in pairwise(edges.tolist())
        ]

    def _at_risk(self) -> Vector:
        """float64[day], people who are observed."""
        edges = np.zeros(len(self.design) + 1)
        np.add.at(edges, self.course.start - self.zero, 1.0)
        np.add.at(edges, self.course.end + 1 - self.zero, -1.0)
        found: Vector = np.cumsum(edges)[:-1]
        return found

    def every(self) -> NDArray[np.bool_]:
        return np.ones(len(self.kinds), dtype=bool)

    def settle(self, progress: Progress) -> None:
        """First on the blocks that serve for bends, which is everybody for rare kinds; then frequent kinds on
        everybody.

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
        if fresh:
            self.bend(moving, sampled)
        score, _, _ = self.sums(moving, SCORE, sampled)
        penalty = np.where(np.arange(self.columns) < self.base, self.model.ridge, 0.0)
        still = np.zeros_like(moving)
        for place, at in enumerate(map(int, np.flatnonzero(moving))):
            pull = score[place] - penalty * self.beta[at]
            move = np.clip(self.inverse[at] @ pull, -1.0, 1.0)
            self.beta[at] += move
            still[at] = pull @ move > self.model.tolerance * self.moved[at]
        return still

    def bend(self, moving: NDArray[np.bool_], sampled: bool) -> None:
        """The inverse of the information of the moving kinds, where they now are."""
        for group in self.groups(moving):
            _, information, _ = self.sums(group, INFORMATION, sampled)
            for found, at in zip(information, map(int, np.flatnonzero(group)), strict=True):
                self.inverse[at] = self._inverse(at, found)
                self.moved[at] = max(int((np.diag(self.inverse[at]) > 0).sum()), 1)

    def groups(self, some: NDArray[np.bool_]) -> Iterator[NDArray[np.bool_]]:
        """bool[kind], of few enough kinds that their squares have room."""
        size = max(ROOM // (8 * self.columns**2), 1)
        chosen = np.flatnonzero(some)
        for low in range(0, len(chosen), size):
            group = np.zeros_like(some)
            group[chosen[low : low + size]] = True
            yield group

    def _inverse(self, at: int, information: Vector) -> Vector:
        """Of the penalised information over columns that are exposures of this kind and have days; nought elsewhere."""
        ridge = np.where(np.arange(self.columns) < self.base, self.model.ridge, 1e-9)
        used = np.diag(information) > 1e-12
        used[: self.base] &= ~self.without[at]
        found = np.zeros_like(information)
        cells = np.ix_(used, used)
        found[cells] = np.linalg.inv(information[cells] + np.diag(ridge[used]))
        return found

    def sums(self, moving: NDArray[np.bool_], depth: int, sampled: bool = True) -> tuple[Vector, Vector, Vector]:
        """(score[kind, column], information[kind, column, column], meat), the last two nought where `depth` does not
        ask for them.

        sampled: over the blocks that serve for bends only, weighted to stand for everybody.
        """
        some = np.flatnonzero(moving)
        ratios = np.exp(np.clip(self.beta[some, : self.base], -FAR, FAR))
        fit = (self.kinds[some], ratios, self.course.band, self._calendar(some, depth), self.zero)

        def work(blocks: Codes) -> tuple[Vector, Vector, Vector]:
            thin = self.thin[some] if sampled else np.ones_like(some)
            takes = np.arange(len(blocks))[:, None] % thin == 0
            score, information, meat = (np.zeros((len(some), *shape)) for shape in self._shapes(depth))
            out = (score, information, meat)
            plan = (np.ascontiguousarray(blocks[:, 0]), np.ascontiguousarray(blocks[:, 1]), takes)
            shard(self.rows, self.wanted, self.model.windows, plan, fit, out, depth)
            return out

        with ThreadPoolExecutor(max_workers=SHARDS) as pool:
            made = list(pool.map(work, self.shards))
        for other in made[1:]:
            for total, part in zip(made[0], other, strict=True):
                total += part
        if sampled:
            for at in np.flatnonzero(self.thin[some] > 1):
                for found in made[0]:
                    found[at] *= self._weight(int(self.thin[some[at]]))
        score, information, meat = made[0]
        return score, _both_sides(information), _both_sides(meat)

    def _shapes(self, depth: int) -> tuple[tuple[int, ...], ...]:
        square = (self.columns, self.columns)
        return (self.columns,), square if depth >= INFORMATION else (1, 1), square if depth >= MEAT else (1, 1)

    def _weight(self, thin: int) -> float:
        """People over people in every thin-th block."""
        some = sum(high - low for shard in self.shards for low, high in shard[::thin])
        return self.course.people / max(some, 1)

    def _calendar(self, some: Codes, depth: int) -> Vector:
        """float64[kind, band, day + 1, 1 + K + K·K]: running sums of the calendar's rate, times its terms and their
        products."""
        x = self.design
        products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
        columns = np.concatenate([np.ones((len(x), 1)), x, *([products] if depth else [])], axis=1)
        found = np.zeros((len(some), self.bands, len(x) + 1, columns.shape[1]))
        for table, gamma, weekly in zip(found, self.beta[some, self.base :], self.weekly[some], strict=True):
            shared = x[:, :-1] @ gamma[: x.shape[1] - 1]
            rates = weekly * np.exp(np.clip(shared + x[:, -1] * gamma[x.shape[1] - 1 :, None], -FAR, FAR))
            np.cumsum(rates[:, :, None] * columns, axis=1, out=table[:, 1:])
        return found

    def answers(self) -> tuple[SelfControlled, ...]:
        made: list[SelfControlled] = []
        for group in self.groups(self.every()):
            _, information, meat = self.sums(group, MEAT)
            made += [
                self.answer(int(at), *one) for at, *one in zip(np.flatnonzero(group), information, meat, strict=True)
            ]
        return tuple(made)

    def answer(self, at: int, information: Vector, meat: Vector) -> SelfControlled:
        bread = self._inverse(at, information)
        covariance = bread @ meat @ bread
        windows = len(self.model.windows)
        shape = (self.course.services, windows)
        blocks = np.stack([covariance[k : k + windows, k : k + windows] for k in range(0, self.base, windows)])
        supported = (np.diag(bread)[: self.base] > 0).reshape(shape)
        beta = np.where(supported, self.beta[at, : self.base].reshape(shape), 0.0)
        return SelfControlled(
            int(self.kinds[at]), beta, blocks, supported, self.beta[at, self.base :], int(self.events[at])
        )


def by_week(daily: Codes, at_risk: Vector) -> Vector:
    """float64[kind, day]: events of the day's week over what they are in all weeks; a week of few leans on its four
    weeks.

    daily: int64[kind, day], events; at_risk: float64[day], people observed.
    """
    week = np.arange(daily.shape[1]) // 7
    found = np.ones(daily.shape)
    for row, counts in zip(found, daily, strict=True):
        expected = at_risk * counts.sum() / max(at_risk.sum(), 1.0)
        month = (np.bincount(week // 4, counts) + BLEND) / (np.bincount(week // 4, expected) + BLEND)
        lean = month[np.arange(week[-1] + 1) // 4]
        row[:] = ((np.bincount(week, counts) + BLEND * lean) / (np.bincount(week, expected) + BLEND))[week]
    return found


def _both_sides(half: Vector) -> Vector:
    """float64[kind, column, column] of which each product stands on one side only → the symmetric matrices, in
    place."""
    for one in half:
        across = np.diag(one).copy()
        one += one.T.copy()
        np.fill_diagonal(one, across)
    return half
