"""Files in, declared rows and a quarantine out: every fault named, nothing lost."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import re
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from headwater.domain.errors import DataProblem
from headwater.domain.workspace import Settings, SourceSettings, Workspace
from headwater.sources import load, loaded, read_settings
from sources_world import CONTACTS, HEAD, KEY, RECORDS, ROW, SERVICES, contacts, place, write

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.sources import FileLoad
    from headwater.store import Store


def one(store: Store, root: Path, source: SourceSettings = CONTACTS) -> FileLoad:
    (found,) = load(store, *place(root, source), KEY)
    assert found.rows_in == found.kept + found.quarantined
    return found


def rows(store: Store, table: str = "contact") -> list[dict[str, Any]]:
    return store.arrow(store.table(table)).to_pylist()


def test_a_sound_file_is_kept_whole_under_our_names(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW)
    found = one(store, tmp_path)
    assert (found.rows_in, found.kept, found.reasons) == (1, 1, {})
    (row,) = rows(store)
    assert row["start"] == datetime(2023, 1, 5, 10, 20)
    assert row["precision"] == "second"
    assert (row["agency"], row["kind"], row["service"], row["quantity"]) == (
        "hospital",
        "ae_attendance",
        "emergency",
        1.0,
    )


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("A2,P1,,,emergency,1", "start: missing"),
        ("A2,P1,2023-02-31,,emergency,1", "start: impossible date"),
        ("A2,P1,2023-13-01,,emergency,1", "start: impossible date"),
        ("A2,P1,1023-01-01,,emergency,1", "start: impossible date"),
        ("A2,P1,2023-01-05 25:00,,emergency,1", "start: impossible date"),
        ("A2,P1,yesterday,,emergency,1", "start: impossible date"),
        ("A2,P1,2023-01-05,2023-01-04,emergency,1", "end before start"),
        ("A2,P1,2023-01-05,,emergency,-3", "quantity: negative"),
        ("A2,P1,2023-01-05,,emergency,much", "quantity: wrong type: not a number"),
        (",P1,2023-01-05,,emergency,1", "contact: missing"),
        ("A2,P1,2023-01-05,,,1", "service: missing"),
        ("A2,,2023-01-05,,emergency,1", "neither a person nor a place"),
        ("A2,P1,2023-01-05,,emergency", "ragged line: 5 columns instead of 6"),
        ("A2,P1,2023-01-05,,emergency,1,1", "ragged line: 7 columns instead of 6"),
        ("A1,P1,2023-01-05,,emergency,1", "duplicate: the same contact and agency stands in an earlier row"),
        ("A2,P1,2023-01-05,,surgery,1", "unknown service: not in the service table"),
    ],
)
def test_every_fault_has_its_reason_and_its_row(store: Store, tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path, "data/services.csv", "service,organisation,name\nemergency,hospital,Emergency\n")
    write(tmp_path, "data/contacts.csv", HEAD + ROW + line + "\nA9,P9,2023-03-01,,emergency,1\n")
    found = next(f for f in load(store, *place(tmp_path, CONTACTS, SERVICES), KEY) if f.table == "contact")
    assert (found.rows_in, found.kept, found.quarantined) == (3, 2, 1)
    assert found.reasons == {reason: 1}
    assert [(q["file"], q["row"], q["reasons"]) for q in rows(store, "quarantine")] == [
        ("data/contacts.csv", 2, reason)
    ]


def test_bad_bytes_cost_their_row_only(store: Store, tmp_path: Path) -> None:
    text = HEAD + ROW + "A2,P\u00e9,2023-01-05,,emergency,1\n"
    write(
        tmp_path,
        "data/contacts.csv",
        text.encode() + b"A3,P\xff\x81,2023-01-05,,emergency,1\nA4,P1,2023-01-06,,emergency,1\n",
    )
    found = one(store, tmp_path)
    assert (found.rows_in, found.kept) == (4, 3)
    assert found.reasons == {"bad bytes: not in the file's encoding": 1}
    assert rows(store, "quarantine")[0]["row"] == 3


@pytest.mark.parametrize("damage", [b"A3,P\x81,2023-01-05,,emergency,1\n"])
def test_bad_bytes_in_another_encoding(store: Store, tmp_path: Path, damage: bytes) -> None:
    write(tmp_path, "data/contacts.csv", (HEAD + ROW).encode("cp1252") + damage)
    found = one(store, tmp_path, contacts(encoding="cp1252"))
    assert (found.rows_in, found.kept) == (2, 1)
    assert list(found.reasons) == ["bad bytes: not in the file's encoding"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found_out(store: Store, tmp_path: Path, encoding: str, delimiter: str) -> None:
    content = "record,given_name,family_name\nP1,Zo\u00eb,Abb\u00e9\nP2,Ren\u00e9,Ol\u00e9\n".replace(",", delimiter)
    write(tmp_path, "data/records.csv", content.encode(encoding))
    assert one(store, tmp_path, RECORDS).kept == 2
    assert [row["given_name"] for row in rows(store, "record")] == ["Zo\u00eb", "Ren\u00e9"]


@pytest.mark.parametrize("lines", [1, 2])
def test_a_quotation_mark_left_open_costs_its_own_row_only(store: Store, tmp_path: Path, lines: int) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW + 'A2,"P1,2023-01-05,,emergency,1\n' * lines)
    found = one(store, tmp_path)
    assert (found.rows_in, found.kept) == (1 + lines, 1)
    assert found.reasons == {"record: a quotation mark of its own, as one left open": lines}


@pytest.mark.parametrize("marks", [(20,), (20, 150)])
def test_a_mark_left_open_in_an_unmapped_column_swallows_no_row(
    store: Store, tmp_path: Path, marks: tuple[int, ...]
) -> None:
    notes = ['"6ft drop' if at in marks else "x" for at in range(200)]
    lines = [f"A{at},P{at},2023-01-05 10:20,,emergency,1,{note}\n" for at, note in enumerate(notes)]
    write(tmp_path, "data/contacts.csv", HEAD.replace("quantity", "quantity,note") + "".join(lines))
    found = one(store, tmp_path)
    assert (found.rows_in, found.kept) == (200, 200)


@pytest.mark.parametrize(
    ("dates", "problem"),
    [
        (["01/02/2023", "03/04/2023"], 'write date_format = "dmy" (or "mdy")'),
        (["01/02/23", "13/04/23"], 'write date_format = "%d/%m/%y"'),
        (["25/01/2023", "01/25/2023"], "both 25/01 and 01/25 occur"),
    ],
)
def test_dates_that_nothing_proves_are_refused_with_the_line_to_write(
    store: Store, tmp_path: Path, dates: list[str], problem: str
) -> None:
    lines = "".join(f"A{at},P1,{day},,e,1\n" for at, day in enumerate(dates))
    write(tmp_path, "data/contacts.csv", HEAD + lines)
    with pytest.raises(DataProblem, match=re.escape(problem)):
        one(store, tmp_path)


def test_one_instant_is_one_time_on_the_wall_and_a_stay_over_the_clock_change_is_kept(
    store: Store, tmp_path: Path
) -> None:
    lines = "A1,P1,2023-10-29T01:50:00+01:00,2023-10-29T01:10:00+00:00,e,1\nA2,P2,2023-07-01T23:30:00Z,,e,1\nA3,P3,2023-07-02T00:30:00+01:00,,e,1\n"
    write(tmp_path, "data/contacts.csv", HEAD + lines)
    assert one(store, tmp_path).kept == 3
    stay, summer, same = sorted(rows(store), key=lambda row: (row["start"].month != 10, row["contact"]))
    assert stay["end"] - stay["start"] == timedelta(minutes=20)
    assert summer["start"] == same["start"] == datetime(2023, 7, 2, 0, 30)


@pytest.mark.parametrize(
    ("arrived", "left", "minutes"),
    [
        ("01:30:00+01:00", "01:30:00+00:00", 60),
        ("01:10:00+01:00", "01:40:00+00:00", 90),
        ("00:30:00+01:00", "01:30:00+00:00", 120),
        ("00:30:00Z", "01:30:00Z", 60),
        ("01:10:00+00:00", "01:40:00+00:00", 30),
        ("01:10:00+01:00", "01:40:00+01:00", 30),
        ("01:10:00", "01:40:00", 30),
    ],
)
def test_a_stay_within_the_hour_that_strikes_twice_is_as_long_as_it_was(
    store: Store, tmp_path: Path, arrived: str, left: str, minutes: int
) -> None:
    write(tmp_path, "data/contacts.csv", f"{HEAD}A1,P1,2023-10-29T{arrived},2023-10-29T{left},e,1\n")
    assert one(store, tmp_path).kept == 1
    [stay] = rows(store)
    assert stay["end"] - stay["start"] == timedelta(minutes=minutes)


def test_quoted_cells_may_hold_line_ends_and_delimiters(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/records.csv", 'record,address\nP1,"1, The Row\nUpper ""End"""\nP2,x\n')
    assert one(store, tmp_path, RECORDS).kept == 2
    assert rows(store, "record")[0]["address"] == '1, The Row\nUpper "End"'


