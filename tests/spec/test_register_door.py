"""The register's door: what an import says it did, and what it did not read; two lists beside each other in a
workspace."""

from __future__ import annotations

import contextlib
import io
from typing import TYPE_CHECKING

import pytest

from headwater.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

FIRST = (
    "id,partners,service,start,status,Estimated saving,Colour\nX1,Adur|Worthing,Joint refuse,2008,live,£1.7m a"
    " year,red\nX2,Arun|Horsham,Audit,2011,Amber,2.5,red\nTotal,,,,,,\n"
)
SECOND = "id,partners,service,start,status,saving\nX1,Worthing BC|Adur DC,Refuse service,2008,ended,£0.4m a year\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    root = tmp_path / "space"
    root.mkdir()
    (root / "headwater.toml").write_text('place = "Sussex"\n', encoding="utf-8")
    for name, text in (
        ("first.csv", FIRST),
        ("second.csv", SECOND),
        ("none.csv", "Ref,Shared service\n1,Waste\n2,Audit\n"),
    ):
        (root / name).write_text(text, encoding="utf-8")
    return root


def typed(root: Path, *words: str) -> tuple[int, str]:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(["--workspace", str(root), "register", *words])
    return code, " ".join(said.getvalue().split())


def test_an_import_says_what_it_added_and_what_it_did_not_read(workspace: Path) -> None:
    code, told = typed(workspace, "import", str(workspace / "first.csv"))
    assert code == 0
    assert "2 added from first.csv. The register holds: first.csv (2)." in told
    assert "Columns not read: Colour." in told
    assert "Lines that are no collaborations, left out: Total." in told
    assert "no claim in pounds could be read of '2.5'" in told
    assert "its status “Amber” is no word that is known here" in told


def test_a_second_list_stands_beside_the_first_until_it_is_asked_to_replace_it(workspace: Path) -> None:
    typed(workspace, "import", str(workspace / "first.csv"))
    _, told = typed(workspace, "import", str(workspace / "second.csv"))
    assert "The register holds: first.csv (2), second.csv (1)." in told
    assert "X1: conflict: X1-2 claims £400,000" in told
    assert "list second.csv" in typed(workspace, "show", "X1-2")[1]
    _, told = typed(workspace, "import", str(workspace / "second.csv"))
    assert "1 added from second.csv, in place of 1 of second.csv." in told
    _, told = typed(workspace, "import", "--replace", str(workspace / "second.csv"))
    assert "in place of 3 of first.csv, second.csv. The register holds: second.csv (1)." in told
    assert "conflict" not in told


def test_a_list_without_partners_leaves_the_register_as_it_is(workspace: Path) -> None:
    typed(workspace, "import", str(workspace / "first.csv"))
    code, told = typed(workspace, "import", str(workspace / "none.csv"))
    assert code != 0
    assert "no column of partners" in told and "partners" in told.rpartition("next:")[2]
    assert "Adur + Worthing" in typed(workspace, "list")[1]
