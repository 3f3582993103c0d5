"""Files that nobody mapped: recognised by their headings, mapped by their content, or refused with the reason."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from headwater.app import mapping, reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem
from headwater.sources.layouts import known, recognised

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = Path(__file__).parents[3] / "shared" / "data" / "layouts" / "examples"
Frame = pd.DataFrame
Read = "Callable[[Callable[[str], Frame]], tuple[int, float]]"


def workspace(root: Path) -> Place:
    (root / "data").mkdir(parents=True)
    (root / "headwater.toml").write_text('place = "Sample"\n')
    return Place(root)


def added(root: Path, **texts: str) -> dict[str, Any]:
    """What `add` says of files of these contents."""
    place = workspace(root)
    for name, text in texts.items():
        (root / "data" / f"{name}.csv").write_text(text)
    return dict(mapping.add(place, sorted((root / "data").iterdir())).content)


def read(root: Path, table: str) -> list[dict[str, Any]]:
    with Place(root).store() as store:
        return store.arrow(store.table(table)).to_pylist()


# The published layouts: as many rows, and as much of their quantity, as pandas finds


def _seen(rows: Frame, status: str, key: list[str], latest: str, amount: str) -> tuple[int, float]:
    """Contacts of which the latest return says that they took place."""
    last = rows.sort_values(latest, kind="stable", key=lambda text: text.str.zfill(12)).drop_duplicates(
        key, keep="last"
    )
    took_place = last[last[status].isin(["5", "6"])]
    return len(took_place), pd.to_numeric(took_place[amount]).sum() if amount else 0.0


def _whole(name: str, amount: str = "") -> Any:
    return lambda csv: (len(csv(name)), pd.to_numeric(csv(name)[amount]).sum() if amount else 0.0)


def _only(name: str, amount: str = "", **where: list[str]) -> Any:
    def counted(csv: Callable[[str], Frame]) -> tuple[int, float]:
        rows = csv(name)
        for column, words in where.items():
            rows = rows[rows[column].isin(words)]
        return len(rows), pd.to_numeric(rows[amount]).sum() if amount else 0.0

    return counted


def _spells(csv: Callable[[str], Frame]) -> tuple[int, float]:
    rows = csv("apc_2425.csv")
    return len(rows.drop_duplicates(["PSEUDO_HESID", "ADMIDATE", "PROCODET"])), pd.to_numeric(rows["SPELDUR"]).sum()


def _cld(csv: Callable[[str], Frame]) -> tuple[int, float]:
    key = ["LA Person Unique Identifier", "Event Type", "Event Start Date", "Service Type", "Service Component"]
    return len(csv("cld_submission.csv").drop_duplicates(key)), 0.0


def _trusts(csv: Callable[[str], Frame]) -> tuple[int, float]:
    rows = csv("AmbSYS.csv")
    rows = rows[(rows["Org Code"] != "Eng") & ~rows["Org Code"].str.startswith("Y")]
    return 3 * len(rows), sum(pd.to_numeric(rows[one]).sum() for one in ("A7", "A1", "A53"))


def _trusts_monthly(csv: Callable[[str], Frame]) -> tuple[int, float]:
    rows = csv("June-2024.csv")
    rows = rows[rows["Org Code"] != "TOTAL"]
    kinds = ("A&E attendances Type 1", "Emergency admissions via A&E - Type 1")
    return 2 * len(rows), sum(pd.to_numeric(rows[one]).sum() for one in kinds)


def _attended(name: str, *key: str) -> Any:
    def counted(csv: Callable[[str], Frame]) -> tuple[int, float]:
        rows = csv(name)
        rows = rows[rows["APPT_STATUS"] == "Attended"]
        return len(rows.drop_duplicates(list(key))), pd.to_numeric(rows["COUNT_OF_APPOINTMENTS"]).sum()

    return counted


def _outturn(csv: Callable[[str], Frame]) -> tuple[int, float]:
    rows = csv("Revenue_Outturn_time_series_data.csv")
    rows = rows[rows["status"] == "submitted"]
    lines = [f"RS_{one}_net_exp" for one in ("asc", "csc", "phs", "hous")]
    return 4 * len(rows), 1000.0 * sum(pd.to_numeric(rows[one]).sum() for one in lines)


def _encounters(csv: Callable[[str], Frame]) -> tuple[int, float]:
    rows = csv("Encounter.ndjson")
    return int(rows["status"].isin(["finished", "in-progress", "completed"]).sum()), 0.0


def _in_use(name: str) -> Any:
    return lambda csv: (int((csv(name)["doterm"] == "").sum()), 0.0)


SHIPPED: dict[str, tuple[str, str, Any]] = {
    "hes-apc": ("contact", "quantity", _spells),
    "hes-ae": ("contact", "", _only("ae_1819.csv", AEATTENDCAT=["1", "3"])),
    "hes-op": ("contact", "", _only("op_2425.csv", ATTENDED=["5", "6"])),
    "sus-apcs": ("contact", "quantity", _whole("apcs.csv", "Der_Spell_LoS")),
    "sus-opa": ("contact", "", _only("opa.csv", Attendance_Status=["5", "6"])),
    "ecds": (
        "contact",
        "",
        _only("ec.csv", EC_AttendanceCategory=["1", "2", "3"], EC_Department_Type=["01", "02", "03", "04"]),
    ),
    "gp-extract": ("observation", "", _whole("registration_history.csv")),
    "csds": (
        "contact",
        "quantity",
        lambda csv: _seen(
            csv("CYP201CareContact.csv"),
            "AttendanceStatus",
            ["OrgID_Provider", "ServiceRequestID", "CareContactID"],
            "Effective_From",
            "CareContact_Duration",
        ),
    ),
    "mhsds": (
        "contact",
        "quantity",
        lambda csv: (
            _seen(
                csv("MHS201CareContact.csv"), "AttendStatus", ["UniqCareContID"], "UniqMonthID", "ClinContDurOfCareCont"
            )[0]
            + csv("MHS501HospProvSpell.csv")["UniqHospProvSpellID"].nunique(),
            _seen(
                csv("MHS201CareContact.csv"), "AttendStatus", ["UniqCareContID"], "UniqMonthID", "ClinContDurOfCareCont"
            )[1],
        ),
    ),
    "iapt": (
        "contact",
        "quantity",
        lambda csv: _seen(
            csv("IDS201CareContact.csv"),
            "AttendOrDNACode",
            ["Unique_CareContactID"],
            "UniqueSubmissionID",
            "ClinContDurOfCareCont",
        ),
    ),
    "cld": ("contact", "", _cld),
    "ssda903": ("contact", "", lambda csv: (len(csv("episodes.csv")) + len(csv("missing.csv")), 0.0)),
    "cin-census": ("contact", "", _whole("CINdetails.csv")),
    "ssd": (
        "contact",
        "",
        lambda csv: (
            sum(len(csv(f"ssd_{one}.csv")) for one in ("contacts", "cin_episodes", "early_help_episodes")),
            0.0,
        ),
    ),
    "police-street": ("contact", "", _whole("2024-06-northshire-street.csv")),
    "police-stop-search": ("contact", "", _whole("2024-06-northshire-stop-and-search.csv")),
    "lfb-incidents": ("contact", "quantity", _whole("LFB_incidents_2024.csv", "NumPumpsAttending")),
    "lfb-mobilisations": ("contact", "", _whole("LFB_mobilisation_2024.csv")),
    "ambsys": ("count", "contacts", _trusts),
    "ae-monthly": ("count", "contacts", _trusts_monthly),
    "gpad-practice": (
        "count",
        "contacts",
        _attended("Practice_Level_Crosstab_Jun_24.csv", "GP_CODE", "APPOINTMENT_MONTH_START_DATE"),
    ),
    "gpad-sub-icb-daily": (
        "count",
        "contacts",
        _attended("SUB_ICB_LOCATION_CSV_Jun_24.csv", "SUB_ICB_LOCATION_CODE", "Appointment_Date"),
    ),
    "omop": ("contact", "", _whole("visit_occurrence.csv")),
    "synthea": ("contact", "", _whole("encounters.csv")),
    "synpuf": (
        "contact",
        "quantity",
        lambda csv: (
            csv("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv")["CLM_ID"].nunique(),
            pd.to_numeric(
                csv("DE1_0_2008_to_2010_Inpatient_Claims_Sample_1.csv").drop_duplicates("CLM_ID")["CLM_UTLZTN_DAY_CNT"]
            ).sum(),
        ),
    ),
    "event-log": ("contact", "", _only("log.csv", **{"lifecycle:transition": ["complete"]})),
    "onspd-legacy": ("place", "", _in_use("ONSPD_FEB_2023.csv")),
    "onspd-2025": ("place", "", _in_use("ONSPD_2025.csv")),
    "mhclg-revenue-outturn": ("spend", "gbp", _outturn),
    "la-register": ("organisation", "population", _whole("uk_local_authorities.csv", "pop-2020")),
    "fhir-ndjson": ("contact", "", _encounters),
    "core-lettings": ("contact", "", _only("lettings_codes.csv", status=["completed"])),
}
REASONED = (
    "hes-apc",
    "hes-ae",
    "hes-op",
    "sus-apcs",
    "sus-opa",
    "ecds",
    "mhsds",
    "iapt",
    "cld",
    "ssda903",
    "cin-census",
    "ssd",
    "lfb-incidents",
    "police-stop-search",
    "omop",
    "synthea",
    "fhir-ndjson",
    "core-lettings",
)


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the made-up example files lie outside the project")
@pytest.mark.parametrize("layout", SHIPPED)
def test_a_published_layout_loads_as_pandas_reads_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = workspace(tmp_path / "w")
    for file in (EXAMPLES / layout).iterdir():
        if not file.name.startswith("apc_201819"):
            shutil.copy(file, place.workspace.data)
    told = mapping.add(place, sorted(place.workspace.data.iterdir())).content["files"]
    assert not [problem for one in told for problem in one["problems"]]
    assert any(len(one["sample"]) for one in told)
    files = reading.load(Place(tmp_path / "w")).content["files"]
    assert not any(one["too_much_lost"] for one in files if layout != "synpuf"), files

    def csv(name: str) -> Frame:
        file = place.workspace.data / name
        return (
            pd.read_json(file, lines=True)
            if name.endswith("ndjson")
            else pd.read_csv(
                file, dtype=str, keep_default_na=False, encoding="cp1252" if layout == "lfb-incidents" else "utf-8"
            )
        )

    table, amount, expected = SHIPPED[layout]
    rows = read(tmp_path / "w", table)
    total = sum(row[amount] or 0.0 for row in rows) if amount else 0.0
    assert (len(rows), total) == pytest.approx(expected(csv))
    if layout in REASONED:
        contacts = {row["contact"] for row in rows}
        reasons = {row["contact"] for row in read(tmp_path / "w", "contact_reason")}
        assert reasons and reasons <= contacts


@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the made-up example files lie outside the project")
@pytest.mark.parametrize("layout", sorted({one.layout.name for one in known() if one.layout.refuse}))
def test_a_layout_that_cannot_be_used_is_recognised_and_refused(tmp_path: Path, layout: str) -> None:
    place = workspace(tmp_path / "w")
    refuse = next(one.layout.refuse for one in known() if one.layout.name == layout)
    with pytest.raises(DataProblem) as told:
        mapping.add(place, sorted((EXAMPLES / layout).iterdir()))
    assert refuse in told.value.given


def test_every_layout_that_is_read_has_an_independent_reading_beside_it() -> None:
    assert {one.layout.name for one in known() if not one.layout.refuse} == {*SHIPPED, "csds-submission", "ons-deaths"}


def test_a_providers_submission_finds_its_patients_through_the_referral(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 40 contacts the attended ones (5 and 6), each with the patient of its referral, the last of two with one
    number."""
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    contacts = pd.DataFrame(
        {
            "CareContactId": [f"CC{at}" for at in range(40)],
            "ServiceRequestId": [f"SR{at % 8}" for at in range(40)],
            "CareContactDate": [f"2024-06-{at % 28 + 1:02d}" for at in range(40)],
            "CareContactTime": "19:29:00",
            "ClinicalContactDurationOfCareContact": [15 + at for at in range(40)],
            "AttendOrDNACode": ["5", "6", "2", "7"] * 10,
        }
    )
    referrals = pd.DataFrame(
        {
            "ServiceRequestId": [f"SR{at}" for at in range(8)] + ["SR0"],
            "LocalPatientId": [f"L{at % 3}" for at in range(8)] + ["L9"],
            "ReferralRequestReceivedDate": "2024-05-01",
            "SourceOfReferral": "01",
        }
    )
    people = pd.DataFrame(
        {
            "LocalPatientId": ["L0", "L1", "L2", "L9"],
            "NHSNumber": "",
            "PersonBirthDate": "1938-06-12",
            "PersonStatedGenderCode": "2",
        }
    )
    text = {"CYP201CareContact": contacts, "CYP101Referral": referrals, "CYP001MPI": people}
    told = added(tmp_path / "w", **{name: frame.to_csv(index=False) for name, frame in text.items()})
    assert not [problem for one in told["files"] for problem in one["problems"]]
    loaded = reading.load(Place(tmp_path / "w")).content
    rows = read(tmp_path / "w", "contact")
    seen = contacts[contacts["AttendOrDNACode"].isin(["5", "6"])]
    whose = seen.merge(referrals.drop_duplicates("ServiceRequestId", keep="last"), on="ServiceRequestId")
    assert (len(rows), sum(row["quantity"] for row in rows)) == (
        len(seen),
        seen["ClinicalContactDurationOfCareContact"].sum(),
    )
    assert len({row["record"] for row in rows}) == whose["LocalPatientId"].nunique() == 3
    assert loaded["orphans"] == []
    assert len(read(tmp_path / "w", "contact_reason")) == len(seen)


