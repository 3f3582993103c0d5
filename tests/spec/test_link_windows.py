"""When a person was seen: several windows a person and agency, open ends, gaps that are missing and not nought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from headwater.cli.linkage import _first
from headwater.domain.workspace import EngineSettings, SourceSettings
from headwater.link import link, report
from headwater.sources import load
from headwater.store import open_store
from sources_world import KEY, place, write

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from headwater.store import Store

STUDY = {"from": "2022-01-01", "to": "2024-12-31"}
RECORD, SEEN = "record,agency,nhs_number\n", "record,agency,from,to,why_ended\n"
CASES = [
    ("no window at all", [], "", ("2022-01-01", "2024-12-31", "study-end")),
    ("an open end goes on", ["gp,2023-03-01,,"], "", ("2023-03-01", "2024-12-31", "study-end")),
    ("9999-12-31 goes on too", ["gp,2023-03-01,9999-12-31,"], "", ("2023-03-01", "2024-12-31", "study-end")),
    (
        "windows that touch are one",
        ["gp,2022-02-01,2022-06-30,", "gp,2022-07-01,,"],
        "",
        ("2022-02-01", "2024-12-31", "study-end"),
    ),
    (
        "a silent gap is not bridged: the longer stretch is kept",
        ["gp,2021-01-01,2022-06-30,", "gp,2023-01-01,,"],
        "",
        ("2023-01-01", "2024-12-31", "study-end"),
    ),
    (
        "the stretch of the enrolment is kept",
        ["gp,2021-01-01,2022-06-30,", "gp,2023-01-01,,"],
        "2022-03-01",
        ("2022-01-01", "2022-06-30", "unknown"),
    ),
    (
        "leaving one list ends nothing while another agency sees the person",
        ["gp,2021-01-01,2023-05-31,moved", "council,2022-06-01,,"],
        "",
        ("2022-01-01", "2024-12-31", "study-end"),
    ),
    (
        "moving away ends it where nobody else goes on",
        ["gp,2021-01-01,2023-05-31,moved", "council,2022-06-01,2023-04-30,"],
        "",
        ("2022-01-01", "2023-05-31", "moved"),
    ),
    (
        "a death ends it, whoever else goes on",
        ["gp,2021-01-01,2023-05-31,death", "council,2022-06-01,,"],
        "",
        ("2022-01-01", "2023-05-31", "death"),
    ),
    ("a window before the observed time is none", ["gp,2019-01-01,2020-12-31,moved"], "", None),
    (
        "the reason is that of the last day",
        ["gp,2022-01-01,2023-01-31,withdrew", "council,2022-01-01,2024-03-31,custody"],
        "",
        ("2022-01-01", "2024-03-31", "custody"),
    ),
]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[str, str, str]]:
    """Number of a case → the stretch of its person; every case in one store."""
    from headwater.domain.workspace import EngineSettings
    from headwater.store import open_store

    root = tmp_path_factory.mktemp("windows")
    numbers = _numbers(len(CASES))
    records = RECORD + "".join(
        f"{agency}{at},{agency},{numbers[at]}\n" for at in range(len(CASES)) for agency in ("gp", "council")
    )
    lines = [(at, line) for at, case in enumerate(CASES) for line in case[1]]
    windows = SEEN + "".join(f"{line.split(',')[0]}{at},{line}\n" for at, line in lines)
    enrolled = "collaboration,record,agency,start\n" + "".join(
        f"x,gp{at},gp,{case[2]}\n" for at, case in enumerate(CASES) if case[2]
    )
    for name, text in (("record", records), ("observation", windows), ("enrolment", enrolled)):
        write(root, f"data/{name}.csv", text)
    sources = [SourceSettings(name, f"data/{name}.csv") for name in ("record", "observation", "enrolment")]
    with open_store(root, EngineSettings()) as store:
        load(store, *place(root, *sources), KEY)
        link(store, STUDY)
        return _by_case(store, numbers)


def test_a_person_number_that_agencies_share_is_a_person_without_any_record(tmp_path: Path) -> None:
    """Contacts, observation and enrolment by the column `person`, and no file of records: they are that person's."""
    write(
        tmp_path, "data/a.csv", "contact,person,start,kind,service\n1,K1,2023-01-05,visit,a\n2,K2,2023-01-06,visit,a\n"
    )
    write(tmp_path, "data/b.csv", "contact,person,start,kind,service\n1,K1,2023-02-05,call,b\n2,,2023-02-06,call,b\n")
    write(tmp_path, "data/o.csv", "person,from,to,why_ended\nK1,2022-01-01,2023-05-31,death\nK3,2022-01-01,,\n")
    sources = [
        SourceSettings("contact", "data/a.csv", "a"),
        SourceSettings("contact", "data/b.csv", "b"),
        SourceSettings("observation", "data/o.csv", "b"),
    ]
    with open_store(tmp_path, EngineSettings()) as store:
        load(store, *place(tmp_path, *sources), KEY)
        link(store, STUDY)
        people = store.arrow(store.table("person").order_by("person")).to_pylist()
        assert [(row["records"], row["birth_date"], row["sex"]) for row in people] == [(0, None, None)] * 3
        seen = store.arrow(store.table("person_contact").select("person", "agency")).to_pylist()
        both = [row["person"] for row in seen if row["agency"] == "b"]
        assert sorted(row["agency"] for row in seen if row["person"] in both) == ["a", "b"]
        rows = {row["person"]: row for row in store.arrow(store.table("person_observation")).to_pylist()}
        assert sorted((str(row["to"]), row["why_ended"]) for row in rows.values()) == [
            ("2023-05-31", "death"),
            ("2024-12-31", "study-end"),
            ("2024-12-31", "study-end"),
        ]
        assert rows[both[0]]["why_ended"] == "death"
        found = report(store, STUDY["to"])
        assert (found.records, found.people, found.numbered) == (0, 0, 3)
        told = {"by_agency": {}, "by_number": 0.0, "people_by_shared_number": found.numbered}
        assert _first(told).startswith("3 people have no record"), "and not: 0 records are 0 people"


