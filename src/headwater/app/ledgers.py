"""The ledger of a workspace, opened where an act or a page needs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.ledger import Ledger

if TYPE_CHECKING:
    from headwater.app.place import Place


def ledger_of(place: Place, request: str = "") -> Ledger:
    return Ledger(place.workspace.ledger, place.workspace.units, request)