PATIENTS = {
    "synthea": {
        "patients": "Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST\np1,1950-01-02,2024-06-23,,A,B\np2,1960-01-02,,,C,D\n"
    },
    "gp-extract": {
        "patient": "Patient_ID,DateOfBirth,DateOfDeath,Sex\np1,1950-01-01,2024-06-23,F\np2,1960-01-01,9999-12-31,M\n"
    },
    "ons-deaths": {
        "patient": "Patient_ID,DateOfBirth,Sex\np1,1950-01-01,F\np2,1960-01-01,M\n",
        "ons": "Patient_ID,dod,icd10u\np1,2024-06-23,J449\n",
    },
    "omop": {
        "person": "person_id,gender_concept_id,year_of_birth,month_of_birth\np1,8532,1950,1\np2,8507,1960,1\n",
        "death": "person_id,death_date,death_type_concept_id\np1,2024-06-23,32817\n",
    },
    "nobody's": {
        "clients": (
            "client_no,forename,surname,dob,date_of_death\n"
            + "".join(
                f"p{at},Imra,Vess,{1920 + 10 * at}-03-12,{'2024-06-23' if at == 1 else ''}\n" for at in range(1, 8)
            )
        )
    },
}


@pytest.mark.parametrize("layout", PATIENTS)
def test_the_day_of_death_in_a_file_of_patients_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, layout: str
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    told = added(tmp_path / "w", **PATIENTS[layout])
    assert not [problem for one in told["files"] for problem in one["problems"]]
    reading.load(Place(tmp_path / "w"))
    died = [row["death_date"] for row in read(tmp_path / "w", "record")]
    assert [str(day) for day in died if day] == ["2024-06-23"]
    assert len(died) >= 2


