"""What is known of one pair of services: its series, and what stands for and against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from headwater.stats.calibration import FEWEST, SystematicError
from headwater.stats.following import LINKS_WRONG, Following
from headwater.stats.precedence import Precedence
from headwater.stats.sccs import POST, Course, SelfControlled
from headwater.stats.unknown_window import Averaged

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from headwater.domain.evidence import Check

    Vector = NDArray[np.float64]


UNKNOWN_LINKS, NO_LINKS_WRONG = LINKS_WRONG, 1 / 3
"""Probabilistic linkage misses 2 to 26 % of true pairs of records (Silveira & Artmann 2009, Revista de Saúde Pública
43, a review), and a pair of contacts rests on two; records that share a number are hardly ever wrong. So an unknown
link error is nothing with a chance of a third, else somewhere between nothing and this."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Every downstream kind's fit, who saw it first, and who follows it. All by place in `kinds`; course: in content
    order."""

    kinds: tuple[int, ...]
    fits: tuple[SelfControlled, ...]
    seen: Precedence
    follows: Following
    further: Vector
    course: Course
    wrong: float | None = None
    """The share of pairs of contacts that are not of one person; None where nobody states it."""

    def at(self, kind: int) -> int:
        return self.kinds.index(kind)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One downstream kind, all services.

    around, doubt: float64[service, window], [service, window, window], log ratios in all windows, calibrated after a
    contact and as they are before it; averaged: of those after it, over the unknown window, shrunk; used:
    int64[judged], the services that are judged; before: float64[window], how low pairs that are nothing stand, nought
    where too few are declared; candidates: bool[service], averting by the estimates alone at a false discovery rate of
    5 %; diagnoses: of these, what else would look so; observed: float64[service, window], events by window since the
    latest contact; contacts: float64[service].
    """

    kind: int
    raw: SelfControlled
    around: Vector
    doubt: Vector
    averaged: Averaged
    used: NDArray[np.int64]
    before: Vector
    candidates: NDArray[np.bool_]
    systematic: tuple[SystematicError, ...]
    observed: Vector
    contacts: Vector
    further: Vector
    diagnoses: Mapping[int, Diagnosis]

    @property
    def discovered(self) -> NDArray[np.bool_]:
        """bool[service]: who stands on the board, averting by the estimates and refused by no diagnostic."""
        found = np.zeros(len(self.candidates), dtype=bool)
        found[[service for service, told in self.diagnoses.items() if told.shown]] = True
        return found

    @property
    def beta(self) -> Vector:
        """float64[service, window], windows after the contact."""
        return self.around[:, POST]

    @property
    def covariance(self) -> Vector:
        """float64[service, window, window], of `beta`."""
        return self.doubt[:, POST, POST]

    @property
    def calibrated(self) -> bool:
        return self.systematic[0].controls >= FEWEST

    def place(self, service: int) -> int:
        """Where the service stands among those that are judged."""
        return int(np.flatnonzero(self.used == service)[0])

    def averted_each(
        self, service: int, draws: int, rng: np.random.Generator, link_error: float | None = None
    ) -> Vector:
        """float64[draw]: events that one contact averted within 180 days, as contacts now are: observed · (1 / ratio −
        1).

        link_error: the share of pairs of contacts that are not of one person; such pairs show no effect and hide part
        of it.
        """
        found = unhidden(self.averaged.draws(self.place(service), draws, rng), link_error, rng)
        return self._each(service, found, np.ones(len(found)))

    def averted_further(
        self, service: int, draws: int, rng: np.random.Generator, link_error: float | None = None
    ) -> Vector:
        """float64[draw]: events that one more contact would avert, which partly covers days that others cover
        already."""
        drawn = self.averaged.draws(self.place(service), draws, rng)
        last = drawn.shape[1] - 1 - (drawn[:, ::-1] != 0).argmax(axis=1)
        return self._each(service, unhidden(drawn, link_error, rng), self.further[service, last])

    def _each(self, service: int, log_ratio: Vector, share: Vector) -> Vector:
        each: Vector = share * (np.expm1(-log_ratio) @ self.observed[service]) / max(self.contacts[service], 1.0)
        return each


def unhidden(log_ratio: Vector, link_error: float | None, rng: np.random.Generator) -> Vector:
    """float64[draw, window]: log ratios among rightly linked pairs, ratio = (seen − f) / (1 − f).

    A stated f is known to two fifths of itself; where nobody stated it, it is nothing with a chance of a third, else up
    to four tenths, evenly.
    """
    if link_error is None:
        some = rng.random(len(log_ratio)) > NO_LINKS_WRONG
        wrong = (some * rng.uniform(0.0, UNKNOWN_LINKS, len(log_ratio)))[:, None]
    else:
        wrong = np.clip(rng.normal(link_error, 0.4 * link_error, len(log_ratio)), 0.0, 0.6)[:, None]
    found: Vector = np.log(np.maximum((np.exp(log_ratio) - wrong) / (1 - wrong), 0.05))
    return found


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All checks of one service for one downstream kind."""

    service: int
    kind: int
    checks: tuple[Check, ...]

    @property
    def shown(self) -> bool:
        return all(check.passed is not False for check in self.checks)

    @property
    def told(self) -> bool:
        """Whether every check could have failed."""
        return all(check.passed is not None for check in self.checks)

    @property
    def reasons(self) -> tuple[str, ...]:
        return tuple(check.text for check in self.checks if check.passed is False)
