"""Data: what was given, what fits, what was loaded, what was quarantined and why; uploads and headwater.toml as
text."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from headwater.app import mapping, planning
from headwater.domain.errors import HeadwaterError, Usage
from headwater.web import uploads
from headwater.web.asking import Go, Sheet
from headwater.web.forms import EDITING, Field, read, split, stale, version

if TYPE_CHECKING:
    from headwater.app.place import Place
    from headwater.web.asking import Ask, Reply


def show(ask: Ask) -> Sheet:
    place = ask.place
    checked, loaded = ask.need("check"), ask.need("loaded")
    named = {one["file"] for one in checked.content["files"]}
    files = sorted(
        file.relative_to(place.workspace.root).as_posix() for file in place.workspace.data.rglob("*") if file.is_file()
    )
    # Until the files are looked at, a source stands there by its pattern.
    unmapped = [name for name in files if not any(fnmatchcase(name, one) for one in named) and _to_map(place, name)]
    return Sheet("data.html.j2", "Data", {"checked": checked, "loaded": loaded}, {"unmapped": unmapped})


def _to_map(place: Place, name: str) -> bool:
    """Neither a list that we made from another file, nor a made-up example, nor prices, nor what no table can be read
    from."""
    if name in place.settings.prices:
        return False
    return name.lower().endswith(uploads.ENDINGS) and "/lists/" not in name and not mapping.is_example(place, name)


def quarantine(ask: Ask) -> Sheet:
    """Rows that were not loaded, by file and reason. Their values are not kept, so none can be shown."""
    return Sheet("quarantine.html.j2", "Quarantine", {"loaded": ask.need("loaded"), "made": ask.need("made-from")})


def settings(ask: Ask) -> Sheet:
    text = read(ask.place.workspace.settings)
    return _text_page(text, version(text), ())


def save_settings(ask: Ask) -> Reply:
    place, mine = ask.place, ask.given.get("text", "").replace("\r\n", "\n")
    with EDITING:
        refused = stale(ask, place.workspace.settings, mine, "/data/settings")
        if refused:
            return refused
        try:
            planning.save_text(place, "", mine)
        except HeadwaterError as problem:
            return _text_page(mine, ask.word("version"), tuple(split(problem)))
    return Go("/data", "settings")


def _text_page(text: str, held: str, problems: tuple[str, ...]) -> Sheet:
    field = Field(
        "text", "headwater.toml", "area", text, "The place, its sources and their columns, disclosure policy, engine."
    )
    words = {
        "field": field,
        "version": held,
        "problems": problems,
        "action": "/data/settings",
        "back": ("/data", "Data"),
    }
    return Sheet("text.html.j2", "headwater.toml as text", words=words, status=400 if problems else 200)


def upload(ask: Ask) -> Go:
    """A file into data/, under its bare name; nothing that exists is overwritten, nothing outside data/ is reached."""
    if ask.file is None or not ask.file.filename:
        raise Usage("no file was chosen", allowed=", ".join(uploads.ENDINGS), next_step="go back and choose one")
    name = uploads.take(ask.place.workspace.data, ask.file.filename, ask.file.file)
    ask.place.note("upload", name)
    return Go(f"/data/map?file=data/{name}", "uploaded")


def check(ask: Ask) -> Go:
    return ask.start("check", "Look at the files", "/data")


def load(ask: Ask) -> Go:
    return ask.start("load", "Load and link the files", "/data")


def first(ask: Ask) -> Go:
    return ask.start("first", "Load the files and find partners", "/partners")
