"""Compiled passes of the self-controlled case series: a person's days as a list of edges at which windows open and
close.

A service is in one state by the time since its latest contact, as in a series whose later dose takes over from an
earlier one (Whitaker et al. 2006, Statistics in Medicine 25), and in its pre-window where a contact lies ahead. Edges
are the same for every downstream kind and are made once for all. Whatever is summed over the days of a window is a
running sum over the person's days at the window's closing less that at its opening, so a day costs nothing, and neither
does a window that stays open: a score costs the edges, an information matrix the edges times the person's own columns.
Calendar terms come from running sums over all days.
"""

from __future__ import annotations

import numpy as np
from numba import njit

NEVER = 2_000_000_000
SCORE, INFORMATION, MEAT = 0, 1, 2
"""How much of a pass is wanted; each holds the one before."""


@njit(cache=True, nogil=True)
def known(course, kinds, zero, length):  # type: ignore[no-untyped-def]
    """Contacts of kinds that lie in the person's window and whose day is known. kinds: int64[service], place or −1.

    → events[kind], people[kind] that have any, wanted[person], whether there is any at all, daily[kind, day − zero],
    events.
    """
    first, service, start = course[0], course[3], course[4]
    many = kinds.max() + 1
    events, people, latest = np.zeros(many, np.int64), np.zeros(many, np.int64), np.full(many, -1, np.int64)
    wanted, daily = np.zeros(len(start), np.bool_), np.zeros((many, length), np.int64)
    for person in range(len(start)):
        for row in range(first[person], first[person + 1]):
            kind = kinds[service[row]]
            if kind >= 0 and _ordered(course, person, row):
                events[kind] += 1
                daily[kind, course[1][row] - zero] += 1
                people[kind] += latest[kind] != person
                latest[kind] = person
                wanted[person] = True
    return events, people, wanted, daily


@njit(cache=True, nogil=True, inline="always")
def _ordered(course, person, row):  # type: ignore[no-untyped-def]
    """Whether a contact counts as an event; one that is known to the month only cannot be set before or after
    others."""
    _, day, blur, _, start, end = course
    return blur[row] == 0 and start[person] <= day[row] <= end[person]


@njit(cache=True, nogil=True)
def shard(course, wanted, windows, blocks, fit, out, depth):  # type: ignore[no-untyped-def]
    """Add the sums of blocks of people to out: score[kind, column], information and meat[kind, column, column].

    windows: int64[window, 2], lags in days, the pre-window first. blocks: (low, high: int64[block], takes: bool[block,
    kind]).
    fit: (kinds: int64[kind], ratios: float64[kind, column], exp(β), band: int8[person], calendar: float64[kind, band,
    day + 1, 1 + K + K·K] running sums of the calendar's rate, times each of its K terms and their products (the first 1
    + K where only a score is wanted), day zero). The last term is the band's own. Of information and meat only one side
    is written.
    """
    low, high, takes = blocks
    first, service = course[0], course[3]
    for block in range(len(low)):
        if not takes[block].any():
            continue
        cut = _edges(course, wanted, windows, low[block], high[block])
        at, rows, people = _by_kind(first, service, low[block], high[block])
        for k in range(len(fit[0])):
            kind = fit[0][k]
            if takes[block, k] and kind + 1 < len(at):
                mine = slice(at[kind], at[kind + 1])
                _kind(course, cut, (rows[mine], people[mine], low[block]), (k, fit), out, depth)


@njit(cache=True, nogil=True)
def _by_kind(first, service, low, high):  # type: ignore[no-untyped-def]
    """Contacts of persons low … high − 1 sorted by service, in their order within one. → at[service + 1], row,
    person."""
    services = 0
    for row in range(first[low], first[high]):
        services = max(services, service[row] + 1)
    at = np.zeros(services + 1, np.int64)
    for row in range(first[low], first[high]):
        at[service[row] + 1] += 1
    at = np.cumsum(at)
    free = at.copy()
    rows, people = np.empty(at[services], np.int64), np.empty(at[services], np.int32)
    for person in range(low, high):
        for row in range(first[person], first[person + 1]):
            rows[free[service[row]]], people[free[service[row]]] = row, person - low
            free[service[row]] += 1
    return at, rows, people


