"""What finance asks of the ledger, the prices and the risks, typed as a user types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from headwater.cli.main import main
from headwater.domain.errors import ProtocolBreach, Usage
from headwater.domain.governance import Decision
from headwater.domain.ledger import ClaimState
from headwater.domain.money import Perspective
from headwater.domain.workspace import Workspace
from headwater.governance import add_risks, read_risks, suggested_risks, timeline
from headwater.governance.gates import decide
from headwater.governance.lock import Signed, lock
from headwater.governance.protocol import read_protocol, write_protocol
from headwater.governance.templates import template, templates
from headwater.savings import price_book, value, with_wellbeing
from money_world import AE, AT, LOCK, claim, effect, ledger_in, lot, people, protocol

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    root = tmp_path / "place"
    assert main(["new", str(root)]) == 0
    return root


def run(place: Path, *words: str) -> int:
    return main(["-w", str(place), *words])


def booked_in(place: Path) -> None:
    workspace = Workspace(place)
    from headwater.ledger import Ledger

    ledger = Ledger(workspace.ledger, workspace.units)
    ledger.open_lot(lot("harm", -30.0, collaboration="rapid-discharge"), people(0, 20), LOCK, 3, AT)
    ledger.open_lot(lot(), people(100, 200), LOCK, 3, AT)
    ledger.claim([claim("h", -30.0, lot="harm"), claim("a", 40.0)], AT)


def test_finance_signs_asserts_and_is_held_to_it(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    booked_in(place)
    said = ("--reason", "seen against the budget")
    assert run(place, "ledger", "accept", "a", "--role", "analyst", *said) == 4, "who booked it cannot sign it"
    assert run(place, "ledger", "accept", "a", "--role", "finance director", *said) == 0
    assert run(place, "ledger", "accept", "a", "--state", "budget-removed", "--role", "finance director", *said) == 0
    capsys.readouterr()
    assert run(place, "ledger", "show", "--json") == 0
    cash = json.loads(capsys.readouterr().out)["totals"]["cash_gbp"]
    assert (
        run(place, "ledger", "balance", "--bucket", "cash", "--gbp", str(cash + 1), "--role", "finance director") == 4
    )
    assert run(place, "ledger", "balance", "--bucket", "cash", "--gbp", str(cash), "--role", "finance director") == 0
    assert run(place, "ledger", "check") == 0
    assert run(place, "ledger", "reverse", "a", "--role", "finance director", *said) == 0
    assert run(place, "ledger", "check") == 4, "the asserted balance no longer stands"
    assert "balances" in capsys.readouterr().err


@pytest.mark.parametrize("side", ["bearer", "year", "collaboration", "style"])
def test_a_statement_sums_to_the_same_by_every_side(place: Path, side: str, capsys: pytest.CaptureFixture[str]) -> None:
    booked_in(place)
    capsys.readouterr()
    assert run(place, "ledger", "show", "--by", side, "--json") == 0
    shown = json.loads(capsys.readouterr().out)
    for name in ("cash_gbp", "released_gbp", "absorbed_gbp", "none_gbp"):
        assert sum(row[name] for row in shown["sums"]) == pytest.approx(shown["totals"][name], abs=1e-9)


def test_an_unknown_side_is_told_the_known_ones(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(place, "ledger", "show", "--by", "colour") == 2
    assert "collaboration" in capsys.readouterr().err


def test_a_part_of_a_harm_cannot_be_left_out(tmp_path: Path) -> None:
    """Half of what a programme harmed, reversed, leaves the ledger looking better than the truth: the check says so."""
    ledger = ledger_in(tmp_path)
    ledger.open_lot(lot("harm", -30.0), people(0, 20), LOCK, 3, AT)
    ledger.claim([claim("h1", -15.0, lot="harm"), claim("h2", -15.0, lot="harm")], AT)
    assert {check.name: check.passed for check in ledger.check()}["harm-booked"] is True
    ledger.reverse("h2", "finance director", "it looks bad", AT)
    assert {check.name: check.passed for check in ledger.check()}["harm-booked"] is False


def test_a_forgotten_person_is_in_no_unit_set_and_no_sum_moves(tmp_path: Path) -> None:
    """Two lots over the same people: one person forgotten leaves sets, overlap and sums as they were, and the chain
    whole."""
    from headwater.ledger.units import unit_codes

    ledger = ledger_in(tmp_path)
    ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)
    ledger.open_lot(lot("second", collaboration="matrons"), people(50, 150), LOCK, 3, AT)
    before, gone = dict(ledger.available()), people(60, 61)
    assert ledger.forget([gone[0]], "information governance lead", "the person's wish", AT) == ("lot-1", "second")
    again = ledger_in(tmp_path)
    assert dict(again.available()) == pytest.approx(before)
    assert all(check.passed for check in again.check())
    code = unit_codes(gone)[0]
    sets = [file.read_bytes() for file in tmp_path.rglob("*.npy")]
    assert len(sets) == 2
    assert not [one for one in sets if int(code).to_bytes(8, "little") in one]
    assert again.forget([gone[0]], "information governance lead", "again", AT) == ()


def test_forecasts_stand_beside_and_in_no_total(tmp_path: Path) -> None:
    from headwater.app.booking import outturn, totals

    ledger = ledger_in(tmp_path)
    ledger.open_lot(lot(), people(0, 100), LOCK, 3, AT)
    ledger.claim([claim("a", 40.0)], AT)
    alone = totals(ledger.statement())
    assert outturn(ledger.statement()) == [], "who promised nothing is not listed"
    from dataclasses import replace

    promised = replace(claim("f", 90.0), state=ClaimState.FORECAST)
    ledger.forecast("frequent-attenders", "upstream", [promised], AT)
    assert totals(ledger.statement()) == alone
    rows = outturn(ledger.statement())
    assert [row["bucket"] for row in rows] == ["cash", "released"], "never in one sum"
    for row in rows:
        assert row["gap_gbp"] == pytest.approx(row["measured_gbp"] - row["forecast_gbp"])
        assert row["forecast_gbp"] > row["measured_gbp"] > 0


def test_the_shipped_prices_raise_no_alarm_and_a_slipped_point_does(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(place, "prices", "check") == 0
    head = "price,kind,gbp,unit,price_year,bearer,perspective,source,edition,licence,about\n"
    (place / "data" / "ours.csv").write_text(
        head + "OURS-AE,ae_attendance,2801.70,attendance,2024,icb,fiscal,our ledger,2024,own,an attendance\n"
    )
    settings = place / "headwater.toml"
    text = settings.read_text()
    settings.write_text(
        'prices = ["data/ours.csv"]\n' + "\n".join(line for line in text.splitlines() if not line.startswith("prices"))
    )
    capsys.readouterr()
    assert run(place, "prices", "check") == 3
    told = capsys.readouterr()
    assert "OURS-AE" in told.out
    assert "order of magnitude" in told.err
    assert run(place, "prices", "show", "--kind", "ae_attendance") == 0
    assert "National Cost Collection" in " ".join(capsys.readouterr().out.split())


def test_lost_quality_of_life_is_valued_in_the_social_lens_alone() -> None:
    """0.002 QALY lost with an attendance at £70,000 of 2024-25 are £140 each; nothing of it is anybody's cash."""
    plan = protocol(qaly={AE: 0.002})
    book = price_book([], 2024)
    found = effect({AE: 100.0}, sd=0.0)
    saving = value(found, None, plan, with_wellbeing(book, plan), 0.0, Perspective.SOCIAL)  # type: ignore[arg-type]
    assert float(saving.gbp.sum(axis=(1, 2, 3, 4)).mean()) == pytest.approx(100 * 140, rel=1e-6)
    assert float(saving.gbp[..., 0].sum()) == 0
    with pytest.raises(ProtocolBreach, match="counted twice"):
        with_wellbeing(book, protocol(qaly={AE: 0.002}, wellby={AE: 0.01}))


