"""Names, addresses and days of birth leave the store once records are linked; what needs them again reads the agencies'
files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

from acts_world import EVENTS, PEOPLE, SETTINGS, Case, case_in, full, killed, no_room, said
from headwater.app import exchanging, governing, reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem, Usage
from headwater.link import link_settings
from headwater.store import spent

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HEAD = "record,agency,given_name,family_name,birth_date,sex,postcode,address"
NAMED = ("anna", "smith", "1980-01-09", "nn1 0aa", "nn10aa", "elm road")
OTHER = "0,b,Ann,Smith,1980-01-09,female,NN1 0AA,1 Elm Road"
"""Anna as another agency knows her: her family name and birth date agree, so no letter-by-letter match."""


def lines(agency: str = "a") -> list[str]:
    born = {"1980-01-01": "1980-01-09"}
    return [
        f"{at},{agency},{given},{family},{born.get(day, day)},female,NN1 {at}AA,{at + 1} Elm Road"
        for at, (given, family, day) in enumerate(PEOPLE)
    ]


def written(root: Path, *rows: str, file: str = "r.csv") -> None:
    (root / "data" / file).write_text("\n".join([HEAD, *rows]) + "\n")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Two agencies that know the same people by name alone, linked."""

    def linked(place: Place) -> None:
        root = place.workspace.root
        (root / "headwater.toml").write_text(SETTINGS.replace("data/r.csv", "data/r*.csv"))
        written(root, *lines("a"))
        written(root, *lines("b"), file="r2.csv")
        reading.load(Place(root))
        reading.link(Place(root))

    return case_in(tmp_path_factory.mktemp("names"), linked)


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1736150400")


def said_in(root: Path) -> set[str]:
    """Tables and files, but for the agencies' own, that name anybody: pieces are read, all else searched as bytes."""
    found = set()
    for file in sorted((root / ".headwater").rglob("*")):
        if file.is_file():
            rows = (
                str(pq.read_table(file).to_pylist())
                if file.suffix == ".parquet"
                else file.read_bytes().decode("latin-1")
            )
            found |= (
                {file.parent.name}
                if any(word in rows.casefold().replace("datetime.date(1980, 1, 9)", "1980-01-09") for word in NAMED)
                else set()
            )
    return found


def links(root: Path) -> dict[tuple[str, str], str]:
    with Place(root).store() as store:
        rows = store.arrow(store.table("person_link").filter(lambda one: one.run == 0)).to_pylist()
    return {(row["agency"], row["record"]): row["person"] for row in rows}


def people(root: Path) -> int:
    return len(set(links(root).values()))


def kept(root: Path) -> None:
    text = (root / "headwater.toml").read_text()
    (root / "headwater.toml").write_text(text.replace('place = "X"\n', 'place = "X"\nlink = {names = "kept"}\n'))


def test_once_records_are_linked_no_file_of_ours_names_anybody(case: Case) -> None:
    case.fresh()
    assert said_in(case.at) == set()
    assert people(case.at) == 4
    with Place(case.at).store() as store:
        born = store.arrow(store.table("record").select("birth_date").distinct())["birth_date"].to_pylist()
    assert sorted(str(day)[:7] for day in born) == ["1950-04", "1960-03", "1970-02", "1980-01"], "the month is left"


def test_until_they_are_linked_or_where_they_are_kept_names_are_there(case: Case) -> None:
    case.fresh()
    kept(case.at)
    reading.link(Place(case.at))
    assert said_in(case.at) == set(), "the setting alone brings nothing back: nothing had to be compared"
    written(case.at, *lines("a"), OTHER.replace("0,b", "9,a"))
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert {"record", "link_profile"} <= said_in(case.at)


def test_nothing_is_made_again_for_names_that_left(case: Case) -> None:
    case.fresh()
    before = case.bytes()
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert case.bytes() == before


def test_a_new_file_of_people_is_compared_with_those_whose_names_had_left(case: Case) -> None:
    case.fresh()
    before = links(case.at)
    written(case.at, *lines("c"), "7,c,Ewan,Black,1940-05-05,male,NN1 9AA,9 Elm Road", file="r3.csv")
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    after = links(case.at)
    assert len(after) == 13
    assert people(case.at) == 5
    assert {one: after[one] for one in before} == before
    assert said_in(case.at) == set()
    (case.at / "data" / "r3.csv").unlink()
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert links(case.at) == before, "and as it was once the file is gone"
    assert said_in(case.at) == set()


