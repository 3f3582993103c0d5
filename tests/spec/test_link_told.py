"""What `headwater link` says of whose records it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from headwater.app import reading
from headwater.app.place import Place
from headwater.cli.linkage import said

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = """
[[source]]
table = "record"
files = "data/{agency}.csv"
agency = "{agency}"
[source.columns]
record = "no"
nhs_number = "nhs"
[[source]]
table = "contact"
files = "data/{agency}-visits.csv"
agency = "{agency}"
number_rows = true
[source.columns]
record = "no"
start = "day"
[source.constants]
kind = "visit"
service = "{agency}/all"
"""


def numbers(count: int) -> list[str]:
    """Numbers with a sound check digit, none of anybody: they begin with 999, which is given to nobody."""
    found = []
    for at in range(10 * count):
        nine = f"9990{at:05d}"
        check = 11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine)) % 11
        found += [nine + str(check % 11)] if check != 10 else []
    return found[:count]


def told(root: Path, *agencies: str) -> str:
    (root / "data").mkdir()
    blocks = [SOURCE.format(agency=agency) for agency in agencies]
    (root / "headwater.toml").write_text('place = "Told"\n' + "".join(blocks))
    for agency in agencies:
        rows = "".join(f"{agency}{at},{number}\n" for at, number in enumerate(numbers(30)))
        (root / "data" / f"{agency}.csv").write_text("no,nhs\n" + rows)
        visits = "".join(f"{agency}{at},2024-05-{at + 1:02d}\n" for at in range(30))
        (root / "data" / f"{agency}-visits.csv").write_text("no,day\n" + visits)
    here = Place(root)
    reading.load(here)
    return said(reading.link(here).content)


def test_one_agency_alone_is_named_with_its_records(tmp_path: Path) -> None:
    words = told(tmp_path, "gp")
    assert "30 records are 30 people. Only gp gave records" in " ".join(words.split())


def test_two_agencies_are_told_with_the_share_that_joins(tmp_path: Path) -> None:
    words = told(tmp_path, "gp", "ward")
    assert "60 records are 30 people" in " ".join(words.split())
    assert "gp" in words
    assert "ward" in words
