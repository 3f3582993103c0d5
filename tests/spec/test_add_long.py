"""`add` of published counts with a row for each place, period and measure: the columns are told by what the rows
hold."""

from __future__ import annotations

import contextlib
import io
from random import Random
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from headwater.app import mapping, reading
from headwater.app.place import Place
from headwater.domain.errors import DataProblem

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Reading = Callable[[pd.DataFrame], pd.Series]


def table(heading: str, rows: list[str]) -> str:
    return "\n".join([heading, *rows]) + "\n"


MONTHS = [f"{year}{month:02d}" for year in (2022, 2023) for month in range(1, 13)]
SCOTLAND = table(
    "Month,Country,HBT,TreatmentLocation,DepartmentType,NumberOfAttendancesAggregate,NumberOfAttendancesEpisode,PercentageWithin4HoursAggregate",
    [
        f"{month},S92000003,S080000{15 + at // 3},A{100 + at}H,{kind},{100 + at * 7 + when},{90 + at * 7 + when},{80 + at / 10}"
        for when, month in enumerate(MONTHS)
        for at in range(9)
        for kind in ("Emergency Department", "Minor Injury Unit or Other")
    ],
)
NATIONAL = table(
    "area_code,area_name,period,measure,value",
    [
        f"{area},Area {area[-2:]},{year},{measure},{int(area[-2:]) * 10 + year - 2000 + add}"
        for year in (2021, 2022, 2023)
        for area in (*(f"E090000{at:02d}" for at in range(1, 9)), "E12000007", "E92000001")
        for measure, add in (("Households assessed", 0), ("Rate per 1000 households", 500))
    ],
)
POLICE = table(
    "Month,LSOA code,LSOA name,Crime type,Count",
    [
        f"2024-{month:02d},E010000{at},Ashby {at},{kind},{at + month}"
        for month in range(1, 7)
        for at in range(10, 20)
        for kind in ("All crime", "Burglary", "Drugs", "Robbery")
    ],
)
BY_SEX = table(
    "Date,Local authority,Sex,Age group,Deaths",
    [
        f"{day:02d}/01/2024,Borough {at},{sex},{age},{day + at}"
        for day in (5, 12, 19, 26)
        for at in range(8)
        for sex in ("All people", "Female", "Male")
        for age in ("0-64", "65+")
    ],
)
SCHOOLS = table(
    "Year,Month,Organisation,Attendances",
    [f"2023/24,M{month:02d},R{at}A,{at + month}" for month in range(1, 13) for at in range(1, 9)],
)
UPPER = table(
    "DateCode,FeatureCode,Measurement,Units,Value,Need",
    [
        f"2022/2023,{area}0000{at:02d},{measure},People,{at + add},{need}"
        for area in ("E06", "E10", "E12")
        for at in range(1, 6)
        for measure, add in (("Count", 0), ("Percentage of all", 50))
        for need in ("Home care", "Nursing")
    ],
)
WEEKLY = table(
    "Week ending,Area code,Deaths [note 1]",
    [
        f"{day:02d}/01/2024,E0900000{at},{at * 1000 + day:,} [r]".replace(
            f"{at * 1000 + day:,} [r]", f'"{at * 1000 + day:,} [r]"'
        )
        for day in (5, 12, 19, 26)
        for at in range(1, 9)
    ],
)


def _scotland(rows: pd.DataFrame) -> pd.Series:
    return (
        rows.assign(day=pd.to_datetime(rows["Month"], format="%Y%m"))
        .groupby(["TreatmentLocation", "day"])["NumberOfAttendancesEpisode"]
        .apply(_sum)
    )


def _national(rows: pd.DataFrame) -> pd.Series:
    kept = rows[rows["measure"].eq("Households assessed") & rows["area_code"].str.startswith("E09")]
    return (
        kept.assign(day=pd.to_datetime(kept["period"], format="%Y")).groupby(["area_code", "day"])["value"].apply(_sum)
    )


def _police(rows: pd.DataFrame) -> pd.Series:
    kept = rows[rows["Crime type"] != "All crime"]
    return (
        kept.assign(day=pd.to_datetime(kept["Month"], format="%Y-%m"))
        .groupby(["LSOA code", "day"])["Count"]
        .apply(_sum)
    )


def _by_sex(rows: pd.DataFrame) -> pd.Series:
    kept = rows[rows["Sex"] == "All people"]
    return (
        kept.assign(day=pd.to_datetime(kept["Date"], dayfirst=True))
        .groupby(["Local authority", "day"])["Deaths"]
        .apply(_sum)
    )


def _schools(rows: pd.DataFrame) -> pd.Series:
    day = pd.to_datetime("2023-04-01") + rows["Month"].str[1:].astype(int).map(
        lambda nth: pd.DateOffset(months=nth - 1)
    )
    return rows.assign(day=day).groupby(["Organisation", "day"])["Attendances"].apply(_sum)


def _weekly(rows: pd.DataFrame) -> pd.Series:
    day = pd.to_datetime(rows["Week ending"], dayfirst=True) - pd.Timedelta(days=6)
    counted = rows["Deaths [note 1]"].str.replace(r"[^\d]", "", regex=True)
    return rows.assign(day=day, n=counted).groupby(["Area code", "day"])["n"].apply(_sum)


def _upper(rows: pd.DataFrame) -> pd.Series:
    kept = rows[rows["Measurement"].eq("Count") & ~rows["FeatureCode"].str.startswith("E12")]
    return kept.assign(day=pd.Timestamp("2022-04-01")).groupby(["FeatureCode", "day"])["Value"].apply(_sum)


