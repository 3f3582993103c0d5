"""An action week before launch: which streets and agencies, the order by lot, and what its comparison can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from headwater.app import answers
from headwater.app.evaluating import protocol_of
from headwater.app.reading import need_data
from headwater.app.valuing import price_book
from headwater.domain.errors import DataProblem, Usage
from headwater.domain.money import in_pounds
from headwater.domain.progress import silent
from headwater.evidence.places.plan import plan_places
from headwater.partners import integration

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress


def plan_week(
    place: Place, collaboration: str, days: tuple[str, ...], chances: Path | None = None, progress: Progress = silent
) -> Answer:
    """Streets and agencies for the days that each agency gives, in an order drawn by lot so that the week is its own
    trial."""
    protocol = protocol_of(place, collaboration)
    if protocol.unit == "person":
        raise Usage(f"{collaboration} takes on people, not places", next_step="headwater plan without --days")
    budget = integration.budgets(days)
    settled = float(str(place.settings.partners.get("week_settled", integration.SETTLED)))
    with place.store() as store:
        need_data(store)
        known = integration.streets(
            store, price_book(place, protocol).for_kinds(protocol.prices), protocol.start, settled
        )
        found = integration.week(integration.with_chances(known, chances) if chances else known, budget)
        if not found.visits:
            raise DataProblem("no visit fits these days", given=", ".join(days), next_step="give more days")
        drawn = plan_places(store, replace(protocol, treated=tuple(sorted(found.visits))), progress)
    order = [*drawn.order, *sorted(set(found.visits) - set(drawn.order))]
    place.note("plan", f"{collaboration}, action week")
    content = {"collaboration": collaboration, "sentences": _sentences(found, drawn.sentences), **_week(found, order)}
    return place.answer("plan", {**content, **answers.plain({**drawn.numbers, "order": order})}, drawn.figures, found)


def _week(found: integration.Week, order: list[str]) -> dict[str, Any]:
    visits = [
        {
            "turn": turn,
            "place": street,
            "agencies": list(found.visits[street]),
            "harm_gbp_per_year": round(found.harm_gbp[street]),
        }
        for turn, street in enumerate(order, 1)
    ]
    return {
        "visits": visits,
        "hoped_gbp_per_year": round(found.averted_gbp),
        "share_of_the_best_possible": round(found.assured, 3),
        "days_spent": found.spent_days,
        "unpriced": list(found.unpriced),
    }


def _sentences(found: integration.Week, drawn: tuple[str, ...]) -> list[str]:
    used = ", ".join(f"{agency} {days:g}" for agency, days in found.spent_days.items())
    told = [
        f"{len(found.visits)} places, {sum(map(len, found.visits.values()))} visits; days used: {used}.",
        (
            f"If visits settle what is assumed, {in_pounds(found.averted_gbp)} of harm a year; at least"
            f" {found.assured:.0%} of the most that any choice could reach."
        ),
        (
            "Places were chosen for their high harm, so that they will fall back by themselves: only a random order"
            " tells what the week did."
        ),
    ]
    if found.unpriced:
        told.append(f"Counted at £1 a contact for want of a price: {', '.join(found.unpriced)}.")
    return [*told, *drawn]
