"""Tables obey the terminal's width down to 80 columns: words wrap, numbers and nothing else stand at the right, nothing
is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from headwater.cli.columns import bullets, para, table
from headwater.cli.main import main
from headwater.cli.words import between
from headwater.domain.release import Shown

if TYPE_CHECKING:
    from pathlib import Path

HEAD = ("budget", "paid in", "cash", "released", "absorbed", "unchanged")
ROWS = [
    (
        "Northshire General Hospital",
        "£0",
        "£12.3k (£8.1k to £15.9k)",
        "£240.0k (£180.2k to £301.8k)",
        "£120.0k (£80.3k to £160.1k)",
        "£15.4k (£11.0k to £19.2k)",
    ),
    ("Northshire County Council", "£180.0k", "−£12.0k (−£15.1k to −£8.2k)", "£0", "£0", "£0"),
]


@pytest.mark.parametrize("columns", [80, 100, 200])
def test_a_table_is_no_wider_than_the_terminal_and_loses_no_word(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    told = table(HEAD, ROWS)
    assert max(map(len, told.splitlines())) <= columns
    words = sorted(word for row in (HEAD, *ROWS) for cell in row for word in cell.split())
    assert sorted(word for line in told.splitlines() for word in line.split() if set(word) != {"-"}) == words


def test_a_wide_terminal_leaves_a_row_on_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert len(table(HEAD, ROWS).splitlines()) == 4


def test_numbers_stand_at_the_right_and_words_at_the_left() -> None:
    told = table(("what", "n"), [("a", "1,234"), ("bb", "−5"), ("c", "–")])
    assert told.splitlines()[2:] == ["  a     1,234", "  bb       −5", "  c         –"]
    assert table(("what",), []) == "  (none)"


def test_running_text_wraps_with_its_indent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert all(line.startswith("  ") and len(line) <= 80 for line in para("word " * 60, "  ").splitlines())
    assert [line[:4] for line in bullets(["word " * 30]).splitlines()] == ["  - ", "    "]


def test_what_is_too_small_to_show_is_told_by_its_mark() -> None:
    assert between(Shown("*", None), str) == "*"
    assert between({"low": 1, "mid": 2, "high": 3}, str) == "2 (1 to 3)"
    assert between(None, str) == "not measured"


def test_a_workspace_named_from_the_folder_above_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("00" * 32)
    monkeypatch.setenv("HEADWATER_KEY_FILE", str(tmp_path / "key"))
    assert main(["new", str(tmp_path / "ref")]) == 0
    monkeypatch.chdir(tmp_path)
    assert main(["-w", "ref", "doctor"]) in (0, 3)
