"""Figures of an upstream option: lead time, windows, the pounds step by step, whence the demand comes, the whole
board."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from headwater.domain.release import FigureData
from headwater.domain.uncertainty import Interval
from headwater.partners.upstream.case import window_words
from headwater.stats.sccs import BEFORE, REACH

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from headwater.partners.upstream.case import Case
    from headwater.stats.sccs import Course

BINS = ((1, 7), (8, 14), (15, 30), (31, 60), (61, 90), (91, 120), (121, 150), (151, 180))
FLOWS = 6
"""Services drawn on their own in the journey; the others are one stream."""


def lead_time(case: Case, service: int) -> FigureData:
    """How long before the demand the latest contact lay."""
    counts = case.lead(service)
    total = max(int(counts.sum()), 1)
    rows = tuple(
        (f"{low}–{high}", round(float(counts[low : high + 1].sum()) / total, 4), f"share of {case.kind} seen before")
        for low, high in BINS
    )
    return FigureData(
        "lead-time",
        "lead-time",
        f"Half of the {case.kind} that {case.name(service)} saw before came within {case.median_lead_days(service):.0f}"
        " days",
        f"Share of {case.kind} by days since the latest contact with {case.name(service)}.",
        ("days", "share", "measure"),
        rows,
    )


def windows(case: Case, service: int) -> FigureData:
    """The rate ratio before a contact (as it is) and window by window after it, calibrated but not shrunk."""
    raw, board = case.board.raw, case.board
    before = zip(
        raw.beta[service, BEFORE], np.sqrt(np.maximum(np.diag(raw.covariance[service, BEFORE, BEFORE]), 0)), strict=True
    )
    after = zip(board.beta[service], np.sqrt(np.maximum(np.diag(board.covariance[service]), 0)), strict=True)
    rows = []
    for label, (mid, error) in zip(window_words(), (*before, *after), strict=True):
        low, high = (round(float(np.exp(mid + sign * 1.96 * error)), 4) for sign in (-1, 1))
        rows.append(
            (
                label,
                low,
                round(float(np.exp(mid)), 4),
                high,
                f"Rate ratio against {_whose(case.found.units)} other days",
            )
        )
    return FigureData(
        "windows",
        "forest",
        f"{case.kind} around a contact with {case.name(service)}",
        f"Rate ratio of the demand in each window around a contact, against {_whose(case.found.units)} other days.",
        ("label", "low", "mid", "high", "measure"),
        tuple(rows),
    )


def _whose(units: str) -> str:
    return "the same people's" if units == "people" else f"the same {units}'"


def journey(case: Case) -> FigureData:
    """Each contact of the demand counted once, under the service of eligible ones that saw the person last in 180
    days."""
    streams = _last_seen(case.found.course, case.board.kind, case.usable)
    largest = sorted((service for service in streams if service >= 0), key=lambda one: (-streams[one], one))
    rows = [(case.name(service), case.kind, streams[service]) for service in largest[:FLOWS]]
    rest = sum(streams[service] for service in largest[FLOWS:])
    rows += [("Any other service", case.kind, rest)] if rest else []
    nobody = streams.get(-1, 0)
    rows += [("Nobody in 180 days", case.kind, nobody)] if nobody else []
    total = max(sum(streams.values()), 1)
    return FigureData(
        "journey",
        "journey",
        f"Before {1 - nobody / total:.0%} of {case.kind}, another service had seen the person within 180 days",
        f"Contacts of {case.kind} by the upstream service that saw the person last.",
        ("source", "target", "value"),
        tuple(rows),
        ("value",),
    )


def _last_seen(course: Course, kind: int, usable: Sequence[int]) -> Mapping[int, int]:
    """Service seen last within 180 days before an event (−1: none) → events. Contacts of the same day do not count."""
    person = np.repeat(np.arange(course.people, dtype=np.int64), np.diff(course.first))
    able = np.flatnonzero(np.isin(course.service, usable))
    events = np.flatnonzero(
        (course.service == kind) & (course.day >= course.start[person]) & (course.day <= course.end[person])
    )
    wide = 1 << 20
    keys = person[able] * wide + course.day[able]
    at = np.searchsorted(keys, person[events] * wide + course.day[events], side="left") - 1
    row = able[np.maximum(at, 0)] if len(able) else np.zeros(len(events), dtype=np.int64)
    fits = (at >= 0) & (person[row] == person[events]) & (course.day[events] - course.day[row] <= REACH)
    names, counts = np.unique(np.where(fits, course.service[row], -1), return_counts=True)
    return {int(name): int(count) for name, count in zip(names, counts, strict=True)}


def board(case: Case, worth: Mapping[int, NDArray[np.float64]]) -> FigureData:
    """The evidence board: pounds freed per 1,000 further contacts of each service, with the chance of being in the top
    five.

    worth: service → float64[draw]. Ordered by the lower bound; nothing is left out because it failed.
    """
    order = sorted(worth, key=lambda one: (-float(np.quantile(worth[one], 0.025)), one))
    draws = np.stack([worth[service] for service in order])
    top = np.argsort(-draws, axis=0, kind="stable")[:5]
    rows = []
    for place, service in enumerate(order):
        span = Interval.of_draws(worth[service])
        chance = float((top == place).any(axis=0).mean())
        rows.append(
            (
                case.name(service),
                "upstream",
                round(span.low),
                round(span.mid),
                round(span.high),
                "£ freed per 1,000 further contacts",
                round(chance, 2),
            )
        )
    good = [case.name(service) for service in order if case.averts(service)]
    title = f"{' and '.join(good[:3])} avert {case.kind}" if good else f"No service clearly averts {case.kind}"
    return FigureData(
        "evidence-board",
        "options",
        title,
        f"Pounds freed by {case.kind} averted per 1,000 further contacts of each service, with intervals.",
        ("label", "style", "low", "mid", "high", "measure", "chance_top_5"),
        tuple(rows),
    )
