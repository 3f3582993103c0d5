"""Did the bounds of a treated unit change where its effect is looked for?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.evidence import Check

if TYPE_CHECKING:
    from headwater.evidence.checks.place_judged import Judged

NAME = "boundary-change"


LIKE = (0.6, 1.6)
"""What the treated gain or lose, in units of what a series that ends or begins there counted: about all of it."""
NOTABLE = 0.1
"""Series under this share of what the treated should count cannot be told from noise by their size."""


def _took_over(judged: Judged) -> str:
    """A series that ends, or begins, about the start while the treated gain, or lose, about as much as it counted; no
    register says why. '' where there is none."""
    case, fit = judged.case, judged.fit
    there = np.isfinite(case.panel.counts)
    if not case.post.any() or not len(case.treated) or not np.isfinite(fit.expected[fit.post]).any():
        return ""
    due, seen = (float(np.nanmean(part[fit.post])) for part in (fit.expected, fit.observed))
    first = int(case.starts[case.treated].min())
    begins, ends = there.argmax(axis=1), there.shape[1] - there[:, ::-1].argmax(axis=1)
    for word, at, moved in (("end", ends, seen - due), ("begin", begins, due - seen)):
        about = there.any(axis=1) & (at > 0) & (at < there.shape[1]) & (np.abs(at - first) <= case.around)
        for row in np.setdiff1d(np.flatnonzero(about), case.treated).tolist():
            level = float(np.nanmean(case.panel.counts[row]))
            if level >= NOTABLE * due and LIKE[0] * level <= moved <= LIKE[1] * level:
                gain = "gain" if word == "end" else "lose"
                return (
                    f"The counts of {case.panel.units[row]} {word} at {case.panel.periods[at[row]]}, about the start,"
                    f" and the treated {gain} about as much ({moved:,.0f} a period; it counted {level:,.0f})"
                )
    return ""


def _passed_on(judged: Judged) -> str:
    """A series that begins, or ends, where the treated break away from their start and lose, or gain, about as much as
    it counts; no register says why. '' where there is none."""
    case, fit = judged.case, judged.fit
    if not len(case.treated):
        return ""
    there, gap = np.isfinite(case.panel.counts), fit.observed - fit.expected
    begins, ends = there.argmax(axis=1), there.shape[1] - there[:, ::-1].argmax(axis=1)
    first, used = int(case.starts[case.treated].min()), np.flatnonzero(case.used)
    for at in sorted({b.at for b in case.treated_breaks() if len(used) and used[0] < b.at <= used[-1]}):
        # Neither side reaches over the start, where an effect would stand in the difference.
        left, right = (first if at > first else used[0], first if at < first else used[-1] + 1)
        sides = gap[max(left, at - BESIDE) : at], gap[at : min(right, at + BESIDE)]
        if not all(np.isfinite(side).any() for side in sides):
            continue
        lost = float(np.nanmean(sides[0]) - np.nanmean(sides[1]))
        for word, edge, moved in (("begin", begins, lost), ("end", ends, -lost)):
            about = there.any(axis=1) & (edge > 0) & (edge < there.shape[1]) & (np.abs(edge - at) <= 1)
            for row in np.setdiff1d(np.flatnonzero(about), case.treated).tolist():
                level = float(np.nanmean(case.panel.counts[row]))
                if LIKE[0] * level <= moved <= LIKE[1] * level:
                    return (
                        f"The counts of {case.panel.units[row]} {word} at {case.panel.periods[edge[row]]}, and the"
                        f" treated {'lose' if word == 'begin' else 'gain'} about as much there ({moved:,.0f} a period;"
                        f" it counts {level:,.0f})"
                    )
    return ""


def _goes_on_as(judged: Judged) -> str:
    """A treated series that ends early while others begin that count about as much together; no register says why. ''
    where none."""
    case = judged.case
    there = np.isfinite(case.panel.counts)
    begins, ends = there.argmax(axis=1), there.shape[1] - there[:, ::-1].argmax(axis=1)
    for row in case.treated.tolist():
        at = int(ends[row])
        heirs = np.flatnonzero(there.any(axis=1) & (begins > 0) & (np.abs(begins - at) <= 1))
        if not 0 < at < there.shape[1] or not there[row].any() or not 0 < len(heirs) <= MOST_HEIRS:
            continue
        before, after = np.nanmean(case.panel.counts[row]), np.nanmean(case.panel.counts[heirs], axis=1).sum()
        if LIKE[0] * before <= after <= LIKE[1] * before:
            names = " and ".join(case.panel.units[heir] for heir in heirs.tolist())
            return (
                f"The counts of {case.panel.units[row]} end before {case.panel.periods[at]}, and those of {names} begin"
                " there"
            )
    return ""


MOST_HEIRS = 4
BESIDE = 12
"""Periods to either side of a break from which is told how much the treated lost or gained there."""


def boundary(judged: Judged) -> Check:
    """Fails when a treated unit took over, or was taken over, about the start, or breaks where another series begins or
    ends.

    `figure`: how many changes within the window.
    """
    case = judged.case
    used = np.flatnonzero(case.used)
    changes = [b for b in case.boundaries if len(used) and used[0] <= b.at <= used[-1] + 1]
    near = [b for b in changes if b.merged and abs(b.at - int(case.starts[case.treated].min())) <= case.around]
    if near:
        text = "; ".join(b.text for b in near)
        said = (
            f"{text}: a change of bounds about the start cannot be told from an effect, also where the series are"
            " joined."
        )
        return Check(NAME, False, said, float(len(near)))
    if unsaid := _took_over(judged) or _passed_on(judged):
        said = f"{unsaid}: if one took over from the other, write it in the register of organisations (end, successor)."
        return Check(NAME, False, said, 1.0)
    if heir := _goes_on_as(judged):
        said = (
            f"{heir}: if it is the same body under another name, write it in the register of organisations (end,"
            " successor)."
        )
        return Check(NAME, None, said, 1.0)
    if changes:
        return Check(NAME, True, f"Away from the start: {'; '.join(b.text for b in changes)}.", float(len(changes)))
    said = (
        "No register tells of a change of the treated units' bounds within the window, and no series begins or ends as"
        " they lose or gain as much."
    )
    return Check(NAME, True, said, 0.0)
