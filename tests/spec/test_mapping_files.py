"""A file nobody has mapped: what it most likely is, and the mapping written into headwater.toml."""

from __future__ import annotations

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

POSTS = (
    "Post number,Council,Job title,Grade layer,FTE,Salary\nA1,Ashby,Chief"
    " executive,1,1,130000\nB1,Birley,Director,2,1,95000\n"
)
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


@pytest.mark.parametrize(
    ("text", "table"),
    [
        (POSTS, "post"),
        (VISITS, "contact"),
        (EXAMPLES["hospital_patients.csv"], "record"),
        (EXAMPLES["organisations.csv"], "organisation"),
    ],
)
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
        "post": "Post number",
        "organisation": "Council",
        "title": "Job title",
        "layer": "Grade layer",
        "fte": "FTE",
        "salary_gbp": "Salary",
    }


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
    assert distinct(file, source, ("service", "agency", "kind")) == [
        ("emergency", "hospital", "visit"),
        ("eye", "hospital", "visit"),
    ]
    assert as_csv(("a", "b"), [('say "x"', "1,2")]) == 'a,b\n"say ""x""","1,2"\n'


# Saying it


def test_a_saved_mapping_reads_back_as_it_was_said_and_the_examples_leave(place: Place) -> None:
    file = given(place, 'posts, council "A".csv', POSTS)
    said = Mapping(file, "post", columns={"post": "Post number", "organisation": "Council", "title": "Job title"})
    mapping.save(place, said)
    sources = read_settings(place.workspace.root).sources
    assert sources == (said.source,), "made-up examples are not loaded beside one's own data"


def test_saying_it_again_takes_the_place_of_what_was_said(place: Place) -> None:
    file = given(place, "posts.csv", POSTS)
    first = Mapping(file, "post", columns={"post": "Post number", "organisation": "Council", "title": "Job title"})
    mapping.save(place, first)
    better = Mapping(file, "post", columns={**first.columns, "fte": "FTE"})
    mapping.save(place, better)
    mine = [one for one in read_settings(place.workspace.root).sources if one.files == file]
    assert mine == [better.source]


def visits(place: Place, name: str, numbers: range) -> None:
    """A file of visits mapped by the form, its people numbered as others number theirs."""
    text = "ref,client_no,seen,team\n" + "".join(f"{name}{at},{at},2024-0{at % 9 + 1}-10,{name}\n" for at in numbers)
    columns = {"contact": "ref", "record": "client_no", "start": "seen", "service": "team"}
    mapping.save(place, Mapping(given(place, f"{name}.csv", text), "contact", name, columns, {"kind": f"k{name}"}))


def test_contacts_bring_their_services_bodies_and_people_and_a_second_file_loses_none(place: Place) -> None:
    visits(place, "a", range(6))
    visits(place, "b", range(4))
    place = Place(place.workspace.root)
    assert all(one["fits"] for one in reading.check(place).content["files"])
    found = {one["file"]: (one["rows_in"], one["kept"]) for one in reading.load(place).content["files"]}
    assert found == {"data/a.csv": (6, 6), "data/b.csv": (4, 4)}
    reading.link(place)
    with place.store() as store:
        sizes = {name: store.rows(name) for name in ("service", "organisation", "record", "person")}
        assert {row["local_key"] for row in store.arrow(store.table("record")).to_pylist()} == {None}
    assert sizes == {
        "service": 2,
        "organisation": 2,
        "record": 10,
        "person": 10,
    }, "the same number at two agencies is two people"


def test_how_a_file_is_read_is_said_by_the_form_and_kept(place: Place) -> None:
    file = given(place, "titled.csv", "Extract for the Board,,,,\n" + VISITS.replace("-05 10:20", "/05 10:20"))
    options = {
        "header_row": 2,
        "date_format": "dmy",
        "decimal": ",",
        "ignore": ["Notes*", "Cover"],
        "sheet": "Data",
        "most_lost": 0.05,
        "number_rows": True,
    }
    said = Mapping(
        file,
        "contact",
        "hospital",
        {"record": "Patient ID", "start": "Arrival time", "service": "Department"},
        {"kind": "x"},
        options,
    )
    mapping.save(place, said)
    (found,) = read_settings(place.workspace.root).sources
    assert found == said.source
    mapping.save(place, Mapping(file, "contact", "hospital", said.columns, {"kind": "x"}, {"header_row": 2}))
    (found,) = read_settings(place.workspace.root).sources
    assert (found.header_row, found.date_format, found.number_rows) == (
        2,
        "",
        False,
    ), "what the form no longer says is gone"
    assert mapping.suggest(place, file).content["header_row"] == 2, "titles above the headings are seen"


def test_a_workspace_without_a_source_takes_its_first(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('\ufeffplace = "Sea"\n', encoding="utf-8")
    place = Place(tmp_path)
    mapping.save(
        place,
        Mapping(
            given(place, "posts.csv", POSTS),
            "post",
            columns={"post": "Post number", "organisation": "Council", "title": "Job title"},
        ),
    )
    assert [one.table for one in read_settings(tmp_path).sources] == ["post"]


def test_the_other_event_of_a_row_keeps_its_source(place: Place) -> None:
    file = given(place, "visits.csv", VISITS)
    text = place.workspace.settings.read_text()
    text += "".join(
        f'\n[[source]]\ntable = "contact"\nfiles = "{file}"\nagency = "h"\nnumber_rows = true\n[source.columns]\nstart'
        f' = "{heading}"\nrecord = "Patient ID"\n[source.constants]\nkind = "{heading}"\nservice = "h"\n'
        for heading in ("Arrival time", "Left")
    )
    place.workspace.settings.write_text(text)
    mapping.save(
        place,
        Mapping(
            file, "contact", "h", {"start": "Arrival time", "record": "Patient ID"}, {"kind": "new", "service": "h"}
        ),
    )
    assert [one.constants["kind"] for one in read_settings(place.workspace.root).sources if one.files == file] == [
        "new",
        "Left",
    ]


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


def test_a_file_is_looked_at_once_until_it_or_its_mapping_changes(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
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
    assert [one["file"] for one in reading.checked(place).content["files"] if one["fits"] is None] == [
        "data/services.csv"
    ]
    reading.check(place)
    assert looked[len(EXAMPLES) :] == ["data/services.csv"]
