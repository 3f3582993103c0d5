"""The page that says what the columns of a file are: a workspace without a source, titles above the headings, a
recognised layout."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from headwater.app.place import Place
from headwater.sources import read_settings
from headwater.web.forms import read, version
from web_place import fresh, own

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.testclient import TestClient

OUTPATIENTS = "ATTENDKEY,APPTDATE,ATTENDED,FIRSTATT,PSEUDO_HESID,PROCODE3,SEX,LSOA11,TRETSPEF,REFSOURC\nK1,2024-09-13,5,1,H1,X0A,1,E01000903,110,03\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    place = tmp_path / "w"
    (place / "data").mkdir(parents=True)
    (place / "headwater.toml").write_text('place = "Sea"\n')
    (place / "data" / "v.csv").write_text("Extract,,,\nref,client_no,seen,team\nA1,1,13/02/2024,t\nA2,2,15/02/2024,t\n")
    (place / "data" / "op.csv").write_text(OUTPATIENTS)
    return place


@pytest.fixture
def pages(root: Path) -> tuple[TestClient, str]:
    return own(fresh(Place(root)))


@pytest.mark.parametrize("path", ["/", "/data", "/partners", "/plan", "/results", "/ledger", "/risks", "/reports"])
def test_no_page_falls_over_without_a_source(pages: tuple[TestClient, str], path: str) -> None:
    assert pages[0].get(path).status_code == 200


def test_how_a_file_is_read_is_asked_found_and_written(root: Path, pages: tuple[TestClient, str]) -> None:
    client, token = pages
    page = client.get("/data/map", params={"file": "data/v.csv"}).text
    assert re.findall(r'name="option.header_row"[^>]*value="(\d+)"', page) == ["2"]
    said = {
        "token": token,
        "version": version(read(root / "headwater.toml")),
        "file": "data/v.csv",
        "table": "contact",
        "column.contact": "ref",
        "column.record": "client_no",
        "column.start": "seen",
        "column.service": "team",
        "fixed.kind": "k",
        "fixed.agency": "a",
        "option.header_row": "2",
        "option.date_format": "dmy",
        "option.ignore": "Notes, Cover*",
        "option.most_lost": "0.05",
    }
    assert client.post("/data/map", data=said, follow_redirects=False).status_code == 303
    (found,) = read_settings(root).sources
    assert (found.header_row, found.date_format, found.ignore, found.most_lost) == (2, "dmy", ("Notes", "Cover*"), 0.05)
    again = {**said, "version": version(read(root / "headwater.toml")), "option.header_row": "two"}
    assert client.post("/data/map", data=again, follow_redirects=False).status_code == 400
    assert read_settings(root).sources == (found,), "what is no number changes nothing"


def test_a_recognised_layout_is_one_press_away(root: Path, pages: tuple[TestClient, str]) -> None:
    client, token = pages
    assert "HES outpatients" in client.get("/data/map", params={"file": "data/op.csv"}).text
    sent = {"token": token, "file": "data/op.csv", "table": "contact"}
    assert client.post("/data/add", data=sent, follow_redirects=False).status_code == 303
    assert [one.table for one in read_settings(root).sources] == ["contact", "record"]
    assert "We know how it is read" not in client.get("/data/map", params={"file": "data/v.csv"}).text
