"""Day one as a user meets it: load one's own file, then segments, whose records first, adopt; absent data is never
absent contact."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from openpyxl import load_workbook

from demand_world import district, fire_service, trust
from headwater.cli.main import main
from headwater.governance import read_protocol

if TYPE_CHECKING:
    from pathlib import Path

BODIES = {"trust": lambda: trust(1500), "fire": lambda: fire_service(2500), "district": lambda: district(1200)}
LARGEST = {"trust": "ae-by-ambulance", "fire": "fire-effecting-entry", "district": "hml-family-friends"}


def ask(root: Path, capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    capsys.readouterr()
    assert main(["--workspace", str(root), "--json", *words]) == code
    return json.loads(capsys.readouterr().out)


def loaded(root: Path, body: str) -> Path:
    BODIES[body]().write(root, body)  # type: ignore[no-untyped-call]
    assert main(["--workspace", str(root), "--quiet", "load"]) == 0
    return root


@pytest.mark.parametrize("body", sorted(BODIES))
def test_a_body_with_only_its_own_file_gets_a_true_page(
    body: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = loaded(tmp_path, body)
    found = ask(root, capsys, "segments")
    assert found["schema"] == "headwater.segments/1"
    assert LARGEST[body] in [one["id"] for one in found["segments"]]
    assert found["ask_first"] and all(
        one["worth_gbp_per_year"] is None or one["worth_gbp_per_year"] >= 0 for one in found["ask_first"]
    )
    assert "not the same as no contact" in found["limits"][0]
    assert all(one["grade"]["level"] <= 2 for one in found["expected"])
    main(["--workspace", str(root), "--quiet", "segments"])
    words = capsys.readouterr().out
    assert "Whose records to ask for first" in words and "never a claim" in words and "£0 to £0" not in words


def test_one_segment_shows_every_study_with_nulls_and_harms(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask(loaded(tmp_path, "trust"), capsys, "segments", "readmission-28")
    assert {"fewer", "none", "more"} <= {one["found"] for one in found["library"]}
    assert found["months"] and found["source"]


def test_a_segment_that_cannot_be_told_says_what_it_needs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problem = ask(loaded(tmp_path, "trust"), capsys, "segments", "zero-stay-adult", code=3)
    assert "opcs4 reasons" in problem["allowed"]


def test_another_organisation_is_told_that_it_has_no_contacts_here(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    problem = ask(loaded(tmp_path, "district"), capsys, "segments", "--for", "police", code=3)
    assert "no contacts of police's own" in problem["what"]


def test_whose_records_first_and_the_workbook_for_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = loaded(tmp_path, "district")
    first = ask(root, capsys, "request")["bodies"][0]
    assert first["settles"] and first["body"] in first["text"]
    written = ask(root, capsys, "request", "--of", first["body"])
    book = load_workbook(written["file"])
    assert book.sheetnames == ["Read me", "contact", "record", "observation", "contact_reason"]
    assert [cell.value for cell in book["contact_reason"][1]] == ["contact", "system", "code", "position"]
    assert ask(root, capsys, "request", "--of", "nobody", code=2)["what"] == "no such body to ask"


def test_an_option_becomes_a_draft_with_requests_risks_and_a_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = loaded(tmp_path, "trust")
    made = ask(root, capsys, "adopt", "published:ae-frequent:case-management")
    draft = read_protocol(root / "collaborations" / f"{made['collaboration']}.toml")
    assert (draft.entry.kind, draft.entry.at_least, draft.entry.within_days) == ("ae_attendance", 4, 365)  # type: ignore[union-attr]
    assert draft.lead == "trust" and draft.partners and not draft.costs
    assert all(
        (root / "releases" / f"{draft.id}-request-{one.replace(' ', '-')}.xlsx").exists() for one in draft.partners
    )
    assert draft.id in (root / "governance" / "risks.toml").read_text()
    assert made["plan_page"] == f"/plan/{draft.id}"
    assert any("negative control" in one for one in made["open"])
    assert ask(root, capsys, "plan", draft.id)["collaboration"] == draft.id
    assert ask(root, capsys, "adopt", "published:ae-frequent:case-management", code=2)["what"].startswith(
        "a collaboration of this name"
    )
    assert ask(root, capsys, "adopt", "published:nothing:here", code=2)["what"] == "no such option"
