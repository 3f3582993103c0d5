"""Partners: the three styles on one base, by organisation and style, and why a partner stands where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app import choosing, reading
from headwater.domain.collaboration import Style
from headwater.web.asking import Go, Missing, Sheet
from headwater.web.forms import Field
from headwater.web.words import STYLES, body

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.web.asking import Ask

PARTS = ("store", "results")


def show(ask: Ask) -> Sheet:
    answer, names = found(ask), _names(ask)
    if answer is None:
        return Sheet(
            "partners.html.j2",
            "Who should we collaborate with?",
            {"found": None},
            {"names": names, "state": _state(ask)},
        )
    codes = sorted(
        {code for one in answer.content["options"] for code in one["partners"]}, key=lambda code: body(code, names)
    )
    organisation = ask.word("for") if ask.word("for") in codes else ""
    style = ask.word("style") if ask.word("style") in set(Style) else ""
    fields = (
        Field("for", "Organisation", "select", organisation, options=(("", "All organisations"), *((code, body(code, names)) for code in codes))),
        Field("style", "Style", "select", style, options=(("", "All three styles"), *((name, words) for name, (words, _) in STYLES.items()))),
    )  # fmt: skip
    words = {"names": names, "fields": fields, "organisation": organisation, "style": style, "state": ""}
    return Sheet("partners.html.j2", "Who should we collaborate with?", {"found": answer}, words)


def found(ask: Ask) -> Answer | None:
    """The ranked options where they are kept as the data are now; nothing is reckoned while somebody waits for a page."""
    place = ask.place

    def make() -> Answer | None:
        with place.store() as store:
            if not store.has("batch") or not choosing.ready(place, store):
                return None
        return choosing.find(place)

    made: Answer | None = ask.kept("partners", "", PARTS, make)
    return made


def _state(ask: Ask) -> str:
    place = ask.place
    loaded = ask.kept("loaded", "", ("store",), lambda: reading.loaded(place))
    return "not found" if loaded.content["files"] else "no data"


def _names(ask: Ask) -> dict[str, str]:
    """Organisation → its name, as the agencies gave it."""
    place = ask.place

    def make() -> dict[str, str]:
        return dict(reading.organisation_names(place).content["names"])

    names: dict[str, str] = ask.kept("names", "", ("store",), make)
    return names


def why(ask: Ask) -> Sheet:
    answer = found(ask)
    known = {one["id"]: one for one in answer.content["options"]} if answer else {}
    option = ask.given.get("id", "")
    if option not in known:
        raise Missing(
            "there is no such option now", given=repr(option[:120]), next_step="choose one on the page Partners"
        )
    place = ask.place
    told = ask.kept("why", option, PARTS, lambda: choosing.explain(place, option))
    return Sheet(
        "why.html.j2", "Why this partner?", {"found": answer, "told": told}, {"id": option, "names": _names(ask)}
    )


def find(ask: Ask) -> Go:
    return ask.start("partners", "Find partners", "/partners")
