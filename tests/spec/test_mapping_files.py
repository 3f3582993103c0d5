"""A file nobody has mapped: what it most likely is, the mapping written into headwater.toml, and lists made from it."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest

from headwater.app import mapping, reading
from headwater.app.mapping import Mapping
from headwater.app.place import Place
from headwater.app.starting import new
from headwater.domain.errors import DataProblem, HeadwaterError, Usage
from headwater.domain.workspace import SourceSettings
from headwater.sources import EXAMPLES, as_csv, distinct, guess, loadable, read_settings

if TYPE_CHECKING:
    from pathlib import Path

POSTS = "Post number,Council,Job title,Grade layer,FTE,Salary\nA1,Ashby,Chief executive,1,1,130000\nB1,Birley,Director,2,1,95000\n"
VISITS = (
    "Attendance ID,Patient ID,Arrival time,Department\n"
    "A1,P1,2023-01-05 10:20,emergency\nA2,P1,2023-02-11 22:05,emergency\nA3,P2,2023-02-12 09:00,eye\n"
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    new(tmp_path / "place")
    return Place(tmp_path / "place")


def given(place: Place, name: str, text: str) -> str:
    (place.workspace.data / name).write_text(text)
    return f"data/{name}"


# What it most likely is


@pytest.mark.parametrize(("text", "table"), [(POSTS, "post"), (VISITS, "contact"), (EXAMPLES["hospital_patients.csv"], "record"), (EXAMPLES["organisations.csv"], "organisation")])  # fmt: skip
def test_the_table_that_fits_best_is_guessed(tmp_path: Path, text: str, table: str) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text(text)
    found = guess(file)
    assert found.table == table
    assert found.headings == tuple(text.split("\n")[0].split(","))
    assert set(found.columns.values()) <= set(found.headings), "no heading that the file does not have"


def test_usual_headings_are_known_by_their_letters_alone(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text(POSTS)
    assert guess(file).columns == {
        "post": "Post number", "organisation": "Council", "title": "Job title", "layer": "Grade layer", "fte": "FTE", "salary_gbp": "Salary",
    }  # fmt: skip


def test_a_table_that_is_asked_for_is_kept_whatever_fits(tmp_path: Path) -> None:
    file = tmp_path / "theirs.csv"
    file.write_text(POSTS)
    found = guess(file, "spend")
    assert found.table == "spend"
    assert set(found.tables) == set(loadable())


def test_a_file_without_a_row_says_so(tmp_path: Path) -> None:
    file = tmp_path / "empty.csv"
    file.write_text("a,b\n")
    with pytest.raises(DataProblem, match="no row"):
        guess(file)


def test_suggestions_show_headings_and_never_a_value(place: Place) -> None:
    content = mapping.suggest(place, given(place, "theirs.csv", VISITS)).content
    assert content["table"] == "contact"
    assert content["headings"] == ["Attendance ID", "Patient ID", "Arrival time", "Department"]
    assert "2023-01-05" not in str(content)
    assert {one["name"]: one["suggested"] for one in content["columns"]}["start"] == "Arrival time"


def test_different_combinations_of_values_are_listed_once_and_constants_fill_what_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "visits.csv"
    file.write_text(VISITS)
    source = SourceSettings("contact", "visits.csv", "hospital", {"service": "Department"}, constants={"kind": "visit"})
    assert distinct(file, source, ("service", "agency", "kind")) == [("emergency", "hospital", "visit"), ("eye", "hospital", "visit")]  # fmt: skip
    assert as_csv(("a", "b"), [('say "x"', "1,2")]) == 'a,b\n"say ""x""","1,2"\n'


# Saying it


def test_a_saved_mapping_reads_back_as_it_was_said_and_the_examples_leave(place: Place) -> None:
    file = given(place, "posts, council \"A\".csv", POSTS)  # fmt: skip
    said = Mapping(file, "post", columns={"post": "Post number", "organisation": "Council", "title": "Job title"})
    lists = mapping.save(place, said)
    sources = read_settings(place.workspace.root).sources
    assert said.source in sources
    assert lists == ("data/lists/organisations.csv",)
    assert {one.files for one in sources} == {file, *lists}, "made-up examples are not loaded beside one's own data"
    rows = list(csv.reader((place.workspace.root / lists[0]).read_text().splitlines()))
    assert rows == [["organisation", "name"], ["Ashby", "Ashby"], ["Birley", "Birley"]]


