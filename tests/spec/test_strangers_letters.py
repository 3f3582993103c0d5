"""Letters and numbers as other programs left them: encoded twice, in another alphabet, rounded, in another case, or
said twice."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from headwater.domain.errors import DataProblem
from headwater.domain.workspace import SourceSettings, Workspace
from headwater.sources.check import check_source
from headwater.sources.damage import ENCODED_TWICE
from headwater.sources.documents import KEY_TWICE
from headwater.sources.files import read
from headwater.sources.origins import origins_of
from headwater.sources.passing import Reader
from headwater.sources.rows import Making, make_rows
from sources_world import write

if TYPE_CHECKING:
    from pathlib import Path

NAMES = ("Zoë Müller", "José García", "Siân O’Shea", "Núñez", "Françoise Lœwe", "Ångström – und", "£5 für ‘ihn’")


def made(root: Path, content: bytes, name: str = "people.csv", **changes: Any) -> Any:
    write(root, name, content)
    usual: dict[str, Any] = {"columns": {"record": "no", "family_name": "name"}}
    source = SourceSettings("record", name, "gp", **(usual | changes))
    (origin,) = origins_of(root, source)
    with origin.opened() as contents:
        reader = Reader(origin, contents, source, root)
        making = Making(source, b"key", reader.sound_readings(), name)
        (batch,) = reader.batches()
        return make_rows(batch, making)


def people(*names: str) -> str:
    return "no,name\n" + "".join(f"{at},{name}\n" for at, name in enumerate(names))


def again(text: str) -> bytes:
    """UTF-8 that a program took for Windows-1252 and wrote as UTF-8."""
    return "".join(
        bytes([byte]).decode("cp1252", "replace") if byte not in {0x81, 0x8D, 0x8F, 0x90, 0x9D} else chr(byte)
        for byte in text.encode()
    ).encode()


def names_of(found: Any) -> list[str]:
    return found.kept["family_name"].to_pylist()  # type: ignore[no-any-return]


def test_letters_that_were_encoded_twice_are_read_as_they_were_meant_and_told(tmp_path: Path) -> None:
    found = made(tmp_path, again(people(*NAMES)))
    assert names_of(found) == list(NAMES)
    source = SourceSettings("record", "people.csv", "gp", {"record": "no", "family_name": "name"})
    (told,) = check_source(Workspace(tmp_path), source)
    assert any("encoded twice" in problem for problem in told.problems)
    assert told.fits


@settings(max_examples=80, deadline=None)
@given(
    some.lists(
        some.text(some.characters(codec="cp1252", exclude_characters='\r\n",\x00\xa0\xad'), min_size=1), min_size=1
    )
)
def test_whatever_was_encoded_twice_is_itself_again(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    file = tmp_path_factory.getbasetemp() / "twice.csv"
    texts = ["é" + text for text in texts]
    file.write_bytes(again(people(*texts)))
    batches = list(read(file, SourceSettings("record", "twice.csv")))
    assert [one for batch in batches for one in batch.columns["name"].to_pylist()] == texts


def test_where_only_some_letters_were_encoded_twice_their_rows_are_refused(tmp_path: Path) -> None:
    mixed = people("Zoë", "Bob").encode() + again("7,Müller\n") + "8,Ångström\n".encode()
    found = made(tmp_path, mixed)
    assert names_of(found) == ["Zoë", "Bob", "Ångström"]
    assert [reason for _row, reason, _column in found.refused] == [f"family_name: {ENCODED_TWICE}"]


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize(
    "names", [("Zoë",), ("Müller", "£5"), ("José", "Bob"), ("Émile", "Françoise"), ("Weiß, Käthe",)]
)
def test_another_alphabet_is_asked_about(tmp_path: Path, encoding: str, names: tuple[str, ...]) -> None:
    content = people(*(f'"{name}"' for name in names)).encode(encoding)
    with pytest.raises(DataProblem) as told:
        made(tmp_path, content)
    assert "its letters are not those of Windows-1252" in told.value.what
    assert f'encoding = "{encoding}"' in told.value.next_step
    assert names_of(made(tmp_path, content, encoding=encoding)) == list(names)


@pytest.mark.parametrize(
    "text",
    [
        "Zoë Müller",
        "don’t – “no” … ÉWAN",
        "JOSE’S €5 50% ½",
        "LÖWE™ and Straße",
        "café, 20° £5",
        "naïve—quite",
        "‘Ærø’ Šibenik",
    ],
)
def test_what_windows_writes_is_read_as_such(tmp_path: Path, text: str) -> None:
    assert names_of(made(tmp_path, people(f'"{text}"').encode("cp1252"))) == [text]


@pytest.mark.parametrize("lines", [True, False])
def test_a_key_that_says_two_things_refuses_its_row_alone(tmp_path: Path, lines: bool) -> None:
    rows = [
        '{"no": 1, "name": "A"}',
        '{"no": 2, "name": "B", "name": "C"}',
        '{"no": 3, "name": "D", "name": "D"}',
        '{"no": 4, "at": {"x": 1, "x": 2}, "name": "E"}',
    ]
    text = "\n".join(rows) if lines else "[" + ",".join(rows) + "]"
    found = made(tmp_path, text.encode(), "people.ndjson" if lines else "people.json")
    assert names_of(found) == ["A", "D"]
    assert [(row, KEY_TWICE.split("{", maxsplit=1)[0] in reason) for row, reason, _ in found.refused] == [
        (2, True),
        (4, True),
    ]


def test_an_answer_with_two_lists_of_one_name_is_refused(tmp_path: Path) -> None:
    one, other = json.dumps([{"no": 1, "name": "A"}]), json.dumps([{"no": 2, "name": "B"}])
    with pytest.raises(DataProblem, match="stands twice in one object"):
        made(tmp_path, f'{{"data": {one}, "data": {other}}}'.encode(), "people.json")


def contacts(root: Path, text: str, **changes: Any) -> Any:
    write(root, "visits.csv", text.encode())
    columns = {"contact": "id", "record": "who", "start": "day"}
    usual: dict[str, Any] = {"columns": columns, "constants": {"kind": "x", "service": "s"}}
    source = SourceSettings("contact", "visits.csv", "gp", **(usual | changes))
    (origin,) = origins_of(root, source)
    with origin.opened() as opened:
        reader = Reader(origin, opened, source, root)
        making = Making(source, b"key", reader.sound_readings(), "visits.csv")
        (batch,) = reader.batches()
        return make_rows(batch, making)


def test_codes_of_reasons_that_a_spreadsheet_rounded_are_left_out_and_told(tmp_path: Path) -> None:
    text = (
        "id,who,day,code\n1,a,2024-05-01,29857009\n2,b,2024-05-01,1.04803E+15\n3,c,2024-05-01,R51;"
        ' 2.6E+08\n4,d,2024-05-01,"1,04803E+15"\n'
    )
    found = contacts(tmp_path, text, reasons={"snomed": ["code"]})
    assert found.kept.num_rows == 4
    assert found.reasons["code"].to_pylist() == ["29857009", "R51"]
    assert [row for row, reason, _ in found.left_out if "rounded by a spreadsheet" in reason] == [2, 3, 4]


def test_several_codes_in_one_cell_stand_one_after_the_other(tmp_path: Path) -> None:
    text = (
        "id,who,day,first,second\n1,a,2024-05-01,left home; abuse,debt\n2,b,2024-05-01,,abuse\n3,c,2024-05-01,debt,left"
        " home;;abuse\n"
    )
    found = contacts(tmp_path, text, reasons={"why": ["first", "second"]}).reasons
    whole = sorted(
        zip(found["contact"].to_pylist(), found["position"].to_pylist(), found["code"].to_pylist(), strict=True)
    )
    by_contact: dict[str, list[tuple[int, str]]] = {}
    for contact, position, code in whole:
        by_contact.setdefault(contact, []).append((position, code))
    assert sorted(by_contact.values()) == [
        [(1, "debt"), (2, "left home"), (3, "abuse")],
        [(1, "left home"), (2, "abuse"), (3, "debt")],
        [(2, "abuse")],
    ]


def test_a_heading_that_merely_has_our_name_is_not_ours(tmp_path: Path) -> None:
    text = "id,who,day,PLACE,Outcome,quantity\n1,a,2024-05-01,U6,home,3\n"
    found = contacts(tmp_path, text, reasons={"placement": ["PLACE"]}).kept.to_pylist()[0]
    assert (found["place"], found["outcome"], found["quantity"]) == (None, None, 3.0)
    lower = contacts(tmp_path, text.replace("PLACE", "place"), reasons={"placement": ["place"]}).kept.to_pylist()[0]
    assert lower["place"] is None, "the mapping says that it is a reason"


def test_parts_of_a_number_that_are_words_are_one_in_any_case(tmp_path: Path) -> None:
    text = (
        "id,who,day,what\nx,a,2024-05-01,Long Term Support: Community\nx,a,2024-05-01,Long term support:"
        " Community\nX1,a,2024-05-01,Other\nx1,a,2024-05-01,Other\n"
    )
    columns: dict[str, Any] = {"contact": ["id", "day", "what"], "record": "who", "start": "day"}
    found = contacts(tmp_path, text, columns=columns).kept["contact"].to_pylist()
    assert found[0] == found[1]
    assert found[2] != found[3], "what holds a figure is a number"


@pytest.mark.parametrize("clock", ["01:01:00", "0.0423611111", "1:01"])
def test_days_counted_by_a_spreadsheet_with_a_time_beside_them(tmp_path: Path, clock: str) -> None:
    text = f"id,who,day,at\n1,a,44562,{clock}\n2,a,44563,{clock}\n"
    columns: dict[str, Any] = {"contact": "id", "record": "who", "start": ["day", "at"]}
    with pytest.raises(DataProblem, match="excel-1900"):
        contacts(tmp_path, text, columns=columns)
    found = contacts(tmp_path, text, columns=columns, date_format="excel-1900").kept
    assert found["start"].to_pylist() == [datetime(2022, 1, 1, 1, 1) + timedelta(days=at) for at in range(2)]
    assert found["precision"].to_pylist() == ["second", "second"]


def test_a_mark_that_nobody_explained_is_not_told_as_a_small_number(tmp_path: Path) -> None:
    write(tmp_path, "counts.csv", b"unit,period,contacts\nA,2024-04-01,-\nB,2024-04-01,*\nC,2024-04-01,5\n")
    source = SourceSettings("count", "counts.csv", "nhs", constants={"kind": "ae_attendance"})
    (origin,) = origins_of(tmp_path, source)
    with origin.opened() as opened:
        reader = Reader(origin, opened, source, tmp_path)
        (batch,) = reader.batches()
        found = make_rows(batch, Making(source, b"key", reader.sound_readings(), "counts.csv"))
    assert [(row, "nobody said what it stands for" in reason) for row, reason, _ in found.refused] == [(1, True)]
    assert [(row, "too small to be told" in reason) for row, reason, _ in found.left_out] == [(2, True)]
