"""Pooled evidence: the sites' files told together, and a place to put a file that a site sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app import gathering
from headwater.domain.errors import Usage
from headwater.web.asking import Go, Sheet

if TYPE_CHECKING:
    from headwater.web.asking import Ask

LARGEST = 2_000_000
"""An evidence file is some tens of kilobytes."""


def show(ask: Ask) -> Sheet:
    return Sheet("pool.html.j2", "Several sites together", {"found": ask.need("pool", ask.word("of"))})


def take(ask: Ask) -> Go:
    if ask.file is None or not ask.file.filename:
        raise Usage("no file was chosen", allowed="an evidence file of a site", next_step="go back and choose one")
    sent = ask.file.file.read(LARGEST + 1)
    if len(sent) > LARGEST:
        raise Usage(
            "the file is far larger than any evidence file", allowed="a file that headwater evidence export wrote"
        )
    kept = gathering.keep(ask.place, ask.file.filename, sent)
    return Go(f"/pool?of={kept['collaboration']}", "evidence")
