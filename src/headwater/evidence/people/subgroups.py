"""Effects by group, corrected for the number of looks; and by predicted risk, which is exploratory and says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from headwater.domain.release import FigureData
from headwater.evidence.people.estimate import fitted, follow
from headwater.evidence.people.figures import beside_counts
from headwater.evidence.people.reading import AGE_BANDS
from headwater.evidence.people.whom import whom_next
from headwater.stats.sensitivity import benjamini_hochberg, holm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from headwater.evidence.people.case import Case
    from headwater.stats.poisson import RateModel

AGE_WORDS = ("under 18", "18 to 39", "40 to 64", "65 to 79", "80 and over")


def subgroups(case: Case) -> tuple[FigureData, ...]:
    """One figure for the protocol's subgroups, one for predicted risk; none where the whole could not be estimated."""
    kind = case.protocol.primary_kind
    if case.models[kind] is None:
        return ()
    found = [(column, *one) for column in case.protocol.subgroups for one in _by(case, kind, column)]
    return tuple(figure for figure in (_figure(case, found), _by_risk(case, kind)) if figure is not None)


def _by(case: Case, kind: str, column: str) -> list[tuple[str, RateModel, float]]:
    """Label, ratio and the enrolled's contacts of each group in which a ratio can be had."""
    labels = _labels(case, column)
    made = [(label, _of(case, kind, labels == label)) for label in sorted(set(labels))]
    return [(label, model, _seen(case, kind, labels == label)) for label, model in made if model is not None]


def _seen(case: Case, kind: str, units: NDArray[np.bool_]) -> float:
    """Contacts of the matched enrolled of a group in their follow-up."""
    rows = case.sets.row[case.design.units.treated[case.sets.row]]
    return float(case.design.after[rows[units[rows]], case.design.kinds.index(kind)].sum())


def _of(case: Case, kind: str, units: NDArray[np.bool_]) -> RateModel | None:
    """The rate ratio among sets whose enrolled person belongs to the group."""
    ours = units[case.sets.leader]
    if ours.sum() < 20:
        return None
    part = case.sets.only(ours)
    return fitted(follow(case.design, part, kind), case.design, part)


def _labels(case: Case, column: str) -> NDArray[np.object_]:
    """object[unit]: the group of each unit."""
    who = case.design.units.person
    if column == "sex":
        return np.where(case.people.female[who] > 0, "female", "male or not known").astype(object)
    if column == "area":
        return case.people.area[who]
    if column == "deprivation":
        tenth = case.people.deprivation[who]
        return np.where(
            np.isnan(tenth), "not known", np.where(tenth <= 3, "most deprived three tenths", "the other tenths")
        ).astype(object)
    age = 1970 + case.design.units.index / 365.25 - case.people.birth_year[who]
    return np.array(AGE_WORDS, dtype=object)[np.digitize(np.nan_to_num(age, nan=50), AGE_BANDS)]


def _figure(case: Case, found: list[tuple[str, str, RateModel, float]]) -> FigureData | None:
    if not found:
        return None
    whole = case.models[case.protocol.primary_kind]
    assert whole is not None
    # Whether a group differs from the whole, not whether it differs from nothing: that is what a reader would conclude.
    gaps = [abs(model.beta[0] - whole.beta[0]) / max(model.se[0], 1e-12) for _, _, model, _ in found]
    p = [float(2 * norm.sf(gap)) for gap in gaps]
    adjusted = {"holm": holm, "bh": benjamini_hochberg}.get(case.protocol.multiplicity, np.asarray)(p)
    unlike = [label for (_, label, _, _), value in zip(found, adjusted, strict=True) if value < 1 - case.protocol.level]
    title = (
        f"The effect differs for: {', '.join(unlike)}"
        if unlike
        else "No group's effect differs from the whole's by more than chance"
    )
    rows = []
    for (column, label, model, seen), value in zip(found, adjusted, strict=True):
        ratio = beside_counts(model.ratio(0, case.protocol.level), seen)
        rows.append((label, *ratio, column, "rate ratio", round(float(value), 4)))
    return FigureData(
        "subgroups",
        "groups",
        title,
        "Rate ratios by group with their intervals, and whether each differs from the whole.",
        ("label", "low", "mid", "high", "group", "measure", "adjusted p of a difference"),
        tuple(rows),
    )


def _by_risk(case: Case, kind: str) -> FigureData | None:
    """Thirds of the contacts expected from history alone, learnt from the compared."""
    score = case.design.expected[:, case.design.kinds.index(kind)]
    ranked = np.digitize(score, np.quantile(score[case.design.units.treated], (1 / 3, 2 / 3)))
    rows = []
    for third, label in enumerate(("lowest third", "middle third", "highest third")):
        model = _of(case, kind, ranked == third)
        if model is not None:
            ratio = beside_counts(model.ratio(0, case.protocol.level), _seen(case, kind, ranked == third))
            rows.append((label, *ratio, "predicted contacts", "rate ratio"))
    if not rows:
        return None
    return FigureData(
        "by-risk",
        "groups",
        "Exploratory: the effect by how many contacts were to be expected",
        "Rate ratios by thirds of the expected number of contacts; exploratory, not part of the locked plan."
        f" {whom_next(case, kind)}",
        ("label", "low", "mid", "high", "group", "measure"),
        tuple(rows),
    )