STREET = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,Crime type,Last outcome"
    " category,Context\n"
    + "".join(
        f"c{at},2024-0{at % 6 + 1},North,North,-0.1{at % 10},51.5{at % 10},On or near High"
        f" Street,E0100000{at % 9},Ashby {at % 9},{('Burglary', 'Drugs')[at % 2]},,\n"
        for at in range(40)
    )
)


@pytest.mark.parametrize(("before", "after"), [("dbo.", ""), ("POL_", ""), ("", "_v2"), ("extract: ", " (2024)")])
def test_headings_that_all_bear_the_same_before_or_after_them_are_their_layouts(
    tmp_path: Path, before: str, after: str
) -> None:
    heading, rows = STREET.split("\n", 1)
    borne = ",".join(f"{before}{one}{after}" for one in heading.split(","))
    plain = added(tmp_path / "plain", street=STREET)["files"][0]
    found = added(tmp_path / "borne", street=f"{borne}\n{rows}")["files"][0]
    assert found["layout"] == plain["layout"] != ""
    assert found["problems"] == plain["problems"] == []
    for root in ("plain", "borne"):
        reading.load(Place(tmp_path / root))
    told = [
        [(row["start"], row["place"], row["kind"]) for row in read(tmp_path / root, "contact")]
        for root in ("plain", "borne")
    ]
    assert sorted(told[0], key=str) == sorted(told[1], key=str)
    assert len(told[0]) == 40


