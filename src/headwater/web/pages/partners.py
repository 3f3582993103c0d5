"""Partners: the three styles on one base, by organisation and style, and why a partner stands where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from headwater.app import choosing
from headwater.domain.collaboration import Style
from headwater.web.asking import Go, Missing, Sheet
from headwater.web.forms import Field
from headwater.web.words import STYLES, body

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

TITLE = "Who should we collaborate with?"


def show(ask: Ask) -> Sheet:
    """Everybody's options, or those looked for on behalf of one organisation; until they are, those of everybody's that
    name it."""
    names = ask.names
    organisation, style = _one_of(ask.word("for"), names), _one_of(ask.word("style"), set(Style))
    own = ask.look("partners", organisation) if organisation else None
    found = own or ask.look("partners")
    order = _one_of(ask.word("sort"), set(SORTS))
    words = {
        "names": names,
        "fields": _fields(names, organisation, style, order),
        "organisation": organisation,
        "style": style,
        "own": own is not None,
        "state": "" if found else _state(ask),
        "order": tuple(one["id"] for one in _sorted(found, order)),
        "sorted": order,
    }
    return Sheet("partners.html.j2", TITLE, {"found": found}, words)


def _known(gbp: float | None) -> float:
    """A cost that nobody has told stands after all that are."""
    return float("inf") if gbp is None else gbp


SORTS: Mapping[str, tuple[str, Callable[[Any], float]]] = {
    "chance": ("Chance that it pays", lambda one: -one["chance_net_positive"]),
    "cost": ("Lowest cost a year", lambda one: _known(one["cost_gbp_per_year"])),
    "once": ("Lowest one-off cost", lambda one: _known(one["one_off_cost_gbp"])),
    "soon": ("Soonest benefit", lambda one: one["months_to_benefit"]),
    "evidence": ("Strongest evidence", lambda one: -one["grade"]["level"]),
}
"""Word of the address → its name, and what options are ordered by; '' leaves them by expected net."""


def _sorted(found: Answer | None, order: str) -> list[dict[str, Any]]:
    options = list(found.content["options"]) if found else []
    return sorted(options, key=SORTS[order][1]) if order else options


def compare(ask: Ask) -> Sheet:
    """Two options side by side, line by line."""
    names = ask.names
    organisation = _one_of(ask.word("for"), names)
    found = ask.look("partners", organisation)
    ids = {one["id"] for one in found.content["options"]} if found else set()
    chosen = tuple(ask.given.get(side, "") for side in ("a", "b"))
    if found is None or not set(chosen) <= ids:
        raise Missing(
            "these are not two options of the list",
            given=repr(" and ".join(chosen)[:120]),
            next_step="choose two on the page Partners",
        )
    words = {"names": names, "organisation": organisation, "pair": chosen}
    return Sheet("compare.html.j2", "Two options side by side", {"found": found}, words)


def _one_of(word: str, known: dict[str, str] | set[Style] | set[str]) -> str:
    return word if word in known else ""


def _fields(names: dict[str, str], organisation: str, style: str, order: str) -> tuple[Field, ...]:
    codes = sorted(names, key=lambda code: body(code, names).lower())
    whose = (("", "All organisations"), *((code, body(code, names)) for code in codes))
    styles = (("", "All three styles"), *((name, words) for name, (words, _) in STYLES.items()))
    return (
        Field("for", "Organisation", "select", organisation, options=whose),
        Field("style", "Style", "select", style, options=styles),
        Field(
            "sort",
            "Order by",
            "select",
            order,
            options=(("", "Expected net gain"), *((word, words) for word, (words, _) in SORTS.items())),
        ),
    )


def _state(ask: Ask) -> str:
    """Why there are no options to show: no data, found and not drawn yet, others than those that stand, or nobody
    looked."""
    if not ask.need("loaded").content["files"]:
        return "no data"
    place = ask.place
    with place.store() as store:
        if choosing.ready(place, store):
            return "not drawn"
        return "outdated" if choosing.outdated(place, store) else "not found"


def why(ask: Ask) -> Sheet:
    names = ask.names
    option, organisation = ask.given.get("id", ""), _one_of(ask.word("for"), names)
    found = ask.look("partners", organisation)
    known = {one["id"] for one in found.content["options"]} if found else set()
    told = ask.look("why", f"{option}\n{organisation}") if option in known else None
    if told is None:
        raise Missing(
            "there is no such option now", given=repr(option[:120]), next_step="choose one on the page Partners"
        )
    words = {"id": option, "names": names, "organisation": organisation}
    return Sheet("why.html.j2", "Why this partner?", {"found": found, "told": told}, words)


def find(ask: Ask) -> Go:
    """Look for partners, of everybody or of one organisation."""
    names = ask.names
    organisation = _one_of(ask.word("for"), names)
    if not organisation:
        return ask.start("partners", "Find partners", "/partners")
    return ask.start(
        "partners",
        f"Find partners for {body(organisation, names)}",
        f"/partners?for={quote(organisation)}",
        organisation,
    )