def test_gz_parquet_and_xlsx_give_the_same_rows_as_csv(store: Store, tmp_path: Path) -> None:
    content = HEAD + ROW + "A2,P2,2023-01-06 09:30,,emergency,2\n"
    write(tmp_path, "data/contacts.csv", content)
    write(tmp_path, "data/contacts.csv.gz", gzip.compress(content.encode()))
    names, *lines = [line.split(",") for line in content.splitlines()]
    typed = {name: [line[at] for line in lines] for at, name in enumerate(names)}
    typed["arrived"] = pa.array([datetime(2023, 1, 5, 10, 20), datetime(2023, 1, 6, 9, 30)])
    typed["quantity"] = pa.array([1, 2]).cast(pa.float32())
    pq.write_table(pa.table(typed), tmp_path / "data" / "contacts.parquet")
    sheet = Workbook()
    for line in (names, *lines):
        sheet.active.append(line)
        sheet.active.append([])
    sheet.active["C3"] = datetime(2023, 1, 5, 10, 20)
    sheet.save(tmp_path / "data" / "contacts.xlsx")
    seen = []
    for ending in ("csv", "csv.gz", "parquet", "xlsx"):
        found = one(store, tmp_path, contacts(files=f"data/contacts.{ending}"))
        assert (found.kept, found.reasons) == (2, {})
        seen.append(rows(store))
    assert seen[0] == seen[1] == seen[2] == seen[3]


