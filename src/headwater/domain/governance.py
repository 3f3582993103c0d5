"""Risks, controls, gates, phases and decisions."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from headwater.domain.uncertainty import Interval


@dataclass(frozen=True, slots=True)
class Control:
    control: str
    text: str
    effectiveness: float
    """Share of the likelihood or the impact it takes away, 0 to 1."""
    acts_on: str
    """likelihood or impact."""
    owner: str
    tested: date | None = None


@dataclass(frozen=True, slots=True)
class Risk:
    """Cause, event, effect (Orange Book); likelihood a year as an interval, impact in £ as an interval."""

    risk: str
    collaboration: str
    cause: str
    event: str
    effect: str
    likelihood: Interval
    impact_gbp: Interval
    owner: str
    controls: tuple[Control, ...] = ()
    appetite_gbp: float | None = None
    indicator: str = ""
    line: int = 1
    """Which of the three lines holds it."""


class Met(StrEnum):
    MET = "met"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A measured condition: a figure's name, a comparison and a limit, as in `link_rate >= 0.9`."""

    text: str
    expression: str
    met: Met = Met.UNKNOWN
    figure: float | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    gate: str
    role: str
    date: str
    verdict: str
    """open, closed or conditions."""
    reason: str


@dataclass(frozen=True, slots=True)
class Gate:
    """Criteria with the figure behind each. It never opens by itself: only a decision opens it."""

    gate: str
    phase: str
    criteria: tuple[Criterion, ...]
    decides: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True)
class Phase:
    phase: str
    name: str
    aim: str
    entry: Gate | None
    exit: Gate | None


@dataclass(frozen=True, slots=True)
class Indicator:
    """An early warning, wired to a figure. fired is None where the figure is not known."""

    name: str
    collaboration: str
    fired: bool | None
    figure: float | None
    limit: float | None
    text: str
