"""Who is who: what a reader may expect of `headwater link`, by small tables in and people out."""

from __future__ import annotations

import csv
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headwater.domain.errors import Usage
from headwater.domain.workspace import Workspace
from headwater.governance import forget, known, pseudonym, pseudonym_key
from headwater.link import link, link_settings, report, write_review
from headwater.link.clean import link_record
from headwater.link.fields import FIELDS
from headwater.link.groups import find_groups
from headwater.link.pairs import model_file
from linkage_world import misspelt_people, pairwise_f1, records

if TYPE_CHECKING:
    from headwater.store import Store

DAYS = {"from": "2022-01-03", "to": "2024-12-29"}


def someone(record: str, agency: str, **known: Any) -> dict[str, Any]:
    return {"record": record, "agency": agency, **known}


ALMA = {"given_name": "Alma", "family_name": "Vessant", "birth_date": date(1950, 3, 12)}


def people(store: Store, rows: pa.Table, **settings: Any) -> dict[str, str]:
    store.put("record", "made", rows)
    link(store, {**DAYS, **settings})
    found = store.arrow(store.table("person_link")).to_pylist()
    return {row["record"]: row["person"] for row in found if row["run"] == 0}


def test_a_shared_number_decides(store: Store) -> None:
    found = people(
        store,
        records(someone("1", "gp", nhs_number="n"), someone("2", "hospital", nhs_number="n"), someone("3", "police")),
    )
    assert found == {"1": "n", "2": "n", "3": "police:3"}


def test_a_local_key_that_always_stands_with_one_number_is_that_number(store: Store) -> None:
    rows = records(
        someone("1", "gp", nhs_number="n", local_key="k"),
        someone("2", "housing", local_key="k"),
        someone("3", "police", local_key="other"),
    )
    assert people(store, rows) == {"1": "n", "2": "n", "3": "other"}


def test_few_records_are_linked_by_name_and_birth_date_letter_by_letter(store: Store) -> None:
    rows = records(
        someone("1", "gp", nhs_number="n", **ALMA),
        someone("2", "police", **ALMA),
        someone("3", "fire", **{**ALMA, "given_name": "Elma"}),
    )
    assert people(store, rows) == {"1": "n", "2": "n", "3": "fire:3"}
    assert people(store, rows, method="keys") == {"1": "n", "2": "police:2", "3": "fire:3"}


def test_two_numbers_are_never_one_person_whatever_the_names_say(store: Store) -> None:
    found = people(
        store,
        records(
            someone("1", "gp", nhs_number="n", **ALMA),
            someone("2", "gp", nhs_number="m", **ALMA),
            someone("3", "police", **ALMA),
        ),
    )
    assert found["1"] == "n"
    assert found["2"] == "m"
    assert found["3"] in {"n", "m"}


def test_an_agency_that_holds_nobody_twice_keeps_its_records_apart(store: Store) -> None:
    rows = records(someone("1", "gp", **ALMA), someone("2", "gp", **ALMA))
    assert len(set(people(store, rows).values())) == 1
    assert len(set(people(store, rows, single=["gp"]).values())) == 2


