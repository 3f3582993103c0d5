"""A column of cases, households or contacts that stands for people is told: no file looks wrong for it, and nobody
comes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.app import mapping, reading
from headwater.app.place import Place
from headwater.sources.whose import thing_numbered

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = (
    '[[source]]\ntable = "contact"\nfiles = "data/theirs.csv"\nagency = "council"\n[source.columns]\nstart ='
    ' "Opened"\nkind = "Kind"\n'
)
SERVICE = '[source.constants]\nservice = "council/care"\n'


def odd(root: Path, heading: str, rows: list[str], columns: str, more: str = "") -> list[str]:
    (root / "data").mkdir(exist_ok=True, parents=True)
    (root / "data" / "theirs.csv").write_text(heading + "\n" + "".join(f"{row}\n" for row in rows))
    (root / "headwater.toml").write_text('place = "Sample"\n' + SOURCE + columns + SERVICE + more)
    (file,) = reading.check(Place(root)).content["files"]
    assert file["fits"], file["problems"]
    return [one for one in file["problems"] if one.startswith("odd")]


HEADING = "RowNo,CaseID,PersonNo,Opened,Kind"
CASES = [f"{at},C{at // 2},P{at // 6},2024-03-{at % 28 + 1:02d},visit" for at in range(120)]
"""Two contacts a case, three cases a person."""


def test_a_number_of_which_another_column_s_people_have_several_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    (said,) = odd(tmp_path, HEADING, CASES, 'contact = "RowNo"\nrecord = "CaseID"\n')
    assert "'CaseID', of which 20 of 20 in 'PersonNo' have several" in said
    assert 'write record = "PersonNo"' in said
    assert odd(tmp_path, HEADING, CASES, 'contact = "RowNo"\nrecord = "PersonNo"\n') == []


def test_a_number_that_each_person_has_once_is_told_by_its_heading_alone(tmp_path: Path) -> None:
    """One case a person: the other column says the same, and only the heading speaks."""
    rows = [f"{at},C{at // 6},P{at // 6},2024-03-{at % 28 + 1:02d},visit" for at in range(120)]
    (said,) = odd(tmp_path, HEADING, rows, 'contact = "RowNo"\nrecord = "CaseID"\n')
    assert "by its heading the number of a case" in said
    assert "where each person has one alone, nothing needs mending" in said


def test_one_column_is_not_the_contact_s_number_and_the_person_s(tmp_path: Path) -> None:
    rows = [f"{at},{at},P{at // 6},2024-03-{at % 28 + 1:02d},visit" for at in range(30)]
    (said,) = odd(tmp_path, HEADING, rows, 'contact = "CaseID"\nrecord = "CaseID"\n')
    assert said.startswith("odd: record and contact are both read from 'CaseID'")


def test_an_agency_to_whom_nobody_comes_again_is_told(tmp_path: Path) -> None:
    def rows(people: int) -> list[str]:
        return [f"{at},X{at % people},2024-03-{at % 28 + 1:02d},visit" for at in range(400)]

    columns = 'contact = "RowNo"\nrecord = "Serial"\n'
    (said,) = odd(tmp_path, "RowNo,Serial,Opened,Kind", rows(400), columns)
    assert "400 contacts bear 400 different numbers of people" in said
    assert odd(tmp_path, "RowNo,Serial,Opened,Kind", rows(390), columns) == []
    assert odd(tmp_path, "RowNo,Serial,Opened,Kind", rows(400)[:150], columns) == [], "too few to tell"


@pytest.mark.parametrize(
    ("heading", "thing"),
    [
        ("CaseID", "case"),
        ("CASEID", "case"),
        ("case_ref", "case"),
        ("Incident Number", "incident"),
        ("IncNo", "inc"),
        ("CADREF", "cad"),
        ("HouseholdRef", "household"),
        ("UPRN", "uprn"),
        ("Referral_ID", "referral"),
        ("PatientID", ""),
        ("CaseClientRef", ""),
        ("Nominal", ""),
        ("NHSNumber", ""),
        ("CareID", ""),
        ("caseworker", ""),
        ("pers_person_id", ""),
        ("SwiftNo", ""),
        ("Caller_ID", ""),
        ("occupier", ""),
    ],
)
def test_headings_say_what_else_than_people_they_number(heading: str, thing: str) -> None:
    assert thing_numbered(heading) == thing


def test_a_file_of_cases_and_clients_is_proposed_by_its_clients(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('place = "Sample"\n')
    text = "CaseID,ClientID,Opened,Kind\n" + "".join(
        f"C{at},P{at % 40},2024-03-{at % 28 + 1:02d} 10:00,visit\n" for at in range(120)
    )
    (tmp_path / "data" / "theirs.csv").write_text(text)
    (told,) = mapping.add(Place(tmp_path), [tmp_path / "data" / "theirs.csv"]).content["files"]
    ours = {one["heading"]: one["ours"] for one in told["columns"]}
    assert ours["ClientID"] == "record"
    reading.load(Place(tmp_path))
    with Place(tmp_path).store() as store:
        rows = store.arrow(store.table("contact")).to_pylist()
    assert (len(rows), len({row["record"] for row in rows}), len({row["contact"] for row in rows})) == (120, 40, 120)