@njit(cache=True, nogil=True)
def _edges(course, wanted, windows, low, high):  # type: ignore[no-untyped-def]
    """Openings and closings of windows in the days of the wanted among persons low … high − 1.

    → of[person + 1]; when[edge], its day; what[edge], 2 · own column, + 1 where it closes; named[person + 1]; names[own
    column], service · windows + window, in order: each person has columns for the services that they have, and no
    others.
    """
    first, day, blur, service, start, end = course
    many, people, rows = len(windows), high - low, first[high] - first[low]
    of, named = np.zeros(people + 1, np.int64), np.zeros(people + 1, np.int64)
    when, what = np.empty(rows * many * 2, np.int32), np.empty(rows * many * 2, np.int32)
    names = np.empty(rows * many, np.int32)
    services = 0
    for row in range(first[low], first[high]):
        services = max(services, service[row] + 1)
    rank, coming = np.full(services, -1, np.int32), np.full(services, NEVER, np.int64)
    made, columns = 0, 0
    for person in range(low, high):
        a, b = first[person], first[person + 1]
        if wanted[person]:
            theirs = _ranked(service, a, b, rank)
            for k in range(len(theirs)):
                for window in range(many):
                    names[columns + k * many + window] = theirs[k] * many + window
            columns += len(theirs) * many
            made = _own_edges(
                (day, blur, service), (a, b), (start[person], end[person]), windows, (rank, coming), (when, what, made)
            )
            for row in range(a, b):
                rank[service[row]], coming[service[row]] = -1, NEVER
        of[person - low + 1], named[person - low + 1] = made, columns
    return of, when[:made], what[:made], named, names[:columns]


@njit(cache=True, nogil=True)
def _ranked(service, a, b, rank):  # type: ignore[no-untyped-def]
    """The services of rows a … b − 1 in order; rank[service] becomes the place of each."""
    theirs = np.empty(b - a, np.int32)
    count = 0
    for row in range(a, b):
        if rank[service[row]] < 0:
            rank[service[row]] = 0
            theirs[count] = service[row]
            count += 1
    theirs = np.sort(theirs[:count])
    for k in range(count):
        rank[theirs[k]] = k
    return theirs


@njit(cache=True, nogil=True)
def _own_edges(contacts, rows, seen, windows, places, out):  # type: ignore[no-untyped-def]
    """One person's edges by day, written to when and what from `made` on. → made. Windows that overlap are one while
    they do."""
    day, blur, service = contacts
    a, b = rows
    since, until = seen
    rank, coming = places
    when, what, made = out
    many, length = len(windows), max(until - since + 1, 0)
    head = np.full(length + 1, -1, np.int32)
    later, mark = np.empty((b - a) * many * 2, np.int32), np.empty((b - a) * many * 2, np.int32)
    marks = 0
    for row in range(b - 1, a - 1, -1):
        following = coming[service[row]]
        for window in range(many):
            lo, hi = day[row] + windows[window, 0], day[row] + blur[row] + windows[window, 1]
            if windows[window, 1] > 0:
                lo, hi = lo + blur[row], min(hi, following)
            lo, hi = max(lo, since), min(hi, until)
            if lo <= hi:
                column = rank[service[row]] * many + window
                mark[marks], later[marks], head[lo - since] = 2 * column, head[lo - since], marks
                marks += 1
                mark[marks], later[marks], head[hi + 1 - since] = 2 * column + 1, head[hi + 1 - since], marks
                marks += 1
        coming[service[row]] = day[row]
    holds = np.zeros((b - a) * many, np.int32)
    for at in range(length + 1):
        here = head[at]
        while here >= 0:
            column, closes = mark[here] >> 1, mark[here] & 1
            if holds[column] == closes:
                when[made], what[made] = since + at, mark[here]
                made += 1
            holds[column] += 1 - 2 * closes
            here = later[here]
    return made


