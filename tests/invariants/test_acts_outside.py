"""Whoever was forgotten: named nowhere, and known again under another number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from acts_world import PEOPLE, Case, case_in
from headwater.app import governing, reading
from headwater.app.place import Place

if TYPE_CHECKING:
    from pathlib import Path

HEAD = "record,agency,given_name,family_name,birth_date,sex,postcode,local_key"


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    return case_in(tmp_path_factory.mktemp("outside"))


@pytest.fixture(autouse=True)
def key(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(case.key))


def lines() -> list[str]:
    return [
        f"{at},a,{given},{family},{born},female,NN1 {at}AA,k{at}" for at, (given, family, born) in enumerate(PEOPLE)
    ]


def written(root: Path, rows: list[str]) -> None:
    (root / "data" / "r.csv").write_text("\n".join([HEAD, *rows]) + "\n")


BACK = {
    "a new number, the same names, birth date and postcode": ("90,a,Anna,SMITH,1980-01-01,female,nn10aa,", 3),
    "a new number, other names, the same shared key": ("90,a,anne,smyth,1980-01-10,female,NN9 9ZZ,k0", 3),
    "a new number and another birth date: somebody else": ("90,a,anna,smith,1981-01-01,female,NN1 0AA,", 4),
    "a new number and no postcode: too many look alike": ("90,a,anna,smith,1980-01-01,female,,", 4),
}


@pytest.mark.parametrize("how", BACK)
def test_somebody_who_was_forgotten_does_not_come_back_under_another_number(case: Case, how: str) -> None:
    case.fresh()
    written(case.at, lines())
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    governing.forget(Place(case.at), ("a", "0"), "guardian", "asked")
    row, left = BACK[how]
    written(case.at, [row, *lines()[1:]])
    reading.load(Place(case.at))
    with Place(case.at).store() as store:
        assert store.rows("record") == left


def test_nobody_is_named_anywhere_after_forgetting(case: Case) -> None:
    """Names and all, as text, in every file but the agencies' own: parts are read, all else searched as bytes."""
    place = case.fresh()
    named = ("anna", "smith")
    assert said_in(case.at, named), "there is something to find"
    governing.forget(place, ("a", "0"), "guardian", "asked")
    assert said_in(case.at, named) == []
    reading.load(Place(case.at))
    reading.link(Place(case.at))
    assert said_in(case.at, named) == []


def said_in(root: Path, words: tuple[str, ...]) -> list[str]:
    import pyarrow.parquet as pq

    found = []
    for file in sorted(root.rglob("*")):
        if not file.is_file() or "data" in file.relative_to(root).parts[:1]:
            continue
        text = (
            str(pq.read_table(file).to_pylist()) if file.suffix == ".parquet" else file.read_bytes().decode("latin-1")
        )
        found += [str(file)] if any(word in text.casefold() for word in words) else []
    return found
