"""Who is compared with whom: the protocol's way of matching, made once for each drawing of waits and pooled."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.errors import DataProblem
from headwater.evidence.people.design import apart
from headwater.stats.matching import Rule, nearest_pairs, whitened
from headwater.stats.propensity import propensity_logit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.domain.collaboration import Protocol
    from headwater.evidence.people.design import Design

    Days = NDArray[np.int64]
    Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """Rows of the design in matched sets. row, sets: int64[member]; weight: float64[member]; score: float64[unit].

    A set is one enrolled person's, whose row is its number.
    """

    row: Days
    sets: Days
    weight: Vector
    score: Vector
    unmatched: Days

    def only(self, keep: NDArray[np.bool_]) -> Matched:
        """The sets with some of their members."""
        return replace(self, row=self.row[keep], sets=self.sets[keep], weight=self.weight[keep])

    @property
    def leader(self) -> Days:
        """int64[member]: the unit by which a member belongs to a group or an area, the set's enrolled person."""
        return self.sets


def matched(design: Design, protocol: Protocol) -> Matched:
    """The matched sets by the protocol's method. Raises DataProblem where there is no candidate at all."""
    units = design.units
    if units.treated.all():
        raise DataProblem(
            f"nobody can be compared with those enrolled in {protocol.id!r}",
            given="no other person met the entry rule at that time",
            next_step="widen comparison.options calendar_days, or load the records of people who were not enrolled",
        )
    score = score_of(design, protocol)
    features = whitened(design.covariates) if protocol.comparison.distance == "mahalanobis" else None
    found = [_pairs(design, (score, features), protocol, drawing) for drawing in range(design.drawings)]
    unit, control = (np.concatenate(parts) for parts in zip(*found, strict=True))
    ours = np.unique(unit)
    each = np.bincount(unit, minlength=len(units.treated))
    weight = np.concatenate([np.ones(len(ours)), 1.0 / each[unit]])
    unmatched = np.setdiff1d(np.flatnonzero(units.treated), ours)
    return Matched(np.concatenate([ours, control]), np.concatenate([ours, unit]), weight, score, unmatched)


DIGITS = 9
"""Decimals of a score by which people are told apart; the next ones are the order of a sum."""


def _pairs(design: Design, near: tuple[Vector, Vector | None], protocol: Protocol, drawing: int) -> tuple[Days, Days]:
    """Rows of enrolled and compared of the pairs of one drawing. near: what nearness is measured on, of all units: the
    score, and features where they choose within its caliper."""
    (score, features), units, plan = near, design.units, protocol.comparison
    rows = np.flatnonzero(units.treated | (units.drawing == drawing))
    width = np.inf if plan.caliper is None else plan.caliper * float(score.std() or 1.0)
    pairs = nearest_pairs(
        units.treated[rows],
        design.strata[rows],
        np.round(score[rows], DIGITS),
        Rule(plan.per_unit, width, apart(protocol), plan.replacement),
        owner=units.person[rows],
        when=units.index[rows].astype(np.float64),
        features=None if features is None else features[rows],
    )
    return rows[pairs.treated], rows[pairs.control]


def score_of(design: Design, protocol: Protocol) -> Vector:
    """float64[unit]: what nearness is measured on. The prognostic score is learnt from the candidates alone (Hansen
    2008)."""
    if protocol.comparison.distance == "prognostic":
        return design.expected[:, design.kinds.index(protocol.primary_kind)]
    return propensity_logit(design.covariates, design.units.treated)