@njit(cache=True, nogil=True)
def _kind(course, cut, events, fitted, out, depth):  # type: ignore[no-untyped-def]
    """One downstream kind over the people of a block who have it. events: rows and persons of its contacts, the block's
    first."""
    rows, people, low = events
    k, (_, ratios, bands, calendar, zero) = fitted
    of, when, what, named, names = cut
    day, start, end = course[1], course[4], course[5]
    base, terms = ratios.shape[1], _terms(calendar.shape[3], depth)
    days = np.empty(len(rows), np.int64)
    at = 0
    while at < len(rows):
        person, total = people[at], 0
        while at < len(rows) and people[at] == person:
            if _ordered(course, low + person, rows[at]):
                days[total] = day[rows[at]] - zero
                total += 1
            at += 1
        if total == 0:
            continue
        band = bands[low + person]
        edges, own = slice(of[person], of[person + 1]), slice(named[person], named[person + 1])
        seen = (start[low + person] - zero, end[low + person] + 1 - zero)
        columns = np.empty(named[person + 1] - named[person] + terms, np.int64)
        columns[: len(columns) - terms] = names[own]
        for t in range(terms):
            columns[len(columns) - terms + t] = base + t + (band if t == terms - 1 else 0)
        _person(
            (when[edges], what[edges], zero),
            days[:total],
            seen,
            (ratios[k], columns, terms),
            calendar[k, band],
            (out[0][k], out[1][k], out[2][k]),
            depth,
        )


@njit(cache=True, nogil=True, inline="always")
def _terms(width, depth):  # type: ignore[no-untyped-def]
    """K of a table of 1 + K columns, or of 1 + K + K·K."""
    if depth == SCORE:
        return width - 1
    terms = 0
    while 1 + terms + terms * terms < width:
        terms += 1
    return terms


@njit(cache=True, nogil=True)
def _person(edges, days, seen, own, calendar, out, depth):  # type: ignore[no-untyped-def]
    """Add one person's part. days: of events; own: ratios of all columns, the person's columns, how many of them are
    calendar's."""
    when, what, zero = edges
    ratios, columns, terms = own
    score, information, meat = out
    size = len(columns) - terms
    times = np.empty(2 * size)
    for c in range(size):
        times[2 * c], times[2 * c + 1] = ratios[columns[c]], 1 / ratios[columns[c]]
    wide = 1 + terms
    mean, mine = np.zeros(size + terms), np.zeros(size + terms)
    second = np.zeros((size + terms, size)) if depth else np.zeros((1, 1))
    on = np.zeros(size)
    run = np.zeros(calendar.shape[1])
    rate, event, before = 1.0, 0, seen[0]
    for e in range(len(when)):
        today = when[e] - zero
        if today != before:
            for t in range(len(run)):
                run[t] += rate * (calendar[today, t] - calendar[before, t])
            before = today
            while event < len(days) and days[event] < today:
                event += 1
        c, sign = what[e] >> 1, 2.0 * (what[e] & 1) - 1.0
        mean[c] += sign * run[0]
        mine[c] += sign * event
        if depth:
            on[c] -= sign
            for other in range(size):
                second[c, other] += sign * run[0] * on[other]
            for t in range(terms):
                second[size + t, c] += sign * run[1 + t]
        rate *= times[what[e]]
    for t in range(len(run)):
        run[t] += rate * (calendar[seen[1], t] - calendar[before, t])
    whole, total = run[0], len(days)
    if not whole > 0.0:
        return
    for t in range(terms):
        mean[size + t] = run[1 + t]
        for today in days:
            # One day's rate times the term, over its rate, is the term.
            mine[size + t] += (calendar[today + 1, 1 + t] - calendar[today, 1 + t]) / (
                calendar[today + 1, 0] - calendar[today, 0]
            )
    for i in range(size + terms):
        mean[i] /= whole
        mine[i] -= total * mean[i]
        score[columns[i]] += mine[i]
    if depth:
        _bend(columns, (mean, mine, second), (run, total), wide, (information, meat), depth)


@njit(cache=True, nogil=True)
def _bend(columns, found, sums, wide, out, depth):  # type: ignore[no-untyped-def]
    """Add one person's information, and the squares of their score where the meat is wanted. second: days together, in
    two halves."""
    mean, mine, second = found
    run, total = sums
    information, meat = out
    terms, size, each = wide - 1, second.shape[1], total / run[0]
    for i in range(len(columns)):
        for j in range(i + 1):
            if i < size:
                both = second[i, j] + second[j, i] if j < i else mean[i] * run[0]
            elif j < size:
                both = second[i, j]
            else:
                both = run[wide + (i - size) * terms + j - size]
            information[columns[i], columns[j]] += each * both - total * mean[i] * mean[j]
    if depth == MEAT:
        for i in range(len(columns)):
            for j in range(i + 1):
                meat[columns[i], columns[j]] += mine[i] * mine[j]
