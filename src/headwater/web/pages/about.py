"""Where the figures come from, and what these pages are made of."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from headwater.app import evaluating
from headwater.web.asking import Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask


def made_from(ask: Ask) -> Sheet:
    """Input files, code version, policy; with a collaboration its protocol's hash and lock."""
    chosen = ask.word("id")
    if chosen:
        evaluating.protocol_of(ask.place, chosen)
    return Sheet(
        "made-from.html.j2", "Where these figures come from", {"made": ask.need("made-from", chosen)}, {"id": chosen}
    )


def show(ask: Ask) -> Sheet:
    from headwater.web.ways import WAYS

    bundled = json.loads(files("headwater.web").joinpath("static/MANIFEST.json").read_text(encoding="utf-8"))["files"]
    rows = tuple((name, about["from"], about["licence"], about["sha256"]) for name, about in bundled.items())
    ways = tuple((way.method, way.path, ", ".join(sorted(way.roles))) for way in WAYS)
    return Sheet("about.html.j2", "About these pages", words={"files": rows, "ways": ways})