def test_saying_it_again_takes_the_place_of_what_was_said(place: Place) -> None:
    file = given(place, "posts.csv", POSTS)
    first = Mapping(file, "post", columns={"post": "Post number", "organisation": "Council", "title": "Job title"})
    mapping.save(place, first)
    better = Mapping(file, "post", columns={**first.columns, "fte": "FTE"})
    mapping.save(place, better)
    mine = [one for one in read_settings(place.workspace.root).sources if one.files == file]
    assert mine == [better.source]


def test_contacts_bring_lists_of_services_bodies_and_people_that_can_be_loaded(place: Place) -> None:
    file = given(place, "visits.csv", VISITS)
    columns = {"contact": "Attendance ID", "record": "Patient ID", "start": "Arrival time", "service": "Department"}
    made = mapping.save(place, Mapping(file, "contact", "hospital", columns, {"kind": "ae_attendance"}))
    assert made == ("data/lists/services.csv", "data/lists/organisations.csv", "data/lists/records.csv")
    place = Place(place.workspace.root)
    assert all(one["fits"] for one in reading.check(place).content["files"])
    loaded = {one["table"]: (one["rows_in"], one["kept"]) for one in reading.load(place).content["files"]}
    assert loaded == {"contact": (3, 3), "service": (2, 2), "organisation": (1, 1), "record": (2, 2)}


def test_an_edited_file_that_does_not_read_changes_nothing(place: Place) -> None:
    file = given(place, "posts.csv", POSTS)
    before = place.workspace.settings.read_text()
    with pytest.raises(HeadwaterError):
        mapping.save(place, Mapping(file, "post", columns={"no such column": "Post number"}))
    assert place.workspace.settings.read_text() == before


def test_names_that_would_break_out_of_their_text_are_words(place: Place) -> None:
    harm = 'x"\nfiles = "/etc/passwd'
    file = given(place, "posts.csv", POSTS.replace("Job title", '"Job ""title"" # [[source]]"'))
    columns = {"post": "Post number", "organisation": "Council", "title": 'Job "title" # [[source]]'}
    mapping.save(place, Mapping(file, "post", harm, columns))
    found = next(one for one in read_settings(place.workspace.root).sources if one.files == file)
    assert (found.agency, found.columns["title"]) == (harm, columns["title"])
    with pytest.raises(Usage, match="cannot be written"):
        mapping.save(place, Mapping(file, "post", "\x7f", columns))


@pytest.mark.parametrize("file", ["headwater.toml", "data/../headwater.toml", "data/none.csv", "data", "/etc/hostname"])
def test_only_a_file_in_data_is_reached(place: Place, file: str) -> None:
    with pytest.raises(DataProblem, match="no such file in data/"):
        mapping.suggest(place, file)


# What was looked at


def test_a_file_is_looked_at_once_until_it_or_its_mapping_changes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    looked: list[str] = []
    real = reading.sources.check_source

    def looks(workspace: object, source: SourceSettings) -> object:
        looked.append(source.files)
        return real(workspace, source)  # type: ignore[arg-type]

    monkeypatch.setattr(reading.sources, "check_source", looks)
    assert {one["fits"] for one in reading.checked(place).content["files"]} == {None}
    first = reading.check(place).content
    assert first["files"] == [dict(one) for one in reading.check(place).content["files"]]
    assert sorted(looked) == sorted(f"data/{name}" for name in EXAMPLES)
    file = place.workspace.data / "services.csv"
    file.write_text(file.read_text() + "eye,hospital,Eye clinic,ae_attendance\n")
    assert [one["file"] for one in reading.checked(place).content["files"] if one["fits"] is None] == ["data/services.csv"]  # fmt: skip
    reading.check(place)
    assert looked[len(EXAMPLES) :] == ["data/services.csv"]
