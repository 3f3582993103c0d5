"""The same content gives the same bytes, in this process and in another; the page is whole within one small file."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest

from headwater.disclosure.release import release
from headwater.domain.errors import Usage
from headwater.domain.workspace import DisclosureSettings
from headwater.report import FORMATS, board_document, css, font_file, fragment, notebook_view, render
from report_board import facts
from report_world import released

ROOT = Path(__file__).resolve().parents[2]
OTHER = """
import sys
from pathlib import Path
from report_world import released
from headwater.report import FORMATS, render
for format in FORMATS:
    render(released(), format, Path(sys.argv[1]) / f"other.{format}")
"""


def test_every_format_is_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    for format in FORMATS:
        render(released(), format, tmp_path / f"first.{format}")
    around = {
        **os.environ,
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT / 'tests'}",
        "TZ": "Pacific/Auckland",
    }
    subprocess.run([sys.executable, "-c", OTHER, str(tmp_path)], check=True, env=around)
    for format in FORMATS:
        first, other = ((tmp_path / f"{name}.{format}").read_bytes() for name in ("first", "other"))
        assert sha256(first).hexdigest() == sha256(other).hexdigest(), format


def test_nothing_is_left_beside_the_file_and_an_unknown_format_is_told(tmp_path: Path) -> None:
    render(released(), "html", tmp_path / "r.html")
    assert [file.name for file in tmp_path.iterdir()] == ["r.html"]
    with pytest.raises(Usage, match="no such report format"):
        render(released(), "htm", tmp_path / "r.htm")


@pytest.mark.parametrize("name", ["sample", "board"])
def test_the_page_is_one_file_under_a_megabyte_that_asks_for_nothing(tmp_path: Path, name: str) -> None:
    content = released() if name == "sample" else release(board_document(facts()), DisclosureSettings())
    page = render(content, "html", tmp_path / "r.html").read_text(encoding="utf-8")
    assert len(page.encode()) < 1_000_000
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "url(" not in re.sub(r'url\("data:font/woff;base64,[^"]+"\)|url\(#[^)]+\)', "", page)
    assert "<script" not in page
    assert "default-src 'none'" in page


def test_headings_step_down_one_at_a_time_and_tables_have_headers(tmp_path: Path) -> None:
    page = render(released(), "html", tmp_path / "r.html").read_text(encoding="utf-8")
    levels = [int(level) for level in re.findall(r"<h(\d)", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    tables = re.findall(r"<table.*?</table>", page, re.DOTALL)
    assert tables
    assert all('<th scope="col"' in table and "<caption" in table for table in tables)
    assert page.count('tabindex="0"') == len(tables)


def test_hostile_words_are_words_on_the_page(tmp_path: Path) -> None:
    page = render(released(), "html", tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "{{ 7*7 }}" in page


def test_a_fragment_has_no_styles_and_no_page_around_it() -> None:
    made = fragment(released().content.board)
    assert made.startswith("<h2")
    assert not re.search(r"<style|<html| style=| on\w+=", made)


def test_the_style_sheet_can_name_a_served_font() -> None:
    assert 'url("/assets/font.woff")' in css("/assets/font.woff")
    assert "data:" not in css("/assets/font.woff")
    assert font_file()[:4] == b"wOFF"


def test_a_notebook_shows_an_answer_s_values_rows_and_figures() -> None:
    from headwater.domain.release import Released
    from report_world import FIGURES, SEAL

    rate = {"low": 0.7, "mid": 0.8, "high": 0.9, "level": 0.95}
    answer = {
        "schema": "headwater.evaluate/1",
        "verdict": "averted",
        "rate_ratio": rate,
        "checks": [{"name": "a", "passed": True}, {"name": "b"}],
        "none": None,
    }
    view = notebook_view(Released(answer, SEAL), (Released(FIGURES["forest"], SEAL),))
    assert view.startswith('<div class="headwater"><style>@scope')
    for text in ("Averted", "0.800 (0.700 to 0.900)", "not known", "Checks", "<svg"):
        assert text in view
    assert "headwater.evaluate/1" not in view
