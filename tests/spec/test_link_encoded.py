"""Linking without names: what filters show and hide, which keys and files are refused, and that people are found all
the same."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headwater.cli.main import main
from headwater.domain.errors import DataProblem, HeadwaterError, Usage
from headwater.link import LinkSettings
from headwater.link.clk import SCHEME, Filter, Part, Scheme, filters, grams_of
from headwater.link.encoded import encode, link_encoded
from headwater.link.exchange import encoded, read_all, read_encoded, read_key, write_encoded
from linkage_world import records

if TYPE_CHECKING:
    from pathlib import Path

    from headwater.store import Store

KEY, OTHER = bytes(range(32)), bytes(range(100, 132))
ALMA = {
    "given": "alma",
    "family": "vessant",
    "birth": "1975-07-30",
    "postcode": "ZZ12AB",
    "street": "mill road",
    "house": "4",
    "sex": "female",
}
NAMES = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz"), min_size=1, max_size=14)


def bits(key: bytes = KEY, scheme: Scheme = SCHEME, **values: str | None) -> dict[str, np.ndarray]:
    """Each filter of one record as bool[bit]."""
    columns = {name: [{**ALMA, **values}[name]] for name in ALMA}
    return {
        name: np.unpackbits(np.frombuffer(found[0] or b"", dtype=np.uint8)).astype(bool)
        for name, found in filters(columns, key, scheme).items()
    }


def dice(one: np.ndarray, other: np.ndarray) -> float:
    return float(2 * (one & other).sum() / (one.sum() + other.sum()))


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES)
def test_equal_values_have_equal_bits_whatever_stands_beside_them(given_name: str, family: str) -> None:
    columns = {name: [value, value, value] for name, value in ALMA.items()}
    columns |= {"given": ["other", given_name, given_name], "family": [None, family, family]}  # type: ignore[list-item]
    found = filters(columns, KEY)["names"]
    assert found[1] == found[2]
    # Alone, in another order, or among others: a record's bits are its own.
    assert filters({name: values[1:2] for name, values in columns.items()}, KEY)["names"] == [found[1]]


@settings(max_examples=60, deadline=None)
@given(NAMES, NAMES)
def test_bits_are_as_alike_as_the_bigrams_are(one: str, other: str) -> None:
    """Without folding Dice of the bits is Dice of the bigrams but for bits that meet by chance (Schnell et al. 2009,
    table 1)."""
    wide = Scheme((Filter("names", 2**14, (Part("given", "bigrams", 16),)),), fold=False)
    left, right = (set(grams_of(name, "bigrams")) for name in (one, other))
    true = 2 * len(left & right) / (len(left) + len(right))
    first, second = (bits(scheme=wide, given=name)["names"] for name in (one, other))
    # Bits that meet by chance: a share of long names, and up to four of short ones, where each weighs more.
    assert dice(first, second) == pytest.approx(true, abs=0.05 + 4 * 2 / (16 * (len(left) + len(right))))


def test_the_key_changes_everything_and_a_slip_changes_little() -> None:
    plain, wrong, slip = bits(), bits(OTHER), bits(family="vesant")
    for name in plain:
        # Strangers' bits meet as often as chance lets them: the share of bits set.
        assert dice(plain[name], wrong[name]) == pytest.approx(wrong[name].mean(), abs=0.12)
    assert 0.7 < dice(plain["names"], slip["names"]) < 1
    assert (plain["birth"] == slip["birth"]).all()
    assert all(0.15 < found.mean() < 0.5 for found in plain.values())


def test_changed_names_and_fields_do_not_stand_for_each_other() -> None:
    """One bigram in two fields sets bits that have nothing to do with each other; what is not known sets none."""
    swapped = bits(given="vessant", family="alma")
    assert dice(bits()["names"], swapped["names"]) < 0.6
    nothing = filters({name: [None] for name in ALMA}, KEY)
    assert nothing == {"names": [None], "birth": [None], "home": [None]}


# Keys and files


def test_weak_keys_and_keys_in_the_workspace_are_refused(tmp_path: Path) -> None:
    inside, outside = tmp_path / "place", tmp_path / "mine"
    inside.mkdir()
    outside.mkdir()
    sound = "".join(f"{at:02x}" for at in range(32))
    for text, why in ((sound[:32], "weak"), ("00" * 32, "weak"), ("secret", "cannot be read"), ("", "weak")):
        (outside / "key").write_text(text)
        with pytest.raises(Usage, match=why):
            read_key(outside / "key", inside)
    (inside / "key").write_text(sound)
    with pytest.raises(Usage, match="in the workspace"):
        read_key(inside / "key", inside)
    (outside / "key").write_text(sound + "\n")
    assert read_key(outside / "key", inside) == bytes(range(32))
    with pytest.raises(Usage, match="cannot be read"):
        read_key(outside / "none", inside)


def test_files_cut_short_changed_or_made_otherwise_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = {
        agency: encoded(agency, ["b", "a"], {name: [value, None] for name, value in ALMA.items()}, key)
        for agency, key in (("gp", KEY), ("police", KEY), ("fire", OTHER))
    }
    for agency, one in made.items():
        write_encoded(tmp_path / f"{agency}.parquet", one)
    gp, police, fire = (tmp_path / f"{agency}.parquet" for agency in made)
    assert [one.agency for one in read_all([gp, police])] == ["gp", "police"]
    assert read_encoded(gp).rows["record"].to_pylist() == ["a", "b"]
    refused(r"fire\.parquet .* another key", [gp, fire])
    refused("one agency stands in two files", [gp, gp])
    with pytest.raises(Usage, match="no encoded file"):
        read_all([])
    whole = gp.read_bytes()
    gp.write_bytes(whole[: len(whole) // 2])
    refused("cut short", [gp])
    gp.write_bytes(whole)
    rows = pq.read_table(gp)
    pq.write_table(rows.slice(1), gp)
    refused("not what was written", [gp])
    pq.write_table(rows.replace_schema_metadata(None), gp)
    refused("lacks what encoded files say", [gp])
    monkeypatch.setattr("headwater.link.exchange.SCHEME", Scheme(SCHEME.filters, fold=False))
    refused("other parameters", [police])


def refused(why: str, files: list[Path]) -> None:
    with pytest.raises(DataProblem, match=why) as problem:
        read_all(files)
    assert problem.value.next_step


# People


def town(agency: str, count: int = 300) -> list[dict[str, Any]]:
    """People of one agency; at the police one in five with a slip in the family name, one in seven at another
    address."""
    given, family = (
        ("alma", "berin", "corra", "dovan", "eldis", "fenna", "gorm"),
        ("vessant", "orrick", "tullham", "quillow", "yarrden", "stavick"),
    )
    rows = []
    for person in range(count):
        name = family[person % 6] + given[person // 7 % 7][:2] + chr(97 + person % 23)
        slip, moved = agency == "police" and person % 5 == 0, agency == "police" and person % 7 == 0
        rows.append(
            {
                "record": f"{agency}-{person}",
                "agency": agency,
                "given_name": given[person % 7],
                "family_name": name[1:] if slip else name,
                "birth_date": date(1930 + person % 80, 1 + person % 12, 1 + person // 3 % 28),
                "sex": ("female", "male")[person % 2],
                "address": f"{person % 97 + moved} {'Kiln Lane' if moved else 'Mill Road'}",
                "postcode": f"ZZ{person % 9 + 1} {person % 10}{'ABDEFGHJLN'[person // 10 % 10]}Z",
            }
        )
    return rows


def test_people_are_found_by_their_bits_alone(store: Store, tmp_path: Path) -> None:
    from headwater.store import open_store

    store.put("record", "made", records(*town("gp"), *town("police")))
    files = []
    for agency in ("gp", "police"):
        write_encoded(tmp_path / f"{agency}.parquet", encode(store, agency, KEY))
        files.append(tmp_path / f"{agency}.parquet")
    assert not any(word in file.read_bytes() for file in files for word in (b"vessant", b"alma", b"Mill", b"ZZ1"))
    tables = []
    for at, order in enumerate((files, files[::-1])):
        with open_store(tmp_path / f"linker{at}" / "store") as theirs:
            tables.append(link_encoded(theirs, read_all(order), LinkSettings(single=("gp", "police"))))
    links, again = tables
    assert links.equals(again)
    assert links.column_names == ["record", "agency", "person", "weight", "run"]
    person = {row["record"]: row["person"] for row in links.to_pylist() if row["run"] == 0}
    right = sum(person[f"gp-{one}"] == person[f"police-{one}"] for one in range(300))
    assert right >= 290
    assert len(set(person.values())) <= 310
    assert all(
        weight is None or weight > 0 for weight in links.filter(np.array(links["run"]) == 0)["weight"].to_pylist()
    )


def test_an_agency_without_records_and_too_few_records_are_told(store: Store, tmp_path: Path) -> None:
    store.put("record", "made", records(*town("gp", 5)))
    with pytest.raises(DataProblem, match="no record of 'fire'"):
        encode(store, "fire", KEY)
    with pytest.raises(DataProblem, match="too few"):
        link_encoded(store, [encode(store, "gp", KEY)], LinkSettings())


def test_the_words_of_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place, key = tmp_path / "place", tmp_path / "key"
    (place / "data").mkdir(parents=True)
    (place / "headwater.toml").write_text(
        'place = "Northshire"\n[[source]]\ntable = "record"\nfiles = "data/people.csv"\nagency ='
        ' "gp"\n[[source]]\ntable = "contact"\nfiles = "data/contacts.csv"\nagency = "gp"\n[source.constants]\nkind ='
        ' "gp_contact"\nservice = "gp"\n'
    )
    lines = [
        f"P{at},{row['given_name']},{row['family_name']},{row['birth_date']},{row['sex']},{row['address']},{row['postcode']}"
        for at, row in enumerate(town("gp", 40))
    ]
    (place / "data" / "people.csv").write_text(
        "record,given_name,family_name,birth_date,sex,address,postcode\n" + "\n".join(lines) + "\n"
    )
    (place / "data" / "contacts.csv").write_text("contact,record,start\n1,P1,2024-01-01\n")
    key.write_text(KEY.hex())
    out = tmp_path / "gp.parquet"
    assert main(["-w", str(place), "-q", "load"]) == 0
    capsys.readouterr()
    assert main(["-w", str(place), "--json", "link", "encode", "gp", "--key", str(key), "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["schema"], told["records"], told["file"]) == ("headwater.link-encode/1", 40, "gp.parquet")
    assert pq.read_table(out).num_rows == 40
    assert main(["-w", str(place), "link", "encoded", str(out)]) == 3
    assert "too few records" in capsys.readouterr().err
    logged = "".join(file.read_text() for file in place.rglob("*.jsonl"))
    assert "encode" in logged
    assert not any(word in logged for word in ("alma", "vessant", KEY.hex()))


def test_every_refusal_says_what_next(tmp_path: Path) -> None:
    with pytest.raises(HeadwaterError) as problem:
        read_encoded(tmp_path / "none.parquet")
    assert problem.value.next_step