def test_a_sheet_is_named_and_a_cell_beyond_the_headings_is_ragged(store: Store, tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.create_sheet("people")
    for line in (
        ["given by the hospital"],
        ["record", "sex"],
        ["P1", "female"],
        ["P2", "male", "stray"],
        ["P3", "cat"],
    ):
        sheet.append(line)
    (tmp_path / "data").mkdir()
    book.save(tmp_path / "data" / "records.xlsx")
    source = SourceSettings("record", "data/records.xlsx", "hospital", sheet="people", header_row=2)
    found = one(store, tmp_path, source)
    assert (found.rows_in, found.kept) == (3, 1)
    assert found.reasons == {"ragged line: 3 columns instead of 2": 1, "sex: not one of the allowed words": 1}


@pytest.mark.parametrize(
    ("text", "moment", "precision"),
    [
        ("2023-04", datetime(2023, 4, 1), "month"),
        ("2023-04-09", datetime(2023, 4, 9), "day"),
        ("29/04/2023", datetime(2023, 4, 29), "day"),
        ("29.4.2023 7:05", datetime(2023, 4, 29, 7, 5), "second"),
        ("20230409", datetime(2023, 4, 9), "day"),
        ("9 April 2023", datetime(2023, 4, 9), "day"),
        ("09-Apr-2023 07:05:01", datetime(2023, 4, 9, 7, 5, 1), "second"),
        ("2023-04-09T07:05:01+01:00", datetime(2023, 4, 9, 7, 5, 1), "second"),
        ("2023-04-09 06:05:01.5Z", datetime(2023, 4, 9, 7, 5, 1), "second"),
        ("01DEC2025", datetime(2025, 12, 1), "day"),
        ("MSitAE-JUNE-2024", datetime(2024, 6, 1), "month"),
        ("25/04/2023 7:05 pm", datetime(2023, 4, 25, 19, 5), "second"),
    ],
)
def test_dates_as_they_are_written(store: Store, tmp_path: Path, text: str, moment: datetime, precision: str) -> None:
    write(tmp_path, "data/contacts.csv", f"id,patient,arrived,service\nA1,P1,{text},emergency\n")
    assert one(store, tmp_path, contacts(columns={"contact": "id", "record": "patient", "start": "arrived"})).kept == 1
    assert [(row["start"], row["precision"]) for row in rows(store)] == [(moment, precision)]


def test_the_users_date_format_is_the_one_beside_iso(store: Store, tmp_path: Path) -> None:
    lines = "id,patient,arrived,left,service\nA1,P1,04/09/23,,e\nA2,P1,02/31/23,,e\nA3,P1,2023-04-09,,e\n"
    write(tmp_path, "data/contacts.csv", lines)
    found = one(store, tmp_path, contacts(date_format="%m/%d/%y"))
    assert found.reasons == {"start: impossible date": 1}
    assert {row["start"] for row in rows(store)} == {datetime(2023, 4, 9)}


def test_their_words_become_ours(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/records.csv", "record,sex,birth_date\nP1,F,1950-03-12\nP2,M,NULL\n")
    source = SourceSettings("record", "data/records.csv", "hospital", values={"sex": {"F": "female", "M": "male"}})
    assert one(store, tmp_path, source).kept == 2
    assert [(r["sex"], r["birth_date"]) for r in rows(store, "record")] == [
        ("female", date(1950, 3, 12)),
        ("male", None),
    ]


def test_a_wrong_nhs_number_is_left_out_and_its_record_kept(store: Store, tmp_path: Path) -> None:
    """A slip in one number is no reason to lose the record, which can still be linked by name; each is counted."""
    write(
        tmp_path,
        "data/records.csv",
        "record,nhs_number,sex\nP1,999 000 0018,\nP2,9990000019,\nP3,999,\nP4,,\nP5,9990000019,cat\n",
    )
    found = one(store, tmp_path, RECORDS)
    assert (found.rows_in, found.kept, found.quarantined) == (5, 4, 1)
    assert found.reasons == {"sex: not one of the allowed words": 1}
    assert found.left_out == {"nhs_number: check digit does not fit, left out": 2}
    assert [row["nhs_number"] for row in rows(store, "record")] == [_hmac("nhs_number", "9990000018"), None, None, None]
    told = rows(store, "left_out")
    assert [(row["row"], row["columns"]) for row in told] == [(2, "nhs_number"), (3, "nhs_number")]
    assert "9990000019" not in str(told)


def _hmac(*parts: str) -> str:
    return hmac.new(KEY, "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:32]


def test_own_numbers_depend_on_the_agency_and_shared_ones_do_not(store: Store, tmp_path: Path) -> None:
    for agency in ("hospital", "gp"):
        write(tmp_path, f"data/{agency}.csv", "record,local_key,given_name\nP1,K1,Imra\n")
    sources = [SourceSettings("record", f"data/{agency}.csv", agency) for agency in ("hospital", "gp")]
    load(store, Workspace(tmp_path), Settings("T", tuple(sources)), KEY)
    first, second = rows(store, "record")
    assert [first["record"], second["record"]] == [_hmac("record", a, "P1") for a in ("hospital", "gp")]
    assert first["local_key"] == second["local_key"] == _hmac("local_key", "K1")
    assert first["given_name"] == "Imra"


def test_no_number_of_a_person_reaches_the_disk(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + "ATT-77,PAT-88,2023-01-05,,emergency,1\nATT-99,PAT-66,,,emergency,1\n")
    one(store, tmp_path)
    for file in (store.folder).rglob("*.parquet"):
        assert not any(word in str(pq.read_table(file).to_pylist()) for word in ("ATT-", "PAT-"))


def test_a_number_without_its_agency_is_refused_rather_than_lost(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/enrolled.csv", "collaboration,record,start\nteam,P1,2023-01-01\n")
    found = one(store, tmp_path, SourceSettings("enrolment", "data/enrolled.csv"))
    assert found.reasons == {"agency: missing": 1}


def test_duplicates_are_found_across_files_and_the_first_stays(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/in/a.csv", HEAD + ROW)
    write(tmp_path, "data/in/b.csv", HEAD + "A1,P2,2023-05-05,,emergency,1\nA2,P2,2023-05-05,,emergency,1\n")
    first, second = load(store, *place(tmp_path, contacts(files="data/in")), KEY)
    assert (first.kept, second.kept, second.quarantined) == (1, 1, 1)
    assert [q["file"] for q in rows(store, "quarantine")] == ["data/in/b.csv"]
    assert {row["start"].month for row in rows(store)} == {1, 5}


def test_one_file_may_fill_a_table_twice(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/trusts.csv", "code,month,att,adm\nR01,2023-01-01,100,20\nR02,2023-01-01,,30\n")
    columns = {"unit": "code", "period": "month"}
    sources = [
        SourceSettings("count", "data/trusts.csv", columns={**columns, "contacts": theirs}, constants={"kind": kind})
        for theirs, kind in (("att", "ae_attendance"), ("adm", "emergency_admission"))
    ]
    (found,) = load(store, *place(tmp_path, *sources), KEY)
    assert (found.rows_in, found.kept, found.reasons) == (4, 3, {"contacts: missing": 1})


def test_the_same_file_under_two_names_is_all_duplicates(store: Store, tmp_path: Path) -> None:
    for name in ("a", "b"):
        write(tmp_path, f"data/in/{name}.csv", HEAD + ROW)
    first, second = load(store, *place(tmp_path, contacts(files="data/in/*.csv")), KEY)
    assert (first.kept, second.kept, second.quarantined) == (1, 0, 1)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.csv", b""),
        ("not.xlsx", b"this is no workbook"),
        ("not.parquet", b"PAR1 but not really"),
        ("cut.csv.gz", gzip.compress(HEAD.encode() * 50, mtime=0)[:60]),
        ("not.csv.gz", b"\x1f\x8b\x08damaged through and through"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_in_words(
    store: Store, tmp_path: Path, name: str, content: bytes
) -> None:
    write(tmp_path, f"data/{name}", content)
    with pytest.raises(DataProblem) as problem:
        load(store, *place(tmp_path, contacts(files=f"data/{name}")), KEY)
    assert name in problem.value.what
    assert problem.value.next_step
    assert not store.has("contact")


def test_all_files_that_cannot_be_read_are_told_at_once(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW)
    write(tmp_path, "data/a.csv", b"")
    sources = (CONTACTS, contacts(files="data/a.csv"), contacts(files="data/nowhere.csv"))
    with pytest.raises(DataProblem) as problem:
        load(store, *place(tmp_path, *sources), KEY)
    assert "2 sources" in problem.value.what
    assert "a.csv" in problem.value.given


@pytest.mark.parametrize("pattern", ["nowhere.csv", "nowhere/*.csv", "**nowhere", "data"])
def test_a_pattern_that_matches_nothing_is_told(store: Store, tmp_path: Path, pattern: str) -> None:
    (tmp_path / "data").mkdir()
    with pytest.raises(DataProblem, match="no file for the table 'contact'") as problem:
        load(store, *place(tmp_path, contacts(files=pattern)), KEY)
    assert problem.value.given == pattern


def test_a_heading_and_no_row_is_an_empty_table(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD)
    assert one(store, tmp_path).rows_in == 0
    assert rows(store) == []


def test_a_second_load_reads_only_what_changed(store: Store, tmp_path: Path) -> None:
    files = [write(tmp_path, f"data/in/{n}.csv", HEAD + ROW.replace("A1", f"A{n}")) for n in (1, 2)]
    where = place(tmp_path, contacts(files="data/in"))
    told = load(store, *where, KEY)
    said: list[str] = []
    assert load(store, *where, KEY, lambda step, done, of: said.append(step)) == told == loaded(store)
    assert not any("reading" in step for step in said)
    files[1].write_text(HEAD + ROW.replace("A1", "A3"))
    load(store, *where, KEY, lambda step, done, of: said.append(step))
    assert {step.split(",")[0] for step in said if "reading" in step} == {"reading 2.csv (2 of 2)"}
    files[0].unlink()
    assert sum(f.kept for f in load(store, *where, KEY)) == store.rows("contact") == 1


def test_what_is_past_retention_is_not_loaded_and_leaves_the_store(store: Store, tmp_path: Path) -> None:
    late = ROW.replace("A1", "A2").replace("2023-01-05", "2024-06-05")
    across = "A3,P1,2023-12-30 10:00,2024-01-01 00:00,emergency,1\n"
    open_ended = "A4,P1,2023-12-31 23:59,,emergency,1\n"
    write(tmp_path, "data/contacts.csv", HEAD + ROW + late + across + open_ended)
    assert one(store, tmp_path).kept == 4
    found = one(store, tmp_path, contacts(keep_from="2024-01-01"))
    assert (found.kept, found.reasons) == (
        2,
        {"ended before the day from which rows are kept ([retention] keep_from)": 2},
    )
    assert [row["start"].year for row in rows(store)] == [2024, 2023]
    parts = [pq.read_table(file).num_rows for file in (tmp_path / "store").rglob("contact/*.parquet")]
    assert parts == [2]


@pytest.mark.parametrize(
    ("table", "row", "kept"),
    [
        ("observation", "2019-01-01,2023-12-31", 0),
        ("observation", "2019-01-01,2024-01-01", 1),
        ("enrolment", "2019-01-01,2023-12-31", 0),
        ("enrolment", "2019-01-01,", 1),
    ],
)
def test_an_end_decides_and_a_row_without_one_goes_on(
    store: Store, tmp_path: Path, table: str, row: str, kept: int
) -> None:
    first, last = ("from", "to") if table == "observation" else ("start", "end")
    write(tmp_path, "data/rows.csv", f"record,collaboration,{first},{last}\nP1,team,{row}\n")
    source = SourceSettings(table, "data/rows.csv", "gp", keep_from="2024-01-01")
    assert one(store, tmp_path, source).kept == kept


# Several events of one row, and codes in two cases


def _homeless(second: str) -> str:
    return (
        'place = "Sample"\n[[source]]\ntable = "contact"\nfiles = "data/h*.csv"\nagency ='
        ' "council"\n[source.columns]\ncontact = "Case"\nrecord = "Household"\nstart ='
        ' "Assessed"\n[source.constants]\nservice = "council/homeless"\nkind = "assessment"\n[[source]]\ntable ='
        ' "contact"\nfiles = "data/h*.csv"\nagency = "council"\n[source.columns]\ncontact = "Case"\nrecord ='
        f' "Household"\nstart = "In"\nend = "Out"\n[source.constants]\nservice = "council/homeless"\n{second}\n'
    )


def test_a_row_is_as_many_contacts_as_events_happened(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "headwater.toml", _homeless('kind = "temporary_accommodation"'))
    text = "Case,Household,Assessed,In,Out\nC1,H1,21/01/2024,21/03/2024,08/08/2024\nC2,H2,09/03/2024,,\nC3,H3,19/11/2023,,\nC4,H4,20/11/2023,,21/12/2023\n"
    write(tmp_path, "data/h1.csv", text)
    (found,) = load(store, Workspace(tmp_path), read_settings(tmp_path), KEY)
    assert (found.rows_in, found.kept, found.quarantined, found.excluded) == (8, 5, 1, 2)
    assert found.reasons == {"start: missing": 1}, "an end without a start is a fault; neither is no event"
    kinds = sorted((row["kind"], str(row["start"])[:10], str(row["end"])[:10]) for row in rows(store))
    assert kinds[-1] == ("temporary_accommodation", "2024-03-21", "2024-08-08")
    assert len({row["contact"] for row in rows(store)}) == 5


@pytest.mark.parametrize(
    ("units", "kept"), [(("A", "A", "a"), 2), (("A", "A ", "B"), 3), (("ward 1", "Ward 1", "Ward 1"), 2)]
)
def test_one_code_in_two_cases_is_asked_about(store: Store, tmp_path: Path, units: tuple[str, ...], kept: int) -> None:
    lines = "".join(f"{unit},2023-0{at}-01,{at}\n" for at, unit in enumerate(units, 1))
    write(tmp_path, "data/n.csv", "unit,period,contacts\n" + lines)
    found = one(store, tmp_path, SourceSettings("count", "data/n.csv", "nhs", constants={"kind": "ae"}))
    assert found.kept == kept
    assert all("is" in reason and "[source.values.unit]" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("year", "kept"), [("2023-24", 1), ("FY2023/24", 1), ("2023/2024", 1), ("2023", 0), ("FY24", 0), ("2023-25", 0)]
)
def test_only_a_whole_financial_year_is_one(store: Store, tmp_path: Path, year: str, kept: int) -> None:
    write(tmp_path, "data/s.csv", f"organisation,line,year,gbp\nA,Roads,{year},(1 234.56)\nB,Roads,2023-24,1234-\n")
    found = one(store, tmp_path, SourceSettings("spend", "data/s.csv"))
    assert found.kept == 1 + kept
    assert sorted(row["gbp"] for row in rows(store, "spend"))[-kept - 1] == -1234.56 if kept else True
    assert {row["year"] for row in rows(store, "spend")} == {"2023-24"}


def test_every_file_of_a_folder_that_cannot_be_opened_is_named(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/m1.csv", HEAD + ROW)
    write(tmp_path, "data/m2.zip", b"PK")
    write(tmp_path, "data/m3.zip", b"PK\x03\x04 broken")
    write(tmp_path, "data/m4.dat", HEAD + ROW)
    with pytest.raises(DataProblem) as told:
        one(store, tmp_path, contacts(files="data"))
    assert all(name in told.value.given for name in ("m2.zip", "m3.zip", "m4.dat"))


@pytest.mark.parametrize(
    ("figures", "read"), [(("45292", "45293.5"), "excel-1900"), (("1704067200", "1704153600"), "epoch")]
)
def test_figures_alone_are_asked_about_and_read_once_it_is_said(
    store: Store, tmp_path: Path, figures: tuple[str, str], read: str
) -> None:
    write(
        tmp_path,
        "data/contacts.csv",
        HEAD + "".join(f"A{at},P1,{one},,emergency,1\n" for at, one in enumerate(figures)),
    )
    with pytest.raises(DataProblem, match='write date_format = "excel-1900"'):
        one(store, tmp_path)
    assert one(store, tmp_path, contacts(date_format=read)).kept == 2
    assert min(row["start"] for row in rows(store)) == datetime(2024, 1, 1)


def test_returns_are_ordered_by_their_day_whatever_its_form_and_leave_after_they_superseded(
    store: Store, tmp_path: Path
) -> None:
    lines = "id,patient,arrived,service,return,status\nA1,P1,2023-01-05,e,30/09/2023,5\nA1,P1,2023-01-06,e,31/03/2024,5\nA2,P1,2023-01-07,e,30/09/2023,5\nA2,P1,2023-01-07,e,31/03/2024,3\nA3,P1,2023-01-08,e,30/09/2023,5\n"
    write(tmp_path, "data/contacts.csv", lines)
    source = contacts(
        columns={"contact": "id", "record": "patient", "start": "arrived"},
        latest_by="return",
        where={"status": ["5"]},
        reasons={"status": ["status"]},
    )
    (found,) = load(store, *place(tmp_path, source), KEY)
    assert (found.rows_in, found.kept, found.quarantined, found.excluded) == (5, 2, 0, 3)
    assert sorted(row["start"].day for row in rows(store)) == [
        6,
        8,
    ], "31 March 2024 is later than 30 September 2023; A2 did not take place after all"
    assert len(rows(store, "contact_reason")) == 2


def test_counts_of_one_key_are_added_up_where_it_is_said(store: Store, tmp_path: Path) -> None:
    write(
        tmp_path,
        "data/n.csv",
        "unit,period,contacts,mode,scale\nA,2024-01-01,3,phone,x\nA,2024-01-01,4,visit,x\nB,2024-01-01,5,phone,x\n",
    )
    source = SourceSettings(
        "count", "data/n.csv", "gp", constants={"kind": "gp_contact"}, total=True, scale={"contacts": 10}
    )
    (found,) = load(store, *place(tmp_path, source), KEY)
    assert (found.kept, found.quarantined) == (3, 0)
    assert {row["unit"]: row["contacts"] for row in rows(store, "count")} == {"A": 70.0, "B": 50.0}


def test_a_sum_with_a_mark_among_its_parts_is_known_within_bounds(store: Store, tmp_path: Path) -> None:
    write(tmp_path, "data/n.csv", "unit,period,contacts\nA,2024-01-01,30\nA,2024-01-01,<5\nB,2024-01-01,5\n")
    load(
        store,
        *place(tmp_path, SourceSettings("count", "data/n.csv", "gp", constants={"kind": "gp_contact"}, total=True)),
        KEY,
    )
    found = {row["unit"]: (row["contacts"], row["least"], row["most"]) for row in rows(store, "count")}
    assert found["B"] == (5.0, None, None)
    assert found["A"][0] is None
    assert 30 <= found["A"][1] < found["A"][2] <= 35
