"""Where the figures come from, and what these pages are made of."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import TYPE_CHECKING

from headwater.app import evaluating
from headwater.web.asking import Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask


ROLES = (
    ("Everybody who is let in", "Read every page and report, and take tables as CSV"),
    ("Analyst", "Load data, write and lock plans, evaluate, claim savings, keep the risk register, make reports"),
    ("Finance verifier", "Accept and reverse claims, and record decisions on gates"),
)
"""What the table of addresses allows, as somebody asks it."""


def made_from(ask: Ask) -> Sheet:
    """Input files, code version, policy; with a collaboration its protocol's hash and lock."""
    chosen = ask.word("id")
    if chosen:
        evaluating.protocol_of(ask.place, chosen)
    return Sheet(
        "made-from.html.j2", "Where these figures come from", {"made": ask.need("made-from", chosen)}, {"id": chosen}
    )


def show(ask: Ask) -> Sheet:
    bundled = json.loads(files("headwater.web").joinpath("static/MANIFEST.json").read_text(encoding="utf-8"))["files"]
    rows = tuple((name, about["from"], about["licence"], about["sha256"]) for name, about in bundled.items())
    return Sheet("about.html.j2", "About these pages", words={"files": rows, "roles": ROLES})
