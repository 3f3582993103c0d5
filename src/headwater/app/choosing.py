"""Question 1: who should we collaborate with? The three styles side by side, and why."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from headwater import partners
from headwater.app import answers, registering
from headwater.app.acting import writing
from headwater.app.reading import data_version, linked, names_of, need_data
from headwater.app.valuing import price_book
from headwater.app.version import code_version
from headwater.domain.collaboration import Style
from headwater.domain.errors import Usage, one_of
from headwater.domain.progress import silent
from headwater.domain.workspace import DisclosureSettings, EngineSettings
from headwater.partners.mirror import Mirrors, mirrors
from headwater.report.kinds import renamed
from headwater.store import key_of
from headwater.store.made import Made
from headwater.store.site import reached

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.areas import Pair
    from headwater.domain.options import Option
    from headwater.domain.progress import Progress
    from headwater.domain.workspace import Settings
    from headwater.store import Store


def find(
    place: Place, organisation: str | None = None, style: str | None = None, progress: Progress = silent
) -> Answer:
    """Options of all styles (or one) for everybody (or one organisation), ranked by expected net a year."""
    styles = _styles(style)
    with place.store() as store:
        _known(store, organisation)
        found = options(place, store, organisation, styles, progress)
        beside = _mirrors(place, store, organisation) if Style.MIRROR in styles else Mirrors()
        place.note("partners", f"for {organisation or 'everybody'}", data=data_version(store))
        return _answer(place, store, organisation, (found, beside))


def shown(place: Place, organisation: str | None = None) -> Answer | None:
    """The answer of `find` from what it kept; None where it has to be asked again."""
    with place.store() as store:
        found = held(place, store, organisation)
        return (
            None
            if found is None
            else _answer(place, store, organisation, (found, _mirrors(place, store, organisation)))
        )


def _answer(place: Place, store: Store, organisation: str | None, made: tuple[tuple[Option, ...], Mirrors]) -> Answer:
    found, beside = made
    floor = partners.floor_gbp(store, place.settings, organisation)
    known = registering.held(place)
    content = {"for": organisation, **answers.compared(found, floor, known), **answers.mirrors(beside), "seat": None}
    asks = _seat(place, store, organisation)
    if asks is None and not partners.told(found):
        asks = partners.everybody(store, price_book(place).by_kind)
    if asks is not None:
        content["seat"] = answers.seat(asks, found)
    names = names_of(store)
    figures = tuple(renamed(figure, names) for figure in (*partners.figures(found, floor), *beside.figures))
    return place.answer("partners", content, figures, found)


def _seat(place: Place, store: Store, organisation: str | None) -> partners.Seat | None:
    if organisation is None:
        return None
    return partners.seat(store, price_book(place).by_kind, place.settings, organisation)


def _mirrors(place: Place, store: Store, organisation: str | None) -> Mirrors:
    """Who is most alike (for one organisation), and the best partitions (for everybody)."""
    return mirrors(store, place.settings, partners.Question(organisation=organisation, ties=registering.ties(place)))


def options(
    place: Place, store: Store, organisation: str | None, styles: tuple[Style, ...], progress: Progress = silent
) -> tuple[Option, ...]:
    """The options as the data and the code are now: kept, or found and kept."""
    styles = _askable(place, store, styles, progress)
    question = partners.Question(organisation=organisation, styles=styles)
    made = _made(place, store, question)
    found: tuple[Option, ...] | None = made.found()
    if found is not None:
        return found
    with writing(place, "partners"):
        return made.make(lambda *_given: _answered(place, store, question, progress))


def _answered(place: Place, store: Store, question: partners.Question, progress: Progress) -> tuple[Option, ...]:
    whole = [one for style in question.styles for one in _of_style(place, store, question, style, progress)]
    return partners.answered(store, place.settings, _seat(place, store, question.organisation), whole)


def _of_style(
    place: Place, store: Store, question: partners.Question, style: Style, progress: Progress
) -> tuple[Option, ...]:
    """What the finder of one style finds: the same for every asker but for mirror, so that the next asker waits for
    nothing."""
    asked = replace(question if style is Style.MIRROR else question.of_everybody(), styles=(style,))
    made = _made(place, store, asked, "finder")
    found: tuple[Option, ...] | None = made.found()
    if found is None:
        found = made.make(
            lambda store, prices, settings, asked: partners.gathered(store, prices, settings, asked, (style,), progress)
        )
    return found


def pairs(place: Place, store: Store, progress: Progress = silent) -> tuple[int, tuple[Pair, ...]]:
    """What the upstream boards say of every pair that they judged, as the data and the code are now: kept, or found and
    kept."""
    from headwater.partners import upstream

    need_data(store)
    linked(place, store, progress)
    made = _made(place, store, partners.Question(styles=(Style.UPSTREAM,)), "pairs")
    found: tuple[int, tuple[Pair, ...]] | None = made.found()
    return (
        made.make(lambda store, prices, settings, _asked: upstream.pairs(store, prices, settings))
        if found is None
        else found
    )


def held(place: Place, store: Store, organisation: str | None = None) -> tuple[Option, ...] | None:
    """The options that `find` kept, if data, prices, settings and code are still those they were found in; nothing is
    looked for."""
    found: tuple[Option, ...] | None = _asked(place, store, organisation).found()
    return found


def _askable(place: Place, store: Store, styles: tuple[Style, ...], progress: Progress) -> tuple[Style, ...]:
    """The styles that the data bear: registers alone, without a contact, bear no upstream option."""
    if _registers_alone(store, styles):
        return _of_registers(styles)
    need_data(store)
    linked(place, store, progress)
    return styles


def _of_registers(styles: tuple[Style, ...]) -> tuple[Style, ...]:
    """Whom to share posts with, and whom buildings."""
    return tuple(style for style in styles if style is not Style.UPSTREAM)


def _registers_alone(store: Store, styles: tuple[Style, ...]) -> bool:
    return (
        bool(_of_registers(styles)) and store.has("organisation") and not (store.has("contact") or store.has("count"))
    )


def ready(place: Place, store: Store, organisation: str | None = None) -> bool:
    """Whether `find` would read kept options, because data, prices, settings and code are still those they were made
    of."""
    return _asked(place, store, organisation).stands()


def outdated(place: Place, store: Store, organisation: str | None = None) -> bool:
    """Whether options are on file that other data, prices or settings, or an earlier version of the program, were asked
    for."""
    made = _asked(place, store, organisation)
    return made.on_file() and not made.stands()


def _asked(place: Place, store: Store, organisation: str | None) -> Made:
    styles = _of_registers(tuple(Style)) if _registers_alone(store, tuple(Style)) else tuple(Style)
    question = partners.Question(organisation=organisation, styles=styles)
    return _made(place, store, question)


def _made(place: Place, store: Store, question: partners.Question, what: str = "partners") -> Made:
    """The finder gets the settings without what it has no use for, so that a word of the mapping does not ask for it
    again."""
    settings = replace(
        _settings(place), sources=(), disclosure=DisclosureSettings(), engine=EngineSettings(), prices=()
    )
    state = (data_version(store), store.key("person_link"), _times(place), code_version())
    file = place.workspace.results / f"{what}-{key_of(question)[:8]}.json"
    return Made(file, store, (price_book(place).by_kind, settings, question), state)


def _times(place: Place) -> str:
    """What the file of travel times holds, by its hash; '' where none is named."""
    named = place.settings.partners.get("travel_times")
    return (
        hashlib.sha256(Path(str(_settings(place).partners["travel_times"])).read_bytes()).hexdigest() if named else ""
    )


def _settings(place: Place) -> Settings:
    """The settings with the file of travel times where it lies."""
    named = place.settings.partners.get("travel_times")
    if not named:
        return place.settings
    file = reached(place.workspace.root, str(named))
    if not file.is_file():
        raise Usage(
            "there is no file of travel times",
            given=str(named),
            next_step="mend travel_times under [partners] in headwater.toml",
        )
    return replace(place.settings, partners={**place.settings.partners, "travel_times": str(file)})


def explain(place: Place, option_id: str, progress: Progress = silent) -> Answer:
    """Why this option: contributions that add up, its nearest alternatives, what would change the answer."""
    chosen, found, floor = _chosen(place, option_id, progress)
    place.note("explain", option_id)
    return _why(place, chosen, found, floor)


def option(place: Place, option_id: str, progress: Progress = silent) -> Option:
    """One option by its id. Raises Usage with the known ones for any other."""
    return _chosen(place, option_id, progress)[0]


def _chosen(place: Place, option_id: str, progress: Progress) -> tuple[Option, tuple[Option, ...], float]:
    """The option, those it is ranked among (everybody's, or those of one of its partners), and the floor of
    materiality."""
    with place.store() as store:
        found, asked = options(place, store, None, tuple(Style), progress), None
        if option_id not in _by_id(found):
            found, asked = _of_its_partners(place, store, option_id, progress) or (found, None)
        floor = partners.floor_gbp(store, place.settings, asked)
    known = _by_id(found)
    if option_id not in known:
        raise one_of("no such option", option_id, known, "headwater partners lists them")
    return known[option_id], found, floor


def _by_id(found: tuple[Option, ...]) -> dict[str, Option]:
    """Options by id, those inside the rows too."""
    return {one.id: one for option in found for one in (option, *option.inside)}


def shown_why(place: Place, option_id: str, organisation: str | None = None) -> Answer | None:
    """The answer of `explain` from kept options; None where the option is not among them."""
    with place.store() as store:
        found = held(place, store, organisation) or ()
        floor = partners.floor_gbp(store, place.settings, organisation)
    chosen = _by_id(found).get(option_id)
    return None if chosen is None else _why(place, chosen, found, floor)


def _why(place: Place, chosen: Option, among: tuple[Option, ...], floor_gbp: float) -> Answer:
    content = partners.explain(among, chosen.id, floor_gbp)
    counted = answers.counted(chosen)
    return place.answer("explain", {**answers.plain(content), **counted}, chosen.figures, content)


def _of_its_partners(
    place: Place, store: Store, option_id: str, progress: Progress
) -> tuple[tuple[Option, ...], str] | None:
    """The options of one of the partners that the id names, and who it is, where the option is among those of that
    partner alone."""
    for partner in option_id.rpartition(":")[2].split("+"):
        if partner not in organisations(store):
            continue
        found = options(place, store, partner, tuple(Style), progress)
        if option_id in _by_id(found):
            return found, partner
    return None


def _styles(style: str | None) -> tuple[Style, ...]:
    if style is None:
        return tuple(Style)
    if style not in set(Style):
        raise one_of("no such style", style, Style, "leave out --style for all three")
    return (Style(style),)


def organisations(store: Store) -> list[str]:
    """The codes of all organisations, in order."""
    return sorted(
        {
            str(code)
            for code in store.arrow(store.table("organisation").select("organisation"))["organisation"].to_pylist()
        }
    )


def _known(store: Store, organisation: str | None) -> None:
    if organisation is None:
        return
    codes = sorted({*organisations(store), *partners.giving(store)})
    if organisation not in codes:
        raise one_of("no such organisation", organisation, codes, "its code is in the organisation table")
