"""Question 1: who should we collaborate with? The three styles side by side, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater import partners
from headwater.app import answers
from headwater.app.counting import price_book
from headwater.app.reading import data_version, linked, need_data
from headwater.app.version import code_version
from headwater.domain.collaboration import Style
from headwater.domain.errors import one_of
from headwater.domain.progress import silent
from headwater.store import key_of
from headwater.store.kept import keep, kept

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.options import Option
    from headwater.domain.progress import Progress
    from headwater.store import Store


def find(
    place: Place, organisation: str | None = None, style: str | None = None, progress: Progress = silent
) -> Answer:
    """Options of all styles (or one) for everybody (or one organisation), ranked by the lower bound of their benefit."""
    styles = _styles(style)
    with place.store() as store:
        _known(store, organisation)
        found = options(place, store, organisation, styles, progress)
        place.note("partners", f"for {organisation or 'everybody'}", data=data_version(store))
    ranked = [answers.option(option, rank) for rank, option in enumerate(found, 1)]
    return place.answer("partners", {"for": organisation, "options": ranked}, partners.figures(found), found)


def options(
    place: Place, store: Store, organisation: str | None, styles: tuple[Style, ...], progress: Progress = silent
) -> tuple[Option, ...]:
    """The options as the data and the code are now: kept, or found and kept."""
    need_data(store)
    linked(place, store, progress)
    question = partners.Question(organisation=organisation, styles=styles)
    prices = price_book(place).by_kind
    key = key_of(data_version(store), question, sorted(prices.items()), place.settings.partners, code_version())
    file = place.workspace.results / f"partners-{key_of(question)[:8]}.json"
    found = kept(file)
    if found and found["key"] == key:
        made: tuple[Option, ...] = found["options"]
        return made
    made = partners.find(store, prices, place.settings, question, progress)
    keep(file, {"key": key, "options": made})
    return made


def explain(place: Place, option_id: str, progress: Progress = silent) -> Answer:
    """Why this option: contributions that add up, its nearest alternatives, what would change the answer."""
    with place.store() as store:
        found = options(place, store, None, tuple(Style), progress)
    known = {option.id: option for option in found}
    if option_id not in known:
        raise one_of("no such option", option_id, known, "headwater partners lists them")
    content = partners.explain(found, option_id)
    place.note("explain", option_id)
    return place.answer("explain", answers.plain(content), known[option_id].figures, content)


def _styles(style: str | None) -> tuple[Style, ...]:
    if style is None:
        return tuple(Style)
    if style not in set(Style):
        raise one_of("no such style", style, Style, "leave --style away for all three")
    return (Style(style),)


def _known(store: Store, organisation: str | None) -> None:
    if organisation is None or not store.has("organisation"):
        return
    codes = [row["organisation"] for row in store.arrow(store.table("organisation").select("organisation")).to_pylist()]
    if organisation not in codes:
        raise one_of("no such organisation", organisation, codes, "its code is in the organisation table")
