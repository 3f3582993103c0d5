"""What if: price, uptake, cost and the share that comes true as fields of a form; the server reckons, no script
does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from headwater.app import evaluating, supposing
from headwater.domain.errors import Usage
from headwater.web.asking import Missing, Sheet
from headwater.web.forms import Field, amount

if TYPE_CHECKING:
    from headwater.web.asking import Ask

MOST = 500.0
FIELDS = {
    "price": ("Price of what is averted", "Percent of the price used"),
    "uptake": ("Uptake", "Percent of the people or contacts assumed; the yearly cost goes with it"),
    "cost": ("Cost", "Percent of the cost assumed"),
    "true": ("Share that comes true", "Percent of the benefit expected"),
}
"""Part of a change → its label and its hint; all in percent of what stands."""
SIDES = {"a": "First what-if", "b": "Second what-if"}


def of_option(ask: Ask) -> Sheet:
    option, organisation = ask.given.get("id", ""), ask.word("for") if ask.word("for") in ask.names else ""
    held, found = ask.look("stakes", organisation), ask.look("partners", organisation)
    if held is None or found is None or option not in held.content["options"]:
        raise Missing(
            "there is no such option to ask about",
            given=repr(option[:120]),
            next_step=(
                "choose one on the page Partners; options without a tested effect or without figures cannot be asked"
                " about"
            ),
        )
    named = _named(ask)
    told = supposing.of_option(ask.place, held.content["options"][option], [supposing.Change(), *named.values()])
    hidden = {"id": option, **({"for": organisation} if organisation else {})}
    words = {
        **_words(ask, named, hidden),
        "id": option,
        "names": ask.names,
        "organisation": organisation,
        "of": "option",
        "action": "/partners/what-if",
    }
    return Sheet("what-if.html.j2", "What if?", {"told": told, "found": found}, words)


def of_result(ask: Ask) -> Sheet:
    chosen = ask.path["id"]
    protocol = evaluating.protocol_of(ask.place, chosen)
    found = ask.look("evaluation", chosen)
    if found is None:
        return Sheet("not-evaluated.html.j2", "What if?", {"found": None}, {"id": chosen, "name": protocol.name})
    worth = ask.look("worth", chosen)
    named = _named(ask)
    told = (
        supposing.of_result(ask.place, worth.content["money"], [supposing.Change(), *named.values()]) if worth else None
    )
    words = {
        **_words(ask, named, {}),
        "id": chosen,
        "name": protocol.name,
        "of": "result",
        "action": f"/results/{chosen}/what-if",
    }
    return Sheet("what-if.html.j2", "What if?", {"told": told, "found": found, "worth": worth}, words)


def _named(ask: Ask) -> dict[str, supposing.Change]:
    """The scenarios that somebody filled in, by their names."""
    made = {name: _change(ask, side) for side, name in SIDES.items()}
    return {name: change for name, change in made.items() if change is not None}


def _change(ask: Ask, side: str) -> supposing.Change | None:
    said = {part: ask.word(f"{side}-{part}").rstrip("% ") for part in FIELDS}
    if not any(said.values()):
        return None
    return supposing.Change(**{part: _share(text, FIELDS[part][0]) for part, text in said.items() if text})


def _share(text: str, label: str) -> float:
    found = amount(text, label)
    if not 0 <= found <= MOST:
        raise Usage(
            f"{label} is out of reach",
            given=text,
            allowed=f"a percentage from 0 to {MOST:.0f}; 100 leaves it as it stands",
            next_step="go back and change it",
        )
    return found / 100


def _words(ask: Ask, named: dict[str, supposing.Change], hidden: dict[str, str]) -> dict[str, Any]:
    sides = [
        {
            "title": title,
            "fields": [
                Field(f"{side}-{part}", label, value=ask.word(f"{side}-{part}"), hint=hint, wide="5", number=True)
                for part, (label, hint) in FIELDS.items()
            ],
        }
        for side, title in SIDES.items()
    ]
    return {"sides": sides, "scenarios": ["As it stands", *named], "hidden": hidden}
