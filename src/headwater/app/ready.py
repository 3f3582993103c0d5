"""The last step of a run: what doors show is made once, so that nobody who looks has to wait for it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from headwater.app import choosing, governing, reading
from headwater.app.evaluating import protocols
from headwater.app.shelf import Shelf
from headwater.domain.errors import HeadwaterError
from headwater.domain.progress import silent
from headwater.store.kept import keep_for, key_of_kept

if TYPE_CHECKING:
    from headwater.app.answer import Answer
    from headwater.app.place import Place
    from headwater.domain.progress import Progress
    from headwater.domain.release import FigureData, Released

SIZES = ("wide", "narrow")
DONE = "ready.json"
MADE_OF = ("tables", "results", "collaborations", "prices")
MOST_WHYS = 40
"""Options whose reasons are drawn beforehand, the first of the ranking; those of any other take a tenth of a second."""
ONCE = ("progress", "bears", "look", "loaded", "names", "made-from", "warnings", "risks", "ledger", "ledger-check")
EACH = ("told", "plan", "evaluation", "worth", "gates", "made-from", "risks", "suggested")


def ready(place: Place, progress: Progress = silent) -> None:
    """Every answer that the doors show, and its figures in both sizes. What cannot be made yet is left for its step to
    make."""
    reading.check(place, progress)
    governing.measure(place)
    shelf = Shelf(place.workspace)
    before = shelf.state(MADE_OF)
    looks = _looks(place, shelf)
    for at, (name, about) in enumerate(looks):
        progress("making the pages ready", at, len(looks))
        # Whatever goes wrong here is told by the page that asks for it; it must not take a run's results with it.
        with suppress(Exception):
            for figure in _figures(_answer(shelf, name, about)):
                for size in SIZES:
                    shelf.gallery.draw(figure.content, size)
    shelf.gallery.sweep()
    keep_for(place.workspace.answers / DONE, before, None)
    progress("", 1, 1)


def warm(place: Place, shelf: Shelf) -> None:
    """Look once at every answer that is made in a moment, so that even the first visitor of a new server finds it
    made."""
    each = [(name, protocol.id) for protocol in protocols(place) for name in EACH]
    for name, about in (*((name, "") for name in ONCE), *each):
        # What cannot be made is told by the page that asks for it.
        with suppress(Exception):
            shelf.look(name, about)


def is_ready(place: Place) -> bool:
    """Whether nothing that slow answers are made of has changed since all were made."""
    return key_of_kept(place.workspace.answers / DONE) == Shelf(place.workspace).state(MADE_OF)


def _looks(place: Place, shelf: Shelf) -> list[tuple[str, str]]:
    """Every look by its name and what it is about."""
    asked = _asked_for(place)
    each = [(name, protocol.id) for protocol in protocols(place) for name in EACH]
    options = [option for about in asked for option in _options(shelf, about)]
    return [
        *((name, "") for name in ONCE),
        *((name, about) for about in asked for name in ("partners", "stakes")),
        *each,
        *(("why", one) for one in options),
    ]


def _asked_for(place: Place) -> list[str]:
    """Whose partners are on file: '' for everybody's, then organisations by code."""
    with place.store() as store:
        codes = ["", *choosing.organisations(store)]
        return [code for code in codes if choosing.ready(place, store, code or None)]


def _options(shelf: Shelf, about: str) -> list[str]:
    found = _answer(shelf, "partners", about)
    return [f"{one['id']}\n{about}" for one in found["options"][:MOST_WHYS]] if found else []


def _answer(shelf: Shelf, name: str, about: str) -> Answer | None:
    """None where data, a lock or a plan do not bear it; the page that shows it says why."""
    try:
        return shelf.look(name, about, wait=True)
    except HeadwaterError:
        return None


def _figures(found: Answer | None) -> tuple[Released[FigureData], ...]:
    return found.figures if found else ()
