"""Compiled passes of the self-controlled case series: a person's days cut into stretches in which nothing changes.

A service is in one state by the time since its latest contact, as in a series whose later dose takes over from an earlier one
(Whitaker et al. 2006, Statistics in Medicine 25), and in its pre-window where a contact lies ahead. Calendar terms are summed
over a stretch by differences of running sums, so a day costs nothing and a stretch costs the services that are on in it.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def stretches(first, day, blur, service, start, end, wanted, windows, low, high):  # type: ignore[no-untyped-def]
    """Cut the days of the wanted among persons low … high − 1. windows: int64[window, 2], lags in days, the pre-window first.

    → of[person + 1], begin[stretch], stop[stretch], on_first[stretch + 1], on[…]: columns service · windows + window that hold.
    """
    rows, many = first[high] - first[low], len(windows)
    most = rows * (2 * many + 2) + (high - low)
    of = np.zeros(high - low + 1, dtype=np.int64)
    begin, stop = np.empty(most, dtype=np.int32), np.empty(most, dtype=np.int32)
    on_first = np.zeros(most + 1, dtype=np.int64)
    on = np.empty(max(16, 24 * rows), dtype=np.int32)
    services = 0
    for row in range(first[low], first[high]):
        services = max(services, service[row] + 1)
    coming = np.full(services, 2_000_000_000, dtype=np.int64)
    holds, where = np.zeros(services * many, dtype=np.int32), np.zeros(services * many, dtype=np.int32)
    now = np.empty(services * many, dtype=np.int32)
    made, kept = 0, 0
    for person in range(low, high):
        of[person - low + 1] = made
        if not wanted[person]:
            continue
        a, b, since, until = first[person], first[person + 1], start[person], end[person]
        length = until - since + 1
        head = np.full(max(length, 0) + 1, -1, dtype=np.int32)
        later = np.empty((b - a) * many * 2, dtype=np.int32)
        column, change = np.empty(len(later), dtype=np.int32), np.empty(len(later), dtype=np.int8)
        marks = 0
        for row in range(b - 1, a - 1, -1):
            following = coming[service[row]]
            for window in range(many):
                lo, hi = day[row] + windows[window, 0], day[row] + blur[row] + windows[window, 1]
                if windows[window, 1] > 0:
                    lo, hi = lo + blur[row], min(hi, following)
                lo, hi = max(lo, since), min(hi, until)
                if lo > hi:
                    continue
                for edge in range(2):
                    at = (lo if edge == 0 else hi + 1) - since
                    column[marks], change[marks] = service[row] * many + window, 1 if edge == 0 else -1
                    later[marks], head[at] = head[at], marks
                    marks += 1
            coming[service[row]] = day[row]
        for row in range(a, b):
            coming[service[row]] = 2_000_000_000
        count, from_day = 0, 0
        for at in range(length + 1):
            mark = head[at]
            if mark < 0 and at < length:
                continue
            if at > from_day:
                if kept + count > len(on):
                    grown = np.empty(2 * (kept + count), dtype=np.int32)
                    grown[:kept] = on[:kept]
                    on = grown
                begin[made], stop[made] = since + from_day, since + at
                on[kept : kept + count] = now[:count]
                kept, made = kept + count, made + 1
                on_first[made] = kept
                from_day = at
            while mark >= 0:
                name = column[mark]
                holds[name] += change[mark]
                if holds[name] == 1 and change[mark] == 1:
                    now[count], where[name] = name, count
                    count += 1
                elif holds[name] == 0:
                    count -= 1
                    now[where[name]] = now[count]
                    where[now[count]] = where[name]
                mark = later[mark]
        for k in range(count):
            holds[now[k]] = 0
        of[person - low + 1] = made
    return of, begin[:made], stop[:made], on_first[: made + 1], on[:kept]


@njit(cache=True, nogil=True)
def by_kind(first, service, low, high, services):  # type: ignore[no-untyped-def]
    """Contacts of persons low … high − 1 sorted by service, in their order within one. → at[service + 1], row, person."""
    at = np.zeros(services + 1, dtype=np.int64)
    for row in range(first[low], first[high]):
        at[service[row] + 1] += 1
    for kind in range(services):
        at[kind + 1] += at[kind]
    free = at.copy()
    rows, people = np.empty(at[services], dtype=np.int64), np.empty(at[services], dtype=np.int32)
    for person in range(low, high):
        for row in range(first[person], first[person + 1]):
            rows[free[service[row]]], people[free[service[row]]] = row, person - low
            free[service[row]] += 1
    return at, rows, people


@njit(cache=True, nogil=True)
def sums(cut, events, course, band, low, ratios, table, day_zero, out, bend):  # type: ignore[no-untyped-def]
    """Score of one downstream kind over a block, and where `bend`, its information and the squares of personal scores.

    events: rows and persons of the kind's contacts, sorted. ratios: float64[column], exp(β). table: float64[band, day + 1,
    1 + K + K·K], running sums of the calendar's rate, times each of its K terms and their products; the last term is the band's
    own. out: (score, information, meat), added to; of a product of two columns only one side is written, so that both sides
    added (and the diagonal once) are the matrix.
    """
    of, begin, stop, on_first, on = cut
    rows, people = events
    day, blur, start, end = course
    score, information, meat = out
    terms = 0
    while 1 + terms + terms * terms < table.shape[2]:
        terms += 1
    base = len(ratios)
    local = np.full(base, -1, dtype=np.int32)
    names = np.empty(base + terms, dtype=np.int32)
    at = 0
    while at < len(rows):
        person = people[at]
        stretch_a, stretch_b = of[person], of[person + 1]
        after = at
        total = 0
        while after < len(rows) and people[after] == person:
            row = rows[after]
            # A contact known to the month only cannot be set before or after others.
            if blur[row] == 0 and start[low + person] <= day[row] <= end[low + person]:
                total += 1
            after += 1
        if total == 0:
            at = after
            continue
        mine = table[band[low + person]]
        known = 0
        for k in range(on_first[stretch_a], on_first[stretch_b]):
            if local[on[k]] < 0:
                local[on[k]] = known
                names[known] = on[k]
                known += 1
        size = known + terms
        for k in range(terms - 1):
            names[known + k] = base + k
        names[known + terms - 1] = base + terms - 1 + band[low + person]
        mean, own = np.zeros(size), np.zeros(size)
        second = np.zeros((size, size)) if bend else np.zeros((1, 1))
        whole = 0.0
        for piece in range(stretch_a, stretch_b):
            up, down = mine[stop[piece] - day_zero], mine[begin[piece] - day_zero]
            times = 1.0
            i0, i1 = on_first[piece], on_first[piece + 1]
            for k in range(i0, i1):
                times *= ratios[on[k]]
            share = times * (up[0] - down[0])
            whole += share
            for k in range(i0, i1):
                mean[local[on[k]]] += share
            for t in range(terms):
                mean[known + t] += times * (up[1 + t] - down[1 + t])
            if bend:
                for k in range(i0, i1):
                    x = local[on[k]]
                    for j in range(i0, k + 1):
                        y = local[on[j]]
                        second[max(x, y), min(x, y)] += share
                    for t in range(terms):
                        second[known + t, x] += times * (up[1 + t] - down[1 + t])
                for t in range(terms):
                    for u in range(t + 1):
                        cell = 1 + terms + t * terms + u
                        second[known + t, known + u] += times * (up[cell] - down[cell])
        piece = stretch_a
        for event in range(at, after):
            row = rows[event]
            if blur[row] != 0 or not start[low + person] <= day[row] <= end[low + person]:
                continue
            while stop[piece] <= day[row]:
                piece += 1
            for k in range(on_first[piece], on_first[piece + 1]):
                own[local[on[k]]] += 1.0
            today = day[row] - day_zero
            for t in range(terms):
                # One day's rate times the term, over its rate, is the term.
                own[known + t] += (mine[today + 1, 1 + t] - mine[today, 1 + t]) / (mine[today + 1, 0] - mine[today, 0])
        if not whole > 0.0:
            at = after
            continue
        for i in range(size):
            mean[i] /= whole
            own[i] -= total * mean[i]
            score[names[i]] += own[i]
        if bend:
            for i in range(size):
                for j in range(i + 1):
                    information[names[i], names[j]] += total * (second[i, j] / whole - mean[i] * mean[j])
                    meat[names[i], names[j]] += own[i] * own[j]
        for i in range(known):
            local[names[i]] = -1
        at = after
