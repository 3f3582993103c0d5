"""`add` of files nobody mapped: what sort each contact is, who came, and where, from the columns that say so."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from headwater.app import mapping
from headwater.app.place import Place

if TYPE_CHECKING:
    from pathlib import Path

FIRE = (
    "INCIDENT_NUMBER,TIME_OF_CALL,INCIDENT_GROUP,PROPERTY_TYPE,STATION_GROUND,WARD,TIME_LAST_APPLIANCE_LEFT\n"
    + "".join(
        f"{at:06d}-1,{at % 28 + 1:02d}/01/2024"
        f" 05:11:03,{('Fire', 'False Alarm', 'Special Service')[at % 3]},{('Dwelling', 'Other')[at % 2]},Ashby"
        f" {at % 2},Abbey {at % 9},{at % 28 + 1:02d}/01/2024 06:01:03\n"
        for at in range(60)
    )
)
HOUSING = "case_id|person_ref|date_of_approach|reason_for_homelessness|outcome|ward\n" + "".join(
    f"{5000 + at}|P{at % 31:04d}|2024-{at % 12 + 1:02d}-{at % 28 + 1:02d}|{('DV', 'End of AST')[at % 2]}|Prevented|Abbey"
    f" {at % 4}\n"
    for at in range(60)
)
LOG = "Case ID,Activity,Complete Timestamp,org:group\n" + "".join(
    f"F{at % 9},{('Triage', 'Lab', 'Release')[at % 3]},2024/06/{at % 28 + 1:02d}"
    f" 12:54:{at % 60:02d}.000,{'AB'[at % 2]}\n"
    for at in range(60)
)
HOSPITAL = "Attendance ID,Patient No,Admission Date,Ward,Visit Type,Blood Group\n" + "".join(
    f"{at},K{at % 20},2024-06-{at % 28 + 1:02d}"
    f" 10:00,{('North', 'South')[at % 2]},{('planned', 'urgent')[at % 2]},{('A', 'B')[at % 2]}\n"
    for at in range(60)
)
POLICE = "Incident No,Incident Date,Incident Time,Closing Code,Beat,Nominal Ref\n" + "".join(
    f"NS-{at},{at % 28 + 1:02d}/04/2024,20:{at % 60:02d},{('ASB', 'Domestic')[at % 2]},NB{at % 5},N{at % 17:05d}\n"
    for at in range(60)
)
NUISANCE = "Case Ref;Date Reported;Time Reported;ASB Type;Ward Name;Status;Postcode\n" + "".join(
    f"ASB/24/{at:04d};{at % 28 + 1:02d}/04/2024;08:{at % 60:02d};{('Noise', 'Dispute')[at % 2]};Abbey"
    f" {at % 4};Open;XX{at % 3 + 1} 1AB\n"
    for at in range(60)
)
CASES = [
    (
        "fire",
        FIRE,
        {
            "contact": "INCIDENT_NUMBER",
            "kind": "INCIDENT_GROUP",
            "place": "WARD",
            "start": "TIME_OF_CALL",
            "end": "TIME_LAST_APPLIANCE_LEFT",
        },
    ),
    (
        "homeless",
        HOUSING,
        {
            "contact": "case_id",
            "record": "person_ref",
            "start": "date_of_approach",
            "outcome": "outcome",
            "place": "ward",
        },
    ),
    (
        "sepsis",
        LOG,
        {
            "record": "Case ID | CaseID",
            "start": "Complete Timestamp | Timestamp | Time Stamp",
            "kind": "Activity | Event",
            "service": "org:resource | org:group | Resource",
        },
    ),
    (
        "stays",
        HOSPITAL,
        {
            "contact": "Attendance ID",
            "record": "Patient No",
            "start": "Admission Date",
            "service": "Ward",
            "kind": "Visit Type",
        },
    ),
    (
        "asb",
        NUISANCE,
        {"contact": "Case Ref", "start": ["Date Reported", "Time Reported"], "place": "Ward Name", "kind": "ASB Type"},
    ),
    (
        "calls",
        POLICE,
        {
            "contact": "Incident No",
            "record": "Nominal Ref",
            "start": ["Incident Date", "Incident Time"],
            "place": "Beat",
        },
    ),
]


def mapped(root: Path, name: str, text: str) -> dict[str, Any]:
    """The first [[source]] that `add` writes for a file of this name and text."""
    (root / "data").mkdir(exist_ok=True)
    (root / "headwater.toml").write_text('place = "Sample"\n')
    (root / "data" / f"{name}.csv").write_text(text)
    mapping.add(Place(root), [root / "data" / f"{name}.csv"])
    found: dict[str, Any] = tomllib.loads((root / "headwater.toml").read_text())["source"][0]
    return found


def test_a_file_of_crimes_is_no_file_of_who_was_in_view_when(tmp_path: Path) -> None:
    """ "Committed From" is no first day of observation: each row has a number of its own, and a day on which it was
    reported."""
    heading = "Crime Number,Reported Date,Committed From,Committed To,Offence,Outcome,Nominal ID\n"
    rows = "".join(
        f"C{at},{at % 28 + 1:02d}/03/2024 10:00,{at % 28 + 1:02d}/03/2024 08:00,{at % 28 + 1:02d}/03/2024"
        f" 09:00,{('Theft', 'Burglary')[at % 2]},Closed,N{at % 25}\n"
        for at in range(60)
    )
    found = mapped(tmp_path, "crimes", heading + rows)
    assert found["columns"]["kind"] == "Offence"
    assert (found["table"], found["columns"]["contact"], found["columns"]["record"]) == (
        "contact",
        "Crime Number",
        "Nominal ID",
    )
    seen = "client_no,from,to,why_ended\n" + "".join(
        f"K{at},2022-01-{at % 28 + 1:02d},2023-01-01,moved\n" for at in range(60)
    )
    assert mapped(tmp_path, "seen", seen)["table"] == "observation"


def test_what_those_below_a_post_cost_is_not_its_pay(tmp_path: Path) -> None:
    """The organogram that departments and councils publish: a floor and a ceiling of pay, and the cost of all
    reports."""
    heading = (
        "Post Unique Reference,Grade,Job Title,Organisation,Reports to Senior Post,Salary Cost of Reports"
        " (£),FTE,Actual Pay Floor (£),Actual Pay Ceiling (£)\n"
    )
    rows = "".join(
        f"{at},SCS1,Head {at},Council {at % 3},{at // 4},{100_000 + at},1.00,75000,79999\n" for at in range(1, 40)
    )
    assert "salary_gbp" not in mapped(tmp_path, "posts", heading + rows)["columns"]
    plain = mapped(tmp_path, "pay", heading.replace("Salary Cost of Reports (£)", "Annual Salary") + rows)
    assert plain["columns"]["salary_gbp"] == "Annual Salary"


@pytest.mark.parametrize(("name", "text", "wanted"), CASES, ids=[one[0] for one in CASES])
def test_a_file_of_contacts_is_mapped_by_what_its_columns_say(
    tmp_path: Path, name: str, text: str, wanted: dict[str, Any]
) -> None:
    source = mapped(tmp_path, name, text)
    assert (source["table"], source["columns"]) == ("contact", wanted)