def test_each_layout_says_where_its_headings_are_published_and_none_hides_another() -> None:
    sorts = known()
    assert len({one.layout.name for one in sorts}) >= len(SHIPPED)
    for one in sorts:
        assert one.layout.source
        headings = [wanted.split(" | ")[0] for wanted in one.signature]
        assert recognised(headings) is one, one.layout.name
        assert recognised([heading.lower() for heading in headings]) is one, "headings are compared without case"
        assert one.blocks or one.needs or one.layout.refuse


# What is refused


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (
            "Crime ID,Month,Reported by,Falls within,Outcome type\nc1,2024-06,North,North,Charged\n",
            "outcomes of crimes in another file",
        ),
        (
            "subject_id,stay_id,intime,outtime,disposition\n1,2,2110-05-06 22:23:00,2110-05-07 03:11:00,HOME\n",
            "moved to 2110",
        ),
        (
            "CareContactId,ServiceRequestId,CareContactDate,AttendOrDNACode\nC1,S1,2024-06-05,5\n",
            "need the file CYP101Referral",
        ),
        ("colour,size\nred,3\nblue,4\n", "nothing in data/theirs.csv fills"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(DataProblem, match="nothing was written") as told:
        added(tmp_path / "w", theirs=text)
    assert why in told.value.given
    assert "[[source]]" not in (tmp_path / "w" / "headwater.toml").read_text()


# By content


def test_a_name_is_never_taken_for_what_its_content_is_not(tmp_path: Path) -> None:
    text = "PersonBirthDate,IncidentNumber,CaseEndId,Seen,Client\n" + "".join(
        f"{1950 + at}-03-0{at},99900000{at}8,K{at},2024-0{at}-1{at} 10:00,P{at % 3}\n" for at in range(1, 9)
    )
    found = added(tmp_path / "w", hospital=text + "1990-01-01,9990000099,K1,2024-01-05 09:00,P1\n")["files"][0]
    ours = {one["heading"]: one["ours"] for one in found["columns"]}
    assert (ours["PersonBirthDate"], ours["CaseEndId"]) == ("", "")
    assert ours["IncidentNumber"] in {"", "contact"}, "ten figures without a sound check digit are no NHS number"


def test_two_files_of_a_system_nobody_knows_are_joined_by_the_numbers_they_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    people = "swift_no,forename,surname,dob\n" + "".join(f"S{at},Imra,Vessant,{1930 + at}-03-12\n" for at in range(30))
    visits = "visit,swift_no,started\n" + "".join(
        f"V{at},S{at % 30},2024-05-{at % 28 + 1:02d} 10:00\n" for at in range(60)
    )
    told = added(
        tmp_path / "w", people=people.replace("swift_no", "client_no"), visits=visits.replace("swift_no", "client_no")
    )
    assert {table for one in told["files"] for table in one["tables"]} == {"record", "contact"}
    assert all(
        row[name] in {"", "•••"}
        for one in told["files"]
        for row in one["sample"]
        for name in row
        if name in {"record", "birth_date", "given_name"}
    )


def test_appointments_at_which_nobody_was_seen_are_none(tmp_path: Path) -> None:
    heading = "Appointment_ID,Organisation_ID,Patient_ID,BookedDate,StartDate,EndDate,ArrivedDate,SeenDate,FinishedDate,Status\n"
    seen = ("9999-12-31T00:00:00", "2031-03-04 09:10:00", "", "9999-12-31", "2031-03-06")
    rows = "".join(f"{at},5,P{at},2031-03-01 09:00:00,2031-03-04 09:00:00,,,{one},,4\n" for at, one in enumerate(seen))
    added(tmp_path, appointment=heading + rows)
    (file,) = reading.load(Place(tmp_path)).content["files"]
    assert (file["rows_in"], file["kept"], file["excluded"]) == (5, 2, 3)
