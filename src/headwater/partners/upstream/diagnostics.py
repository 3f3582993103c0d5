"""What would look like averting and is not: a pair that fails one of these is not shown among the evidence, and says
why.

The diagnostics of the self-controlled case series (event-dependent exposure and observation, time trend, rare events,
expected absolute systematic error; OHDSI SelfControlledCaseSeries, `createSccsDiagnosticThresholds`, version 6, with
its limits where they are told as such below), and three of our own: an effect must not be there before the contact,
must not stay when a contact's time is over, and users must not fall silent. Between "as in the effect" and "as in
nothing" the dividing line is half the effect, the likelier of two normal estimates; where the error is so large that
the line would be crossed by chance too often, the check could not tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from headwater.domain.evidence import Check
from headwater.partners.upstream.evidence import Diagnosis
from headwater.stats.endings import EARLY, Endings, endings
from headwater.stats.following import MOSTLY, as_recorded
from headwater.stats.own_calendar import calendar_shift
from headwater.stats.sccs import AFTERWARDS, BEFORE, POST, WINDOWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from headwater.partners.upstream.evidence import Evidence, Series

    Vector = NDArray[np.float64]

LAST_DAYS = 0.25
"""Share of contacts near an early end from which a service belongs to the end."""
SILENT, UNSEEN, TIMES = 0.1, 0.02, 2.0
"""More than a tenth of users beyond what is usual, and more than twice as many, are never seen again; a fiftieth where
links may be
wrong: one record of any service that hangs on somebody by mistake makes them seem to be seen again."""
RARE = 0.1
"""OHDSI: at most a tenth; here of the days of those who have the demand at all."""
EASE = 0.25
"""OHDSI: largest expected absolute systematic error, on the log scale."""
SURELY, LEAST, FEWEST_BESIDE = 2.0, 0.1, 5
"""Standard errors; the least log ratio that counts; services from which on a usual level is known."""
POWER = 0.8
"""A check that would find the fault in fewer of the cases could not tell."""


def diagnosed(board: Evidence, fits: Series, name: Callable[[int], str]) -> Mapping[int, Diagnosis]:
    """Every service that the estimates alone would put on the board. name: of a code, for the sentences."""
    candidates = [int(service) for service in np.flatnonzero(board.candidates)]
    if not candidates:
        return {}
    shared = (rare(board, fits), systematic(board))
    ended = endings(fits.course, EARLY)
    return {one: Diagnosis(one, board.kind, (*_own(board, fits, ended, one, name), *shared)) for one in candidates}


def _own(board: Evidence, fits: Series, ended: Endings, service: int, name: Callable[[int], str]) -> tuple[Check, ...]:
    kind, effect = name(board.kind), level(board, service)
    return (
        follows(fits, fits.at(board.kind), service, kind),
        *(brought(board, service, window, effect) for window in (0, 1)),
        *(already(board, service, window, effect) for window in (1, 2)),
        returns(board, service, effect),
        calendar(fits, (board.kind, service), effect),
        ends(ended, service),
        silence(ended, service, fits.wrong),
    )


def level(board: Evidence, service: int) -> float:
    """The log ratio within the window that the service works for, as the board has it."""
    place, judged = board.place(service), board.averaged
    weight = judged.weight[place]
    return float(weight @ judged.mean[place] / max(weight.sum(), 1e-12))


def follows(fits: Series, at: int, service: int, kind: str) -> Check:
    """Event-dependent exposure at any lag up to 450 days."""
    share = float(fits.follows.share()[0][at, service])
    return Check(
        "event-dependent exposure",
        not fits.follows.mostly(fits.wrong)[at, service],
        f"{max(share, 0.0):.0%} of its contacts follow {kind} beyond what chance gives; {consequence(fits.wrong)}",
        figure=share,
        essential=True,
    )


def consequence(wrong: float | None) -> str:
    """From which share on a service is a consequence of the demand: half, less where pairs of contacts may be of two
    people."""
    seen = as_recorded(wrong)
    if seen >= MOSTLY:
        return f"from {MOSTLY:.0%} on a service is a consequence of the demand"
    why = (
        "nobody has stated how many contacts are linked to the wrong person, so that up to"
        if wrong is None
        else "as pairs of contacts are linked,"
    )
    pairs = f"{1 - seen / MOSTLY:.0%} of pairs may be of two people"
    return (
        f"from {MOSTLY:.0%} on a service is a consequence of the demand, which shows as {seen:.0%} here: {why} {pairs}"
    )


def brought(board: Evidence, service: int, window: int, effect: float) -> Check:
    """Event-dependent exposure, learnt from the data: more of the demand long before a contact than stands before the
    others' contacts.

    A waiting list, a review or a class that people join when they are over the worst has its own demand behind it, at
    the lag by which it comes; what is merely used more in bad times has it in the month before, as other services have.
    Wrong links make it less, and the effect too, so that the one is still half of the other.
    """
    low, high = -WINDOWS[window]
    name = f"demand before the contact, days {high} to {low}"
    usual, spread = _usual(board, window)
    error = float(np.hypot(np.sqrt(board.doubt[service, window, window]), spread))
    if not board.raw.supported[service, window]:
        return Check(name, None, "nobody with the demand has such days, so this could not be told", essential=True)
    beyond, limit = float(board.around[service, window]) - usual, max(abs(effect) / 2, LEAST)
    words = (
        f"{high} to {low} days before a contact the demand stands at {np.exp(beyond):.2f} of what it does before other"
        f" services' contacts: from {np.exp(limit):.2f} on it is the demand that brings them, and its passing that"
        " looks like averting"
    )
    # Of seeing what is as large as the effect itself, as in the other checks.
    power = float(norm.cdf((2 * limit - max(limit, SURELY * error)) / error))
    passed = False if beyond > limit and beyond > SURELY * error else True if power >= POWER else None
    return Check(name, passed, words, beyond, essential=True, power=power, limit=limit)


def _usual(board: Evidence, window: int) -> tuple[float, float]:
    """(middle, spread) of the log ratios of a window over all judged services, by median and deviations from it; one's
    own moves neither."""
    seen = board.around[board.used, window]
    middle = float(np.median(seen)) if len(seen) else 0.0
    return middle, float(1.4826 * np.median(np.abs(seen - middle))) if len(seen) >= FEWEST_BESIDE else 0.0


def already(board: Evidence, service: int, window: int, effect: float) -> Check:
    """Whether the demand had fallen before the contact: recovery, remission, contacts put off while the demand is high.

    Where others are used in bad times, whatever is used at any time stands below the usual before its contacts: that
    much is no fall.
    """
    low, high = -WINDOWS[window]
    return _like_effect(
        board,
        (service, window),
        effect,
        f"fall before the contact, days {high} to {low}",
        f"{high} to {low} days before a contact, when it cannot have acted, the demand stands at {{ratio:.2f}} of the"
        " usual, after it at {effect:.2f}",
    )


def returns(board: Evidence, service: int, effect: float) -> Check:
    """Whether the demand comes back when the contact's time is over; a step for good is recovery, death, or another
    follow-up."""
    low, high = WINDOWS[AFTERWARDS]
    return _like_effect(
        board,
        (service, AFTERWARDS),
        effect,
        "no return of the demand",
        f"{low} to {high} days after the last contact the demand still stands at {{ratio:.2f}} of the usual, against"
        " {effect:.2f} before that: it does not come and go with the contacts",
    )


def _like_effect(board: Evidence, cell: tuple[int, int], effect: float, name: str, text: str) -> Check:
    service, window = cell
    seen, error = float(board.around[service, window]), float(np.sqrt(board.doubt[service, window, window]))
    if not board.raw.supported[service, window]:
        return Check(name, None, "nobody with the demand has such days, so this could not be told", essential=True)
    if effect >= 0:
        return Check(name, True, "there is no fall to compare with", seen, essential=True)
    power = float(norm.cdf(abs(effect) / 2 / error))
    failed = seen < effect / 2 + (board.before[window] if window < BEFORE.stop else 0.0)
    words = text.format(ratio=np.exp(seen), effect=np.exp(effect))
    passed = False if failed else True if power >= POWER else None
    words = words if passed is not None else f"{words}; too few to tell"
    return Check(name, passed, words, seen, essential=True, power=power, limit=abs(effect) / 2)


def calendar(fits: Series, pair: tuple[int, int], effect: float) -> Check:
    """Time trend and season: the calendar of the service's own users on days that no contact touched."""
    shift, error = calendar_shift(fits.course, *pair)
    words = (
        "users' own calendar alone, on days that no contact touched, would make the demand after contacts"
        f" {np.expm1(shift):+.0%}"
    )
    name = "time trend and season of its users"
    if not np.isfinite(error):
        return Check(
            name, None, "users have no days without a contact shortly before, so this could not be told", essential=True
        )
    failed = effect < 0 and shift < effect / 2
    power = float(norm.cdf(abs(effect) / 2 / max(error, 1e-9)))
    passed = False if failed else True if power >= POWER else None
    return Check(name, passed, words, shift, essential=True, power=power, limit=abs(effect) / 2)


