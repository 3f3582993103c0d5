"""What an act takes after its one moment, each step once or again: done by the act itself, or by whoever comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater import governance
from headwater.app.ledgers import ledger_of
from headwater.governance.forget import Known
from headwater.store.files import removed

if TYPE_CHECKING:
    from headwater.app.place import Place
    from headwater.store.acts import Intent


def rotate_steps(place: Place, act: Intent) -> None:
    """What a new key takes, each step once or again: old lots withdrawn, old tables cleared, the new key in use."""
    ledger = ledger_of(place, act.request)
    for lot in [one.lot for one in ledger.lots if one.lot in act.said["lots"]]:
        ledger.withdraw(lot, role=act.role, reason=f"pseudonym key rotated: {act.said['purpose']}", at=act.at)
    with place.store() as store:
        store.clear()
    governance.rotate_key(place.workspace)
    _forget_answers(place)


def forget_steps(place: Place, act: Intent) -> list[str]:
    """What forgetting takes, each step once or again; the lots whose people had the person among them."""
    found = Known(act.said["person"], tuple(act.said["records"]), tuple(act.said["shared"]))
    with place.store() as store:
        governance.forget(store, place.workspace, found)
    ledger = ledger_of(place, act.request)
    if ledger.done:
        ledger.sweep()
    else:
        ledger.forget(found.names, act.role, act.said["purpose"], at=act.at)
    _forget_answers(place)
    return [str(entry.body["lot"]) for entry in ledger.done]


def _forget_answers(place: Place) -> None:
    """Everything that was kept of the data as they were; steps make it again."""
    for folder in (place.workspace.results, place.workspace.answers, place.workspace.checks):
        for file in folder.glob("*"):
            removed(file)
