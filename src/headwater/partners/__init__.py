"""Question 1, who should we collaborate with: mirror, integration, upstream, and the comparison of the three."""

from headwater.partners.base import shares_gbp
from headwater.partners.compare import (
    Explanation,
    Worth,
    chance,
    chances_first,
    chances_top,
    doing_nothing,
    explain,
    figures,
    finding_out_gbp,
    headline,
    lower_bound,
    needing,
    ranked,
    told,
    worth,
    worth_it,
)
from headwater.partners.find import answered, find, floor_gbp, gathered, place_factor
from headwater.partners.question import Question
from headwater.partners.seats import Seat, everybody, giving, seat
from headwater.partners.spend import unlike

__all__ = [
    "Explanation",
    "Question",
    "Seat",
    "Worth",
    "answered",
    "chance",
    "chances_first",
    "chances_top",
    "doing_nothing",
    "everybody",
    "explain",
    "figures",
    "find",
    "finding_out_gbp",
    "floor_gbp",
    "gathered",
    "giving",
    "headline",
    "lower_bound",
    "needing",
    "place_factor",
    "ranked",
    "seat",
    "shares_gbp",
    "told",
    "unlike",
    "worth",
    "worth_it",
]
