"""A list of collaborations as a workbook: as people keep them, and as nobody should send them."""

from __future__ import annotations

import zipfile
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from openpyxl import Workbook

from headwater.domain import workbook
from headwater.domain.collaboration import Organisation
from headwater.domain.errors import DataProblem, Usage
from headwater.partners.register import Known, list_of, read_list

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Known((Organisation("CHR", "Cherwell", "district"), Organisation("SNR", "South Northamptonshire", "district")))


def written(folder: Path, claim: object, title: bool = True) -> Path:
    """A title over all columns, a heading over two, a start that is a date."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if title:
        sheet.append(["Shared services 2024"])
        sheet.merge_cells("A1:E1")
    sheet.append(["Partners", "Service", "Start", "Saving", None])
    sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=4, end_column=5)
    sheet.append(["Cherwell; South Northamptonshire", "Management", datetime(2011, 10, 3), claim, "over 3 years"])
    file = folder / "list.xlsx"
    book.save(file)
    return file


@pytest.mark.parametrize("title", [True, False])
def test_a_workbook_as_people_keep_them(tmp_path: Path, title: bool) -> None:
    (found,) = read_list(written(tmp_path, 3_300_000.0, title), KNOWN)
    assert (found.start, found.claim_gbp, found.style) == ("2011-10-03", 3_300_000.0, "mirror")
    assert found.organisations == ("CHR", "SNR")


def _packed(file: Path, more: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed:
        for name, content in more.items():
            packed.writestr(name, content)
    return file


def test_a_formula_is_read_by_the_result_that_the_spreadsheet_kept(tmp_path: Path) -> None:
    file = written(tmp_path, "=1000000*3.3")
    with zipfile.ZipFile(file) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    sheet = "xl/worksheets/sheet1.xml"
    reckoned = (
        parts[sheet]
        .replace(b"3.3</f><v></v>", b"3.3</f><v>3300000</v>")
        .replace(b"3.3</f><v/>", b"3.3</f><v>3300000</v>")
    )
    assert reckoned != parts[sheet]
    with pytest.raises(DataProblem, match="formulas without their results"):
        read_list(file, KNOWN)
    file.unlink()
    (found,) = read_list(_packed(file, parts | {sheet: reckoned}), KNOWN)
    assert found.claim_gbp == 3_300_000


def test_hostile_workbooks_are_refused_before_they_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Usage, match="macros"):
        read_list(_packed(written(tmp_path, 1), {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0"}), KNOWN)
    with pytest.raises(Usage, match="entities"):
        read_list(_packed(written(tmp_path, 1), {"xl/more.xml": b'<?xml version="1.0"?><!DOCTYPE a []><a/>'}), KNOWN)
    monkeypatch.setattr(workbook, "MOST_PARTS", 30)
    with pytest.raises(Usage, match="unpacks"):
        read_list(_packed(written(tmp_path, 1), {f"xl/{at}.xml": b"<a/>" for at in range(30)}), KNOWN)


def test_a_workbook_that_unpacks_a_thousandfold_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path, 1)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed, packed.open("xl/big.xml", "w") as part:
        for _ in range(1025):
            part.write(bytes(1 << 20))
    assert file.stat().st_size < 2 << 20
    with pytest.raises(Usage, match="unpacks"):
        read_list(file, KNOWN)


def test_what_is_no_workbook_says_so(tmp_path: Path) -> None:
    file = tmp_path / "list.xls"
    file.write_bytes(b"\xd0\xcf\x11\xe0 an old one")
    with pytest.raises(Usage, match="no workbook"):
        read_list(file, KNOWN)


def test_cells_merged_over_rows_are_said_of_each_row_but_their_pounds_are_not(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in (
        ["Joint working register", None, None, None, None],
        ["Partners involved", "Function", "Started", "Status", "Annual saving (£)"],
        ["Cherwell DC & South Northamptonshire DC", "Legal", 40634, "Live", 300_000],
        [None, "ICT", 40634, "Ended 2018", None],
        [None, "Finance", datetime(2012, 4, 1), "Paused", None],
        ["Total", None, None, None, 300_000],
        ["Source: returns of April 2024", None, None, None, None],
    ):
        sheet.append(line)
    sheet.merge_cells("A1:E1")
    sheet.merge_cells("A3:A5")
    sheet.merge_cells("E3:E5")
    file = tmp_path / "merged.xlsx"
    book.save(file)
    found = list_of(file, KNOWN)
    assert {one.partners for one in found.rows} == {("Cherwell DC", "South Northamptonshire DC")}
    assert [one.service for one in found.rows] == ["Legal", "ICT", "Finance"]
    assert [one.start for one in found.rows] == ["2011-04-01", "2011-04-01", "2012-04-01"]
    assert [one.status for one in found.rows] == ["running", "ended", "paused"]
    assert [one.claim_gbp_per_year for one in found.rows] == [
        300_000,
        None,
        None,
    ], "one amount over three rows is not three"
    assert found.apart == ("Total; 300000", "Source: returns of April 2024")


def test_the_sheet_with_the_headings_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    book = Workbook()
    cover = book.active
    assert cover is not None
    cover.title = "About"
    cover.append(["Map of shared services"])
    sheet, archive = book.create_sheet("List"), book.create_sheet("Archive")
    for line in (
        ["Shared services list, March 2024"],
        [],
        ["Partners", "Service", "Claimed saving"],
        ["Cherwell DC, South Northamptonshire DC", "HR", 600_000],
        ["Total", None, 600_000],
        ["Note: figures in £m where below 100"],
    ):
        sheet.append(line)
    archive.append(["Partners", "Service"])
    file = tmp_path / "cover.xlsx"
    book.save(file)
    found = list_of(file, KNOWN)
    assert [one.claim_gbp for one in found.rows] == [600_000]
    assert found.apart == ("Total; 600000", "Note: figures in £m where below 100")
    assert found.said == ("the sheet “List” is read; not read: “About”, “Archive”",)


def test_a_list_in_utf_16_is_read(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("Partners\tService\tSaving\nCherwell; South Northamptonshire\tHR\t£600k\n", encoding="utf-16")
    (found,) = read_list(file, KNOWN)
    assert (found.organisations, found.claim_gbp) == (("CHR", "SNR"), 600_000)