def test_quality_of_life_survives_the_protocols_file(tmp_path: Path) -> None:
    file = tmp_path / "frequent-attenders.toml"
    file.write_text(write_protocol(protocol(qaly={AE: 0.002})))
    assert read_protocol(file).qaly == {AE: 0.002}
    file.write_text(file.read_text().replace("0.002", "-1"))
    with pytest.raises(Usage, match="qaly"):
        read_protocol(file)


def test_risks_may_be_kept_in_a_spreadsheet(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    add_risks(place, suggested_risks(protocol()))
    assert len(read_risks(place)) == 3
    add_risks(place, suggested_risks(protocol()))
    assert len(read_risks(place)) == 3, "what is there already is not written twice"
    head = "id,collaboration,cause,event,effect,likelihood_low,likelihood_mid,likelihood_high,impact_gbp_low,impact_gbp_mid,impact_gbp_high,owner,control,control_effectiveness,control_tested\n"
    table = place.governance / "risks.csv"
    table.write_text(
        head + 'X-1,frequent-attenders,c,e,f,0.1,0.2,0.4,"1,000","2,000","5,000",chief,drill,0.5,2024-03-31\n'
    )
    last = read_risks(place)[-1]
    assert (last.risk, last.impact_gbp.mid, last.controls[0].effectiveness) == ("X-1", 2000.0, 0.5)
    assert str(last.controls[0].tested) == "2024-03-31"
    table.write_text(head + "X-1,frequent-attenders,c,e,f,0.4,0.2,0.1,1,2,3,chief,drill,1.5,\n")
    with pytest.raises(Usage, match="2 problem") as refused:
        read_risks(place)
    assert "likelihood" in refused.value.given
    assert "effectiveness" in refused.value.given


def test_what_happened_when(tmp_path: Path) -> None:
    place = Workspace(tmp_path)
    place.collaborations.mkdir()
    (place.collaborations / "frequent-attenders.toml").write_text(write_protocol(protocol(phases="three-phases")))
    plan = read_protocol(place.collaborations / "frequent-attenders.toml")
    lock(place, plan.id, Signed("head of strategy", "agreed", "2023-01-02T00:00:00Z", "1"))
    decide(place, plan, Decision("align-exit", "joint board", "2024-09-01", "open", "all met"))
    events = timeline(place, plan)
    assert list(events) == sorted(events)
    assert ("2023-01-02", "locked", "by head of strategy: agreed") in events
    assert any(what == "decision" and "joint board" in text for _, what, text in events)


@pytest.mark.parametrize("name", templates())
def test_every_template_can_be_written_checked_locked_and_compared(
    name: str, place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert template(name)
    assert run(place, "protocol", "new", "ours", "--template", name) == 0
    assert run(place, "protocol", "check", "ours") == 0
    assert run(place, "protocol", "new", "ours", "--template", name) == 2, "an existing file is never overwritten"
    assert run(place, "lock", "ours", "--role", "head of strategy") == 0
    file = place / "collaborations" / "ours.toml"
    file.write_text(
        file.read_text().replace("minimum_grade = 3", "minimum_grade = 2") + "\n# a remark changes nothing\n"
    )
    capsys.readouterr()
    assert run(place, "protocol", "diff", "ours") == 0
    changed = "minimum_grade" in capsys.readouterr().out
    assert run(place, "lock", "ours", "--role", "head of strategy") == (4 if changed else 0)
    if changed:
        assert run(place, "amend", "ours", "--role", "head of strategy", "--reason", "agreed") == 0
        assert run(place, "protocol", "diff", "ours") == 0


def test_a_key_is_not_changed_under_lots_that_name_people(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from headwater.governance import pseudonym_key

    assert run(place, "load") == 0
    old = pseudonym_key(Workspace(place))
    booked_in(place)
    said = ("--role", "information governance lead", "--reason", "yearly")
    assert run(place, "key", "rotate", *said) == 4
    assert "old key" in capsys.readouterr().err
    assert pseudonym_key(Workspace(place)) == old
    assert run(place, "key", "rotate", "--withdraw-lots", *said) == 0
    assert pseudonym_key(Workspace(place)) != old
    assert run(place, "partners") == 3, "nothing is loaded until it is loaded under the new key"
    assert run(place, "load") == 0
    assert run(place, "ledger", "check") == 0
    assert run(place, "audit") == 0
    assert "key rotate" in capsys.readouterr().out


def read_by(*rooms: str) -> set[str]:
    """Every name, keyword and text in the code of some rooms: what is not among them cannot be read by them."""
    import ast
    from pathlib import Path

    import headwater

    found: set[str] = set()
    for room in rooms:
        for file in (Path(headwater.__file__).parent / room).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    found.add(node.attr)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_a_partner_is_asked_for_what_the_code_reads_and_for_nothing_else() -> None:
    """Each requested column is read when people are linked or evaluated, or a row cannot be loaded without it."""
    from headwater.domain.tables import TABLES
    from headwater.governance import needed

    read = read_by("link", "evidence/people")
    # the partner's own code, what linking makes itself, the programme's own id, and a key that partners may share
    # instead
    ours = {"agency", "person", "collaboration", "local_key"}
    for name, columns in needed(protocol()).items():
        asked = {column.name for column in columns}
        must = {column.name for column in TABLES[name].columns if column.required}
        assert asked <= read | must, f"{name}: asked for, and read nowhere"
        if name in {"record", "observation"}:
            assert (read & set(TABLES[name].names)) - ours <= asked, f"{name}: read, and not asked for"
