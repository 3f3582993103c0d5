"""Question 1, who should we collaborate with: mirror, integration, upstream, and the comparison of the three."""

from headwater.partners.compare import (
    TOP,
    Explanation,
    chances_first,
    doing_nothing,
    explain,
    figures,
    lower_bound,
    net_gbp,
    ranked,
    worth_it,
)
from headwater.partners.find import find
from headwater.partners.question import Question

__all__ = [
    "TOP",
    "Explanation",
    "Question",
    "chances_first",
    "doing_nothing",
    "explain",
    "figures",
    "find",
    "lower_bound",
    "net_gbp",
    "ranked",
    "worth_it",
]
