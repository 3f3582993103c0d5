"""Look before you ask: how much of each service, whom agencies share, what follows what, and what the data cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.web.asking import Sheet
from headwater.web.forms import Field
from headwater.web.words import kind

if TYPE_CHECKING:
    from headwater.web.asking import Ask

TITLE = "Look before you ask"


def show(ask: Ask) -> Sheet:
    """The series of one kind at a time, the most frequent first: all of them at once would be sixteen pictures to
    load."""
    found = ask.look("look") if ask.need("loaded").content["files"] else None
    kinds = [one["kind"] for one in found.content["services"]] if found else []
    chosen = ask.word("kind") if ask.word("kind") in kinds else next(iter(kinds), "")
    field = Field("kind", "Service", "select", chosen, options=tuple((one, kind(one)) for one in kinds))
    words = {"chosen": chosen, "field": field, "names": ask.names, "loaded": bool(ask.need("loaded").content["files"])}
    return Sheet("look.html.j2", TITLE, {"found": found}, words)
