"""Who books a joint saving: points of a cooperative game, and claims larger than the pot. v: coalition → what it is
worth."""

from __future__ import annotations

from dataclasses import dataclass
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
    game = _game(players, worth, per_head=per_head)
    fixed: dict[int, float] = {}
    while np.linalg.matrix_rank(_held(game, fixed)[0]) < len(players):
        excess = float(_solved(game, fixed, np.append(np.zeros(len(players)), 1.0))[-1])
        fixed |= dict.fromkeys([at for at in _tight(game, fixed, excess) if at not in fixed], excess)
    rows, right = _held(game, fixed)
    shares = np.linalg.lstsq(rows, right, rcond=None)[0]
    return dict(zip(players, shares.tolist(), strict=True))


@dataclass(frozen=True, slots=True, eq=False)
class _Game:
    """member: float64[coalition, player], 1 where in it; value: what each is worth alone; scale: what its excess is
    counted in; whole: what all are worth together."""

    member: np.ndarray
    value: np.ndarray
    scale: np.ndarray
    whole: float


def _game(players: Sequence[str], worth: Worth, *, per_head: bool) -> _Game:
    coalitions = [group for size in range(1, len(players)) for group in map(frozenset, combinations(players, size))]
    member = np.array([[name in group for name in players] for group in coalitions], dtype=float)
    scale = member.sum(axis=1) if per_head else np.ones(len(coalitions))
    return _Game(member, np.array([worth(group) for group in coalitions]), scale, worth(frozenset(players)))


def _held(game: _Game, fixed: Mapping[int, float]) -> tuple[np.ndarray, np.ndarray]:
    """What every split keeps: the whole is given out, and the coalitions that are fixed have their excess."""
    held = sorted(fixed)
    right = [game.whole, *(game.value[at] - fixed[at] * game.scale[at] for at in held)]
    return np.vstack([np.ones(game.member.shape[1]), *game.member[held]]), np.array(right)


def _free(game: _Game, fixed: Mapping[int, float]) -> list[int]:
    return [at for at in range(len(game.value)) if at not in fixed]


def _tight(game: _Game, fixed: Mapping[int, float], excess: float) -> Iterator[int]:
    """Coalitions whose excess is the largest in every split that attains it."""
    for at in _free(game, fixed):
        best = _solved(game, fixed, np.append(-game.member[at], 0.0), excess)
        gap = game.value[at] - game.member[at] @ best[:-1]
        if gap >= excess * game.scale[at] - 1e-7 * max(1.0, abs(game.whole)):
            yield at


def _solved(game: _Game, fixed: Mapping[int, float], aim: np.ndarray, excess: float | None = None) -> np.ndarray:
    """float64[player + 1]: shares and the largest excess of those coalitions that are not fixed, least in `aim`."""
    from scipy.optimize import linprog

    free = _free(game, fixed)
    below = np.column_stack([-game.member[free], -game.scale[free]])
    equal, right = _held(game, fixed)
    equal = np.column_stack([equal, np.zeros(len(equal))])
    bounds = [(None, None)] * game.member.shape[1] + [(None, None) if excess is None else (excess, excess)]
    found = linprog(aim, A_ub=below, b_ub=-game.value[free], A_eq=equal, b_eq=right, bounds=bounds, method="highs")
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
