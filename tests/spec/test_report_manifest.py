"""The record of what left, and what `verify` says of a file that is not it."""

from __future__ import annotations

import json
from io import BytesIO
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pytest

from headwater.domain.errors import Failed
from headwater.report import FORMATS, as_json, manifest, render, verify
from headwater.report.archive import packed
from report_world import released

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("report")
    for format in FORMATS:
        render(released(), format, made / f"sample.{format}")
    return made


@pytest.fixture(scope="module")
def record(folder: Path) -> dict[str, Any]:
    return json.loads(as_json(manifest(released(), sorted(folder.glob("sample.*")))))


def changed(folder: Path, tmp_path: Path, format: str, old: bytes, new: bytes) -> Path:
    """A copy of a report in which some bytes were replaced, inside the zip where it is one."""
    source, copy = (folder / f"sample.{format}").read_bytes(), tmp_path / f"sample.{format}"
    if source[:2] == b"PK":
        with ZipFile(BytesIO(source)) as archive:
            members = {name: archive.read(name).replace(old, new) for name in archive.namelist()}
        copy.write_bytes(packed(members, stored=("mimetype",)))
    else:
        copy.write_bytes(source.replace(old, new))
    assert copy.read_bytes() != source
    return copy


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_that_was_left_alone_is_the_same(folder: Path, record: dict[str, Any], format: str) -> None:
    assert verify(folder / f"sample.{format}", record) == ()


@pytest.mark.parametrize("format", ["html", "docx", "ods", "xlsx"])
def test_a_changed_figure_is_named(folder: Path, record: dict[str, Any], tmp_path: Path, format: str) -> None:
    copy = changed(folder, tmp_path, format, "The saving is £252,000".encode(), "The saving is £952,000".encode())
    told = verify(copy, record)
    assert any("Released but not here" in line and "£252,000" in line for line in told)
    assert any("Here but not released" in line and "£952,000" in line for line in told)


def test_a_changed_spreadsheet_number_is_named(folder: Path, record: dict[str, Any], tmp_path: Path) -> None:
    copy = changed(folder, tmp_path, "xlsx", b"<v>240000</v>", b"<v>990000</v>")
    assert any("990000" in line for line in verify(copy, record))


def test_a_changed_pdf_is_told_by_its_bytes(folder: Path, record: dict[str, Any], tmp_path: Path) -> None:
    copy = tmp_path / "sample.pdf"
    copy.write_bytes((folder / "sample.pdf").read_bytes() + b"\n")
    assert verify(copy, record)[0].startswith("Its bytes are not those that were released")


def test_a_file_saved_again_with_the_same_words_is_told_apart(
    folder: Path, record: dict[str, Any], tmp_path: Path
) -> None:
    copy = changed(folder, tmp_path, "html", b"<main ", b"<main  ")
    assert verify(copy, record) == (
        "Its words are those that were released, but its bytes are not: it was saved again or its form was changed.",
    )


def test_a_renamed_file_is_compared_with_the_one_of_its_format(
    folder: Path, record: dict[str, Any], tmp_path: Path
) -> None:
    copy = tmp_path / "renamed.html"
    copy.write_bytes((folder / "sample.html").read_bytes())
    assert verify(copy, record) == ()


def test_a_format_that_was_never_written_is_an_error(record: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(Failed, match="no record"):
        verify(tmp_path / "x.txt", record)


@pytest.mark.parametrize("format", ["docx", "xlsx", "ods", "html"])
def test_rubbish_is_told_not_raised(record: dict[str, Any], tmp_path: Path, format: str) -> None:
    file = tmp_path / f"sample.{format}"
    file.write_bytes(b"\xff\xferubbish")
    assert verify(file, record)[0].startswith(f"It is no {format} file that can be read")


def test_entities_in_a_tampered_file_are_not_expanded(record: dict[str, Any], tmp_path: Path) -> None:
    bomb = b'<!DOCTYPE a [<!ENTITY b "boom">]><a xmlns:t="t"><t:p>&b;</t:p></a>'
    file = tmp_path / "sample.ods"
    file.write_bytes(packed({"content.xml": bomb}))
    told = verify(file, record)
    assert told == ("It is no ods file that can be read: a part of it declares entities, which a report never does.",)


def test_at_most_twenty_differences_are_told(record: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "sample.html"
    file.write_text("<p>nothing of it</p>")
    told = verify(file, record)
    assert len(told) == 21
    assert told[-1].startswith("And ")


def test_the_record_holds_the_seal_and_the_facts(record: dict[str, Any]) -> None:
    assert record["schema"] == "headwater.manifest/1"
    assert record["seal"]["content_sha256"] == released().seal.content_sha256
    assert set(record["facts"]) == {"data", "version", "seed"}
