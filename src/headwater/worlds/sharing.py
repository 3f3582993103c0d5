"""What sharing truly brings in the county, by option, for judging only: the world's own rules, not the tool's.

Of what one set of leaders would save on paper a tenth comes true, as the record of English councils has it; a needless
station leaves half of its cost in the budget. Redundancy is three quarters of a year's pay of whoever goes; moving a
station costs its year.
"""

from __future__ import annotations

from itertools import combinations
from math import ceil

from headwater.worlds import bodies

COMES_TRUE = 0.1
ON_COSTS = 1.3
REDUNDANCY_YEARS = 0.75
SYSTEMS_GBP = 75_000.0
YEARS = 5
LEAVES_BUDGET = 0.5
OFFICERS_EACH = 8
"""Officers whom one team manager leads."""
LEADERS = (1, 2, 3)
ROOM = ("fire", "ambulance", "police")
"""From the largest bays to the smallest: each takes the vehicles of those behind it."""


def truth() -> dict[str, float]:
    """Option → pounds a year net, one-off cost spread over five years."""
    posts = _posts()
    found = {}
    for one, other in combinations(sorted(posts), 2):
        pair = f"{one}+{other}"
        found[f"mirror:leadership-and-management:{pair}"] = max(
            _leaders(posts[one], posts[other], layers) for layers in (LEADERS[:1], LEADERS)
        )
        found[f"mirror:revenues-and-benefits:{pair}"] = _benefits(posts[one], posts[other])
    return {**found, **_stations()}


Post = tuple[bool, int, float, float]
"""In the benefits service, layer, full-time equivalents, pay with on-costs."""


def _posts() -> dict[str, list[Post]]:
    found: dict[str, list[Post]] = {}
    for row in bodies.posts():
        pay = float(str(row["salary"])) * ON_COSTS
        post = (bool(row["service"]), int(str(row["layer"])), float(str(row["fte"])), pay)
        found.setdefault(str(row["by"]), []).append(post)
    return found


def _leaders(one: list[Post], other: list[Post], layers: tuple[int, ...]) -> float:
    """One set: as many as the larger has in each layer, at the dearer pay."""
    saved = gone = 0.0
    for layer in layers:
        (mine, my_pay), (theirs, their_pay) = (_layer(posts, False, layer) for posts in (one, other))
        stays, dearer = max(mine, theirs), max(my_pay, their_pay)
        saved += mine * my_pay + theirs * their_pay - stays * dearer
        gone += min((mine, my_pay), (theirs, their_pay))[0] * (my_pay if mine < theirs else their_pay)
    return COMES_TRUE * saved - REDUNDANCY_YEARS * gone / YEARS


def _benefits(one: list[Post], other: list[Post]) -> float:
    """One head, and a manager for every eight officers of both."""
    officers = _layer(one, True, 5)[0] + _layer(other, True, 5)[0]
    saved = gone = 0.0
    for layer, needed in ((4, ceil(officers / OFFICERS_EACH)), (3, 1)):
        (mine, my_pay), (theirs, their_pay) = (_layer(posts, True, layer) for posts in (one, other))
        stays = min(mine + theirs, float(needed))
        saved += mine * my_pay + theirs * their_pay - stays * max(my_pay, their_pay)
        gone += (mine + theirs - stays) * (mine * my_pay + theirs * their_pay) / (mine + theirs)
    return COMES_TRUE * saved - (REDUNDANCY_YEARS * gone + SYSTEMS_GBP) / YEARS


def _layer(posts: list[Post], benefits: bool, layer: int) -> tuple[float, float]:
    """(full-time equivalents, pay) of a layer."""
    held = [(fte, pay) for service, at, fte, pay in posts if service == benefits and at == layer]
    number = sum(fte for fte, _ in held)
    return number, sum(fte * pay for fte, pay in held) / number if number else 0.0


def _stations() -> dict[str, float]:
    """Two services stand side by side in two towns that have streets around them: in each the station whose bays do not
    fit both goes."""
    cost = {str(row["by"]): float(str(row["estate"])) for row in bodies.assets()}
    towns = len(bodies.ALIKE[0])
    found = {}
    for one, other in combinations(sorted(cost), 2):
        gone = towns * cost[max((one, other), key=ROOM.index)]
        found[f"integration:stations:{one}+{other}"] = LEAVES_BUDGET * gone - gone / YEARS
    return found