def ends(found: Endings, service: int) -> Check:
    """Event-dependent observation: contacts that belong to the end of somebody's time here."""
    share = float(found.ending[service])
    return Check(
        "event-dependent observation",
        share <= LAST_DAYS,
        f"{share:.0%} of its contacts lie in the last three months before somebody dies or moves away",
        share,
        essential=True,
    )


def silence(found: Endings, service: int, wrong: float | None = None) -> Check:
    """Death or moving that nobody recorded: after the contact nobody sees the person again."""
    silent, usual = float(found.silent[service]), float(found.usual[service])
    users = max(float(found.users[service]), 1.0)
    surely = SURELY * np.sqrt(max(usual, 1 / users) / users)
    failed = silent - usual > max(SILENT if wrong == 0 else UNSEEN, surely) and silent > TIMES * usual
    words = f"{silent:.0%} of its users are never seen again by anybody after it, where {usual:.0%} would be usual"
    name = "users seen again"
    if found.users[service] < 1:
        return Check(name, None, "nobody used it a year before the data end, so this could not be told", essential=True)
    return Check(name, not failed, words, silent, essential=True)


def rare(board: Evidence, fits: Series) -> Check:
    """Contacts of those who have the demand at all must be few a day, or a day's rate is no rate."""
    course = fits.course
    person = np.repeat(np.arange(course.people), np.diff(course.first))
    having = np.unique(person[course.service == board.kind])
    days = float((course.end[having].astype(np.float64) - course.start[having] + 1).sum())
    share = board.raw.events / max(days, 1.0)
    return Check(
        "rare events",
        share <= RARE,
        f"those who have the demand have it on {share:.1%} of their days",
        share,
        essential=True,
    )


def systematic(board: Evidence) -> Check:
    """Expected absolute systematic error of the estimates as they are, over the windows after a contact, by the
    controls."""
    found = board.systematic[POST]
    name = "expected absolute systematic error"
    if not board.calibrated:
        return Check(
            name, None, "fewer than ten pairs are declared to be nothing, so the systematic error is not known"
        )
    size = WINDOWS[POST, 1] - WINDOWS[POST, 0] + 1
    each = np.array([expected_absolute(one.mean, one.sd) for one in found])
    error = float(each @ size / size.sum())
    return Check(
        name,
        error <= EASE,
        f"pairs that are nothing are off by {error:.2f} on the log scale on average",
        error,
        essential=True,
    )


def expected_absolute(mean: float, sd: float) -> float:
    """E|x| of x ~ N(mean, sd²), by which systematic error is told (Schuemie et al. 2020, Health Data Science;
    `computeExpectedAbsoluteSystematicError`)."""
    if sd <= 0:
        return abs(mean)
    z = mean / sd
    return float(sd * np.sqrt(2 / np.pi) * np.exp(-(z**2) / 2) + mean * (1 - 2 * norm.cdf(-z)))
