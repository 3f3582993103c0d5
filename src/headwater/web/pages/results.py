"""Results: the verdict with the naive figure beside it, checks, who pays and who gains, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app import evaluating
from headwater.web.asking import Go, Sheet

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

FIRST = ("forest", "event-study")
"""Figures of the first page, by name, where the design gives them; for places the template adds the primary outcome's
series and gap."""


def show(ask: Ask) -> Sheet:
    return Sheet("results.html.j2", "Results", {"made": ask.need("progress")})


def _sheet(ask: Ask, template: str, title: str, *, worth: bool = False) -> Sheet:
    """One page of a result; where the evaluation does not stand as data, protocol, lock and code are now, the way to
    make it."""
    chosen = ask.path["id"]
    protocol = evaluating.protocol_of(ask.place, chosen)
    found = ask.look("evaluation", chosen)
    words = {
        "id": chosen,
        "name": protocol.name,
        "unit": protocol.unit,
        "figures": _figures_of(found),
        "first": FIRST,
        "names": ask.names,
        "booked": any(lot["collaboration"] == chosen for lot in ask.need("ledger").content["lots"]),
    }
    answers = {"found": found, "worth": ask.look("worth", chosen) if found and worth else None}
    return Sheet(template if found else "not-evaluated.html.j2", title, answers, words)


def _figures_of(found: Answer | None) -> tuple[str, ...]:
    return tuple(figure.content.name for figure in found.figures) if found else ()


def one(ask: Ask) -> Sheet:
    return _sheet(ask, "result.html.j2", "What it changed", worth=True)


def checks(ask: Ask) -> Sheet:
    return _sheet(ask, "checks.html.j2", "Checks that could have shown it to be false")


def money(ask: Ask) -> Sheet:
    return _sheet(ask, "money.html.j2", "Who pays and who gains", worth=True)


def figures(ask: Ask) -> Sheet:
    return _sheet(ask, "figures.html.j2", "Figures")


def evaluate(ask: Ask) -> Go:
    chosen = evaluating.protocol_of(ask.place, ask.path["id"]).id
    return ask.start("evaluate", f"Evaluate {chosen}", f"/results/{chosen}", chosen)


def count(ask: Ask) -> Go:
    chosen = evaluating.protocol_of(ask.place, ask.path["id"]).id
    return ask.start("count", f"Count and book {chosen}", "/ledger", chosen)
