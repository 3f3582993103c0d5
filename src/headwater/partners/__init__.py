"""Question 1, who should we collaborate with: mirror, integration, upstream, and the comparison of the three."""

from headwater.partners.compare import (
    Explanation,
    chances_first,
    chances_top,
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
    "Explanation",
    "Question",
    "chances_first",
    "chances_top",
    "doing_nothing",
    "explain",
    "figures",
    "find",
    "lower_bound",
    "net_gbp",
    "ranked",
    "worth_it",
]
