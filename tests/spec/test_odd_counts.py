"""Counts with a slip of the keyboard are named before they are loaded; big places, seasons and small series are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.domain.workspace import SourceSettings
from headwater.sources import check
from sources_world import place, write

if TYPE_CHECKING:
    from pathlib import Path

COUNTS = SourceSettings("count", "data/n.csv", "nhs", constants={"kind": "ae_attendance"})
USUAL = [
    (f"U{unit}", f"{2018 + at // 12}-{1 + at % 12:02d}-01", str(40 + (7 * at + unit) % 20))
    for unit in range(3)
    for at in range(24)
]
CITY = [("city", f"2018-{month:02d}-01", str(900_000 + month)) for month in range(1, 13)]
FEW = [("new", f"2018-{month:02d}-01", many) for month, many in ((1, "1"), (2, "0"), (3, "5000"))]
CASES = {
    "as usual": (USUAL, ()),
    "a city among hamlets": (USUAL + CITY, ()),
    "a unit of three months": (USUAL + FEW, ()),
    "a peak of ten times": ([*USUAL, ("U1", "2020-01-01", "500")], ()),
    "a typo": (
        [*USUAL, ("U1", "2020-01-01", "999999999951")],
        ("1 row(s) count over 1,000 times", "999,999,999,951 ae_attendance of U1 in the period from 2020-01-01"),
    ),
    "a fraction": (
        [*USUAL, ("U2", "2020-01-01", "0.553")],
        ("1 row(s) count a fraction of a contact", "0.553 ae_attendance of U2"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_odd_count_is_named_with_its_cell(tmp_path: Path, case: str) -> None:
    rows, words = CASES[case]
    write(tmp_path, "data/n.csv", "unit,period,contacts\n" + "\n".join(",".join(row) for row in rows) + "\n")
    (found,) = check(*place(tmp_path, COUNTS))
    odd = [one for one in found.problems if one.startswith("odd:")]
    assert len(odd) == bool(words)
    assert all(word in odd[0] for word in words)