def _sum(values: Any) -> float:
    return float(pd.to_numeric(values).sum())


CASES = [
    ("scotland", SCOTLAND, _scotland),
    ("national", NATIONAL, _national),
    ("police", POLICE, _police),
    ("by-sex", BY_SEX, _by_sex),
    ("schools", SCHOOLS, _schools),
    ("weekly", WEEKLY, _weekly),
    ("upper", UPPER, _upper),
]


def loaded(root: Path, name: str, text: str) -> dict[tuple[str, str], float]:
    """(unit, first day) → what was counted, of a file that nobody mapped."""
    (root / "data").mkdir(parents=True)
    (root / "headwater.toml").write_text('place = "Sample"\n')
    (root / "data" / f"{name}.csv").write_text(text)
    mapping.add(Place(root), [root / "data" / f"{name}.csv"])
    reading.load(Place(root))
    with Place(root).store() as store:
        rows = store.arrow(store.table("count")).to_pandas()
    sums = rows.groupby(["unit", rows["period"].astype(str)])["contacts"].sum()
    return {(str(unit), str(day)): float(value) for (unit, day), value in sums.items()}


@pytest.mark.parametrize(("name", "text", "read"), CASES, ids=[case[0] for case in CASES])
def test_a_long_table_is_read_as_pandas_reads_it_in_any_order_of_its_columns(
    tmp_path: Path, name: str, text: str, read: Reading
) -> None:
    frame = pd.read_csv(io.StringIO(text), dtype=str)
    expected = {(str(unit), f"{day:%Y-%m-%d}"): value for (unit, day), value in read(frame).items()}
    assert loaded(tmp_path / "as-it-is", name, text) == expected
    shuffled = Random(7).sample(list(frame.columns), len(frame.columns))
    assert loaded(tmp_path / "shuffled", name, frame[shuffled].to_csv(index=False)) == expected


def test_what_is_no_table_of_counts_is_not_taken_for_one(tmp_path: Path) -> None:
    """Each row is an event or a body: no unit has a number in each period."""
    opened = table(
        "school,area_code,opened,capacity",
        [f"School {at},E0900000{at % 9},{1950 + at}-09-01,{100 + at}" for at in range(40)],
    )
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('place = "Sample"\n')
    (tmp_path / "data" / "schools.csv").write_text(opened)
    with contextlib.suppress(DataProblem):
        mapping.add(Place(tmp_path), [tmp_path / "data" / "schools.csv"])
    assert 'table = "count"' not in (tmp_path / "headwater.toml").read_text()


def test_what_is_refused_shows_its_draft_with_the_line_to_change(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('place = "Sample"\n')
    text = table(
        "Call taken,Priority,Grid", [f"{at % 28 + 1:02d}/03/2024 10:{at % 60:02d},P{at % 3},G{at}" for at in range(40)]
    )
    (tmp_path / "data" / "calls.csv").write_text(text)
    with pytest.raises(DataProblem, match="nothing was written") as told:
        mapping.add(Place(tmp_path), [tmp_path / "data" / "calls.csv"])
    draft = told.value.next_step
    assert "[[source]]" in draft
    assert 'files = "data/calls.csv"' in draft
    marked = [line for line in draft.splitlines() if line.startswith("# ") and '= "..."' in line]
    assert marked
    assert all('"Grid"' in line or '"Priority"' in line for line in marked), "the headings that may be written are told"


def test_rows_that_name_people_are_no_counts_of_them(tmp_path: Path) -> None:
    """Each person has a number in each period: whose it is must not become the name of a place."""
    rows = [f"LP{at},{month:02d}/2024,{at + month}" for at in range(20) for month in range(1, 13)]
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('place = "Sample"\n')
    (tmp_path / "data" / "care.csv").write_text(table("LA Person Unique Identifier,Month,Value", rows))
    with contextlib.suppress(DataProblem):
        mapping.add(Place(tmp_path), [tmp_path / "data" / "care.csv"])
    assert 'table = "count"' not in (tmp_path / "headwater.toml").read_text()


def test_columns_that_each_count_something_are_kinds_and_their_sum_is_none(tmp_path: Path) -> None:
    """One of them was read under the file's name as all of it."""
    head = "Period,Org Code,Org name,All attendances,Type 1,Type 2,Admitted,Seen in 4 hours (%)"
    months = ("April-2023", "May-2023", "June-2023", "July-2023")
    rows = [
        f"MSitAE-{month},R{org},Trust {org},{a + b + c},{a},{b},{c},9{at}.5"
        for at, month in enumerate(months)
        for org, (a, b, c) in {"XA": (900 + at, 40, 200), "XB": (800, 30 + at, 100), "XC": (700, 20, 90 + at)}.items()
    ]
    (tmp_path / "data").mkdir()
    (tmp_path / "headwater.toml").write_text('place = "Sample"\n')
    (tmp_path / "data" / "ae.csv").write_text(table(head, rows))
    told = mapping.add(Place(tmp_path), [tmp_path / "data" / "ae.csv"]).content
    assert "other numbers of it are not read: All attendances" in str(told)
    reading.load(Place(tmp_path))
    with Place(tmp_path).store() as store:
        found = store.arrow(store.table("count")).to_pandas()
    assert len(found) == 4 * 3 * 3
    assert found.groupby("kind")["contacts"].sum().to_dict() == {"Type 1": 9606.0, "Type 2": 366.0, "Admitted": 1566.0}