def test_another_way_to_link_reads_the_files_again_and_says_so_where_they_are_gone(case: Case) -> None:
    case.fresh()
    text = (case.at / "headwater.toml").read_text()
    (case.at / "headwater.toml").write_text(text.replace('place = "X"\n', 'place = "X"\nlink = {largest = 40}\n'))
    (case.at / "data" / "r2.csv").rename(case.at / "r2.csv")
    (case.at / "data" / "r.csv").rename(case.at / "r.csv")
    before = case.bytes()
    with pytest.raises(DataProblem, match="needs the agencies' files"):
        reading.link(Place(case.at))
    assert {name: one for name, one in case.bytes().items() if "acts" not in name} == before, (
        "nothing was lost in trying"
    )
    for name in ("r.csv", "r2.csv"):
        (case.at / name).rename(case.at / "data" / name)
    before = links(case.at)
    reading.link(Place(case.at))
    assert links(case.at) == before
    assert said_in(case.at) == set()


def test_who_was_forgotten_without_a_name_does_not_come_back_under_another_number(case: Case) -> None:
    case.fresh()
    governing.forget(Place(case.at), ("a", "0"), "guardian", "asked")
    assert said_in(case.at) == set()
    written(case.at, *lines("a")[1:], "90,a,ANNA,smith,1980-01-09,female,nn10aa,")
    written(case.at, *lines("b"), file="r2.csv")
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert people(case.at) == 3
    assert said_in(case.at) == set()


def test_whoever_is_left_is_told_apart_as_before_after_somebody_was_forgotten(case: Case) -> None:
    """The rows that are left have no names: taken as they are, they would be nobody's."""
    case.fresh()
    before = links(case.at)
    gone = before["a", next(record for agency, record in before if agency == "a")]
    number = next(at for at in range(4) if whose(case.at, str(at)) == gone)
    governing.forget(Place(case.at), ("a", str(number)), "guardian", "asked")
    reading.link(Place(case.at))
    assert links(case.at) == {one: person for one, person in before.items() if person != gone}


def whose(root: Path, number: str) -> str:
    from headwater.governance import known

    place = Place(root)
    with place.store() as store:
        return known(store, place.workspace, "a", number).person


def test_records_are_encoded_from_the_agencies_files(case: Case, tmp_path: Path) -> None:
    place = case.fresh()
    (tmp_path / "shared.key").write_text(bytes(range(32)).hex())
    exchanging.encode(place, "a", tmp_path / "shared.key", tmp_path / "a.parquet")
    rows = pq.read_table(tmp_path / "a.parquet")
    assert rows.num_rows == 4
    assert all(any(row[name] for row in rows.to_pylist()) for name in ("given", "family") if name in rows.column_names)
    assert said_in(case.at) == set()


def test_what_names_may_be_is_said() -> None:
    with pytest.raises(Usage, match="dropped or kept"):
        link_settings({"names": "encrypted"})


def test_a_disk_that_is_full_while_names_leave_is_a_sentence_and_the_next_link_ends_it(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = case.fresh()
    written(case.at, *lines("c"), file="r3.csv")
    reading.load(place)
    with monkeypatch.context() as broken:
        broken.setattr(spent, "_without", lambda *given: no_room())
        assert said(reading.link, Place(case.at)).startswith("refused")
    reading.link(Place(case.at))
    assert (said_in(case.at), people(case.at)) == (set(), 4)


def new_file(root: Path) -> None:
    written(root, *lines("c"), file="r3.csv")


def loaded_and_linked(place: Place) -> None:
    reading.load(place)
    reading.link(place)


@pytest.mark.parametrize("struck", [killed, None])
def test_cut_off_or_on_a_full_disk_the_same_command_ends_as_undisturbed(
    case: Case, struck: Callable[..., bool] | None
) -> None:
    place = case.fresh()
    new_file(case.at)
    with EVENTS.at(case.at, 0, lambda: None) as events:
        assert said(loaded_and_linked, place) == "done"
    writes, wanted = events.seen, links(case.at)
    for at in (writes // 3, (4 * writes) // 5):
        place = case.fresh()
        new_file(case.at)
        if struck:
            assert struck(loaded_and_linked, case, at), at
        else:
            with EVENTS.at(case.at, at, full):
                said(loaded_and_linked, place)
        assert said(loaded_and_linked, Place(case.at)) == "done", at
        assert links(case.at) == wanted, at
        assert said_in(case.at) == set(), at
