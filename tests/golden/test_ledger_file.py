"""The ledger's file as it was written by the first edition: later ones must read it, and write the same bytes for the
same acts."""

from __future__ import annotations

import shutil
from pathlib import Path

from headwater.domain.ledger import ClaimState
from headwater.ledger import Balance, Ledger, Spent
from money_world import AT, LOCK, claim, ledger_in, lot, people

KEPT = Path(__file__).parent / "data" / "ledger.jsonl"


def acted(folder: Path) -> Ledger:
    """One act of each sort."""
    ledger = ledger_in(folder)
    ledger.attribute("equal", "board", "agreed by the partners", AT)
    ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)
    ledger.open_lot(lot("lot-2", 60.0, collaboration="community-matrons"), people(50, 150), LOCK, 3, AT)
    ledger.open_lot(lot("harm", -30.0, collaboration="rapid-discharge"), people(300, 320), LOCK, 3, AT)
    ledger.claim([claim("a", 40.0), claim("b", 10.5, bearer="ambulance"), claim("h", -30.0, lot="harm")], AT)
    ledger.forecast("frequent-attenders", "upstream", [claim("plan", 140.0)], AT)
    ledger.spend(
        [Spent("frequent-attenders", "upstream", "gp", "2023-24", "running", 20_000.0, ClaimState.MEASURED)],
        AT,
        "analyst",
    )
    ledger.advance("a", ClaimState.ACCEPTED, "finance", "agreed – £80 less", AT)
    ledger.assert_balance(Balance("hospital", "frequent-attenders", "2023-24", "cash", 80.0), "finance", AT)
    ledger.reverse("b", "analyst", "counted by the other trust", AT)
    ledger.withdraw("lot-2", "analyst", "the second year did not show it", AT)
    return ledger


def test_the_same_acts_write_the_kept_bytes(tmp_path: Path) -> None:
    acted(tmp_path)
    assert (tmp_path / "ledger.jsonl").read_bytes() == KEPT.read_bytes()


def test_the_kept_ledger_is_read_and_in_order(tmp_path: Path) -> None:
    written = acted(tmp_path / "written")
    shutil.copy(KEPT, tmp_path / "ledger.jsonl")
    ledger = Ledger(tmp_path / "ledger.jsonl", tmp_path / "written" / ".headwater" / "units")
    assert ledger.verify().intact
    assert ledger.statement() == written.statement()
    assert {check.name for check in ledger.check() if not check.passed} == set()
    assert [each.lot for each in ledger.lots] == ["lot-1", "harm"]
