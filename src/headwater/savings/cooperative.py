"""Who books a joint saving: points of a cooperative game, and claims larger than the pot. v: coalition → what it is
worth."""

from __future__ import annotations

from itertools import combinations
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    Worth = Callable[[frozenset[str]], float]


def separable(total_gbp: float, alone_gbp: Mapping[str, float], marginal_gbp: Mapping[str, float]) -> dict[str, float]:
    """Separable costs, remaining benefits (Young, Okada & Hashimoto 1982): each its marginal cost, the rest in
    proportion to what it saves against going alone."""
    rest = total_gbp - fsum(marginal_gbp.values())
    room = fsum(alone_gbp[name] - marginal_gbp[name] for name in marginal_gbp)
    return {name: own + (alone_gbp[name] - own) / room * rest for name, own in marginal_gbp.items()}


def gately(players: Sequence[str], worth: Worth) -> dict[str, float]:
    """The point at which all lose alike by anybody's leaving (Gately 1974): the same rule as `separable`, on
    savings."""
    everybody = frozenset(players)
    whole, alone = worth(everybody), {name: worth(frozenset([name])) for name in players}
    room = {name: whole - worth(everybody - {name}) - alone[name] for name in players}
    rest, total = whole - fsum(alone.values()), fsum(room.values())
    return {name: alone[name] + room[name] / total * rest for name in players}


def nucleolus(players: Sequence[str], worth: Worth, *, per_head: bool = False) -> dict[str, float]:
    """The split whose worst-off coalitions are least badly off, then the next worst (Schmeidler 1969); per_head counts
    a coalition's excess a member. A linear programme a round, its binding coalitions fixed for the next."""
    coalitions = [group for size in range(1, len(players)) for group in map(frozenset, combinations(players, size))]
    member = np.array([[name in group for name in players] for group in coalitions], dtype=float)
    scale = member.sum(axis=1) if per_head else np.ones(len(coalitions))
    value = np.array([worth(group) for group in coalitions])
    fixed: dict[int, float] = {}
    whole, shares = worth(frozenset(players)), np.zeros(len(players))
    while np.linalg.matrix_rank(np.vstack([np.ones(len(players)), *member[sorted(fixed)]])) < len(players):
        shares, excess = _least_excess(member, value, scale, fixed, whole)
        tight = [at for at in _tight(member, value, scale, fixed, whole, excess) if at not in fixed]
        fixed |= dict.fromkeys(tight, excess)
    rows = np.vstack([np.ones(len(players)), *member[sorted(fixed)]])
    right = np.array([whole, *(value[at] - fixed[at] * scale[at] for at in sorted(fixed))])
    shares = np.linalg.lstsq(rows, right, rcond=None)[0]
    return dict(zip(players, shares.tolist(), strict=True))


def _least_excess(
    member: np.ndarray, value: np.ndarray, scale: np.ndarray, fixed: Mapping[int, float], whole: float
) -> tuple[np.ndarray, float]:
    """Shares and the smallest largest excess of those coalitions that are not fixed."""
    free = [at for at in range(len(value)) if at not in fixed]
    found = _solved(np.append(np.zeros(member.shape[1]), 1.0), free, member, value, scale, fixed, whole)
    return found[:-1], float(found[-1])


def _tight(
    member: np.ndarray, value: np.ndarray, scale: np.ndarray, fixed: Mapping[int, float], whole: float, excess: float
) -> Iterator[int]:
    """Coalitions whose excess is the largest in every split that attains it."""
    free = [at for at in range(len(value)) if at not in fixed]
    for at in free:
        aim = np.append(-member[at], 0.0)
        best = _solved(aim, free, member, value, scale, fixed, whole, excess)
        if value[at] - member[at] @ best[:-1] >= excess * scale[at] - 1e-7 * max(1.0, abs(whole)):
            yield at


def _solved(
    aim: np.ndarray,
    free: Sequence[int],
    member: np.ndarray,
    value: np.ndarray,
    scale: np.ndarray,
    fixed: Mapping[int, float],
    whole: float,
    excess: float | None = None,
) -> np.ndarray:
    from scipy.optimize import linprog

    below = np.column_stack([-member[free], -scale[free]])
    held = sorted(fixed)
    equal = np.vstack([np.ones(member.shape[1]), *member[held]])
    right = np.array([whole, *(value[at] - fixed[at] * scale[at] for at in held)])
    equal = np.column_stack([equal, np.zeros(len(equal))])
    bounds = [(None, None)] * member.shape[1] + [(None, None) if excess is None else (excess, excess)]
    found = linprog(aim, A_ub=below, b_ub=-value[free], A_eq=equal, b_eq=right, bounds=bounds, method="highs")
    return np.asarray(found.x)


def contested(pot_gbp: float, claims_gbp: Sequence[float]) -> list[float]:
    """A pot smaller than the claims on it, by the rule of the contested garment (Aumann & Maschler 1985): equal awards
    up to half of each claim while there is not half of all, equal losses above."""
    claims, half = np.asarray(claims_gbp, dtype=float), np.asarray(claims_gbp, dtype=float) / 2
    if pot_gbp <= half.sum():
        return _equal_awards(pot_gbp, half)
    lost = _equal_awards(float(claims.sum()) - pot_gbp, half)
    return [float(left) for left in claims - np.array(lost)]


def _equal_awards(pot_gbp: float, most: np.ndarray) -> list[float]:
    """The same to everybody, nobody more than its own most."""
    left, shares = pot_gbp, np.zeros(len(most))
    for rank, at in enumerate(np.argsort(most, kind="stable")):
        shares[at] = min(most[at], left / (len(most) - rank))
        left -= shares[at]
    return shares.tolist()


def shared_savings(
    benchmark_gbp: float, actual_gbp: float, share: float, hurdle: float = 0.0, *, first_pound: bool = True
) -> float:
    """What a provider keeps of a saving against its benchmark, once it is as large as the hurdle (a share of the
    benchmark): a share from the first pound, or only of what lies beyond the hurdle."""
    saved, least = benchmark_gbp - actual_gbp, hurdle * benchmark_gbp
    return 0.0 if saved < least else share * (saved if first_pound else saved - least)