@pytest.mark.parametrize(
    ("given", "column", "wanted"),
    [
        ({"given_name": "Mrs. José-Luis"}, "given", "joseluis"),
        ({"given_name": "Mary Ann"}, "given", "mary"),
        ({"family_name": "O'Brien-Łuk"}, "family", "obrienluk"),
        ({"family_name": "Unknown"}, "family", None),
        ({"family_name": "Шевченко"}, "family", "шевченко"),
        ({"birth_date": date(1900, 1, 1)}, "birth", None),
        ({"birth_date": date(1983, 11, 30)}, "birth", "1983-11-30"),
        ({"postcode": "zz1 2ab"}, "postcode", "ZZ12AB"),
        ({"postcode": "ZZ99 3VZ"}, "postcode", None),
        ({"address": "12a  Mill Rd."}, "street", "a mill road"),
        ({"address": "12a, Mill Lane"}, "house", "12a"),
        ({"address": "Rose Cottage"}, "house", None),
        ({"sex": "unknown"}, "sex", None),
    ],
)
def test_columns_are_brought_to_one_spelling(
    store: Store, given: dict[str, Any], column: str, wanted: str | None
) -> None:
    store.put("record", "made", records(someone("1", "gp", **given)))
    rows = store.arrow(link_record({"record": store.table("record")}, {"single": []}))
    assert rows[column].to_pylist() == [wanted]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"methods": "names"}, "no such setting"),
        ({"method": "name"}, "no such method"),
        ({"partitions": 50}, "0 to 20"),
        ({"single": "gp"}, "list of agencies"),
    ],
)
def test_wrong_settings_are_answered(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(Usage) as problem:
        link_settings(wrong)
    assert said in str(problem.value)


# A few hundred people, so that there is something to learn from


def town(
    first: int, count: int, *, garbled: frozenset[int] = frozenset(), agencies: tuple[str, ...] = ("gp", "police")
) -> pa.Table:
    """People whom both agencies know, one in five with a slip in the family name at the second; nobody is numbered."""
    given, family = (
        ("alma", "berin", "corra", "dovan", "eldis", "fenna", "gorm"),
        ("vessant", "orrick", "tullham", "quillow", "yarrden", "stavick"),
    )
    rows = []
    for person in range(first, first + count):
        name = family[person % 6] + given[person // 7 % 7][:2] + chr(97 + person % 23)
        known = {
            "given_name": given[person % 7],
            "birth_date": date(1930 + person % 80, 1 + person % 12, 1 + person // 3 % 28),
            "sex": ("female", "male")[person % 2],
            "address": f"{person % 97} Mill Road",
            "postcode": f"ZZ{person % 9 + 1} {person % 10}{'ABDEFGHJLN'[person // 10 % 10]}Z",
            "deprivation": 1 + person % 10,
        }
        for agency in agencies:
            slipped = name[1:] if agency == "police" and person % 5 == 0 else name
            lost = (
                dict.fromkeys(("given_name", "family_name", "birth_date", "address", "postcode"))
                if agency == "police" and person in garbled
                else {}
            )
            rows.append(someone(f"{agency}-{person}", agency, **{"family_name": slipped, **known, **lost}))
    return records(*rows)


def test_slips_are_seen_through_and_told_in_the_report(store: Store) -> None:
    found = people(store, town(0, 400))
    right = sum(found[f"gp-{person}"] == found[f"police-{person}"] for person in range(400))
    assert right >= 390
    told = report(store, DAYS["to"])
    assert told.records == 800
    assert told.precision is not None
    assert told.precision.mid > 0.97
    assert {rate.by for rate in told.rates} == {"age", "sex", "deprivation"}
    assert not told.under_linked


def test_a_group_that_is_linked_less_well_is_named(store: Store) -> None:
    people(store, town(0, 600, garbled=frozenset(range(0, 600, 10))))
    assert any(line.startswith("deprivation 1:") for line in report(store, DAYS["to"]).under_linked)


def test_a_new_batch_is_compared_with_the_old_and_nothing_is_compared_twice(store: Store) -> None:
    first, whole = town(0, 300), pa.concat_tables([town(0, 300), town(300, 40), town(300, 40, agencies=("fire",))])
    people(store, first)
    model, parts = model_file(store).read_bytes(), store.parts("link_pair")
    grown = people_after(store, whole, "grown")
    assert model_file(store).read_bytes() == model
    assert store.parts("link_pair")[0] == parts[0]
    assert len(store.parts("link_pair")) == 2
    # The same model over everything at once finds the same people.
    store.commit({"link_profile": [], "link_pair": []})
    assert people_after(store, whole, "grown") == grown


def people_after(store: Store, rows: pa.Table, key: str) -> dict[str, str]:
    store.put("record", key, rows)
    link(store, DAYS)
    return {
        row["record"]: row["person"] for row in store.arrow(store.table("person_link")).to_pylist() if row["run"] == 0
    }


def test_the_order_of_records_and_a_second_store_change_no_byte(store: Store, tmp_path: Any) -> None:
    from headwater.store import open_store

    rows = town(0, 300)
    people(store, rows)
    ours = store.arrow(store.table("person_link"))
    with open_store(tmp_path / "other" / "store") as other:
        people(other, rows.take(list(range(rows.num_rows))[::-1]))
        assert other.arrow(other.table("person_link")).equals(ours)
        assert model_file(other).read_bytes() == model_file(store).read_bytes()


def test_drawn_partitions_hold_only_what_they_move(store: Store) -> None:
    people(
        store,
        records(someone("1", "gp", **ALMA), someone("2", "fire", **{**ALMA, "given_name": "Elma"})),
        method="keys",
    )
    # Odds of about three to two that the two are one.
    even = pa.table({"left": [0], "right": [1], "weight": [0.5]})
    store.put("link_pair", "made", even)
    find_groups(store, link_settings({"partitions": 20}))
    rows = store.arrow(store.table("link_group")).to_pylist()
    assert [row["person"] for row in rows if row["run"] == 0] == ["fire:2", "fire:2"]
    moved = [(row["profile"], row["person"]) for row in rows if row["run"] > 0]
    assert 2 <= len(moved) <= 15
    assert {person for _profile, person in moved} == {"gp:1"}


def test_who_is_forgotten_leaves_nothing_among_what_was_compared(
    store: Store, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = Workspace(tmp_path)
    name = pseudonym(pseudonym_key(place), "record", "gp\x1f1")
    people(store, records(someone(name, "gp", **ALMA), someone("2", "fire", given_name="Berin", family_name="Orrick")))
    forget(store, place, known(store, place, "gp", "1"))
    assert not store.has("link_profile")
    kept = [pq.read_table(file).to_pylist() for file in store.folder.glob("parts/*/*.parquet")]
    assert "vessant" not in str(kept).lower()


@pytest.mark.parametrize("settled", [True, False])
def test_people_of_whom_much_is_never_mistaken_are_linked_like_others(store: Store, settled: bool) -> None:
    """Where no match differs in sex, say, some blocks teach nothing: learning goes on without them, and does not end in
    a refusal."""
    rows = misspelt_people(300, settled=settled)
    found = people(store, records(*rows))
    truth = [row["record"].split("-")[0] for row in rows]
    assert pairwise_f1([found[row["record"]] for row in rows], truth) > 0.9


def test_pairs_to_look_at_carry_their_waterfall_and_stay_with_their_owner(store: Store) -> None:
    rows = town(0, 300)
    at = rows.column_names.index("family_name")
    # A wide sign that a spreadsheet takes for the start of a formula; plain ones are no letters and never get so far.
    wide = [f"＝{name}" if row % 50 == 0 else f"=1+{name}" for row, name in enumerate(rows["family_name"].to_pylist())]
    people(store, rows.set_column(at, "family_name", pa.array(wide)))
    file = write_review(store, 100)
    assert file is not None
    assert file.stat().st_mode & 0o777 == 0o600
    head, *lines = csv.reader(file.read_text(encoding="utf-8").splitlines())
    assert head[-1] == "holds names: stays in the workspace"
    pairs: dict[str, list[list[str]]] = {}
    for line in lines:
        pairs.setdefault(line[0], []).append(line)
    assert 20 <= len(pairs) <= 110
    for first, *fields in pairs.values():
        assert [line[2] for line in (first, *fields)] == [
            "before anything is compared",
            *(field.column for field in FIELDS),
        ]
        assert float(first[1]) == pytest.approx(sum(float(line[5]) for line in (first, *fields)), abs=0.05)
        assert all(line[6] == "" for line in (first, *fields))
    weights = [float(first[1]) for first, *_fields in pairs.values()]
    assert weights == sorted(weights, reverse=True)
    assert weights[0] > 10
    told = [cell for line in lines for cell in line[3:5] if cell]
    assert any(cell.startswith("'＝") for cell in told)
    assert not any(cell[0] in "=+-@＝＋－＠" for cell in told)
    assert write_review(store, 0) is None