DIED = [
    ("nobody gives windows: seen until the death", "2023-03-04", [], ("2022-01-01", "2023-03-04", "death")),
    ("an open window ends with it", "2023-03-04", ["2022-06-01,,"], ("2022-06-01", "2023-03-04", "death")),
    (
        "as does one that another agency closed later",
        "2023-03-04",
        ["2022-06-01,2023-09-30,moved"],
        ("2022-06-01", "2023-03-04", "death"),
    ),
    ("of two deaths the first", "2023-03-04", ["2022-06-01,2023-02-20,death"], ("2022-06-01", "2023-02-20", "death")),
    ("moved away first", "2024-03-04", ["2022-06-01,2023-02-20,moved"], ("2022-06-01", "2023-02-20", "moved")),
    ("dead before the observed time: never seen", "2021-03-04", [], None),
    ("9999-12-31 is nobody's death", "9999-12-31", [], ("2022-01-01", "2024-12-31", "study-end")),
    ("nor is a day that has not come", "2099-03-04", [], ("2022-01-01", "2024-12-31", "study-end")),
    ("nor one before the birth", "1922-03-04", [], ("2022-01-01", "2024-12-31", "study-end")),
]


@pytest.fixture(scope="module")
def died(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, tuple[str, str, str]], dict[str, int]]:
    """Number of a case → the stretch of its person; and why values were left out."""
    root = tmp_path_factory.mktemp("died")
    numbers = _numbers(len(DIED))
    write(
        root,
        "data/patient.csv",
        "record,nhs_number,birth_date,DateOfDeath\n"
        + "".join(f"p{at},{numbers[at]},1950-01-01,{case[1]}\n" for at, case in enumerate(DIED)),
    )
    write(
        root,
        "data/client.csv",
        "record,nhs_number,birth_date\n" + "".join(f"c{at},{number},1950-01-01\n" for at, number in enumerate(numbers)),
    )
    write(
        root,
        "data/seen.csv",
        "record,from,to,why_ended\nnobody,2022-01-01,,\n"
        + "".join(f"c{at},{line}\n" for at, case in enumerate(DIED) for line in case[2]),
    )
    hospital = SourceSettings("record", "data/patient.csv", "hospital", columns={"death_date": "DateOfDeath"})
    sources = [
        hospital,
        SourceSettings("record", "data/client.csv", "council"),
        SourceSettings("observation", "data/seen.csv", "council"),
    ]
    with open_store(root, EngineSettings()) as store:
        file, *_others = load(store, *place(root, *sources), KEY)
        link(store, STUDY)
        return _by_case(store, numbers, DIED), file.left_out


@pytest.mark.parametrize("case", DIED, ids=[case[0] for case in DIED])
def test_a_death_that_only_a_file_of_patients_tells_ends_what_is_seen(
    died: tuple[dict[str, tuple[str, str, str]], dict[str, int]],
    case: tuple[str, str, list[str], tuple[str, str, str] | None],
) -> None:
    assert died[0].get(case[0]) == case[3]


def test_deaths_that_cannot_be_are_left_out_and_told(
    died: tuple[dict[str, tuple[str, str, str]], dict[str, int]],
) -> None:
    assert died[1] == {"death_date: a day that has not come, left out": 1, "death_date: before the birth, left out": 1}


def _by_case(
    store: Store, numbers: list[str], cases: Sequence[tuple[Any, ...]] = CASES
) -> dict[str, tuple[str, str, str]]:
    import pyarrow as pa

    from headwater.sources.pseudonyms import pseudonyms

    hashed = pseudonyms(pa.array(numbers), None, "nhs_number", KEY).to_pylist()
    rows = {row["person"]: row for row in store.arrow(store.table("person_observation")).to_pylist()}
    return {
        case[0]: (str(row["from"]), str(row["to"]), row["why_ended"])
        for case, number in zip(cases, hashed, strict=True)
        for person, row in rows.items()
        if number in person
    }


def _numbers(count: int) -> list[str]:
    found = []
    for at in range(1_000):
        nine = f"99911{at:04d}"
        check = 11 - sum(int(figure) * weight for figure, weight in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check < 10:
            found.append(f"{nine}{check}")
    return found[:count]


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_each_person_is_seen_for_one_stretch(
    seen: dict[str, tuple[str, str, str]], case: tuple[str, list[str], str, tuple[str, str, str] | None]
) -> None:
    assert seen.get(case[0]) == case[3]
