"""Every kind of figure, one at a time, drawn from this workspace's own answers, with how it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.domain.errors import HeadwaterError
from headwater.report import NEEDS
from headwater.web.asking import Sheet
from headwater.web.forms import Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

READ = {
    "forest": (
        "A row an outcome. The mark is the middle value and the line its likely range. Left of 1 there are fewer"
        " contacts than expected."
    ),
    "event-study": (
        "A mark a period. Where the line does not cross no change, that period differs from what was expected."
    ),
    "love": "How unlike the two groups are in each respect, before and after matching. Near nought is alike.",
    "trajectories": "A line a group, period by period.",
    "gap": "What happened less what was expected, period by period; grey lines are places where nothing was done.",
    "donors": "How much each place counts in the comparison.",
    "series": "What happened beside what was expected; the band is the likely range of what was expected.",
    "break-map": "Where a series has gaps or changes of system, unit by unit.",
    "street-map": "Where the places are that were treated and that were compared; a larger mark is a larger value.",
    "displacement": "Whether demand of others or of places around rose; right of 1 it did.",
    "options": "An option a row, best first: the mark is the expected net a year, the line its likely range.",
    "journey": "Who saw the person last before the demand arose. It shows who could act, not that acting helps.",
    "lead-time": "How long before the demand the earlier contact came.",
    "waterfall": "Each bar adds to or takes from the one above; the last is what is left.",
    "groups": "The effect group by group. Ranges that overlap do not show a difference.",
    "group-map": "Organisations on a map; those of one group are joined by lines.",
    "frontier": "What is bought with more cash; a point further right and higher up is better.",
    "power": "The chance of finding the effect, by number of people. The upright line is the plan.",
    "chain": (
        "Contacts a year: before it began, what would have come anyway, and what was seen. The gap of the last two is"
        " the effect."
    ),
    "chance-to-pay": "How likely it is to pay, had it cost less or more; the upright line is what it cost.",
    "who-pays": "A bar a budget: paid in and lost to the left, gained to the right. Budgets are never added up.",
    "ledger": "What was forecast beside what was measured, a row a saving.",
    "risk-matrix": (
        "Likelihood across, cost upwards. Filled marks are before controls, open ones after; above the dashed line is"
        " more than the board accepts."
    ),
    "timeline": "What happens when, and how it stands.",
    "tornado": "How far the result moves when one assumption runs over its range, widest first.",
}
"""Kind of figure → how it is read."""
EACH = ("evaluation", "worth", "plan")
ONCE = ("partners", "risks", "ledger", "look", "pool")


def show(ask: Ask) -> Sheet:
    kinds = [kind for kind in NEEDS if kind in READ]
    chosen = ask.word("kind") if ask.word("kind") in kinds else "chain"
    found, name = next(((answer, name) for answer in _answers(ask) for name in _names(answer, chosen)), (None, ""))
    field = Field("kind", "Kind of figure", "select", chosen, options=tuple((kind, _words(kind)) for kind in kinds))
    words = {"field": field, "chosen": _words(chosen), "read": READ[chosen], "figure": name}
    return Sheet("gallery.html.j2", "Every kind of figure", {"found": found}, words)


def _words(kind: str) -> str:
    return kind.replace("-", " ").capitalize()


def _names(answer: Answer, kind: str) -> list[str]:
    return [one.content.name for one in answer.figures if one.content.kind == kind and one.content.rows]


def _answers(ask: Ask) -> Iterator[Answer]:
    """What this workspace has to show, made as it is asked for: the reasons of the first options come last."""
    plans = [one["id"] for one in ask.need("progress").content["collaborations"]]
    asked = [*((name, "") for name in ONCE), *((name, plan) for plan in plans for name in EACH)]
    options = ask.look("partners")
    asked += [("why", f"{one['id']}\n") for one in (options.content["options"][:20] if options else [])]
    for name, about in asked:
        try:
            found = ask.look(name, about)
        except HeadwaterError:
            continue
        if found is not None:
            yield found
