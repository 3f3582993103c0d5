"""What only a look over all files shows: told by `check` before anything is loaded, refused by `load` where people
would fall apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from headwater.app import reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem
from sources_world import write

if TYPE_CHECKING:
    from pathlib import Path

CONTACTS = """[[source]]
table = "contact"
files = "data/visits*.csv"
agency = "clinic"
[source.columns]
contact = "id"
record = "client"
start = "seen"
service = "team"
[source.constants]
kind = "gp_contact"
"""
RECORDS = """[[source]]
table = "record"
files = "data/people.csv"
agency = "clinic"
[source.columns]
record = "client"
"""
OFTEN = [f"{at:06d}" for at in range(95, 125)]
"""Numbers of six figures; all but the last few begin with noughts whatever a spreadsheet thinks of them."""


def visits(numbers: list[str], first: int = 0, team: str = "north") -> str:
    rows = [f"V{first + at},{one},2031-03-{at % 28 + 1:02d} 10:00,{team}" for at, one in enumerate(numbers)]
    return "\n".join(["id,client,seen,team", *rows]) + "\n"


def people(numbers: list[str]) -> str:
    return "\n".join(["client,sex", *(f"{one},female" for one in numbers)]) + "\n"


def place(root: Path, settings: str, **files: str) -> Place:
    for name, text in files.items():
        write(root, f"data/{name}.csv", text)
    write(root, "headwater.toml", f'place = "Sample"\n{settings}')
    return Place(root)


def told(here: Place) -> list[str]:
    return [problem for one in reading.check(here).content["files"] for problem in one["problems"]]


def rows(here: Place, table: str) -> list[dict[str, Any]]:
    with here.store() as store:
        return store.arrow(store.table(table)).to_pylist()


def bare(numbers: list[str]) -> list[str]:
    return [str(int(one)) for one in numbers]


@pytest.mark.parametrize("lost", [bare(OFTEN), [f"{one}.0" for one in bare(OFTEN)], [f"'{one}" for one in bare(OFTEN)]])
def test_noughts_lost_in_one_file_of_a_folder_are_asked_about(tmp_path: Path, lost: list[str]) -> None:
    here = place(tmp_path, CONTACTS, visits1=visits(OFTEN), visits2=visits(lost, 100))
    line = "write [source.digits] record = 6"
    assert any(line in problem and "30 numbers" in problem for problem in told(here))
    for _ in "twice":  # the second time nothing is read again, and it is refused all the same
        with pytest.raises(DataProblem, match=r"visits2.*\[source.digits\] record = 6"):
            reading.load(here)
    here = place(tmp_path, CONTACTS + "[source.digits]\nrecord = 6\n")
    assert not any("noughts" in problem for problem in told(here))
    reading.load(here)
    assert len({row["record"] for row in rows(here, "contact")}) == len(OFTEN)
    assert len(rows(here, "contact")) == 2 * len(OFTEN)


def test_noughts_lost_between_contacts_and_records_are_asked_about(tmp_path: Path) -> None:
    here = place(tmp_path, CONTACTS + RECORDS, visits=visits(bare(OFTEN)), people=people(OFTEN))
    assert any(problem.startswith("lost: 30 of 30 row(s) bear a number") for problem in told(here))
    with pytest.raises(DataProblem, match="without the noughts in front"):
        reading.load(here)
    here = place(tmp_path, CONTACTS + "[source.digits]\nrecord = 6\n" + RECORDS)
    assert reading.load(here).content["orphans"] == []


def test_noughts_lost_in_a_part_of_one_file_are_asked_about(tmp_path: Path) -> None:
    here = place(tmp_path, CONTACTS, visits=visits([*OFTEN, *bare(OFTEN)]))
    with pytest.raises(DataProblem, match="30 numbers are those of others"):
        reading.load(here)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (OFTEN, [f"7{number}" for number in OFTEN]),  # longer: nothing was lost
        (bare(OFTEN), [str(int(number) * 10) for number in OFTEN]),  # no number begins with a nought
        (OFTEN, [f"K{int(number)}" for number in OFTEN]),  # no figures alone
        (OFTEN, ["3", "41"]),  # shorter, and nobody's without noughts
    ],
)
def test_numbers_that_lost_nothing_are_read_as_they_stand(tmp_path: Path, one: list[str], other: list[str]) -> None:
    here = place(tmp_path, CONTACTS, visits1=visits(one), visits2=visits(other, 100))
    assert not told(here)
    reading.load(here)
    assert len({row["record"] for row in rows(here, "contact")}) == len({*one, *other})


def test_two_numberings_may_be_said_to_be_two(tmp_path: Path) -> None:
    here = place(tmp_path, CONTACTS + "[source.digits]\nrecord = 0\n", visits=visits([*OFTEN, *bare(OFTEN)]))
    reading.load(here)
    assert len({row["record"] for row in rows(here, "contact")}) == 2 * len(OFTEN)


@pytest.mark.parametrize("written", ["1.23457E+11", "1,23457E+11", "1.23457e+11"])
def test_a_number_that_a_spreadsheet_rounded_is_nobodys(tmp_path: Path, written: str) -> None:
    text = visits(OFTEN).replace("000100", f'"{written}"')
    here = place(tmp_path, CONTACTS, visits=text)
    (file,) = reading.load(here).content["files"]
    assert file["quarantined"] == 1
    assert "rounded by a spreadsheet" in next(iter(file["reasons"]))


def test_long_numbers_that_all_end_in_noughts_were_rounded(tmp_path: Path) -> None:
    rounded = [f"{4_000_123_456_789_00 + at}0" + "0" for at in range(30)]
    with pytest.raises(DataProblem, match="end in noughts, as a spreadsheet rounds them"):
        reading.load(place(tmp_path, CONTACTS, visits=visits(rounded)))
    whole = [f"{4_000_123_456_789_00 + at}{at % 10}7" for at in range(30)]
    reading.load(place(tmp_path, CONTACTS, visits=visits(whole)))


SERVICES = '[[source]]\ntable = "service"\nfiles = "data/teams.csv"\n'
BODIES = '[[source]]\ntable = "organisation"\nfiles = "data/bodies.csv"\n'


def test_services_organisations_and_kinds_that_no_file_knows_are_told_before_the_load(tmp_path: Path) -> None:
    teams = "service,organisation,name,kind\nnorth,clinic,North,gp_contact\n"
    here = place(
        tmp_path,
        CONTACTS.replace('"gp_contact"', '"tea"') + SERVICES + BODIES,
        visits=visits(OFTEN[:20]) + visits(OFTEN[20:], 50, "sorth").split("\n", 1)[1],
        teams=teams,
        bodies="organisation,name\nclinic2,C\n",
    )
    said = reading.check(here).content
    problems = {one["table"]: one["problems"] for one in said["files"]}
    reason = "10 row(s) would be quarantined: unknown service: not in the service table"
    assert any(one.startswith(f"{reason} ('sorth' 10)") for one in problems["contact"])
    assert problems["service"] == ["1 row(s) name an organisation that no file of organisations has: 'clinic' 1"]
    assert [(one["kind"], one["priced"], one["upstream"]) for one in said["kinds"]] == [("tea", False, False)]
    assert not next(one for one in said["files"] if one["table"] == "contact")["fits"]
    loaded = {one["table"]: one for one in reading.load(here).content["files"]}
    assert loaded["contact"]["quarantined"] == 10


def test_a_list_of_one_agencys_services_is_no_list_of_anothers(tmp_path: Path) -> None:
    other = CONTACTS.replace("visits*", "calls").replace('"clinic"', '"council"')
    teams = "service,organisation,name,kind\nnorth,clinic,North,gp_contact\n"
    here = place(
        tmp_path, CONTACTS + other + SERVICES, visits=visits(OFTEN), calls=visits(OFTEN, 0, "south"), teams=teams
    )
    assert not told(here)


def test_people_of_no_record_are_told_before_the_load_and_few_stop_nothing(tmp_path: Path) -> None:
    here = place(tmp_path, CONTACTS + RECORDS, visits=visits(OFTEN), people=people(OFTEN[:28]))
    assert told(here) == ["2 of 30 row(s) bear a number that no record of their agency has"]
    assert all(one["fits"] for one in reading.check(here).content["files"])
    assert reading.load(here).content["orphans"] == [{"agency": "clinic", "contacts": 2, "of": 30, "most": False}]


def test_a_contact_in_two_returns_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    later = visits(OFTEN[:4]).replace("10:00", "11:00")
    here = place(tmp_path, CONTACTS, visits1=visits(OFTEN), visits2=later)
    assert any(
        "4 of its contact numbers stand in an earlier file" in problem and "latest_by" in problem
        for problem in told(here)
    )


def test_rows_that_nothing_numbers_and_two_extracts_share_are_told(tmp_path: Path) -> None:
    unnumbered = CONTACTS.replace('contact = "id"\n', "").replace(
        'agency = "clinic"', 'agency = "clinic"\nnumber_rows = true'
    )
    here = place(
        tmp_path,
        unnumbered,
        visits1=visits(OFTEN),
        visits2=visits(OFTEN[:12], 500) + visits(OFTEN[:3], 0, "south").partition("\n")[2],
    )
    assert any("12 of its rows say what rows of an earlier file say" in problem for problem in told(here))
    alone = place(tmp_path, unnumbered, visits1=visits(OFTEN), visits2=visits(OFTEN[:12], 500, "south"))
    assert not any("rows of an earlier file" in problem for problem in told(alone))
