"""headwater.toml, the check before a load, a new workspace and what doctor says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.domain.errors import Usage
from headwater.domain.workspace import SourceSettings, Workspace
from headwater.sources import check, diagnose, load, new_workspace, read_settings
from sources_world import HEAD, KEY, ROW, contacts, place, write

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

WHOLE = """\
place = "Testshire"
price_year = 2023
prices = ["data/p.csv"]
[engine]
threads = 2
memory = "1GB"
[disclosure]
rule = "threshold-10"
secondary = false
[observed]
from = 2022-01-01
to = "2024-12-31"
[link]
threshold = 0.9
[[station]]
kind = "ae_attendance"
servers = 4
[[source]]
table = "contact"
files = "data/*.csv"
agency = "hospital"
delimiter = ";"
encoding = "cp1252"
header_row = 3
date_format = "%d/%m/%y"
null_values = ["-"]
[source.columns]
contact = "id"
[source.values.outcome]
ADM = "admitted"
[source.constants]
quantity = 1
"""


def test_every_key_arrives(tmp_path: Path) -> None:
    write(tmp_path, "headwater.toml", WHOLE)
    found = read_settings(tmp_path)
    (source,) = found.sources
    assert (found.place, found.price_year, found.prices) == ("Testshire", 2023, ("data/p.csv",))
    assert (found.engine.threads, found.engine.memory, found.disclosure.rule) == (2, "1GB", "threshold-10")
    assert not found.disclosure.secondary
    assert (found.observed_from, found.observed_to) == ("2022-01-01", "2024-12-31")
    assert (found.link, found.stations) == ({"threshold": 0.9}, ({"kind": "ae_attendance", "servers": 4},))
    assert source == SourceSettings(
        "contact",
        "data/*.csv",
        "hospital",
        {"contact": "id"},
        {"outcome": {"ADM": "admitted"}},
        {"quantity": "1"},
        ";",
        "cp1252",
        "",
        3,
        "%d/%m/%y",
        ("-",),
    )


SOURCE = '[[source]]\ntable = "contact"\nfiles = "a.csv"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "place is missing"),
        ("place = 3", "place must be a text, not 3"),
        ('plaice = "X"', "did you mean 'place'"),
        ("price_year = true", "price_year must be a whole number"),
        ("prices = [1]", "prices must be paths"),
        ('[engine]\nname = "duck"', "unknown name 'duck'; allowed: duckdb, spark"),
        ('engine = "sparc"', "unknown name 'sparc'; allowed: duckdb, spark"),
        ("engine = 3", "engine must be a text or a table"),
        ("[engine]\nthread = 2", "did you mean 'threads'"),
        ('[engine]\nthreads = "2"', "[engine] threads must be a whole number"),
        ('[observed]\nfrom = "May"', "[observed] from must be a day"),
        ('[retention]\nkeep_from = "seven years ago"', "[retention] keep_from must be a day"),
        ('[retention]\nmonths = "84"', "[retention] months must be a whole number"),
        ('[disclosure]\nsecondary = "no"', "[disclosure] secondary must be true or false"),
        ("source = 3", "source must be a list"),
        ('[[source]]\nfiles = "a.csv"', "[[source]] 1: table is missing"),
        ('[[source]]\ntable = "contact"', "[[source]] 1: files is missing"),
        ('[[source]]\ntable = "contacts"\nfiles = "a"', "did you mean 'contact'"),
        ('[[source]]\ntable = "person"\nfiles = "a"', "unknown table 'person'"),
        (SOURCE + 'header_row = "2"', "header_row must be a whole number"),
        (SOURCE + "header_row = 0", "header_row must be 1 or more"),
        (SOURCE + 'delimiter = ",,"', "delimiter must be one character"),
        (SOURCE + 'encoding = "utf-88"', "unknown encoding 'utf-88'"),
        (SOURCE + 'encoding = "base64"', "unknown encoding 'base64'"),
        (SOURCE + "null_values = [0]", "null_values must be texts"),
        (SOURCE + '[source.columns]\nstrat = "x"', "did you mean 'start'"),
        (SOURCE + "[source.columns]\nstart = 3", "start must be a text"),
        (SOURCE + '[source.values]\nprecision = "day"', "precision must be a table"),
        (SOURCE + '[source.values.precision]\nT = "hour"', "precision = 'hour'; allowed: second, day, month"),
    ],
)
def test_a_wrong_key_is_told_with_the_right_one(tmp_path: Path, text: str, said: str) -> None:
    whole = text if text.startswith(("place", "plaice")) or not text else f'place = "X"\n{text}'
    write(tmp_path, "headwater.toml", whole)
    with pytest.raises(Usage) as problem:
        read_settings(tmp_path)
    assert said in str(problem.value)
    assert problem.value.next_step


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "headwater.toml", 'plase = 1\n[engine]\nnam = "x"\n')
    with pytest.raises(Usage, match="3 problem"):
        read_settings(tmp_path)


@pytest.mark.parametrize("content", [b"place = ", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml(tmp_path: Path, content: bytes) -> None:
    write(tmp_path, "headwater.toml", content)
    with pytest.raises(Usage, match="not TOML"):
        read_settings(tmp_path)


def test_check_suggests_what_unmapped_headings_could_be_and_writes_nothing(tmp_path: Path) -> None:
    write(
        tmp_path,
        "data/people.csv",
        "pat no,NHS,forename given,when born,home,Gender\nP1,9990000018,Imra,12/03/1950,ZZ1 1ZZ,F\n",
    )
    before = sorted(tmp_path.rglob("*"))
    (found,) = check(*place(tmp_path, SourceSettings("record", "data/people.csv", "hospital")))
    assert sorted(tmp_path.rglob("*")) == before
    assert not found.fits
    assert "missing: nothing fills the required column 'record'" in found.problems
    assert found.suggestions["NHS"] == "nhs_number"
    assert found.suggestions["when born"] == "birth_date"
    assert found.suggestions["home"] == "postcode"
    assert found.suggestions["Gender"] == "sex"


def test_check_says_what_would_be_quarantined(tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW + "A2,P1,2023-02-31,,emergency,-1\n")
    (found,) = check(*place(tmp_path))
    assert not found.fits and found.lost == 0.5  # half of the rows is more than may be lost
    assert found.problems == (
        "1 row(s) would be quarantined: start: impossible date",
        "1 row(s) would be quarantined: quantity: negative",
        "lost: 50.0% of the rows (more than 1.0%; write most_lost = 0.51 where that is right)",
    )


def test_check_names_a_mapped_heading_that_is_not_there(tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW)
    (found,) = check(*place(tmp_path, contacts(columns={"contact": "id", "record": "patient", "start": "arival"})))
    assert not found.fits
    assert any("no column 'arival' in the file" in problem and "'arrived'" in problem for problem in found.problems)


def test_check_of_files_that_cannot_be_read_goes_on(tmp_path: Path) -> None:
    write(tmp_path, "data/contacts.csv", HEAD + ROW)
    write(tmp_path, "data/empty.csv", b"")
    sources = [contacts(files=f"data/{name}.csv") for name in ("empty", "nowhere", "contacts")]
    assert [found.fits for found in check(*place(tmp_path, *sources))] == [False, False, True]


def test_an_address_is_shown_without_its_password(tmp_path: Path) -> None:
    (found,) = check(*place(tmp_path, contacts(files="postgresql://reader:secret@db/records")))
    assert "secret" not in str(found)
    assert found.file == "postgresql://…@db/records"


def test_a_new_workspace_loads_as_it_is(store: Store, tmp_path: Path) -> None:
    root = tmp_path / "northshire"
    files = new_workspace(root)
    assert "headwater.toml" in files
    assert all((root / file).is_file() for file in files)
    assert diagnose(root) == ()
    settings = read_settings(root)
    assert all(found.fits and not found.problems for found in check(Workspace(root), settings))
    assert all(found.rows_in == found.kept > 0 for found in load(store, Workspace(root), settings, KEY))
    with pytest.raises(Usage, match="stands here already"):
        new_workspace(root)


def test_doctor_says_what_is_wrong_and_what_mends_it(tmp_path: Path) -> None:
    assert "headwater new" in diagnose(tmp_path)[0].next
    write(tmp_path, "headwater.toml", 'place = "X"\n')
    assert "[[source]]" in diagnose(tmp_path)[0].what
    write(tmp_path, "headwater.toml", 'place = "X"\nprices = ["p.csv"]\n' + SOURCE)
    assert {finding.what.split()[0] for finding in diagnose(tmp_path)} == {"a.csv:", "the"}
    write(tmp_path, "a.csv", "contact,record,start,kind\nA1,P1,2023-01-01,x\n")
    found = [finding.what for finding in diagnose(tmp_path)]
    assert any("required column 'service'" in what for what in found)
    assert any("p.csv" in what for what in found)


def test_an_engine_may_be_named_in_one_word(tmp_path: Path) -> None:
    write(tmp_path, "headwater.toml", 'place = "Testshire"\nengine = "spark"\n')
    assert read_settings(tmp_path).engine.name == "spark"
