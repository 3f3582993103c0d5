"""Results: the verdict with the naive figure beside it, checks, who pays and who gains, figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import counting, evaluating, tracing
from headwater.web.asking import Go, Sheet

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

PARTS = ("store", "results", "collaborations", "governance")
FIRST = ("regression-to-the-mean", "forest", "event-study")
"""Figures of the first page, by name, where the design gives them; for places the template adds the primary outcome's series
and gap."""


def show(ask: Ask) -> Sheet:
    place = ask.place
    made = ask.kept("progress", "", (*PARTS, "ledger", "releases"), lambda: tracing.progress_made(place))
    return Sheet("results.html.j2", "Results", {"made": made})


def evaluation(ask: Ask) -> Answer | None:
    """The evaluation where it is kept as data, protocol, lock and code are now; nothing is estimated while somebody waits."""
    place, chosen = ask.place, ask.path["id"]
    protocol = evaluating.protocol_of(place, chosen)

    def make() -> Answer | None:
        with place.store() as store:
            if not evaluating.ready(place, store, protocol):
                return None
        return evaluating.evaluate(place, chosen)

    made: Answer | None = ask.kept("evaluation", chosen, PARTS, make)
    return made


def _sheet(ask: Ask, template: str, title: str, **more: Any) -> Sheet:
    found = evaluation(ask)
    chosen = ask.path["id"]
    protocol = evaluating.protocol_of(ask.place, chosen)
    words = {"id": chosen, "name": protocol.name, "unit": protocol.unit, "figures": _names(found), "first": FIRST}
    answers = {"found": found, **{key: make() if found else None for key, make in more.items()}}
    return Sheet(template if found else "not-evaluated.html.j2", title, answers, words)


def _names(found: Answer | None) -> tuple[str, ...]:
    return tuple(figure.content.name for figure in found.figures) if found else ()


def one(ask: Ask) -> Sheet:
    return _sheet(ask, "result.html.j2", "What it changed", worth=lambda: _worth(ask))


def checks(ask: Ask) -> Sheet:
    return _sheet(ask, "checks.html.j2", "Checks that could have shown it to be false")


def money(ask: Ask) -> Sheet:
    return _sheet(ask, "money.html.j2", "Who pays and who gains", worth=lambda: _worth(ask))


def figures(ask: Ask) -> Sheet:
    return _sheet(ask, "figures.html.j2", "Figures")


def _worth(ask: Ask) -> Answer:
    place, chosen = ask.place, ask.path["id"]
    made: Answer = ask.kept("worth", chosen, PARTS, lambda: counting.preview(place, chosen))
    return made


def evaluate(ask: Ask) -> Go:
    chosen = evaluating.protocol_of(ask.place, ask.path["id"]).id
    return ask.start("evaluate", f"Evaluate {chosen}", f"/results/{chosen}", chosen)


def count(ask: Ask) -> Go:
    chosen = evaluating.protocol_of(ask.place, ask.path["id"]).id
    return ask.start("count", f"Count and book {chosen}", "/ledger", chosen)
